"""The columns of ``trials``, ``curves`` and ``measurements``, defined here alone: types, units and meaning."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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

_IDENTITY = (
    Column("run_id", _TEXT, "-", "the run's folder"),
    Column("suite", _TEXT, "-", "the suite that planned the trial; `aa` for trials of a contender against itself"),
    Column("scenario", _TEXT, "-", "what was trained"),
)

TRIALS: tuple[Column, ...] = (
    *_IDENTITY,
    Column("pair", _TEXT, "-", "the comparison that the trial is one side of"),
    Column("contender", _TEXT, "-", "the implementation"),
    Column("seed", _WHOLE, "-", "seeds the initial weights, the order of rows and, if drawn per seed, the data"),
    Column("repetition", _WHOLE, "-", "number of the trial among those with the same seed, from zero"),
    Column("status", _TEXT, "-", "`ok`, `diverged`, `failed`, `timed_out` or `skipped`"),
    Column("status_detail", _TEXT, "-", "the reason if the status is not `ok`"),
    Column("parameters", _WHOLE, "count", "weights and biases of the network"),
    Column("train_rows", _WHOLE, "count", "training rows; every epoch uses all of them"),
    Column("updates", _WHOLE, "count", "updates made"),
    Column("epochs", _WHOLE, "count", "passes through the training rows"),
    Column("startup_seconds", _REAL, "s", "from the parent's spawn to the harness's first line in the child"),
    Column("import_seconds", _REAL, "s", "importing NumPy, the contender and its dependencies"),
    Column("load_seconds", _REAL, "s", "reading data and initial weights, casting them to the number type"),
    Column("build_seconds", _REAL, "s", "building the network and setting its weights"),
    Column("first_update_seconds", _REAL, "s", "warming up: tracing and compiling for full and ragged batches"),
    Column("train_seconds", _REAL, "s", "training alone: the clock is paused during snapshots"),
    Column("snapshot_seconds", _REAL, "s", "copying weights at the end of epochs"),
    Column("predict_seconds", _REAL, "s", "all of the latency measurements"),
    Column("evaluate_seconds", _REAL, "s", "evaluating every snapshot with the neutral evaluator"),
    Column("measure_seconds", _REAL, "s", "everything that a probe did after its import; a probe trains nothing"),
    Column("process_seconds", _REAL, "s", "from the parent's spawn until the child reported its row"),
    Column("teardown_seconds", _REAL, "s", "from then until the process ended"),
    Column("predict_one_seconds", _REAL, "s", "predicting one row: median of repeated calls"),
    Column("predict_batch_seconds", _REAL, "s", "predicting 1,024 rows: median of repeated calls"),
    Column("peak_rss_bytes", _WHOLE, "bytes", "peak resident memory of the process, before the evaluator ran"),
    Column("train_loss", _REAL, "nats", "mean loss over all training rows, after the last update"),
    Column("train_accuracy", _REAL, "share", "of training rows, after the last update"),
    Column("test_loss", _REAL, "nats", "mean loss over all test rows, after the last update"),
    Column("test_accuracy", _REAL, "share", "of test rows, after the last update"),
    Column("reached_target", _TRUTH, "-", "whether training accuracy reached the target at the end of an epoch"),
    Column("updates_to_target", _WHOLE, "count", "updates until then; empty if never"),
    Column("epochs_to_target", _WHOLE, "count", "epochs until then; empty if never"),
    Column("seconds_to_target", _REAL, "s", "training seconds until then; empty if never"),
    Column("threads", _WHOLE, "count", "threads as read back in the process: the largest of all pools and processors"),
    Column("host", _TEXT, "-", "a label of the machine that does not reveal its name"),
    Column("data_hash", _TEXT, "sha256", "of all rows and labels"),
    Column("split_hash", _TEXT, "sha256", "of the row numbers for training and for testing"),
    Column("weights_hash", _TEXT, "sha256", "of the initial weights, before any cast"),
    Column("order_hash", _TEXT, "sha256", "of the order of rows in every epoch; empty if the contender chooses it"),
)

CURVES: tuple[Column, ...] = (
    *_IDENTITY,
    Column("contender", _TEXT, "-", "the implementation"),
    Column("seed", _WHOLE, "-", "the trial's seed"),
    Column("repetition", _WHOLE, "-", "the trial's repetition"),
    Column("epoch", _WHOLE, "count", "epochs done; 0 is the start"),
    Column("updates", _WHOLE, "count", "updates done"),
    Column("train_seconds", _REAL, "s", "training clock at the end of the epoch"),
    Column("train_loss", _REAL, "nats", "mean loss over all training rows; empty once the weights are not finite"),
    Column("train_accuracy", _REAL, "share", "of training rows"),
    Column("test_loss", _REAL, "nats", "mean loss over all test rows"),
    Column("test_accuracy", _REAL, "share", "of test rows"),
)

GRADIENTS: tuple[Column, ...] = (
    Column("run_id", _TEXT, "-", "the run's folder"),
    Column("scenario", _TEXT, "-", "the scenario of the initial weights"),
    Column("initializer", _TEXT, "-", "how the weights are drawn"),
    Column("layers", _WHOLE, "count", "of the network"),
    Column("seed", _WHOLE, "-", "of the initial weights"),
    Column("layer", _WHOLE, "count", "from 1, at the input, to the output"),
    Column("gradient_norm", _REAL, "nats", "Frobenius norm of the kernel's gradient before the first update"),
)

MEASUREMENTS: tuple[Column, ...] = (
    *_IDENTITY,
    Column("contender", _TEXT, "-", "the implementation"),
    Column("seed", _WHOLE, "-", "the trial's seed, which counts the fresh processes"),
    Column("repetition", _WHOLE, "-", "the trial's repetition"),
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
LAPS = ("startup", "import", "load", "build", "first_update", "train", "snapshot", "predict", "evaluate", "measure")


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
