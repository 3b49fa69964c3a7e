"""The verdicts: every public name of a package held against the name of its twin."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal
from zlib import crc32

import numpy as np

from bench.parity.compare import difference
from bench.parity.draws import draw, is_plain, unknown_arguments
from bench.parity.names import PublicName
from bench.parity.processes import Case, Outcome, Processes
from bench.parity.reasons import bound_of, number_type, reason_of

Status = Literal["equal", "there", "missing", "differs", "broken", "not compared"]

# Float64 leaves some four digits of room for a different order of summation, and no more.
TOLERANCE = 1e-12

# How many sets of arguments a thing is compared with.
DRAWS = 5


@dataclass(frozen=True)
class Allowed:
    """A quantity for which a larger difference is allowed: how large it is, may be, and why."""

    quantity: str
    difference: float
    limit: float
    words: str


@dataclass(frozen=True)
class Row:
    """What is said of one public name.

    Attributes:
        module, name: as in Keras.
        status: ``equal`` or ``differs`` where it was compared; ``there`` where there is nothing to compute;
            ``missing``; ``broken`` where the twin raised an error; ``not compared`` where nobody knows how.
        largest: the largest difference, max|a - b| / max|a| of an array, of those that the usual bar holds for.
        cases: with how many sets of arguments it was compared.
        detail: the reason where it is missing, otherwise what differs, or what the twin does not take.
        allowed: of each reason for a larger difference, the quantity with the largest.
    """

    module: str
    name: str
    status: Status
    largest: float | None = None
    cases: int = 0
    detail: str = ""
    allowed: tuple[Allowed, ...] = ()

    @property
    def path(self) -> str:
        """The name with its module."""
        return f"{self.module}.{self.name}"

    @property
    def is_sound(self) -> bool:
        """Whether the twin is equal here, or lacks the name for a reason."""
        return self.status in ("equal", "there") or (self.status == "missing" and bool(self.detail))

    def to_json(self) -> dict[str, Any]:
        """Return the row as JSON takes it."""
        return {**asdict(self), "largest": None if self.largest is None else repr(self.largest)}


def cover(
    processes: Processes,
    *,
    original: str = "keras",
    twin: str = "numpy_nn",
    only: Callable[[str], bool] = lambda _path: True,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Row]:
    """Return a row for every public name of ``original``, compared with its twin.

    Args:
        processes: where the packages are imported and probed.
        original: the package whose names are to be covered.
        twin: the package that is to have them.
        only: whether a name with its module is wanted.
        on_progress: told how many cases of how many are done.

    Raises:
        BenchError: if a package cannot be looked at, or a process does not end.
        ValueError: if no name is wanted: that would cover nothing.
    """
    theirs, ours = ({name.path: name for name in names} for names in processes.names(original, twin))
    wanted = [name for name in theirs.values() if only(name.path)]
    if not wanted:
        raise ValueError(f"no public name of {original} is wanted, so there is nothing to cover")
    both = [name for name in wanted if name.path in ours]
    work = [case for name in both for case in _cases(name, [each for each in theirs.values() if each.path in ours])]
    outcomes = zip(work, *processes.probe((original, twin), work, on_progress), strict=True)
    found: dict[str, list[tuple[Case, Outcome, Outcome]]] = {}
    for case, expected, got in outcomes:
        found.setdefault(f"{case.module}.{case.name}", []).append((case, expected, got))
    originals = {name.path: _row(name, ours, found) for name in wanted if name.alias_of is None}
    return [originals.get(name.path) or _alias(name, ours, originals) for name in wanted]


def _cases(name: PublicName, both: Iterable[PublicName]) -> Iterator[Case]:
    """Yield what a thing is to be compared with; nothing for what is not compared."""
    if name.kind in (None, "base") or name.alias_of is not None or unknown_arguments(name):
        return
    seed = crc32(name.path.encode())
    if name.kind == "lookup":
        things = {
            each.name: draw(each, 1)[0]
            for each in both
            if each.module == name.module
            and each.kind not in (None, "base", "lookup")
            and is_plain(each)
            # the function Input makes an InputLayer, which is asked for itself; nobody writes the function down
            and each.path != "layers.Input"
        }
        yield Case(name.module, name.name, name.kind, {"module": name.module, "things": things}, seed, True)
        return
    for number, arguments in enumerate(draw(name, DRAWS)):
        yield Case(
            name.module, name.name, str(name.kind), arguments, seed + number, number == 0, number_type(name.path)
        )


def _row(
    name: PublicName, ours: Mapping[str, PublicName], found: Mapping[str, list[tuple[Case, Outcome, Outcome]]]
) -> Row:
    """Return the row of a name that stands for itself."""
    row = Row(name.module, name.name, "missing", detail=reason_of(name.path))
    if name.path not in ours:
        return row
    if name.kind == "base":
        return replace(row, status="there", detail="a base class")
    if name.path not in found:
        unknown = ", ".join(unknown_arguments(name))
        words = f"nobody knows values of {unknown}" if unknown else "nobody knows how to compare it"
        return replace(row, status="not compared", detail=words)
    return _judge(row, found[name.path], _not_taken(name, ours[name.path]))


def _judge(row: Row, found: Iterable[tuple[Case, Outcome, Outcome]], not_taken: str) -> Row:
    """Return the row of a name that was compared."""
    largest, cases = 0.0, 0
    faults, errors, refusals = list[str](), list[str](), list[str]()
    allowed: dict[str, Allowed] = {}
    for case, expected, got in found:
        if expected.error:  # arguments that may not stand together: no reader of the original could have used them
            refusals.append(expected.error)
            continue
        cases += 1
        words = ", ".join(f"{name}={value!r}" for name, value in case.arguments.items() if case.kind != "lookup")
        if got.error:
            errors.append(f"{got.error}, with {words or 'default arguments'}")
            continue
        extra = () if case.kind == "lookup" else got.quantities  # a twin may know a thing by more names
        for quantity in dict.fromkeys([*expected.quantities, *extra]):
            gap = _gap(expected, got, quantity)
            bound = bound_of(row.path, quantity, defaults=case.defaults)
            if bound is None:
                largest = max(largest, gap)
            elif bound.words not in allowed or gap > allowed[bound.words].difference:
                allowed[bound.words] = Allowed(quantity, gap, bound.limit, bound.words)
            if not gap <= (TOLERANCE if bound is None else bound.limit):
                faults.append(f"{_fault(expected, got, quantity, gap)} with {words or 'default arguments'}")
    if not cases:
        return replace(row, status="not compared", detail=f"the original raised {refusals[0]}")
    return replace(
        row,
        status="broken" if errors else "differs" if faults else "equal",
        largest=largest,
        cases=cases,
        detail=next(iter([*errors, *faults]), not_taken),
        allowed=tuple(allowed.values()),
    )


def _fault(expected: Outcome, got: Outcome, quantity: str, gap: float) -> str:
    """Return in words how a quantity differs: by how much, or what it is and should be."""
    wanted, found = expected.quantities.get(quantity), got.quantities.get(quantity)
    if wanted is None or found is None:
        return f"{quantity} is {'not known' if found is None else 'one too many'}"
    if wanted.dtype.kind == "U" or wanted.shape != found.shape:
        return f"{quantity} is {found.tolist()!r}, not {wanted.tolist()!r},"
    return f"{quantity} differs by {gap:.1e}"


def _gap(expected: Outcome, got: Outcome, quantity: str) -> float:
    """Return how far apart a quantity is; infinite where one side does not have it."""
    if quantity not in expected.quantities or quantity not in got.quantities:
        return float(np.inf)
    return difference(expected.quantities[quantity], got.quantities[quantity])


def _not_taken(name: PublicName, twin: PublicName) -> str:
    """Return in words which arguments the twin does not have; empty where it has all, or does not say."""
    if twin.takes_any:
        return ""
    own = {each.name for each in twin.parameters}
    lacking = [each.name for each in name.parameters if each.name not in own]
    return f"does not take {', '.join(lacking)}" if lacking else ""


def _alias(name: PublicName, ours: Mapping[str, PublicName], originals: Mapping[str, Row]) -> Row:
    """Return the row of another name for a thing: it says what the thing's own row says, if the twin has it too."""
    path = f"{name.module}.{name.alias_of}"
    original = originals.get(path) or Row(name.module, str(name.alias_of), "there")
    if name.path not in ours:
        reason = original.detail if original.status == "missing" else reason_of(name.path)
        return Row(name.module, name.name, "missing", detail=reason)
    if path not in ours or _own_name(ours[path]) != _own_name(ours[name.path]):
        return Row(name.module, name.name, "differs", detail=f"is not the same thing as {name.alias_of}")
    return replace(original, name=name.name, detail=f"another name of {name.alias_of}")


def _own_name(name: PublicName) -> str:
    return name.alias_of or name.name
