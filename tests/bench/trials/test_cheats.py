"""Contenders that cheat or fail in a trial: each becomes the row that it should, and no comparison.

They pass the proof: what is wrong with them happens only in a trial, which has 900 rows, and the proof has 250.
"""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import bench
from bench.experiments import SCENARIOS
from bench.runs.scenario_file import as_toml
from bench.statistics.pairs import SAME_CURVE
from bench.statistics.summary import records

TRAIN = "    def train(self, x, y, orders, on_epoch_end):\n"
PREDICT = "    def predict(self, x):\n        return self.forward(x)[-1]\n"
COPY = "        return [array.copy() for array in self.weights]\n"
SET = "        self.weights = [np.array(array) for array in weights]\n"
BUILD = "    return Network(spec)\n"


# The detail of a trial whose curve is not that of the other twins.
PARTED = "its loss is "


class Wrong(NamedTuple):
    """What a contender does, as replacements in the documentation's, and the row that it becomes."""

    changes: tuple[tuple[str, str], ...]
    detail: str
    status: str = "failed"


def training(lines: str, detail: str, status: str = "failed") -> Wrong:
    """Return a contender that begins a trial's training with these lines."""
    indented = "".join(f"            {line}\n" for line in lines.splitlines())
    return Wrong(((TRAIN, f"{TRAIN}        if len(x) == 900:\n{indented}"),), detail, status)


def predicting(lines: str, detail: str) -> Wrong:
    """Return a contender that predicts the rows of a trial so."""
    indented = "".join(f"        {line}\n" for line in lines.splitlines())
    return Wrong(((PREDICT, f"    def predict(self, x):\n        answer = self.forward(x)[-1]\n{indented}"),), detail)


def sending(event: str) -> str:
    """Return lines that send the parent a message."""
    return f"""import gc
for each in gc.get_objects():
    if type(each).__name__ == 'Channel':
        each.send({event!r})"""


# Lines that come before the training of a trial: its time, its clock, its processors.
CHEATS: dict[str, Wrong] = {
    "no training": training("return [on_epoch_end() for _ in range(len(orders))]", "training took "),
    "the weights given, plus a little": Wrong(
        # biases are zero at a trial's start
        ((SET, SET.replace("np.array(array) for", "array + 1e-6 * (not weights[1].any()) for")),),
        "RuntimeError: training must start from the given weights, but the kernel of layer 1 was changed before it",
    ),
    "half of the batches": training("orders = [order[:450] for order in orders]", PARTED),
    "half of the epochs": training(
        "halves, ended = list(orders)[:20], on_epoch_end\ndef on_epoch_end():\n    ended(), ended()\norders = halves",
        PARTED,
    ),
    "every row, another order": training("orders = [np.sort(order) for order in orders]", PARTED),
    "too few epochs": training("orders = list(orders)[:39]", "train must call on_epoch_end 40 times, it did 39 times"),
    "too many epochs": training("on_epoch_end()", "train must call on_epoch_end 40 times, it did 41 times"),
    "a clock that runs ten times as slowly": training(
        "import time\nreal, start = time.perf_counter, time.perf_counter()\n"
        "import bench.trials.snapshots\n"
        "slow = lambda: start + (real() - start) / 10\n"
        "import gc\n"
        "for each in gc.get_objects():\n"
        "    if type(each).__name__ in ('Snapshots', 'Laps'):\n"
        "        for name in ('_clock', 'clock'):\n"
        "            if hasattr(each, name):\n"
        "                setattr(each, name, slow)\n"
        "real_end = on_epoch_end\n"
        "def on_epoch_end():\n    time.sleep(0.05)\n    real_end()",
        "the process counted ",
    ),
    "an evaluator of its own": training(
        "import bench.core.evaluate as judge\njudge.accuracy = lambda *_: 1.0\njudge.mean_loss = lambda *_: 0.0\n"
        "orders = [order[:450] for order in orders]",
        PARTED,
    ),
    "no answer": predicting("return answer if len(x) not in (1, 1024) else None", "predict must return an array of "),
    "answers of zero": predicting("return answer * (len(x) != 1024)", "predict must return what the trained weights"),
    "one answer for all": predicting(
        "return answer[: 1 if len(x) == 1024 else None]",
        "predict must return an array of shape (1024, 1), got (1, 1)",
    ),
    "an answer for another row": predicting(
        "return np.roll(answer, len(x) == 1024, axis=0)", "predict must return what the trained weights give"
    ),
    "a forged end": training(sending("done"), "the process said that it was done, but left no trial"),
    "a forged start": training(sending("warm"), "the process sent other messages than a trial's: warm, warm, trained"),
    "a forged training": training(sending("trained"), "the process sent other messages than a trial's: warm, trained"),
    "snapshots of its own": training(
        "import gc\n"
        "for each in gc.get_objects():\n"
        "    if type(each).__name__ == 'Snapshots':\n"
        "        each._file.write(bytes(80))",
        "the process said that it was done, but left no trial: ValueError: it left other snapshots than",
    ),
    "times of its own": training(
        "import gc\n"
        "for each in gc.get_objects():\n"
        "    if type(each).__name__ == 'Snapshots':\n"
        "        each.train_seconds[0] = 5.0",
        "the process said that it was done, but left no trial: ValueError: its clock ran backwards",
    ),
    "a pipe for its predictions": training(
        "import atexit, os, sys\n"
        "path = sys.argv[1] + '/predictions.npz'\n"
        "atexit.register(lambda: (os.unlink(path), os.mkfifo(path)))",
        "the process said that it was done, but left no trial: UsageError: ",
    ),
    "threads of its own": training(
        "import bench.trials.life as life\nlife.read_threads = lambda *_: {'threads': 'many', 'thread_pools': []}",
        "the process said that it was done, but left no trial: ValueError: threads must be a number, got 'many'",
    ),
    "thread pools of its own": training(
        "import bench.trials.life as life\nlife.read_threads = lambda *_: {'threads': 1, 'thread_pools': 5}",
        "the process said that it was done, but left no trial: ValueError: its thread pools must be a list of records",
    ),
    "no latency": training(
        "import bench.trials.life as life\nreal = life._median_seconds\n"
        "life._median_seconds = lambda call: (float('nan'), real(call)[1])",
        "the process said that it was done, but left no trial: ValueError: predict_one_seconds must be a",
    ),
    "data read while warming up": Wrong(
        (
            (
                TRAIN,
                "    def warm_up(self, x, y):\n"
                "        import sys\n"
                "        if len(x) == 900:\n"
                "            np.load(sys.argv[1] + '/job.npz')\n\n" + TRAIN,
            ),
        ),
        "FileNotFoundError: ",
    ),
}

