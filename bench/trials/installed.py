"""What installed packages take on the disk, with everything that they require."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path


@dataclass(frozen=True)
class Installed:
    """Packages on the disk.

    Attributes:
        names: of the packages asked for and of all that they require, as far as these are installed.
        bytes: the sum over their files, without compiled ``.pyc`` files, which Python may write or not.
    """

    names: tuple[str, ...]
    bytes: int


def installed(names: Iterable[str]) -> Installed:
    """Return the packages of these names and all that they require, transitively, on this Python and system."""
    found: dict[str, Distribution] = {}
    waiting: list[tuple[str, frozenset[str]]] = [(name, frozenset()) for name in names]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = wanted = waiting.pop()
        if wanted in seen:
            continue
        seen.add(wanted)
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue
        waiting += _required(found[name], extras)
    files = {path for each in found.values() for path in _files(each)}
    return Installed(tuple(sorted(found)), sum(path.stat().st_size for path in files))


def _required(package: Distribution, extras: frozenset[str]) -> list[tuple[str, frozenset[str]]]:
    """Return what a package requires with these extras: canonical names, each with the extras asked of it."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    required = []
    for line in package.requires or ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in (extras or {""})):
            required.append((str(canonicalize_name(requirement.name)), frozenset(requirement.extras)))
    return required


def _files(package: Distribution) -> set[Path]:
    paths = (Path(str(file.locate())) for file in package.files or ())
    return {path for path in paths if path.suffix != ".pyc" and path.is_file()}
