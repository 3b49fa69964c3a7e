"""A run from beginning to end: what it leaves, how it resumes, what becomes of contenders that misbehave."""

import contextlib
import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest
from made_up import same_but_for_time
from processes import is_alive

import bench
from bench.core.errors import Interrupted, NotTwinsError, UsageError
from bench.report import reported
from bench.runs.observer import Observer
from bench.runs.plan import plan_trials
from bench.runs.settings import Settings, make_settings
from bench.store import files, folder
from bench.store.tables import CURVES, LAPS, TRIALS, TrialRow
from bench.trials.schedule import PlannedTrial


def quick(out: Path, *contenders: str, pictures: bool = False, **options: Any) -> bench.Run:
    """Make a quick run; its pictures, which take longer than it, only where a test looks at them."""
    with pytest.MonkeyPatch.context() as patch:
        if not pictures:
            patch.setattr("bench.report.write.draw_all", lambda *_: [])
        return bench.run("twins", seeds=2, contenders=contenders or ["numpy"], quick=True, out=out, **options)


def mine(tmp_path: Path, example: str, change: tuple[str, str], name: str = "mine") -> str:
    """Write the documentation's contender with something changed."""
    source = Path(example).read_text(encoding="utf-8")
    assert change[0] in source
    path = tmp_path / f"{name}.py"
    path.write_text(source.replace(*change), encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> bench.Run:
    return quick(tmp_path_factory.mktemp("run"), pictures=True)


def test_a_run_leaves_every_file_of_the_contract(run: bench.Run) -> None:
    left = {path.name for path in run.path.iterdir()}
    assert left == {
        *("run.json", "proof.json", "trials", "trials.parquet", "curves.parquet"),
        *("weights", "frames", "plots", "summary.csv", "report.md", "report.html", "columns.md", "findings.json"),
    }
    assert json.loads((run.path / "run.json").read_text())["status"] == "complete"
    assert [path.name for path in (run.path / "weights").iterdir()] == ["twins-twins-numpy.npz"]
    with np.load(run.path / "weights" / "twins-twins-numpy.npz", allow_pickle=False) as weights:
        assert weights["weight_0"].shape == (2, 25)
    with np.load(run.path / "frames" / "twins-twins-numpy.npz", allow_pickle=False) as frames:
        assert list(frames["epochs"]) == list(range(41))
        assert frames["weights"].shape == (41, 5226)
        assert frames["weights"].dtype == np.float32
    last = run.weights("twins", "twins", "numpy")
    kept = run.frames("twins", "twins", "numpy")
    assert last is not None
    assert kept is not None
    np.testing.assert_array_equal(kept[1][-1], np.concatenate([array.ravel() for array in last]))


def test_tables_have_exactly_the_columns_that_are_described(run: bench.Run) -> None:
    for table, columns in (("trials", TRIALS), ("curves", CURVES)):
        read = pd.read_parquet(run.path / f"{table}.parquet")
        assert list(read.columns) == [column.name for column in columns]
    described = (run.path / "columns.md").read_text()
    for column in (*TRIALS, *CURVES):
        assert f"| {column.name} |" in described


def test_the_machine_is_recorded_before_the_trials_and_shown(run: bench.Run) -> None:
    recorded = run.environment
    assert {"governors", "limits", "blas", "commit", "doctor", "canary_before", "canary_after"} <= set(recorded)
    assert recorded["doctor"]["outcome"] in ("fit", "not fit")
    assert "smallest_difference" not in recorded["doctor"]["figures"]
    assert 0.01 < recorded["canary_before"] < 10.0
    assert 0.01 < recorded["canary_after"] < 10.0
    report = (run.path / "report.md").read_text().replace("\\", "")
    assert f"- machine before the trials: {recorded['doctor']['sentence']}" in report
    assert re.search(r"- canary, a fixed piece of work: \S+ \S+ before the trials, \S+ \S+ after", report)
    assert "- governor: " in report


def test_laps_add_up_to_the_process(run: bench.Run) -> None:
    laps = run.trials[[f"{lap}_seconds" for lap in LAPS]].sum(axis=1)
    # these trials take half a second, and between child and parent a busy machine may do something else
    np.testing.assert_allclose(laps, run.trials["process_seconds"], rtol=0.02, atol=0.05)


def test_curves_begin_at_the_start_and_end_with_the_row(run: bench.Run) -> None:
    for seed, curve in run.curves.groupby("seed"):
        row = run.trials[run.trials["seed"] == seed].iloc[0]
        assert list(curve["epoch"]) == list(range(41))
        assert curve["updates"].iloc[-1] == row["updates"] == 40 * 29
        assert curve["train_seconds"].iloc[0] == 0.0
        assert curve["train_seconds"].is_monotonic_increasing
        assert curve["train_seconds"].iloc[-1] <= row["train_seconds"]
        assert curve["train_loss"].iloc[-1] == row["train_loss"]


def test_threads_and_memory_are_read_back(run: bench.Run) -> None:
    assert set(run.trials["threads"]) == {1}
    assert (run.trials["peak_rss_bytes"] > 10e6).all()
    assert (run.trials["peak_rss_bytes"] < 150e6).all()


def test_the_report_begins_with_what_was_trained_and_what_was_found(run: bench.Run) -> None:
    trained, _, rest = (run.path / "report.md").read_text().partition("\n\n**")
    assert trained.startswith("What was trained:\n\n- twins: 2-25-50-50-25-1 (relu, sigmoid); sgd at 0.01; ")
    assert trained.endswith("; float32\n\nBy whom:\n\n- numpy: David: numpy\\_nn")
    assert rest.startswith(f"{run.findings[0].sentence}**\n")


def test_the_same_command_twice_gives_the_same_but_for_time(run: bench.Run, tmp_path: Path) -> None:
    assert same_but_for_time(quick(tmp_path)) == same_but_for_time(run)


def test_everything_derived_comes_again_from_the_trials(run: bench.Run) -> None:
    names = ("summary.csv", "report.md", "columns.md", "plots/convergence-twins.svg", "plots/convergence-twins.png")
    kept = {name: (run.path / name).read_bytes() for name in names}
    for name in kept:
        (run.path / name).unlink()
    bench.load(run.path).report()
    assert {name: (run.path / name).read_bytes() for name in kept} == kept


def test_resampled_data_differs_by_seed_and_is_recorded(tmp_path: Path) -> None:
    drawn = quick(tmp_path, resample_data=True)
    assert drawn.trials["data_hash"].nunique() == drawn.trials["split_hash"].nunique() == 2
    assert drawn.settings.resample_data
    assert "new data and a new split for each seed" in (drawn.path / "report.md").read_text()


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory, example: str) -> bench.Run:
    return quick(tmp_path_factory.mktemp("beside"), "numpy", example)


