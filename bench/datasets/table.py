"""A user's own table: read without unpickling, checked column by column, and made into features and classes."""

import codecs
import csv
import io
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.core.errors import UsageError, unknown
from bench.core.spec import CLASSIFICATION, REGRESSION
from bench.datasets.data import TEST_SHARE, Rows, split, standardized
from bench.store.files import read_arrays, read_bytes

if TYPE_CHECKING:
    import pandas as pd

# How the files end that are tables.
TABLE_SUFFIXES = (".csv", ".parquet", ".npz")

_MOST_BYTES = 512 * 2**20

# A column of words with more different values than this, or than half the rows, is free text, a date or a name, not a
# category.
_MOST_CATEGORIES = 50

# A standard deviation squares its numbers, and the squares of larger ones approach the limit of float64.
_GREATEST = 1e100

# A target of up to so many different whole numbers is guessed to hold classes; of more, a quantity.
_GUESSED_CLASSES = 20
_MOST_CLASSES = 100

# One-hot columns included; a network with more inputs is not what this harness is for.
_MOST_FEATURES = 10_000

# Of fewer rows, a fifth cannot tell how well a quantity is predicted.
_FEWEST_ROWS = 20

# How many rows are named before "…".
_NAMED_ROWS = 5


def table_rows(path: Path, target: str, task: str | None = None, resample_seed: int | None = None) -> Rows:
    """Return a table's rows: numbers as they are, categories one-hot, all standardized by the training rows.

    The classes are the target's different values, sorted. A fifth of the rows is held out, of every class.

    Args:
        path: CSV, Parquet, or ``.npz`` with an array for each column, or ``x`` of (rows, features) and the target's.
        target: the column to predict from the others.
        task: ``"classification"`` or ``"regression"``; None guesses it from the target's values, see `task_of`.
        resample_seed: the seed of the split; None gives the default.

    Raises:
        UsageError: if the file cannot be read as a table or trained on; the message names the fault and its place.
    """
    table = read_table(path)
    if target not in table.columns:
        raise unknown(f"column of {path}", target, map(str, table.columns))
    column = table[target]
    features = table.drop(columns=target)
    _check_whole(path, table)
    if features.shape[1] == 0:
        raise UsageError(f"{path} must have columns besides its target {target!r}, got none")
    task = task or task_of(column)
    for name in (target, *features):
        _check_separators(path, str(name), column if name == target else features[name])
    targets = _classes(path, target, column) if task == CLASSIFICATION else _quantity(path, target, column)
    named = [(each, column) for name in features for each, column in _columns(path, str(name), features[name])]
    columns = [column for _, column in named]
    if len(columns) > _MOST_FEATURES:
        raise UsageError(
            f"{path} must come to at most {_MOST_FEATURES:,} features, categories one-hot, got {len(columns):,}; leave "
            f"columns out, or reduce them first (by principal components, for instance)"
        )
    seed = 42 if resample_seed is None else resample_seed
    rows = split(np.column_stack(columns), targets, TEST_SHARE, seed, task)
    return replace(standardized(rows), names=tuple(name for name, _ in named))


def task_of(target: "pd.Series") -> str:
    """Return the task that a target's values suggest: fractions, or many whole numbers, are a quantity."""
    if target.dtype.kind not in "fiu":
        return CLASSIFICATION
    whole = bool((target == target.round()).all())
    return CLASSIFICATION if whole and target.nunique() <= _GUESSED_CLASSES else REGRESSION


def read_table(path: Path) -> "pd.DataFrame":
    """Return the table in a file.

    Raises:
        UsageError: if it cannot be read, or is neither CSV, Parquet nor ``.npz``.
    """
    import pandas as pd

    readers: dict[str, Callable[[Path], pd.DataFrame]] = {
        ".csv": lambda path: _read_csv(read_bytes(path, _MOST_BYTES)),
        ".parquet": lambda path: pd.read_parquet(io.BytesIO(read_bytes(path, _MOST_BYTES))),
        ".npz": _read_npz,
    }
    if path.suffix.lower() not in readers:
        raise UsageError(f"a data file must end in .csv, .parquet or .npz, got {path}")
    try:
        table = readers[path.suffix.lower()](path)
    except FileNotFoundError as error:
        raise UsageError(f"data file {path} must exist, but there is no such file") from error
    except (ValueError, KeyError, pd.errors.ParserWarning) as error:
        raise UsageError(
            f"data file {path} cannot be read as {path.suffix[1:]}: {' '.join(str(error).split())}"
        ) from error
    table.columns = table.columns.map(str)
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise UsageError(f"{path} must have columns of different names, got {twice[0]!r} twice")
    return table


