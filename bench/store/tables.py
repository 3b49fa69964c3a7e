"""The columns of ``trials``, ``curves`` and ``measurements``, defined here alone: types, units and meaning."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_type_hints

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Column:
    """A column: its pandas type, its unit (or a dash), and what it means."""

    name: str
    dtype: str
    unit: str
    meaning: str


_TEXT, _WHOLE, _REAL, _TRUTH = "str", "Int64", "float64", "boolean"

_RUN = Column("run_id", _TEXT, "-", "the run's folder")

# The unit of R², which has no least value.
AT_MOST_ONE = "at most 1"

# What names a trial in the tables of what it left.
_TRIAL = (
    _RUN,
    Column("suite", _TEXT, "-", "the suite that planned the trial; `aa` for trials of a contender against itself"),
    Column("scenario", _TEXT, "-", "what was trained"),
    Column("contender", _TEXT, "-", "the implementation"),
    Column("seed", _WHOLE, "-", "the trial's seed; every trial is a fresh process"),
    Column("repetition", _WHOLE, "-", "the trial's repetition"),
)


@dataclass(frozen=True, kw_only=True)
class TrialRow:
    """The row of one trial: each field with its unit and its meaning. None where a trial has no such value."""

    suite: Annotated[str, "-", "the experiment; `aa` for trials of a contender against itself"]
    scenario: Annotated[str, "-", "what was trained"]
    pair: Annotated[str, "-", "the comparison that the trial is one side of"]
    contender: Annotated[str, "-", "the implementation"]
    seed: Annotated[int, "-", "seeds the initial weights, the order of rows and, if drawn per seed, the data"]
    repetition: Annotated[int, "-", "number of the trial among those with the same seed, from zero"]
    status: Annotated[str | None, "-", "`ok`, `diverged`, `failed`, `timed_out`, `out_of_memory` or `skipped`"] = None
    status_detail: Annotated[str | None, "-", "the reason if the status is not `ok`"] = None
    parameters: Annotated[int, "count", "weights and biases of the network"]
    train_rows: Annotated[int | None, "count", "training rows; every epoch uses all of them"] = None
    test_rows: Annotated[int | None, "count", "rows held out, on which the network is judged"] = None
    updates: Annotated[int | None, "count", "updates made"] = None
    epochs: Annotated[int | None, "count", "passes through the training rows"] = None
    startup_seconds: Annotated[float | None, "s", "from the parent's spawn until Python runs our first line"] = None
    import_seconds: Annotated[float | None, "s", "importing NumPy, the contender and its dependencies"] = None
    load_seconds: Annotated[float | None, "s", "receiving rows and initial weights, casting and setting them"] = None
    build_seconds: Annotated[float | None, "s", "building the network"] = None
    first_update_seconds: Annotated[float | None, "s", "tracing and compiling for full and ragged batches"] = None
    train_seconds: Annotated[float | None, "s", "training alone: the clock is paused during snapshots"] = None
    snapshot_seconds: Annotated[float | None, "s", "copying weights at the end of epochs"] = None
    predict_seconds: Annotated[float | None, "s", "all of the latency measurements"] = None
    evaluate_seconds: Annotated[float | None, "s", "evaluating every snapshot, by the harness, after the process"] = (
        None
    )
    measure_seconds: Annotated[float | None, "s", "everything a measuring process did after its import"] = None
    process_seconds: Annotated[float | None, "s", "from the parent's spawn until the child said it was done"] = None
    teardown_seconds: Annotated[float | None, "s", "from then until the process ended"] = None
    predict_one_seconds: Annotated[float | None, "s", "predicting one row: median of repeated calls"] = None
    predict_batch_seconds: Annotated[float | None, "s", "predicting 1,024 rows: median of repeated calls"] = None
    peak_rss_bytes: Annotated[int | None, "bytes", "peak resident memory before the evaluator ran"] = None
    train_loss: Annotated[float | None, "nats", "mean loss over all training rows, after the last update"] = None
    train_accuracy: Annotated[float | None, "share", "of training rows, after the last update; of classes"] = None
    train_r2: Annotated[float | None, AT_MOST_ONE, "R² of training rows, after the last update; of a regression"] = None
    test_loss: Annotated[float | None, "nats", "mean loss over all test rows, after the last update"] = None
    test_accuracy: Annotated[float | None, "share", "of test rows, after the last update; of classes"] = None
    test_r2: Annotated[float | None, AT_MOST_ONE, "R² of test rows, after the last update; of a regression"] = None
    test_rmse: Annotated[float | None, "target's", "root mean squared error of test rows, in the target's own unit"] = (
        None
    )
    reached_target: Annotated[bool | None, "-", "whether the training score was at the target after an epoch"] = None
    updates_to_target: Annotated[int | None, "count", "updates until then; empty if never"] = None
    epochs_to_target: Annotated[int | None, "count", "epochs until then; empty if never"] = None
    seconds_to_target: Annotated[float | None, "s", "training seconds until then; empty if never"] = None
    threads: Annotated[int | None, "count", "threads read back: the largest of all pools and processors"] = None
    place: Annotated[int | None, "count", "the trial's place in the block of its seed, from 1, drawn by lot"] = None
    padding_bytes: Annotated[int | None, "bytes", "by which its environment and heap were shifted, drawn by lot"] = None
    steal_seconds: Annotated[float | None, "s", "that the host of a virtual machine kept for others in training"] = None
    others_seconds: Annotated[float | None, "s", "of processors that everything else used during training"] = None
    switches: Annotated[int | None, "count", "how often its main thread lost the processor during training"] = None
    disturbed: Annotated[bool | None, "-", "whether that is so much that the training seconds may be wrong"] = None
    host: Annotated[str, "-", "a label of the machine that does not reveal its name"]
    data_hash: Annotated[str | None, "sha256", "of all rows and labels"] = None
    split_hash: Annotated[str | None, "sha256", "of the row numbers for training and for testing"] = None
    weights_hash: Annotated[str | None, "sha256", "of the initial weights, before any cast"] = None
    order_hash: Annotated[str | None, "sha256", "of the order of rows; empty where it is the contender's own"] = None


_DTYPES = {str: _TEXT, int: _WHOLE, float: _REAL, bool: _TRUTH}


def _columns(row: type) -> Iterator[Column]:
    """Yield a column for each field of a row's type."""
    for name, hint in get_type_hints(row, include_extras=True).items():
        kind, unit, meaning = get_args(hint)
        yield Column(name, _DTYPES[(get_args(kind) or (kind,))[0]], unit, meaning)