def test_where_contenders_are_compared_a_band_of_rounding_is_kept(run: bench.Run, beside: bench.Run) -> None:
    assert run.bands == {}
    assert run.curves[["reference_loss", "band"]].isna().all(axis=None)
    assert [path.name for path in (beside.path / "bands").iterdir()] == ["twins-twins.npz"]
    assert sorted(key[:3] for key in beside.bands) == [("twins", "twins", 0), ("twins", "twins", 2)]
    curves = beside.tables.of("twins").curves
    assert (curves["train_loss"] - curves["reference_loss"]).abs().le(curves["band"]).all()
    assert (curves[curves["epoch"] == 0]["train_loss"] == curves[curves["epoch"] == 0]["reference_loss"]).all()
    assert curves[curves["epoch"] == 1]["band"].between(1e-9, 1e-6).all()


@pytest.mark.usefixtures("without_pictures")
def test_a_band_that_was_not_made_is_made_when_the_run_is_resumed(beside: bench.Run, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(beside.path, tmp_path / "run"))
    (copied / "bands" / "twins-twins.npz").unlink()
    assert bench.load(copied).bands == {}
    made = {path.name: path.read_bytes() for path in (copied / "trials").iterdir()}
    resumed = reported.resume(copied, trust=True)
    assert {path.name: path.read_bytes() for path in (copied / "trials").iterdir()} == made
    pd.testing.assert_frame_equal(resumed.curves, beside.curves)


