"""Every public name of a package compared with the same name of its twin."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from zlib import crc32

import numpy as np

from bench.core.errors import UsageError
from bench.core.spec import AnyArray
from bench.parity.draws import draw, is_plain, unknown_arguments
from bench.parity.names import PublicName
from bench.parity.processes import Observation, Processes, Use
from bench.parity.reasons import bound_of, number_type, reason_of

ParityStatus = Literal["equal", "there", "missing", "differs", "broken", "not compared"]

# Of float64's sixteen digits, four are left to a different order of summation.
TOLERANCE = 1e-12

# Sets of arguments drawn for each thing.
DRAWS = 5


@dataclass(frozen=True)
class Allowed:
    """A quantity with a larger tolerance: its difference, the limit, and the reason in words."""

    quantity: str
    difference: float
    limit: float
    words: str


@dataclass(frozen=True)
class ParityRow:
    """The result for one public name.

    Attributes:
        module, name: as in Keras.
        status: ``equal`` or ``differs`` after a comparison; ``there`` for a base class, which computes nothing, and
            for an attribute or method of a class; ``missing``; ``broken`` if the twin raised an error; ``not compared``
            if no comparison fits.
        largest: the largest difference, max|a - b| / max|a| of an array, among quantities without a `Bound`.
        uses: how many sets of arguments were compared.
        detail: for a missing name the reason, otherwise what differs or which arguments the twin lacks.
        allowed: for each `Bound`, the quantity with the largest difference.
    """

    module: str
    name: str
    status: ParityStatus
    largest: float | None = None
    uses: int = 0
    detail: str = ""
    allowed: tuple[Allowed, ...] = ()

    @property
    def path(self) -> str:
        """The name with its module."""
        return f"{self.module}.{self.name}"

    @property
    def is_sound(self) -> bool:
        """Whether the twin is equal, or the name is missing for a reason."""
        return self.status in ("equal", "there") or (self.status == "missing" and bool(self.detail))


def compare_all(
    processes: Processes,
    *,
    original: str = "keras",
    twin: str = "numpy_nn",
    only: Callable[[str], bool] = lambda _path: True,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[ParityRow]:
    """Return a row for every public name of ``original``, compared with its twin.

    Args:
        processes: where the packages are imported.
        original: the package whose names are compared.
        twin: the package that should have the same names.
        only: selects names by their path, such as ``losses.Huber``.
        on_progress: called with the number of finished uses and of all uses, both packages counted.

    Raises:
        BenchError: if a package cannot be imported, or a process fails or takes too long.
        UsageError: if ``only`` selects no name.
    """
    theirs, ours = ({name.path: name for name in names} for names in processes.names(original, twin))
    wanted = [name for name in theirs.values() if only(name.path)]
    if not wanted:
        raise UsageError(f"expected at least one public name of {original} to compare, got none")
    both = [name for name in wanted if name.path in ours]
    uses = [use for name in both for use in _uses(name, [each for each in theirs.values() if each.path in ours])]
    observed = zip(uses, *processes.observe((original, twin), uses, on_progress), strict=True)
    found: dict[str, list[tuple[Use, Observation, Observation]]] = {}
    for use, expected, got in observed:
        found.setdefault(f"{use.module}.{use.name}", []).append((use, expected, got))
    originals = {name.path: _row(name, ours, found) for name in wanted if name.alias_of is None}
    return [originals.get(name.path) or _alias(name, ours, originals) for name in wanted]


def _uses(name: PublicName, both: Iterable[PublicName]) -> Iterator[Use]:
    """Yield the uses that compare a thing; none for base classes, aliases and unknown arguments."""
    if name.kind in (None, "base", "member") or name.alias_of is not None or unknown_arguments(name):
        return
    seed = crc32(name.path.encode())
    if name.kind == "lookup":
        things = {
            each.name: draw(each, DRAWS)
            for each in both
            if each.module == name.module
            and each.kind not in (None, "base", "lookup")
            and is_plain(each)
            # the function Input makes an InputLayer, which has a row of its own
            and each.path != "layers.Input"
        }
        yield Use(name.module, name.name, name.kind, {"module": name.module, "things": things}, seed, True)
        return
    for number, arguments in enumerate(draw(name, DRAWS)):
        yield Use(name.module, name.name, str(name.kind), arguments, seed + number, number == 0, number_type(name.path))


def _row(
    name: PublicName, ours: Mapping[str, PublicName], found: Mapping[str, list[tuple[Use, Observation, Observation]]]
) -> ParityRow:
    """Return the row of a name that is no alias."""
    row = ParityRow(name.module, name.name, "missing", detail=reason_of(name.path))
    if name.path not in ours:
        return row
    if name.kind == "base":
        return replace(row, status="there", detail="a base class")
    if name.kind == "member":
        return replace(row, status="there", detail=_not_taken(name, ours[name.path]))
    if name.path not in found:
        unknown = ", ".join(unknown_arguments(name))
        words = f"no values are known for {unknown}" if unknown else "no comparison fits it"
        return replace(row, status="not compared", detail=words)
    return _judge(row, found[name.path], _not_taken(name, ours[name.path]))


def _judge(row: ParityRow, found: Iterable[tuple[Use, Observation, Observation]], not_taken: str) -> ParityRow:
    """Return the row of a name that was compared."""
    largest, uses = 0.0, 0
    faults, errors, refusals = list[str](), list[str](), list[str]()
    allowed: dict[str, Allowed] = {}
    for use, expected, got in found:
        if expected.error:  # the original refuses these arguments together
            refusals.append(expected.error)
            continue
        uses += 1
        words = ", ".join(f"{name}={value!r}" for name, value in use.arguments.items() if use.kind != "lookup")
        if got.error:
            errors.append(f"{got.error}, with {words or 'default arguments'}")
            continue
        extra = () if use.kind == "lookup" else got.quantities  # a twin may accept more names
        for quantity in dict.fromkeys([*expected.quantities, *extra]):
            sides = expected.quantities.get(quantity), got.quantities.get(quantity)
            gap = difference(*sides)
            bound = bound_of(row.path, quantity, defaults=use.defaults)
            if bound is None:
                largest = max(largest, gap)
            elif bound.words not in allowed or gap > allowed[bound.words].difference:
                allowed[bound.words] = Allowed(quantity, gap, bound.limit, bound.words)
            if not gap <= (TOLERANCE if bound is None else bound.limit):
                faults.append(f"{_fault(quantity, *sides, gap)} with {words or 'default arguments'}")
    if not uses:
        return replace(row, status="not compared", detail=f"the original raised {refusals[0]}")
    return replace(
        row,
        status="broken" if errors else "differs" if faults else "equal",
        largest=largest,
        uses=uses,
        detail=next(iter([*errors, *faults]), not_taken),
        allowed=tuple(allowed.values()),
    )


def _fault(quantity: str, wanted: "AnyArray | None", found: "AnyArray | None", gap: float) -> str:
    """Return how a quantity differs, in words: by how much, or what was expected and what came."""
    if wanted is None or found is None:
        return f"{quantity} is {'missing' if found is None else 'not in the original'}"
    if wanted.dtype.kind == "U" or wanted.shape != found.shape:
        return f"{quantity}: expected {wanted.tolist()!r}, got {found.tolist()!r},"
    return f"{quantity} differs by {gap:.1e}"


def difference(original: "AnyArray | None", twin: "AnyArray | None") -> float:
    """Return max|a - b| / max|a|; infinite if one is missing, or shapes, text, or places of NaN or infinity differ."""
    if original is None or twin is None or original.shape != twin.shape:
        return float("inf")
    if (original.dtype.kind == "U") != (twin.dtype.kind == "U"):
        return float("inf")
    if original.dtype.kind == "U":
        return 0.0 if np.array_equal(original, twin) else float("inf")
    a, b = original.astype(np.float64), twin.astype(np.float64)
    finite = np.isfinite(a)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return float("inf")
    with np.errstate(invalid="ignore"):
        gap = _largest(a[finite] - b[finite])
    if gap == 0.0:
        return 0.0
    scale = _largest(a[finite])
    return gap / scale if scale > 0.0 and not np.isnan(gap) else float("inf")


def _largest(values: Any) -> float:
    return float(np.abs(values).max(initial=0.0))


def _not_taken(name: PublicName, twin: PublicName) -> str:
    """Return in words which arguments the twin lacks; empty if it has all, or takes ``**kwargs``."""
    if twin.takes_any:
        return ""
    own = {each.name for each in twin.parameters}
    lacking = [each.name for each in name.parameters if each.name not in own]
    return f"does not take {', '.join(lacking)}" if lacking else ""


def _alias(name: PublicName, ours: Mapping[str, PublicName], originals: Mapping[str, ParityRow]) -> ParityRow:
    """Return the row of an alias: the row of the thing itself, if the alias means the same thing in the twin."""
    path = f"{name.module}.{name.alias_of}"
    original = originals.get(path) or ParityRow(name.module, str(name.alias_of), "there")
    if name.path not in ours:
        reason = original.detail if original.status == "missing" else reason_of(name.path)
        return ParityRow(name.module, name.name, "missing", detail=reason)
    if path not in ours or _own_name(ours[path]) != _own_name(ours[name.path]):
        return ParityRow(name.module, name.name, "differs", detail=f"is not the same thing as {name.alias_of}")
    return replace(original, name=name.name, detail=f"another name of {name.alias_of}")


def _own_name(name: PublicName) -> str:
    return name.alias_of or name.name
