"""The ten commands of docs/own-data.md, as they stand there, on a table of 5,000 rows and twelve mixed columns."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import bench
from numpy_nn.layers import Dense, Dropout, Input
from numpy_nn.models import Sequential
from numpy_nn.saving import save_model

pytestmark = pytest.mark.whole

PAGE = (Path(__file__).parents[2] / "docs" / "own-data.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [line for kind, block in BLOCKS if not kind for line in block.splitlines()]
(SCENARIO,) = [block for kind, block in BLOCKS if kind == "toml"]

# Who takes part here, to save time: NumPy and a copy of it under another name. Keras serves and trains the model.
TWINS = ["--contender", "numpy", "--contender", "./twin.py"]
WITH_KERAS = ["--quick", "--contender", "numpy", "--contender", "keras"]


def houses(rows: int = 5000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({f"measure_{index}": rng.normal(size=rows) for index in range(5)})
    table = table.assign(
        rooms=rng.integers(1, 9, rows),
        age=rng.integers(0, 100, rows),
        city=rng.choice(["Bern", "Basel", "Chur"], rows),
        kind=rng.choice(["flat", "house"], rows),
        new=rng.random(rows) < 0.3,
    )
    worth = 3.0 * table["measure_0"] + table["measure_1"] ** 2 + 0.8 * table["rooms"] + 2.0 * (table["city"] == "Chur")
    noisy = worth + 0.4 * rng.normal(size=rows)
    return table.assign(price=100_000.0 + 25_000.0 * noisy, sold=np.where(noisy > noisy.median(), "yes", "no"))


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    table = houses()
    assert table.shape == (5000, 12)
    table.to_csv(folder / "houses.csv", index=False)
    features = 5 + 2 + 3 + 2 + 1 + 1  # numbers, whole numbers, two categories one-hot, a truth, and the price
    model = Sequential([Input((features,)), Dense(32, "relu"), Dropout(0.2), Dense(1, "sigmoid")], seed=0)
    model.compile("adam", "binary_crossentropy")
    save_model(model, folder / "houses.keras")
    (folder / "twin.py").write_text("from bench.contenders.numpy_adapter import build\n")
    return folder


def call(here: Path, command: str, *added: str) -> tuple[int, list[str]]:
    """Run a command of the page with words added; return its exit code and its lines."""
    python, *words = shlex.split(command)
    assert python == "python"
    done = subprocess.run([sys.executable, *words, *added], cwd=here, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, [*done.stdout.splitlines(), *done.stderr.splitlines()]


def test_the_page_has_ten_commands() -> None:
    assert len(COMMANDS) == 10


def test_the_ten_commands(here: Path) -> None:
    plan, sold, price, new, quick, show, own, model, cost, check = COMMANDS

    code, lines = call(here, plan, *TWINS)
    assert (code, lines[-1][:10]) == (0, "18 trials,")

    code, lines = call(here, sold, *TWINS, "--quick")
    assert code == 0
    assert "houses.csv, predicting sold (classification, as its values suggest; --task decides)" in "\n".join(lines)

    code, lines = call(here, price, "--contender", "numpy", "--seeds", "1")
    assert code == 0
    run = bench.load(here / Path(lines[-1]).parent)
    assert run.trials["test_r2"].min() > 0.9
    assert run.trials["test_accuracy"].isna().all()
    # the table's own unit: the noise is 0.4 * 25,000
    assert 10_000.0 < run.trials["test_rmse"].mean() < 25_000.0

    assert call(here, new)[0] == 0
    assert call(here, quick, *TWINS)[0] == 0

    (here / "houses.toml").write_text(SCENARIO, encoding="utf-8")
    code, lines = call(here, show)
    assert (code, "target_r2 = 0.9" in lines) == (0, True)

    code, lines = call(here, own, *TWINS)
    assert code == 0
    made = Path(lines[-1]).parent
    run = bench.load(here / made)
    assert set(run.trials["status"]) == {"ok"}
    assert run.trials["epochs"].max() < 60  # stopped early
    assert run.trials.groupby("seed")["epochs"].nunique().max() == 1  # and alike
    page = (here / made / "report.html").read_text(encoding="utf-8")
    assert "15-32-16-1 (relu, linear)" in page  # sold, a category of two, is a feature here

    code, lines = call(here, check.replace("results/RUN", str(made)))
    assert (code, lines[-1][:5]) == (0, "PASS:"), lines

    code, lines = call(here, model, *WITH_KERAS)
    assert code == 0
    assert any("this model" in line.lower() and "framework" in line for line in lines)
    assert any("dropout is left out" in line for line in lines)

    assert call(here, cost, *WITH_KERAS)[0] == 0
