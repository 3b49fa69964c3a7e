"""Fixtures of several test files."""

import os
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest
from threadpoolctl import threadpool_limits

# The slowest files, slowest first.
SLOW = (
    *("test_parity.py", "test_campaign.py", "test_twins.py", "test_cheats.py", "test_saving_keras.py"),
    *("test_example_experiment.py", "test_scripts.py", "test_folder.py", "test_drawing.py", "test_runs.py"),
    *("test_cli.py", "test_new.py", "test_baseline.py"),
)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Keep matrix products of the tests and of their processes on one thread: workers share the processors."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session", autouse=True)
def short_look() -> Iterator[None]:
    """Let runs that are made in this process look at the machine for a tenth of a second, not for two seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bench.doctor.examine.QUICK_WINDOWS", 1)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run slow files first: with ``--dist loadfile`` one at the end would leave the other workers idle."""
    items.sort(key=lambda item: SLOW.index(item.path.name) if item.path.name in SLOW else len(SLOW))


@pytest.fixture
def without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the pictures of runs that are made or resumed in this process."""
    monkeypatch.setattr("bench.report.write.draw_all", lambda *_: [])


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the path of a contender of the user's own: what `bench new contender` writes."""
    template = Path(__file__).parents[1] / "bench" / "cli" / "templates" / "contender_numpy.py"
    return str(copyfile(template, tmp_path_factory.mktemp("example") / "example_contender.py"))
