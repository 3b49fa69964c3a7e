"""What several test files share."""

import os
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[1] / "docs" / "example_contender.py"


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Keep the tests' own matrix products from starting threads on a machine that is busy already."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture
def example() -> str:
    """Return the path of the documentation's contender."""
    return str(EXAMPLE)