def test_the_documentations_contender_is_proven_and_timed(beside: bench.Run, example: str) -> None:
    assert len(Path(example).read_text().splitlines()) <= 65
    run = beside
    assert list(run.trials["status"]) == ["ok"] * 6
    assert list(run.trials["contender"]) == ["numpy", "example_contender"] * 2 + ["numpy"] * 2
    assert list(run.trials["suite"]) == ["twins"] * 4 + ["aa"] * 2
    assert {verdict.status for verdict in run.verdicts} == {"equal"}
    assert "example\\_contender" in (run.path / "report.md").read_text()
    assert "example_contender takes" in run.findings[0].sentence


@pytest.mark.parametrize(
    ("change", "quantity"),
    [
        (("/ len(rows)", ""), "gradient: kernel of layer 1"),
        (("np.split(order,", "np.split(np.arange(len(x)),"), "weights after 8 updates: kernel of layer 1"),
        (("* (below[layer] > 0)", ""), "gradient: kernel of layer 1"),
        (("return self.forward(x)[-1]", "return self.forward(x)[-1] + 1e-9"), "forward pass"),
        (("return self.forward(x)[-1]", "return self.forward(x)[-1] * np.nan"), "forward pass"),
    ],
)
def test_a_twin_that_is_none_stops_the_run_and_is_named(
    tmp_path: Path, example: str, change: tuple[str, str], quantity: str
) -> None:
    path = mine(tmp_path, example, change)
    with pytest.raises(
        NotTwinsError, match=f"^not proven: mine in twins: .*the first quantity that differs is {quantity}"
    ):
        quick(tmp_path / "out", "numpy", path)
    (made,) = (tmp_path / "out").iterdir()
    refused = bench.load(made)
    assert refused.status == "refused"
    assert refused.trials.empty
    assert "a contender failed the proof" in (made / "report.md").read_text().splitlines()[0]


TRAIN = "    def train(self, x, y, orders, on_epoch_end):\n"


def test_warming_up_sees_neither_data_nor_weights_of_the_trial_and_training_no_test_rows(
    tmp_path: Path, example: str
) -> None:
    peeking = """    def warm_up(self, x, y):
        import pathlib, sys
        self.seen = list(pathlib.Path(sys.argv[1]).glob("*.npz"))
        self.rows = x.copy()

    def train(self, x, y, orders, on_epoch_end):
        if len(x) == 900:
            import sys
            assert not self.seen, self.seen
            with np.load(sys.argv[1] + "/job.npz") as given:
                assert not [name for name in given.files if "test" in name], given.files
            assert self.rows.shape == x.shape and self.rows.dtype == x.dtype and (self.rows != x).any()
"""
    run = quick(tmp_path / "out", "numpy", mine(tmp_path, example, (TRAIN, peeking)))
    assert list(run.trials["status"]) == ["ok"] * 6


def test_what_is_not_installed_is_skipped_and_the_others_run(tmp_path: Path, example: str) -> None:
    path = mine(tmp_path, example, ("import numpy as np", "import mlx\nimport numpy as np"))
    run = quick(tmp_path / "out", "numpy", path)
    skipped = run.trials[run.trials["contender"] == "mine"]
    assert list(skipped["status"]) == ["skipped", "skipped"]
    assert "No module named 'mlx'" in skipped["status_detail"].iloc[0]
    assert (run.trials[run.trials["contender"] == "numpy"]["status"] == "ok").all()


