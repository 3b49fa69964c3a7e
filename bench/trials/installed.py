"""The size on the disk of installed packages and everything that they require."""

from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path


def installed(names: Iterable[str]) -> tuple[list[str], int]:
    """Return the installed packages among these and all that they require, transitively, and their size in bytes.

    The size leaves out compiled ``.pyc`` files, which Python may or may not write.
    """
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
    files = {Path(str(file.locate())) for each in found.values() for file in each.files or ()}
    counted = [path for path in files if path.suffix != ".pyc" and path.is_file()]
    return sorted(found), sum(path.stat().st_size for path in counted)


def _required(package: Distribution, extras: frozenset[str]) -> list[tuple[str, frozenset[str]]]:
    """Return the requirements of a package with these extras: canonical names, each with its own extras."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    required = []
    for line in package.requires or ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in (extras or {""})):
            required.append((str(canonicalize_name(requirement.name)), frozenset(requirement.extras)))
    return required
