"""Scenarios written as TOML: what the harness prints it reads again, and a wrong field is named in one sentence."""

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.core.errors import UsageError
from bench.core.spec import EarlyStopping, Scenario
from bench.experiments import SCENARIOS
from bench.runs.plan import plan_trials
from bench.runs.scenario_file import ScenarioFile, as_toml, read_scenario
from bench.runs.settings import command_of, make_settings

MOMENTUM = (("momentum", 0.875), ("nesterov", True))


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def mine(**values: object) -> Scenario:
    return replace(SCENARIOS["twins"], name="mine", **values)  # type: ignore[arg-type] # whatever the test wants


@pytest.mark.parametrize("name", ["twins", "article_numpy", "explain_glorot_zero_batches_shuffled_float32"])
def test_what_is_printed_is_read_again(tmp_path: Path, name: str) -> None:
    scenario = replace(SCENARIOS[name], name="mine")
    assert read_scenario(written(tmp_path, as_toml(scenario))) == scenario


def test_options_of_the_optimizer_have_a_table_of_their_own(tmp_path: Path) -> None:
    network = replace(SCENARIOS["twins"].network, optimizer_options=MOMENTUM)
    scenario = mine(network=network)
    text = as_toml(scenario)
    assert tomllib.loads(text)["optimizer_options"] == {"momentum": 0.875, "nesterov": True}
    assert read_scenario(written(tmp_path, text)) == scenario