# Wrong in float32 alone, so the proof in float64 does not see them. Their curves stay within 0.001 of the others'.
IN_FLOAT32: dict[str, Wrong] = {
    "a rate off by 1e-4": Wrong(
        (
            (
                "        for order in orders:\n",
                "        rate *= 1.0001 if x.dtype == np.float32 else 1.0\n        for order in orders:\n",
            ),
        ),
        PARTED,
    ),
    "products of float16": Wrong(
        (
            ("rate * below[layer].T @ delta", "rate * half(below[layer]).T @ half(delta)"),
            ("self.forward(x[rows])", "self.forward(half(x[rows]))"),
            (TRAIN, f"{TRAIN}        def half(a): return a.astype('e').astype(a.dtype) if a.dtype == 'f' else a\n"),
        ),
        PARTED,
    ),
    "a bias that misses one update": Wrong(
        (
            (
                "                    self.weights[2 * layer + 1] -= bias_step\n",
                "                    self.count = getattr(self, 'count', 0) + 1\n"
                "                    missed = self.count == 150 and x.dtype == np.float32\n"
                "                    self.weights[2 * layer + 1] -= 0.0 * bias_step if missed else bias_step\n",
            ),
        ),
        PARTED,
    ),
}

FAULTS: dict[str, Wrong] = {
    "raises": training("raise ArithmeticError('no <b>luck</b>')", "ArithmeticError: no <b>luck</b>"),
    "raises without a word": training("raise ValueError", "ValueError"),
    "raises many lines": training("raise ValueError('a\\nb\\n' * 9)", "ValueError: a b a b"),
    "steers the terminal": training("raise ValueError('\\x1b[2J')", "ValueError: \\x1b[2J"),
    "raises a long text": training("raise ValueError('x' * 100_000)", "ValueError: xxxxx"),
    "raises what cannot be written": training("raise ValueError('\\udcff')", "ValueError: \\xdcff"),
    "kills itself": training(
        "import os; os.kill(os.getpid(), 9)", "the process was killed by signal SIGKILL, which the harness did not send"
    ),
    "terminates itself": training("import os; os.kill(os.getpid(), 15)", "the process was killed by signal SIGTERM"),
    "a real-time signal": training("import os; os.kill(os.getpid(), 40)", "the process was killed by signal 40"),
    "crashes": training("import ctypes; ctypes.string_at(0)", "the process was killed by signal SIGSEGV"),
    "aborts": training("import os; os.abort()", "the process was killed by signal SIGABRT"),
    "exits": training("raise SystemExit", "the process ended with exit status 0 before it was done"),
    "exits with a status": training("raise SystemExit(7)", "the process ended with exit status 7 before it was done"),
    "exits at once": training("import os; os._exit(3)", "the process ended with exit status 3 before it was done"),
    "interrupts itself": training("raise KeyboardInterrupt", "the process was killed by signal SIGINT"),
    "sleeps": training("import time; time.sleep(600)", "the process did not end within 5 seconds", "timed_out"),
    "spins": training("while True: pass", "the process did not end within 5 seconds", "timed_out"),
    "holds the interpreter's lock": training(
        "import ctypes; ctypes.PyDLL(None).sleep(600)", "the process did not end within 5 seconds", "timed_out"
    ),
    "stops itself": training("import os; os.kill(os.getpid(), 19)", "the process did not end within 5", "timed_out"),
    "uses much memory": training(
        "x = np.ones(2**27)\nimport time; time.sleep(600)", "the process had ", "out_of_memory"
    ),
    "asks for all memory": training("np.empty(2**50)", "MemoryError: ", "out_of_memory"),
    "recurses": training("f = lambda: f()\nf()", "RecursionError: "),
    "misses a package": training("import no_such_package", "ModuleNotFoundError: No module named 'no_such_package'"),
    "diverges": training("self.weights[0][0, 0] = np.inf", "weights or loss were not finite after epoch 1", "diverged"),
    "changes the data": training("x[:] = 0", "predict must return what the trained weights give"),
    "writes over the weights' shapes": training("self.weights[0] = np.zeros((3, 3))", "ValueError: matmul"),
    "closes the channel": training("import os; os.closerange(3, 30)", "the process ended with exit status "),
    "calls after the end": training("on_epoch_end = lambda: None", "train must call on_epoch_end 40 times, it did 0"),
    "returns": training("return", "train must call on_epoch_end 40 times, it did 0 times"),
    "prints without end": training("while True: print('x' * 2**20)", "the process printed more than 64 MB"),
}

