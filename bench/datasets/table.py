"""A user's own table: read without unpickling, checked column by column, and made into features and classes."""

import codecs
import csv
import io
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.core.errors import UsageError, unknown
from bench.core.spec import CLASSIFICATION, REGRESSION
from bench.core.words import counted
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

# So many lines of a file are searched for the first row.
_LINES_LOOKED_AT = 10

# How many rows, and how many faulty columns, are named before "…".
_NAMED_ROWS = 5
_NAMED_FAULTS = 5


class _ColumnError(Exception):
    """What is wrong with one column; a table's message names those of all its columns."""


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
    if table.empty:
        raise UsageError(f"{path} must hold at least one row, got none")
    if table.shape[1] == 1:
        raise UsageError(f"{path} must have columns besides its target {target!r}, got none")
    task = task or task_of(table[target])
    targets, named, faults = np.empty(0), [], []
    for name in table:
        try:
            _check_whole(table[name])
            _check_separators(table[name])
            if name != target:
                named += _columns(str(name), table[name])
            elif task == CLASSIFICATION:
                targets = _classes(table[name])
            else:
                targets = _quantity(table[name])
        except _ColumnError as fault:
            faults.append(f"{'target' if name == target else 'column'} {str(name)!r} {fault}")
    if faults:
        others = f"; and {len(faults) - _NAMED_FAULTS} more columns" if len(faults) > _NAMED_FAULTS else ""
        raise UsageError(f"{path}: {'. Also, '.join(faults[:_NAMED_FAULTS])}{others}")
    if len(named) > _MOST_FEATURES:
        raise UsageError(
            f"{path} must come to at most {_MOST_FEATURES:,} features, categories one-hot, got {len(named):,}; leave "
            f"columns out, or reduce them first (by principal components, for instance)"
        )
    seed = 42 if resample_seed is None else resample_seed
    rows = split(np.column_stack([column for _, column in named]), targets, TEST_SHARE, seed, task)
    notes = tuple(f"{path.name}: {note}." for note in _notes(table.drop(columns=target)))
    return replace(standardized(rows), names=tuple(name for name, _ in named), notes=notes)


def _notes(features: "pd.DataFrame") -> list[str]:
    """Return what a reader should know of columns that are used, but may tell a network nothing."""
    notes = []
    for name, column in features.items():
        different = column.nunique()
        if different == 1:
            notes.append(f"column {str(name)!r} is the same in every row, so a network can learn nothing from it")
        elif different == len(column) and column.dtype.kind in "iu":
            notes.append(
                f"column {str(name)!r} holds a different whole number in every row; leave it out if it only numbers "
                f"the rows"
            )
    return notes


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
    lines = io.BytesIO(content)
    try:
        content.decode()
        header = lines.readline().decode().rstrip("\r\n")
        below = next((line for line in islice(lines, _LINES_LOOKED_AT) if line.strip()), b"").decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise ValueError("it is not text in UTF-8; save it as UTF-8") from error
    names = next(csv.reader([header]), [])
    if len(names) == 1 and (other := next((mark for mark in ";\t|" if mark in header), None)):
        raise ValueError(f"its columns are separated by {other!r}; save it with commas, or as Parquet")
    if 0 < len(names) < len(values := next(csv.reader([below]), [])):
        raise ValueError(
            f"its first line, {header!r:.60}, names {counted(len(names), 'column')}, and the next holds "
            f"{counted(len(values), 'value')}; name every column, and delete what stands above their names"
        )
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


def _check_whole(column: "pd.Series") -> None:
    """Raise a _ColumnError that names the rows of missing or infinite values."""
    if column.dtype.kind == "f":
        bad, kind = ~np.isfinite(column.to_numpy(np.float64, na_value=math.nan)), "missing or infinite"
    else:
        bad, kind = column.isna().to_numpy(bool), "missing"
    if bad.any():
        raise _ColumnError(
            f"must have no {kind} values, it has {int(bad.sum())}, in {_named(np.flatnonzero(bad))}, counted below the "
            f"header; fill or drop them first"
        )


def _named(rows: Sequence[int] | np.ndarray) -> str:
    shown = ", ".join(str(row + 1) for row in rows[:_NAMED_ROWS])
    return f"row{'s' if len(rows) > 1 else ''} {shown}{', …' if len(rows) > _NAMED_ROWS else ''}"