TRIALS: tuple[Column, ...] = (_RUN, *_columns(TrialRow))

CURVES: tuple[Column, ...] = (
    *_TRIAL,
    Column("epoch", _WHOLE, "count", "epochs done; 0 is the start"),
    Column("updates", _WHOLE, "count", "updates done"),
    Column("train_seconds", _REAL, "s", "training clock at the end of the epoch"),
    Column("train_loss", _REAL, "nats", "mean loss over all training rows; empty once the weights are not finite"),
    Column("train_accuracy", _REAL, "share", "of training rows; of classes"),
    Column("train_r2", _REAL, AT_MOST_ONE, "R² of training rows; of a regression"),
    Column("test_loss", _REAL, "nats", "mean loss over all test rows"),
    Column("test_accuracy", _REAL, "share", "of test rows; of classes"),
    Column("test_r2", _REAL, AT_MOST_ONE, "R² of test rows; of a regression"),
    Column("reference_loss", _REAL, "nats", "training loss of the reference in this number type; empty without a band"),
    Column("band", _REAL, "nats", "how far from it rounding alone may take a curve by then; empty without a band"),
)

GRADIENTS: tuple[Column, ...] = (
    _RUN,
    Column("scenario", _TEXT, "-", "the scenario of the initial weights"),
    Column("initializer", _TEXT, "-", "how the weights are drawn"),
    Column("layers", _WHOLE, "count", "of the network"),
    Column("seed", _WHOLE, "-", "of the initial weights"),
    Column("layer", _WHOLE, "count", "from 1, at the input, to the output"),
    Column("gradient_norm", _REAL, "nats", "Frobenius norm of the kernel's gradient before the first update"),
)