# They train something else, which no figure of their own tells.
OTHER_TRAINING = {name: wrong for name, wrong in CHEATS.items() if wrong.detail == PARTED}
FOUND_AT_ONCE = {name: wrong for name, wrong in CHEATS.items() if wrong.detail != PARTED}


def write(folder: Path, example: str, name: str, wrong: Wrong) -> str:
    """Write the contender, and return its path."""
    text = Path(example).read_text(encoding="utf-8")
    for old, new in wrong.changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return str(path)


def quick(folder: Path, *contenders: str) -> bench.Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bench.report.write.draw_all", lambda *_: [])
        run = bench.run(
            "twins",
            seeds=1,
            contenders=["numpy", *contenders],
            quick=True,
            out=folder / "out",
            timeout_seconds=5.0,
            memory_limit=0.5,
        )
    assert run.status == "complete"
    return run


def rows_of(folder: Path, example: str, wrong: Mapping[str, Wrong]) -> dict[str, dict[str, Any]]:
    """Return the row of each, of one run of all of them in which two others are compared."""
    run = quick(folder, example, *(write(folder, example, f"wrong_{i}", each) for i, each in enumerate(wrong.values())))
    rows = {row["contender"]: row for row in records(run.trials)}
    assert [rows[name]["status"] for name in ("numpy", "example_contender")] == ["ok", "ok"]
    assert "example_contender takes" in run.findings[0].sentence
    assert "<b>" not in (run.path / "report.md").read_text()
    return {name: rows[f"wrong_{number}"] for number, name in enumerate(wrong)}


@pytest.fixture(scope="module")
def cheats(tmp_path_factory: pytest.TempPathFactory, example: str) -> dict[str, dict[str, Any]]:
    return rows_of(tmp_path_factory.mktemp("cheats"), example, FOUND_AT_ONCE)


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory, example: str) -> dict[str, dict[str, Any]]:
    return rows_of(tmp_path_factory.mktemp("faults"), example, FAULTS)


def check(row: dict[str, Any], wrong: Wrong) -> None:
    assert (row["status"], row["status_detail"][: len(wrong.detail)]) == (wrong.status, wrong.detail)
    assert len(row["status_detail"]) < 1100
    assert row["status_detail"].isprintable()


