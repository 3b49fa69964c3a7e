"""A user's own table: what it becomes, and one sentence for every table that cannot be used."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from bench.cli import app as cli
from bench.core.errors import UsageError
from bench.datasets import find, load, of_table
from bench.datasets.table import table_rows
from bench.experiments import SCENARIOS
from bench.runs.plan import plan_trials
from bench.runs.scenario_file import as_toml
from bench.runs.settings import command_of, make_settings

ROWS = 60


def good(**columns: object) -> pd.DataFrame:
    """Return a table of 60 rows: two numbers, a category, a truth, and a target of three species."""
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "length": rng.normal(5.0, 2.0, ROWS),
            "count": rng.integers(0, 9, ROWS),
            "colour": np.array(["red", "green", "blue"])[np.arange(ROWS) % 3],
            "wild": np.arange(ROWS) % 2 == 0,
            "species": np.array(["c", "a", "b"])[np.arange(ROWS) // 20],
            **columns,
        }
    )


def written(folder: Path, table: pd.DataFrame, suffix: str = "csv") -> Path:
    path = folder / f"mine.{suffix}"
    if suffix == "csv":
        table.to_csv(path, index=False)
    elif suffix == "parquet":
        table.to_parquet(path, index=False)
    else:
        arrays = {str(name): table[name].to_numpy() for name in table}
        texts = {name: array.astype(str) for name, array in arrays.items() if array.dtype == object}
        np.savez(path, allow_pickle=False, **{**arrays, **texts})
    return path


@pytest.mark.parametrize("suffix", ["csv", "parquet", "npz"])
def test_a_table_becomes_features_and_classes(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path, good(), suffix)
    rows = table_rows(path, "species", None)
    assert rows.x.shape == (ROWS, 2 + 3 + 1)  # two numbers, three colours, one truth
    assert np.bincount(rows.targets).tolist() == [20, 20, 20]
    assert rows.targets[:3].tolist() == [2, 2, 2]  # classes are in their own order: a, b, c
    assert (len(rows.train), len(rows.test)) == (48, 12)
    assert np.bincount(rows.targets[rows.test]).tolist() == [4, 4, 4]
    np.testing.assert_allclose(rows.x[rows.train].mean(axis=0), 0.0, atol=1e-12)
    as_csv = written(tmp_path, good())
    assert load(of_table(path, "species")).data_hash == load(of_table(as_csv, "species")).data_hash


def test_a_two_dimensional_array_gives_one_column_each(tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    np.savez(path, allow_pickle=False, x=np.arange(40.0).reshape(20, 2), y=np.arange(20) % 2)
    rows = table_rows(path, "y", None)
    assert rows.x.shape == (20, 2)
    assert rows.labels.shape == (20, 1)


def holes(values: list[int]) -> np.ndarray:
    column = np.arange(float(ROWS))
    column[values] = np.nan
    return column


# What is wrong with a table, and what the message must say.
WRONG: dict[str, tuple[pd.DataFrame, str]] = {
    "a number is missing": (
        good(length=holes([3])),
        "column 'length' must have no missing or infinite values, it has 1, in row 4, counted below the header; fill",
    ),
    "many numbers are missing": (good(length=holes(list(range(9)))), "it has 9, in rows 1, 2, 3, 4, 5, …"),
    "a word is missing": (
        good(colour=[None, *["red"] * (ROWS - 1)]),
        "column 'colour' must have no missing values, it has 1, in row 1",
    ),
    "the target is missing": (
        good(species=[*["a", "b"] * 29, "a", None]),
        "target 'species' must have no missing values, it has 1, in row 60",
    ),
    "a number is infinite": (
        good(length=[np.inf, *np.ones(ROWS - 1)]),
        "column 'length' must have no missing or infinite values",
    ),
    "one class only": (good(species="a"), "target 'species' must hold at least two classes, it is a in every row"),
    "a class of one row": (
        good(species=["a", *["b"] * (ROWS - 1)]),
        "at least 5 rows of every class, a has 1",
    ),
    "a quantity of one value": (
        good(species=0.5),
        "target 'species' must differ between rows, it is 0.5 in every one",
    ),
    "few rows of a quantity": (
        good(species=np.linspace(0.0, 1.0, ROWS))[:12],
        "at least 20 rows for a regression, got 12",
    ),
    "a quantity beyond reason": (
        good(species=[1e200, *np.arange(ROWS - 1.0)]),
        "target 'species' must hold numbers up to 1e+100",
    ),
    "free text": (
        good(colour=[f"word {n}" for n in range(ROWS)]),
        "column 'colour' must hold numbers or categories, got 60 different texts",
    ),
    "a different text in most rows": (
        good(colour=[f"word {n % 40}" for n in range(ROWS)]),
        "column 'colour' must hold numbers or categories, got 40 different texts in 60 rows, more than 30",
    ),
    "a number beyond reason": (
        good(length=[1e200, *np.ones(ROWS - 1)]),
        "column 'length' must hold numbers up to 1e+100, got 1e+200",
    ),
    "dates": (
        good(length=pd.date_range("2026-01-01", periods=ROWS)),
        "column 'length' must hold numbers or categories, got dates such as '2026-01-01 00:00:00'; replace",
    ),
    "dates as text": (
        good(colour=[f"2026-01-{1 + n % 31:02} 07:00" for n in range(ROWS)]),
        "column 'colour' must hold numbers or categories, got dates such as '2026-01-01 07:00'; replace it by numbers",
    ),
    "a wide table": (
        pd.DataFrame(np.zeros((ROWS, 10_001)), columns=[str(n) for n in range(10_001)]).assign(
            species=good()["species"]
        ),
        "at most 10,000 features, categories one-hot, got 10,001; leave columns out",
    ),
    "nothing beside the target": (good()[["species"]], "must have columns besides its target 'species'"),
    "a number with a unit": (
        good(length=["5.1 cm", *map(str, np.arange(float(ROWS - 1)))]),
        "column 'length' must hold numbers or categories, got numbers and '5.1 cm' in row 1, counted below",
    ),
    "thousands separators": (
        good(length=["1,204.5", *map(str, np.arange(float(ROWS - 1)))]),
        "column 'length' must hold numbers without thousands separators, got '1,204.5'; remove them",
    ),
    "thousands separators in the target": (
        good(species=[f"{n},000" for n in range(1, ROWS + 1)]),
        "target 'species' must hold numbers without thousands separators, got '1,000'; remove them",
    ),
    "no rows": (good()[:0], "must hold at least one row, got none"),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_unusable_table_is_refused_in_one_sentence(tmp_path: Path, case: str) -> None:
    table, words = WRONG[case]
    path = written(tmp_path, table, "parquet" if case == "dates" else "csv")
    with pytest.raises(UsageError) as raised:
        table_rows(path, "species", None)
    assert words in str(raised.value)
    assert "mine" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_faults_of_all_columns_are_told_at_once(tmp_path: Path) -> None:
    words = [f"word {n}" for n in range(ROWS)]
    with pytest.raises(UsageError, match=r"column 'length' .*\. Also, column 'colour' .*\. Also, target 'species' "):
        table_rows(written(tmp_path, good(length=words, colour=words, species="a")), "species")
    many = {f"text{n}": words for n in range(8)}
    with pytest.raises(UsageError, match=r"column 'text4' [^.]*; and 3 more columns$"):
        table_rows(written(tmp_path, good(**many)), "species")


def test_a_note_names_columns_that_may_tell_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, good(number=range(100, 100 + ROWS), country="Chad", year=2024))
    assert find(of_table(path, "species")).notes == (
        "mine.csv: column 'number' holds a different whole number in every row; leave it out if it only numbers the "
        "rows.",
        "mine.csv: column 'country' is the same in every row, so a network can learn nothing from it.",
        "mine.csv: column 'year' is the same in every row, so a network can learn nothing from it.",
    )
    assert find(of_table(written(tmp_path, good()), "species")).notes == ()


def test_an_unknown_column_is_answered_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="named 'specie'; did you mean 'species'"):
        table_rows(written(tmp_path, good()), "specie", None)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("mine.txt", b"a,b", "must end in .csv, .parquet or .npz"),
        ("mine.parquet", b"PAR1 no more", "cannot be read as parquet"),
        ("mine.npz", b"PK no more", "cannot be read as an .npz"),
        ("mine.csv", b"", "cannot be read as csv"),
        ("mine.csv", b"\xff\xfe\x00", "cannot be read as csv"),
        ("mine.csv", b"a,species\n1,x,7\n2,y,8\n", "names 2 columns, and the next holds 3 values; name every column"),
        ("mine.csv", b",a,species\n0,1,x\n1,2,y\n", "column 1 has no name; if it holds pandas's row numbers"),
        ("mine.csv", b"a,species,a\n1,x,2\n", "columns must have different names, got 'a' twice"),
        (
            "mine.csv",
            b"a;species\n1,5;x\n",
            "cannot be read as csv: its columns are separated by ';'; save it with commas",
        ),
        (
            "mine.csv",
            b"Our plants\na,species\n1,x\n",
            "its first line, 'Our plants', names 1 column, and the next holds 2 values; name every",
        ),
        ("mine.csv", b"Plants, 2024\n\na,b,species\n1,2,x\n", "'Plants, 2024', names 2 columns, and the next holds 3"),
        ("mine.csv", "a,species\n1,x\n".encode("utf-16"), "it is text in UTF-16; save it as UTF-8"),
        ("none.csv", None, "there is no such file"),
    ],
)
def test_an_unreadable_file_is_named(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=words):
        table_rows(path, "species", None)


@pytest.mark.parametrize("suffix", ["csv", "parquet", "npz"])
def test_what_is_no_file_or_too_large_is_not_read(tmp_path: Path, suffix: str) -> None:
    os.mkfifo(tmp_path / f"pipe.{suffix}")
    (tmp_path / f"endless.{suffix}").symlink_to("/dev/zero")
    (tmp_path / f"large.{suffix}").touch()
    os.truncate(tmp_path / f"large.{suffix}", 2**31)
    for name, words in (("pipe", "regular file"), ("endless", "regular file"), ("large", "must be at most")):
        with pytest.raises(UsageError, match=rf"{name}\.{suffix} must be .*{words.removeprefix('must be ')}"):
            table_rows(tmp_path / f"{name}.{suffix}", "species", None)


def test_a_byte_order_mark_is_not_part_of_a_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    good().to_csv(path, index=False, encoding="utf-8-sig")
    assert path.read_bytes().startswith(b"\xef\xbb\xbflength")
    assert table_rows(path, "length").x.shape == (ROWS, 1 + 3 + 1 + 3)


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (np.linspace(0.0, 1.0, ROWS), "regression"),  # fractions
        (np.arange(ROWS), "regression"),  # many whole numbers
        (np.arange(ROWS) % 7, "classification"),
        (np.arange(ROWS) % 2 == 0, "classification"),
        ((np.arange(ROWS) % 3).astype(str), "classification"),
    ],
)
def test_the_task_is_guessed_from_the_targets_values(tmp_path: Path, values: np.ndarray, task: str) -> None:
    path = written(tmp_path, good(species=values))
    assert table_rows(path, "species").task == task
    assert find(of_table(path, "species")).task == task


def test_the_task_can_be_decided(tmp_path: Path) -> None:
    path = written(tmp_path, good(species=np.arange(ROWS) % 7))
    assert table_rows(path, "species", "regression").classes == 0
    assert find(of_table(path, "species", "regression")).outputs == 1
    assert find(of_table(path, "species", "classification")).outputs == 7
    with pytest.raises(UsageError, match=r"target 'colour' must hold numbers for a regression, got 'red'"):
        table_rows(path, "colour", "regression")


def test_a_quantity_is_standardized_by_the_training_rows(tmp_path: Path) -> None:
    path = written(tmp_path, good(species=np.arange(ROWS) * 1000.0 + 5.0))
    data = load(of_table(path, "species"))
    assert data.y_train.shape == (48, 1)
    assert (data.y_train.mean(), data.y_train.std()) == pytest.approx((0.0, 1.0))
    whole = np.concatenate([data.y_train, data.y_test])[:, 0]
    assert data.target_scale is not None
    assert np.ptp(whole) * data.target_scale == pytest.approx(59_000.0)  # back in the table's own unit


def test_pickles_are_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    np.savez(path, x=np.array([{"a": 1}, None], dtype=object), y=np.array([0, 1]))
    with pytest.raises(UsageError, match=r"cannot be read as an \.npz of plain arrays: Object arrays cannot be loaded"):
        table_rows(path, "y", None)


def test_a_table_is_a_fair_duel_under_its_own_name(tmp_path: Path) -> None:
    path = written(tmp_path, good())
    settings = make_settings([], seeds=1, data=(path, "species"))
    trials = plan_trials(settings)
    assert sorted((trial.suite, trial.contender.name) for trial in trials) == [
        ("aa", "numpy"),
        *(("mine", name) for name in ("keras", "keras_tuned", "numpy")),
    ]
    network = trials[0].scenario.network
    assert [layer.units for layer in network.layers] == [25, 50, 50, 25, 3]
    assert (network.layers[0].inputs, network.loss) == (6, "sparse_categorical_crossentropy")
    assert command_of(settings).endswith(f"--data {path} --target species")
    before = trials[0].key
    written(tmp_path, good(length=1.0))
    assert plan_trials(settings)[0].key != before  # other rows, another trial


def test_what_may_surprise_is_said_with_the_plan_and_in_the_report(tmp_path: Path) -> None:
    path = written(tmp_path, good(number=range(ROWS)))
    scenario = tmp_path / "mine.toml"
    text = (
        as_toml(SCENARIOS["twins"])
        .replace('"moons"', f'"{path}"\ntarget = "wild"')
        .replace("[2, 25", '["features", 25')
    )
    scenario.write_text(text.replace("batch_size = 32", "batch_size = 64"))
    notes = make_settings([str(scenario)]).notes
    assert [note.partition(":")[2] for note in notes] == [
        " column 'number' holds a different whole number in every row; leave it out if it only numbers the rows.",
        " batch_size is 64, more than the 48 training rows, so an epoch is one update.",
    ]
    done = CliRunner().invoke(cli.app, ["run", str(scenario), "--dry-run"])
    assert all(f"note: {note}" in done.output for note in notes), done.output
    scenario.write_text(text.replace("batch_size = 32", "batch_size = 48"))
    assert make_settings([str(scenario)]).notes == notes[:1]


def test_two_classes_get_one_output(tmp_path: Path) -> None:
    path = written(tmp_path, good(species=np.arange(ROWS) % 2))
    scenario = plan_trials(make_settings([], seeds=1, data=(path, "species")))[0].scenario
    assert (scenario.network.layers[-1].units, scenario.network.loss) == (1, "binary_crossentropy")
    assert find(scenario.dataset).classes == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--data", "mine.csv"], "--data and --target belong together"),
        (["--target", "y"], "--data and --target belong together"),
        (["--data", "none.csv", "--target", "y"], "there is no such file"),
    ],
)
def test_the_command_line_reports_bad_data_before_anything_runs(tmp_path: Path, words: list[str], said: str) -> None:
    done = CliRunner().invoke(cli.app, ["run", *words, "--out", str(tmp_path / "out")])
    assert (done.exit_code, said in done.output) == (2, True), done.output
    assert not (tmp_path / "out").exists()
