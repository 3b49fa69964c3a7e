"""Scenarios written as TOML: what the harness prints it reads again, and a wrong field is named in one sentence."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.cli import app as cli
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


# What is replaced in a good file, by what, and what must be said.
WRONG = {
    "more epochs than anyone waits for": ("epochs = 200", "epochs = 100000000", "epochs: input should be less than or"),
    "a width that no memory holds": ("25, 50, 50", "25, 100000000000, 50", "layers.2: input should be less than or"),
    "snapshots that fill the disk": (
        "epochs = 200",
        "epochs = 1000000",
        "epochs_per_snapshot: must be such that the weights of all snapshots take at most 16 GB, got 1,000,002",
    ),
    "a momentum that is no number": (
        "target_accuracy = 0.95",
        "target_accuracy = 0.95\noptimizer_options = {momentum = nan}",
        "optimizer_options.momentum",
    ),
    "a key that does not exist": (
        "epochs = 200",
        "epochs = 200\nepoch = 3",
        "no key named 'epoch'; did you mean 'epochs'",
    ),
    "a negative width": ("25, 50, 50", "25, -50, 50", "layers.2: input should be greater than or equal to 1, got -50"),
    "a width that is no whole number": ("25, 50, 50", "25, 50.5, 50", "layers.2: input should be a valid integer"),
    "one layer": ("layers = [2, 25, 50, 50, 25, 1]", "layers = [2]", "layers: list should have at least 2 items"),
    "an optimizer that does not exist": (
        '"sgd"',
        '"sgdd"',
        "optimizer: there is no optimizer named 'sgdd'; did you mean 'sgd'",
    ),
    "an activation that does not exist": ('"relu", "relu"', '"relu", "rleu"', "did you mean 'relu'"),
    "too few activations": (
        '"relu", "relu", ',
        '"relu", ',
        "activations: must be one for each layer but the inputs, 5",
    ),
    "a loss that does not exist": (
        '"binary_crossentropy"',
        '"crossentropy"',
        "loss: there is no loss named 'crossentropy'",
    ),
    "a loss of another activation": (
        '"binary_crossentropy"',
        '"categorical_crossentropy"',
        "needs softmax as the last",
    ),
    "a data set that does not exist": (
        '"moons"',
        '"moon"',
        "dataset: there is no data set named 'moon'; did you mean 'moons'",
    ),
    "too few inputs": ("[2, 25", "[3, 25", "layers: must begin with the 2 features of moons, got 3"),
    "outputs that are not the loss's": ("25, 1]", "25, 2]", "layers: must end with one output for two classes"),
    "more classes than a loss can tell apart": (
        'dataset = "moons"',
        'dataset = "blobs"',
        "loss: must be sparse_categorical_crossentropy for the 6 classes of blobs",
    ),
    "an initializer that does not exist": ('"glorot_uniform"', '"glorot"', "did you mean 'glorot_uniform'"),
    "a rate of zero": (
        "learning_rate = 0.01",
        "learning_rate = 0",
        "learning_rate: input should be greater than 0, got 0",
    ),
    "a rate that is no number": ("learning_rate = 0.01", "learning_rate = nan", "learning_rate: input should be"),
    "a rate in words": (
        "learning_rate = 0.01",
        'learning_rate = "0.01"',
        "learning_rate: input should be a valid number",
    ),
    "a batch in words": ("batch_size = 32", 'batch_size = "some"', "batch_size: input should be"),
    "no epochs": ("epochs = 200", "epochs = 0", "epochs: input should be greater than or equal to 1, got 0"),
    "a target above one": (
        "target_accuracy = 0.95",
        "target_accuracy = 95",
        "target_accuracy: input should be less than",
    ),
    "a key that is missing": ("dtype = ", "# dtype = ", "dtype: is missing; bench show twins prints a scenario"),
    "an option of another optimizer": ("hold", "hold", "there is no option of sgd named 'beta_1'"),
    "a name of the harness": (
        "epochs = 200",
        'epochs = 200\nname = "twins"',
        "name: must not be that of a scenario of the harness",
    ),
    "a name that no folder can have": (
        "epochs = 200",
        'epochs = 200\nname = "../mine"',
        "name: string should match pattern",
    ),
    "no TOML": ("epochs = 200", "epochs 200", "is not TOML: Expected '='"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_field_is_named_in_one_sentence(tmp_path: Path, case: str) -> None:
    old, new, words = WRONG[case]
    good = as_toml(mine(hold_updates=150))
    assert old in good
    text = good.replace(old, new, 1) + ("\n[optimizer_options]\nbeta_1 = 0.5\n" if old == new else "")
    with pytest.raises(UsageError) as raised:
        read_scenario(written(tmp_path, text))
    assert words in str(raised.value)
    assert "mine.toml" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_more_classes_than_outputs_are_refused(tmp_path: Path) -> None:
    text = as_toml(SCENARIOS["twins"])
    for old, new in (
        ('"moons"', '"digits"'),
        ("binary_crossentropy", "sparse_categorical_crossentropy"),
        ('"sigmoid"', '"softmax"'),
        ("layers = [2, 25, 50, 50, 25, 1]", "layers = [64, 25, 50, 50, 25, 9]"),
    ):
        assert old in text
        text = text.replace(old, new)
    with pytest.raises(UsageError, match="layers: must end with the 10 classes of digits, got 9"):
        read_scenario(written(tmp_path, text))
    assert read_scenario(written(tmp_path, text.replace("25, 9]", "25, 10]"))).dataset == "digits"


def test_every_field_of_a_scenario_can_be_written(tmp_path: Path) -> None:
    fields = set(vars(SCENARIOS["twins"])) - {"network"} | set(vars(SCENARIOS["twins"].network)) | {"activations"}
    assert set(ScenarioFile.model_fields) == fields


def test_a_file_that_is_not_there_is_named_before_anything_begins(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.app, ["run", str(tmp_path / "none.toml"), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "none.toml cannot be read: No such file" in done.output
    assert not (tmp_path / "out").exists()


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


def test_scenarios_are_listed_and_shown() -> None:
    listed = CliRunner().invoke(cli.app, ["list", "--scenarios"]).output
    assert all(name in listed for name in SCENARIOS)
    short = CliRunner().invoke(cli.app, ["list"]).output
    assert "twins" in short
    assert "explain_glorot" not in short
    assert "more: bench list --scenarios" in short
    shown = CliRunner().invoke(cli.app, ["show", "twins"]).output
    assert shown == as_toml(SCENARIOS["twins"])