def _read_csv(content: bytes) -> "pd.DataFrame":
    """Return the table in a CSV file; a row longer than the header is an error, and no column becomes the index."""
    import pandas as pd

    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ValueError("it is text in UTF-16; save it as UTF-8")
    content = content.removeprefix(codecs.BOM_UTF8)  # spreadsheets write one
    try:
        header = content.partition(b"\n")[0].decode().rstrip("\r")
        content.decode()
    except UnicodeDecodeError as error:
        raise ValueError("it is not text in UTF-8; save it as UTF-8") from error
    names = next(csv.reader([header]), [])
    if len(names) == 1 and (other := next((mark for mark in ";\t|" if mark in header), None)):
        raise ValueError(f"its columns are separated by {other!r}; save it with commas, or as Parquet")
    if len(names) == 1 and b"," in content.partition(b"\n")[2].partition(b"\n")[0]:
        raise ValueError(f"its first line, {header!r:.60}, names no columns; delete it, so that their names come first")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:  # pandas would number them
        raise ValueError(f"columns must have different names, got {twice!r} twice")
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        table = pd.read_csv(io.BytesIO(content), index_col=False)
    for number, name in enumerate(table.columns):
        if name == f"Unnamed: {number}":  # pandas's replacement of an empty name
            raise ValueError(f"column {number + 1} has no name; if it holds pandas's row numbers, leave it out")
    return table


def _read_npz(path: Path) -> "pd.DataFrame":
    """Return the arrays of an ``.npz`` as columns; a two-dimensional array gives one column for each of its columns."""
    import pandas as pd

    columns: dict[str, object] = {}
    for name, array in read_arrays(path).items():
        if array.ndim == 1 or array.shape[1:] == (1,):
            columns[name] = array.reshape(-1)
        elif array.ndim == 2:
            columns |= {f"{name}{index}": column for index, column in enumerate(array.T)}
        else:
            raise ValueError(f"the array {name!r} must have one or two dimensions, got {array.ndim}")
    return pd.DataFrame(columns)


def _check_whole(path: Path, table: "pd.DataFrame") -> None:
    """Raise a UsageError that names the rows and the column of missing or infinite values."""
    if table.empty:
        raise UsageError(f"{path} must hold at least one row, got none")
    for name in table:
        column = table[name]
        if column.dtype.kind == "f":
            bad = ~np.isfinite(column.to_numpy(np.float64, na_value=math.nan))
            kind = "missing or infinite"
        else:
            bad = column.isna().to_numpy(bool)
            kind = "missing"
        if bad.any():
            raise UsageError(
                f"{path} must have no {kind} values, column {str(name)!r} has {int(bad.sum())}, in "
                f"{_named(np.flatnonzero(bad))}, counted below the header; fill or drop them first"
            )


def _named(rows: Sequence[int] | np.ndarray) -> str:
    shown = ", ".join(str(row + 1) for row in rows[:_NAMED_ROWS])
    return f"row{'s' if len(rows) > 1 else ''} {shown}{', …' if len(rows) > _NAMED_ROWS else ''}"


