"""Scenarios written as TOML: what the harness prints it reads again, and a wrong field is named in one sentence."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from bench.core.errors import UsageError
from bench.core.spec import Scenario
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
    fields = set(vars(SCENARIOS["twins"])) - {"network"} | set(vars(SCENARIOS["twins"].network)) | {"activations"}
    # the file names a table and its target apart, and the target by its score
    assert set(ScenarioFile.model_fields) == fields | {"target", "target_r2"}


def test_a_scenario_of_ones_own_is_a_fair_duel(tmp_path: Path) -> None:
    path = written(tmp_path, as_toml(mine(epochs=40)))
    settings = make_settings([str(path)], seeds=2)
    trials = plan_trials(settings)
    assert [(trial.suite, trial.contender.name, trial.seed) for trial in trials] == [
        *(("mine", name, 2) for name in ("numpy", "keras", "keras_tuned")),
        *(("mine", name, 0) for name in ("keras_tuned", "keras", "numpy")),
    ]
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