class Listening(Observer):
    """Keeps what contenders raised and printed."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.read: list[tuple[str, str, bool, Path | None]] = []

    def contender_raised(self, contender: str, traceback: str) -> None:
        self.heard.append((contender, traceback))

    def contender_printed(self, contender: str, printed: str, *, failed: bool, log: Path | None) -> None:
        self.read.append((contender, printed, failed, log))


def test_a_trial_that_raises_says_where_and_tells_its_traceback(tmp_path: Path, example: str) -> None:
    observer = Listening()
    raising = TRAIN + "        assert len(x) < 900, 'too many'\n"
    run = quick(tmp_path / "out", "numpy", mine(tmp_path, example, (TRAIN, raising)), observer=observer)
    failed = run.trials[run.trials["contender"] == "mine"]
    assert list(failed["status"]) == ["failed", "failed"]
    for detail in failed["status_detail"]:
        assert re.fullmatch(
            r"AssertionError: too many \(mine\.py, line \d+, in train: assert len\(x\) < 900, 'too many'\)", detail
        )
    assert [contender for contender, _ in observer.heard] == ["mine", "mine"]
    assert all(traceback.endswith("AssertionError: too many\n") for _, traceback in observer.heard)


@pytest.mark.parametrize(
    ("new", "folder", "logs"),
    [
        ("        print('said', len(x))\n        assert len(x) < 900\n", "trials", 2),
        ("        print('said', len(x))\n        assert len(x) == 900\n", ".", 1),
    ],
)
def test_what_a_contender_printed_before_it_failed_is_told_and_kept(
    tmp_path: Path, example: str, new: str, folder: str, logs: int
) -> None:
    observer = Listening()
    path = mine(tmp_path, example, (TRAIN, TRAIN + new))
    with contextlib.suppress(NotTwinsError):
        quick(tmp_path / "out", "numpy", path, observer=observer)
    failed = [(contender, printed, log) for contender, printed, failed, log in observer.read if failed]
    assert len(failed) == logs
    for contender, printed, log in failed:
        assert contender == "mine"
        assert "said " in printed
        assert "Traceback" not in printed
        assert log is not None
        assert log.parent == (next((tmp_path / "out").iterdir()) / folder)
        assert log.read_text().startswith(printed)


class InterruptAfter(Observer):
    """Presses Ctrl-C after so many trials."""

    def __init__(self, trials: int) -> None:
        self.left = trials

    def trial_finished(self, trial: PlannedTrial, row: TrialRow) -> None:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


@pytest.mark.usefixtures("without_pictures")
def test_an_interrupted_run_keeps_its_trials_and_resumes_to_the_same_tables(run: bench.Run, tmp_path: Path) -> None:
    with pytest.raises(Interrupted, match="bench run --resume"):
        quick(tmp_path, observer=InterruptAfter(1))
    (path,) = tmp_path.iterdir()
    half = bench.load(path)
    assert (half.status, len(half.trials), half.missing) == ("interrupted", 1, 1)
    assert "This run is incomplete: 1 of its trials" in (path / "report.md").read_text()
    assert "canary_before" in half.environment
    assert "canary_after" not in half.environment
    before = (path / "trials").glob("*.json").__next__().read_bytes()
    resumed = reported.resume(path)
    assert "canary_after" in resumed.environment
    assert reported.resume(path).environment == resumed.environment  # nothing was timed, so it stays
    assert resumed.status == "complete"
    assert before in {file.read_bytes() for file in (path / "trials").glob("*.json")}
    assert same_but_for_time(resumed) == same_but_for_time(run)


def begun(out: Path, seeds: int, trials: int) -> subprocess.Popen[str]:
    """Start a run in a process of its own, and wait until it has finished so many trials."""
    words = ["run", "twins", "--contender", "numpy", "--seeds", str(seeds), "--out", str(out)]
    process = subprocess.Popen(
        [sys.executable, "-m", "bench", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # where this runs in the background, it would be ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 60
    while len(list(out.glob("*/trials/*.json"))) < trials:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    return process


@pytest.mark.usefixtures("without_pictures")
def test_a_killed_run_leaves_no_child_and_resumes_to_the_same_tables(tmp_path: Path) -> None:
    process = begun(tmp_path / "killed", seeds=4, trials=2)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate(timeout=60)
    deadline = time.monotonic() + 60
    while any(map(is_alive, children)):
        assert time.monotonic() < deadline, "a child outlived its parent"
        time.sleep(0.05)
    (path,) = (tmp_path / "killed").iterdir()
    resumed = reported.resume(path)
    undisturbed = bench.run("twins", contenders=["numpy"], seeds=4, out=tmp_path / "undisturbed")
    assert same_but_for_time(resumed) == same_but_for_time(undisturbed)
    assert not list(path.glob("**/.*.partial"))


def test_a_change_of_code_makes_a_trial_anew(tmp_path: Path, example: str) -> None:
    path = mine(tmp_path, example, ("import numpy as np", "import numpy as np"))
    first = quick(tmp_path / "out", "numpy", path)
    Path(path).write_text(Path(path).read_text() + "\n# another thought\n")
    planned = plan_trials(first.settings)
    kept = {file.stem for file in (first.path / "trials").glob("*.json")}
    missing = {trial.contender.name for trial in planned if trial.key not in kept}
    assert missing == {"mine"}


@pytest.mark.usefixtures("without_pictures")
def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    written = files.write_bytes
    trials = 0

    def full(path: Path, content: bytes) -> None:
        nonlocal trials
        trials += path.parent.name == "trials"
        if trials >= 2:  # and it stays full
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written(path, content)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder, "write_bytes", full)
        with pytest.raises(UsageError, match=r"the disk is full.*finished trials are kept"):
            quick(tmp_path)
    (path,) = tmp_path.iterdir()
    assert len(bench.load(path).trials) == 1
    assert reported.resume(path).status == "complete"


def test_ctrl_c_ends_with_130_and_a_run_that_says_so(tmp_path: Path) -> None:
    process = begun(tmp_path, seeds=40, trials=1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.startswith("interrupted; finished trials are kept")
    assert "Traceback" not in said
    (path,) = tmp_path.iterdir()
    assert bench.load(path).status == "interrupted"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is not the folder of a run: it has no run.json"),
        ("{", "run.json cannot be read"),
        ('{"schema": 0}', "was written with schema 0, this version reads schema 2"),
        ("[]", "was written with schema None"),
        ('{"schema": 2}', "run.json must hold run_id, a str, got None"),
        (
            '{"schema": 2, "run_id": "r", "status": "complete", "command": "c", "settings": {"x": 1}, '
            '"environment": {}, "trials": [], "files": {}}',
            "has settings that this version does not know",
        ),
    ],
)
def test_a_folder_that_is_no_run_is_refused(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    with pytest.raises(UsageError, match=message):
        bench.load(tmp_path)


def blocks_of(settings: Settings) -> list[list[str]]:
    """Return the contenders of each seed in their order; that of the copy ends in a dash."""
    trials = plan_trials(settings)
    assert [trial.seed for trial in trials] == sorted(
        (trial.seed for trial in trials), key=settings.seeds["twins"].index
    )
    blocks = [[trial for trial in trials if trial.seed == seed] for seed in settings.seeds["twins"]]
    assert all([trial.place for trial in block] == list(range(1, len(block) + 1)) for block in blocks)
    return [[trial.contender.name + "-" * trial.repetition for trial in block] for block in blocks]


def test_the_order_in_a_block_is_drawn_by_lot_and_reversed_in_the_next() -> None:
    settings = make_settings(["twins"], seeds=4)
    first, *others = blocks_of(settings)
    everyone = ["keras", "keras_tuned", "numpy", "numpy-"]
    assert sorted(first) == sorted([*everyone, "keras_plain"])
    assert [sorted(block) for block in others] == [everyone] * 3
    first.remove("keras_plain")
    assert others[0] == first[::-1]
    assert others[2] == others[1][::-1]
    assert blocks_of(settings) == blocks_of(settings)  # a run that is resumed goes on in its order


def test_every_order_is_as_likely_and_every_padding() -> None:
    settings = make_settings(["twins"], seeds=2, contenders=["numpy", "keras"])
    drawn = [replace(settings, order_seed=seed) for seed in range(120)]
    counts = Counter(tuple(blocks_of(each)[0]) for each in drawn)
    assert len(counts) == 6
    assert max(counts.values()) < 42  # 20 are expected, and 42 have a probability of 1e-6
    paddings = [trial.padding_bytes for each in drawn[:50] for trial in plan_trials(each)]
    assert 0 <= min(paddings) < 100
    assert 3996 <= max(paddings) < 4096
    assert make_settings(["twins"]).order_seed != settings.order_seed