def _check_separators(path: Path, name: str, column: "pd.Series") -> None:
    if column.dtype.kind in "fiubMmc":
        return
    words = column.astype(str)
    grouped = words[words.str.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")]
    if len(grouped):
        raise UsageError(
            f"{path} must hold numbers without thousands separators, column {name!r} holds {grouped.iloc[0]!r:.40}; "
            f"remove the commas"
        )


def _classes(path: Path, target: str, labels: "pd.Series") -> np.ndarray:
    """Return the number of each row's class."""
    values, classes = np.unique(labels.to_numpy(), return_inverse=True)
    if len(values) < 2:
        raise UsageError(f"{path} must hold at least two classes, the target {target!r} is {values[0]} in every row")
    if len(values) > _MOST_CLASSES:
        cure = f"; it holds texts such as {str(values[0])!r:.40}"
        if labels.dtype.kind in "fiu":
            cure = "; to predict it as a quantity, add --task regression"
        raise UsageError(
            f"the target {target!r} of {path} must have at most {_MOST_CLASSES} classes, got {len(values)}{cure}"
        )
    counts = np.bincount(classes)
    least = int(counts.min())
    # both sides of the split need a row of every class
    fewest = max(2, math.ceil(1 / TEST_SHARE))
    if least < fewest:
        raise UsageError(
            f"{path} must hold at least {fewest} rows of every class, the class {values[counts.argmin()]} has {least}"
        )
    return classes


def _quantity(path: Path, target: str, values: "pd.Series") -> np.ndarray:
    """Return the numbers that a regression predicts."""
    if values.dtype.kind not in "fiu":
        raise UsageError(
            f"the target of a regression must hold numbers, but {target!r} of {path} holds {values.iloc[0]!r:.80}; to "
            f"predict it as a class, leave --task out"
        )
    numbers = values.to_numpy(np.float64)
    if len(numbers) < _FEWEST_ROWS:
        raise UsageError(f"{path} must hold at least {_FEWEST_ROWS} rows for a regression, got {len(numbers)}")
    if np.ptp(numbers) == 0.0:
        raise UsageError(f"the target {target!r} of {path} must differ between rows, it is {numbers[0]:g} in every one")
    _check_size(path, target, numbers)
    return numbers


def _check_size(path: Path, name: str, numbers: np.ndarray) -> None:
    if np.abs(numbers).max() > _GREATEST:
        raise UsageError(
            f"{path} must hold numbers up to {_GREATEST:g}, column {name!r} holds {np.abs(numbers).max():g}"
        )


def _columns(path: Path, name: str, column: "pd.Series") -> list[tuple[str, np.ndarray]]:
    """Return a column as numbers, with its name: itself, or for categories one of zeros and ones for each."""
    import pandas as pd

    if column.dtype.kind in "fiub":
        numbers = column.to_numpy(np.float64)
        _check_size(path, name, numbers)
        return [(name, numbers)]
    if column.dtype.kind == "M" or _holds_dates(column):
        raise UsageError(
            f"{path} must hold numbers and categories, column {name!r} holds dates such as "
            f"{str(column.iloc[0])!r:.40}; replace it by numbers (year, month, weekday, days since the first), or "
            f"leave it out"
        )
    if column.dtype.kind in "mc":
        raise UsageError(f"{path} must hold numbers and categories, column {name!r} holds {column.dtype}")
    words = column.astype(str)
    odd = np.flatnonzero(pd.to_numeric(words, errors="coerce").isna())
    if 0 < len(odd) < len(words) / 2:
        raise UsageError(
            f"{path} must hold numbers or categories, column {name!r} holds numbers and {words.iloc[odd[0]]!r:.80} in "
            f"{_named(odd)}, counted below the header; replace or drop it first"
        )
    values = sorted(set(words))
    most = min(_MOST_CATEGORIES, len(words) // 2)
    if len(values) > most:
        raise UsageError(
            f"{path} must hold numbers and categories, column {name!r} holds {len(values)} different texts in "
            f"{len(words)} rows, more than {most}; leave it out or group it"
        )
    return [(f"{name}={value}", (words == value).to_numpy(np.float64)) for value in values]


def _holds_dates(column: "pd.Series") -> bool:
    """Return whether a column of texts holds dates: more different ones than categories, and each with two dashes."""
    import pandas as pd

    words = column.astype(str)
    if words.nunique() <= _MOST_CATEGORIES // 2 or not words.str.contains(r"\d[-/.:]\d").all():
        return False
    return bool(pd.to_datetime(words, errors="coerce", format="mixed").notna().all())