MEASUREMENTS: tuple[Column, ...] = (
    *_TRIAL,
    Column("threads", _WHOLE, "count", "threads as read back in the process"),
    Column("width", _WHOLE, "count", "units of each hidden layer, and inputs; empty for a scenario's own network"),
    Column("depth", _WHOLE, "count", "hidden layers; empty for a scenario's own network"),
    Column("batch", _WHOLE, "count", "rows of an update or a prediction; empty if the quantity has none"),
    Column("quantity", _TEXT, "-", "what was measured: see the list below"),
    Column("value", _REAL, "-", "the measured value, in the unit beside it"),
    Column("unit", _TEXT, "-", "the quantity's unit"),
)


@dataclass(frozen=True)
class Quantity:
    """A quantity that a probe can measure: its unit and its meaning."""

    unit: str
    meaning: str


def _quartiles(name: str, of: str) -> dict[str, Quantity]:
    return {f"{name}_{which}_quartile": Quantity("s", f"{which}er quartile of {of}") for which in ("low", "high")}


QUANTITIES: dict[str, Quantity] = {
    "once_seconds": Quantity("s", "extra time to build and compile a process's first network, compared to its second"),
    "build_seconds": Quantity("s", "building a network, setting its weights, tracing and compiling it"),
    "update_seconds": Quantity("s", "one update in steady state: median over epochs of their mean"),
    **_quartiles("update_seconds", "the epochs' means"),
    "products_seconds": Quantity("s", "the matrix products of one update alone, in NumPy: the speed of light"),
    **_quartiles("products_seconds", "the samples"),
    "rss_after_import_bytes": Quantity("bytes", "resident memory once the contender is imported"),
    "peak_rss_bytes": Quantity("bytes", "peak resident memory after building, predicting and saving; no training"),
    "cold_start_seconds": Quantity("s", "from the parent's spawn to the first prediction of one row"),
    "predict_p50_seconds": Quantity("s", "predicting one row: median of the calls"),
    "predict_p99_seconds": Quantity("s", "predicting one row: 99th percentile of the calls"),
    "rows_per_second": Quantity("rows/s", "rows of a prediction over the median seconds of such a call"),
    "saved_bytes": Quantity("bytes", "the network in its framework's own file, with its optimizer"),
    "installed_bytes": Quantity("bytes", "installed packages with all that they require, without .pyc files"),
    "installed_distributions": Quantity("count", "how many packages these are"),
    "start_joules": Quantity("J", "of the machine's processor packages, from the import's end to the first prediction"),
    "joules_per_million_rows": Quantity("J", "of the machine's processor packages, while it predicts"),
}

# The laps of a trial's life, which together are its `process_seconds`.
LAPS = ("startup", "import", "load", "build", "first_update", "train", "snapshot", "predict", "measure")


_TABLES = {
    "trials.parquet": TRIALS,
    "curves.parquet": CURVES,
    "gradients.parquet (of explain)": GRADIENTS,
    "measurements.parquet (of crossover and cost)": MEASUREMENTS,
}


def frame(columns: Sequence[Column], rows: Iterable[dict[str, Any]]) -> "pd.DataFrame":
    """Return a table with exactly these columns, in this order and of these types; missing values are empty."""
    import pandas as pd

    table = pd.DataFrame(list(rows), columns=[column.name for column in columns], dtype=object)
    return table.astype({column.name: column.dtype for column in columns})


def describe_columns() -> str:
    """Return ``columns.md``: every column, its unit and its meaning."""
    lines = ["# Columns", "", "Empty cells are null. `summary.csv` holds centres and spreads of these columns.", ""]
    for title, columns in _TABLES.items():
        lines += [f"## {title}", "", "| column | type | unit | meaning |", "|---|---|---|---|"]
        lines += [f"| {each.name} | {each.dtype} | {each.unit} | {each.meaning} |" for each in columns]
        lines.append("")
    lines += ["## quantities in measurements.parquet", "", "| quantity | unit | meaning |", "|---|---|---|"]
    lines += [f"| {name} | {each.unit} | {each.meaning} |" for name, each in QUANTITIES.items()]
    lines.append("")
    return "\n".join(lines)