def with_line(text: str, line: str) -> str:
    """Return a scenario file in which a line, or a comment, stands for the one of the same key."""
    key = line.removeprefix("# ").split()[0]
    return "\n".join([*(each for each in text.splitlines() if each.split()[0] != key), line])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("epoch = 3", "no key named 'epoch'; did you mean 'epochs'"),
        ("layers = [2, 25, -50, 50, 25, 1]", "layers.2: input should be greater than or equal to 1, got -50"),
        ("layers = [2, 25, 50.5, 50, 25, 1]", "layers.2: input should be a valid integer"),
        ("layers = [2]", "layers: list should have at least 2 items"),
        ('optimizer = "sgdd"', "optimizer: there is no optimizer named 'sgdd'; did you mean 'sgd'"),
        ('activations = ["relu", "rleu", "relu", "relu", "sigmoid"]', "did you mean 'relu'"),
        ('activations = ["relu", "sigmoid"]', "activations: must be one for each layer but the inputs, 5"),
        ('loss = "crossentropy"', "loss: there is no loss named 'crossentropy'"),
        ('loss = "categorical_crossentropy"', "needs softmax as the last"),
        ('dataset = "moon"', "dataset: there is no data set named 'moon'; did you mean 'moons'"),
        ("layers = [3, 25, 50, 50, 25, 1]", "layers: must begin with the 2 features of moons, got 3"),
        ("layers = [2, 25, 50, 50, 25, 2]", "layers: must end with one output for two classes"),
        ('dataset = "blobs"', "loss: must be sparse_categorical_crossentropy for the 6 classes of blobs"),
        ('initializer = "glorot"', "did you mean 'glorot_uniform'"),
        ("learning_rate = 0", "learning_rate: input should be greater than 0, got 0"),
        ("learning_rate = nan", "learning_rate: input should be"),
        ('learning_rate = "0.01"', "learning_rate: input should be a valid number"),
        ('batch_size = "some"', "batch_size: input should be"),
        ("epochs = 100000000", "epochs: input should be less than or equal to 1000000, got 100000000"),
        ("epochs = 1000000", "the weights of all snapshots take at most 16 GB, got 1,000,002 snapshots"),
        ("layers = [2, 25, 100000000000, 50, 25, 1]", "layers.2: input should be less than or equal to 1000000"),
        ("[optimizer_options]\nmomentum = nan", "optimizer_options.momentum"),
        ("epochs = 0", "epochs: input should be greater than or equal to 1, got 0"),
        ("target_accuracy = 95", "target_accuracy: input should be less than"),
        (
            'optimizer = "nadam"',
            "nadam cannot be proven equal, since Keras computes the decay of its momentum in float32",
        ),
        ("lr = 0.2", "lr: is called learning_rate"),
        ("dropout = 0.2", "dropout: every framework draws its own masks"),
        ('schedule = "CosineDecay"', "schedule: Keras computes schedules in float32, even in float64"),
        ("[fit]\npatiense = 3", "there is no key named 'patiense'; did you mean 'patience'"),
        ("[fit]\npatience = 0", "fit.patience: input should be greater than or equal to 1, got 0"),
        ("[fit]\npatience = 3", "fit: must stand without hold_updates"),
        ("[regularizer]\nl2 = -1.0", "regularizer.l2: input should be greater than or equal to 0, got -1.0"),
        ('target = "y"', "target: belongs to a table, which dataset must name; got 'moons'"),
        ("target_r2 = 0.9", "target_r2: a classification has target_accuracy in its place"),
        ("# target_accuracy is left out", "target_accuracy: is missing; a classification needs it"),
        ('layers = [2, 25, "features", 50, 25, 1]', "layers: 'features' can only be the first"),
        ("# dtype is left out", "dtype: is missing; bench show twins prints a scenario"),
        ("[optimizer_options]\nbeta_1 = 0.5", "there is no option of sgd named 'beta_1'"),
        ('name = "twins"', "name: must not be that of a scenario of the harness"),
        ('name = "../mine"', "name: string should match pattern"),
        ("epochs 200", "is not TOML: Expected '='"),
    ],
)
def test_a_wrong_field_is_named_in_one_sentence(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_scenario(written(tmp_path, with_line(as_toml(mine(hold_updates=150)), line)))
    assert said in str(raised.value)
    assert "mine.toml" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_more_classes_than_outputs_are_refused(tmp_path: Path) -> None:
    text = as_toml(SCENARIOS["twins"])
    for line in (
        'dataset = "digits"',
        'loss = "sparse_categorical_crossentropy"',
        'activations = ["relu", "softmax"]',
        "layers = [64, 25, 9]",
    ):
        text = with_line(text, line)
    with pytest.raises(UsageError, match="layers: must end with the 10 classes of digits, got 9"):
        read_scenario(written(tmp_path, text))
    assert read_scenario(written(tmp_path, text.replace("25, 9]", "25, 10]"))).dataset == "digits"


def test_every_field_of_a_scenario_can_be_written() -> None:
    fields = (
        set(vars(SCENARIOS["twins"])) - {"network", "stopping"}
        | set(vars(SCENARIOS["twins"].network))
        | {"activations"}
    )
    # a table and its target have keys of their own, as have the target of a regression, stopping and penalties
    assert set(ScenarioFile.model_fields) == fields | {"target", "target_r2", "fit", "regularizer"}


def test_a_scenario_of_ones_own_is_a_fair_duel(tmp_path: Path) -> None:
    path = written(tmp_path, as_toml(mine(epochs=40)))
    settings = make_settings([str(path)], seeds=2)
    trials = plan_trials(settings)
    block = [("aa", "numpy"), ("mine", "keras"), ("mine", "keras_tuned"), ("mine", "numpy")]
    for seed in (2, 0):
        assert sorted((trial.suite, trial.contender.name) for trial in trials if trial.seed == seed) == block
    assert {trial.scenario for trial in trials} == {mine(epochs=40)}
    assert command_of(settings) == f"python -m bench run {path} --seeds 2"
    # run.json keeps the scenario itself, so that a resumed run needs no file
    path.unlink()
    assert plan_trials(settings) == trials


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, as_toml(mine()))
    other = tmp_path / "other.toml"
    other.write_text('name = "mine"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(UsageError, match=r"a different name, got 'mine' again in .*other\.toml"):
        make_settings([str(path), str(other)])


TABLE_SCENARIO = """
dataset = "mine.csv"
target = "y"
layers = ["features", 8, "outputs"]
activations = ["relu", "linear"]
loss = "mean_squared_error"
optimizer = "adamw"
learning_rate = 0.01
batch_size = 16
epochs = 30
shuffle = true
dtype = "float32"
initializer = "glorot_uniform"
target_r2 = 0.8
[fit]
patience = 3
[regularizer]
l2 = 0.001
"""


def table(folder: Path, rows: int = 60) -> Path:
    x = np.linspace(-1.0, 1.0, rows)
    words = np.array(["a", "b", "c"])[np.arange(rows) % 3]
    pd.DataFrame({"x": x, "kind": words, "y": 100.0 * x + 5.0, "z": np.arange(rows) % 2}).to_csv(
        folder / "mine.csv", index=False
    )
    return folder / "mine.csv"


def test_a_table_is_found_beside_the_file_and_tells_the_ends_of_the_network(tmp_path: Path) -> None:
    table(tmp_path)
    scenario = read_scenario(written(tmp_path, TABLE_SCENARIO))
    assert scenario.dataset == f"{tmp_path}/mine.csv::y"
    assert (scenario.task, scenario.target_accuracy) == ("regression", 0.8)
    assert [(layer.inputs, layer.units, layer.l2) for layer in scenario.network.layers] == [
        (5, 8, 0.001),
        (8, 1, 0.001),
    ]
    assert scenario.stopping == EarlyStopping("validation_loss", 3)
    again = tmp_path / "again.toml"
    again.write_text(as_toml(scenario), encoding="utf-8")
    assert read_scenario(again) == replace(scenario, name="again")


def test_the_command_line_gives_the_table_to_the_scenario_that_it_names(tmp_path: Path) -> None:
    data = (table(tmp_path), "z")
    text = TABLE_SCENARIO.replace('dataset = "mine.csv"\ntarget = "y"\n', "")
    text = text.replace('"linear"', '"sigmoid"').replace("mean_squared_error", "binary_crossentropy")
    path = written(tmp_path, text.replace("target_r2", "target_accuracy"))
    settings = make_settings([str(path)], seeds=1, data=data)
    trials = plan_trials(settings)
    assert {(trial.suite, trial.scenario.dataset) for trial in trials} == {
        (suite, f"{data[0]}::z") for suite in ("mine", "aa")
    }
    assert trials[0].scenario.network.layers[0].units == 8  # the user's network, not the fair duel's
    assert command_of(settings) == f"python -m bench run {path} --seeds 1 --data {data[0]} --target z"
    with pytest.raises(
        UsageError, match="dataset: is missing; name a data set or a table's file, or run it with --data"
    ):
        read_scenario(path)


@pytest.mark.parametrize(
    ("suites", "said"),
    [
        (["own.toml"], "own.toml has a target of its own, 'y'; leave out that, or --data"),
        (["twins"], "--data gives rows to scenario files, .*; twins has its own data, so leave it out"),
        (["twins", "published"], "twins has its own data"),
    ],
)
def test_data_for_what_has_its_own_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suites: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.toml").write_text(TABLE_SCENARIO, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        make_settings(suites, data=(table(tmp_path), "z"))


@pytest.mark.parametrize(
    ("task", "data", "said"),
    [
        ("regression", False, "--task says what the column of --target is; give --data and --target with it"),
        ("regresion", True, "no task named 'regresion'; did you mean 'regression'"),
        ("classification", True, "at most 100 classes, got 120; to predict it as a quantity, add --task regression"),
    ],
)
def test_a_task_that_does_not_fit_is_refused(tmp_path: Path, task: str, data: bool, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        make_settings([], data=(table(tmp_path, 120), "x") if data else None, task=task)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            '"linear"',
            '"tanh"',
            "a regression needs mean_squared_error, behind one output with the activation linear, got",
        ),
        ("target_r2", "target_accuracy", "target_accuracy: a regression has target_r2 in its place"),
        ('target = "y"\n', "", "target: is missing; name the column of mine.csv to predict"),
        (
            'target = "y"\n',
            'target = "y"\ntask = "classification"\n',
            "target 'y' must have at most 100 classes|loss: ",
        ),
    ],
)
def test_a_network_that_does_not_fit_a_regression_is_refused(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    table(tmp_path, 120)
    with pytest.raises(UsageError, match=said):
        read_scenario(written(tmp_path, TABLE_SCENARIO.replace(before, after, 1)))