@pytest.mark.parametrize("name", FOUND_AT_ONCE)
def test_a_cheat_becomes_a_failed_trial(cheats: dict[str, dict[str, Any]], name: str) -> None:
    check(cheats[name], FOUND_AT_ONCE[name])


@pytest.mark.whole
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_becomes_the_row_that_it_should(faults: dict[str, dict[str, Any]], name: str) -> None:
    check(faults[name], FAULTS[name])


@pytest.mark.parametrize("name", OTHER_TRAINING)
def test_what_trains_something_else_is_told_by_its_curve_and_not_compared(
    tmp_path: Path, example: str, name: str
) -> None:
    run = quick(tmp_path, example, write(tmp_path, example, "wrong", OTHER_TRAINING[name]))
    status = run.trials.set_index("contender")["status"].to_dict()
    assert status == {"numpy": "ok", "example_contender": "ok", "wrong": "failed"}
    assert run.trials["status_detail"].dropna().str.startswith(PARTED).all()
    assert "wrong" not in run.findings[0].sentence


@pytest.fixture(scope="module")
def in_float32(tmp_path_factory: pytest.TempPathFactory, example: str) -> bench.Run:
    folder = tmp_path_factory.mktemp("float32")
    wrong = [write(folder, example, f"wrong_{i}", each) for i, each in enumerate(IN_FLOAT32.values())]
    return quick(folder, example, *wrong)


@pytest.mark.parametrize("name", IN_FLOAT32)
def test_what_is_wrong_in_float32_alone_leaves_the_band_of_rounding(in_float32: bench.Run, name: str) -> None:
    rows = {row["contender"]: row for row in records(in_float32.trials)}
    assert [rows[each]["status"] for each in ("numpy", "example_contender")] == ["ok", "ok"]
    check(rows[f"wrong_{list(IN_FLOAT32).index(name)}"], IN_FLOAT32[name])


def test_by_the_fixed_bound_alone_nothing_was_wrong(in_float32: bench.Run, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(in_float32.path, tmp_path / "run"))
    shutil.rmtree(copied / "bands")
    without = bench.load(copied)
    assert set(without.trials["status"]) == {"ok"}
    assert "less than 0.001" in without.findings[0].notes[0]


# Adam, in place of plain descent.
ADAM = (
    ("kernel_step = rate * below[layer].T @ delta", "kernel_step = self.adam(2 * layer, rate, below[layer].T @ delta)"),
    ("bias_step = rate * delta.sum(axis=0)", "bias_step = self.adam(2 * layer + 1, rate, delta.sum(axis=0))"),
    ('"sgd", ())', "spec.optimizer, spec.optimizer_options)"),  # the proof reads gradients off one plain step
    (
        "    def predict(self, x):\n",
        """    def adam(self, name, rate, g):
        if self.spec.optimizer == "sgd":
            return rate * g
        options = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, **dict(self.spec.optimizer_options)}
        b1, b2 = options["beta_1"], options["beta_2"]
        m, v, t = self.__dict__.setdefault("moments", {}).get(name, (0.0, 0.0, 0))
        m, v, t = m + (1 - b1) * (g - m), v + (1 - b2) * (g * g - v), t + 1
        self.moments[name] = m, v, t
        return rate * (1 - b2**t) ** 0.5 / (1 - b1**t) * m / (np.sqrt(v) + options["epsilon"])

    def predict(self, x):
""",
    ),
)


@pytest.mark.usefixtures("without_pictures")
def test_a_correct_adam_is_along_the_same_curve_however_chaotic(tmp_path: Path, example: str) -> None:
    scenario = replace(SCENARIOS["twins"], name="adam", epochs=60)
    network = replace(scenario.network, optimizer="adam", learning_rate=0.01)
    (tmp_path / "adam.toml").write_text(as_toml(replace(scenario, network=network)), encoding="utf-8")
    mine = write(tmp_path, example, "mine", Wrong(ADAM, "", "ok"))
    options: dict[str, Any] = {"contenders": ["numpy", mine], "seeds": [0, 2], "out": tmp_path / "out"}
    made = bench.run(str(tmp_path / "adam.toml"), **options)
    assert list(made.trials["status"]) == ["ok"] * 6
    assert made.findings[0].numbers["curve_gap"].value > SAME_CURVE  # by which it was told apart before
    assert ", along the same curve until rounding parts them, as it parts float32 itself," in made.findings[0].sentence
    assert "this training is chaotic" in made.findings[0].notes[1]