def _check_separators(column: "pd.Series") -> None:
    if column.dtype.kind in "fiubMmc":
        return
    words = column.astype(str)
    grouped = words[words.str.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")]
    if len(grouped):
        raise _ColumnError(f"must hold numbers without thousands separators, got {grouped.iloc[0]!r:.40}; remove them")


def _classes(labels: "pd.Series") -> np.ndarray:
    """Return the number of each row's class."""
    values, classes = np.unique(labels.to_numpy(), return_inverse=True)
    if len(values) < 2:
        raise _ColumnError(f"must hold at least two classes, it is {values[0]} in every row")
    if len(values) > _MOST_CLASSES:
        cure = f"; it holds texts such as {str(values[0])!r:.40}"
        if labels.dtype.kind in "fiu":
            cure = "; to predict it as a quantity, add --task regression"
        raise _ColumnError(f"must have at most {_MOST_CLASSES} classes, got {len(values)}{cure}")
    counts = np.bincount(classes)
    least = int(counts.min())
    # both sides of the split need a row of every class
    fewest = max(2, math.ceil(1 / TEST_SHARE))
    if least < fewest:
        raise _ColumnError(f"must have at least {fewest} rows of every class, {values[counts.argmin()]} has {least}")
    return classes


def _quantity(values: "pd.Series") -> np.ndarray:
    """Return the numbers that a regression predicts."""
    if values.dtype.kind not in "fiu":
        raise _ColumnError(
            f"must hold numbers for a regression, got {values.iloc[0]!r:.80}; to predict it as a class, leave --task "
            f"out"
        )
    numbers = values.to_numpy(np.float64)
    if len(numbers) < _FEWEST_ROWS:
        raise _ColumnError(f"must have at least {_FEWEST_ROWS} rows for a regression, got {len(numbers)}")
    if np.ptp(numbers) == 0.0:
        raise _ColumnError(f"must differ between rows, it is {numbers[0]:g} in every one")
    _check_size(numbers)
    return numbers


def _check_size(numbers: np.ndarray) -> None:
    if np.abs(numbers).max() > _GREATEST:
        raise _ColumnError(f"must hold numbers up to {_GREATEST:g}, got {np.abs(numbers).max():g}")


def _columns(name: str, column: "pd.Series") -> list[tuple[str, np.ndarray]]:
    """Return a column as numbers, with its name: itself, or for categories one of zeros and ones for each."""
    import pandas as pd

    if column.dtype.kind in "fiub":
        numbers = column.to_numpy(np.float64)
        _check_size(numbers)
        return [(name, numbers)]
    if column.dtype.kind == "M" or _holds_dates(column):
        raise _ColumnError(
            f"must hold numbers or categories, got dates such as {str(column.iloc[0])!r:.40}; replace it by numbers "
            f"(year, month, weekday, days since the first), or leave it out"
        )
    if column.dtype.kind in "mc":
        raise _ColumnError(f"must hold numbers or categories, got {column.dtype}")
    words = column.astype(str)
    odd = np.flatnonzero(pd.to_numeric(words, errors="coerce").isna())
    if 0 < len(odd) < len(words) / 2:
        raise _ColumnError(
            f"must hold numbers or categories, got numbers and {words.iloc[odd[0]]!r:.80} in {_named(odd)}, counted "
            f"below the header; replace or drop it first"
        )
    values = sorted(set(words))
    most = min(_MOST_CATEGORIES, len(words) // 2)
    if len(values) > most:
        raise _ColumnError(
            f"must hold numbers or categories, got {len(values)} different texts in {len(words)} rows, more than "
            f"{most}; leave it out or group it"
        )
    return [(f"{name}={value}", (words == value).to_numpy(np.float64)) for value in values]


def _holds_dates(column: "pd.Series") -> bool:
    """Return whether a column of texts holds dates: more different ones than categories, and each with two dashes."""
    import pandas as pd

    words = column.astype(str)
    if words.nunique() <= _MOST_CATEGORIES // 2 or not words.str.contains(r"\d[-/.:]\d").all():
        return False
    return bool(pd.to_datetime(words, errors="coerce", format="mixed").notna().all())
