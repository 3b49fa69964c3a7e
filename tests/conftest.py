"""Fixtures of several test files."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

EXAMPLE = Path(__file__).parents[1] / "docs" / "example_contender.py"


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Keep matrix products of the tests and of their processes on one thread: workers share the processors."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with threadpool_limits(1):
        yield


@pytest.fixture
def example() -> str:
    """Return the path of the documentation's contender."""
    return str(EXAMPLE)
