"""Reads files that may come from anyone, and writes files whole or not at all."""

import contextlib
import errno
import hashlib
import io
import json
import os
import re
import secrets
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.core.errors import UsageError
from bench.core.spec import AnyArray

# The largest file of each kind that is read.
MOST_TEXT = 256 * 2**20
MOST_ARRAYS = 2**30

_MOST_MEMBERS = 10_000


def read_bytes(path: Path, most: int = MOST_TEXT) -> bytes:
    """Return the content of a regular file of at most so many bytes.

    Raises:
        UsageError: if it is a pipe, a device or a folder, is larger, or cannot be read.
        FileNotFoundError: if there is none.
    """
    with saying(f"{path} must be a file that can be read", but=FileNotFoundError):
        opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe is not waited for
        with os.fdopen(opened, "rb") as file:
            found = os.fstat(opened)
            if not stat.S_ISREG(found.st_mode):
                raise UsageError(f"{path} must be a regular file, got a pipe, a device or a folder")
            content = file.read(most + 1) if found.st_size <= most else b""
            if found.st_size > most or len(content) > most:
                raise UsageError(f"{path} must be at most {most / 2**20:.0f} MB, got {found.st_size / 2**20:.0f} MB")
            return content


def printed(log: Path, raised: str = "") -> str:
    """Return what a process printed into its log, without the traceback that follows; empty if it left no log."""
    try:
        return read_bytes(log).decode(errors="backslashreplace").removesuffix(raised)
    except (UsageError, FileNotFoundError):  # the process may have done anything with it
        return ""


def read_json(path: Path) -> Any:
    """Return what a JSON file holds.

    Raises:
        UsageError: if it is not JSON, has NaN or infinity in it, is nested too deeply, or as in `read_bytes`.
        FileNotFoundError: if there is none.
    """
    try:
        return json.loads(read_bytes(path), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read as JSON: {error}") from error


def _no_number(name: str) -> float:
    raise ValueError(f"a number must be finite, got {name}")


def read_arrays(path: Path) -> dict[str, AnyArray]:
    """Return the arrays of an ``.npz`` file, without unpickling.

    Raises:
        UsageError: if it is not one of plain arrays, unpacks to more than a gigabyte, or as in `read_bytes`.
        FileNotFoundError: if there is none.
    """
    import numpy as np

    content = io.BytesIO(read_bytes(path, MOST_ARRAYS))
    try:
        with zipfile.ZipFile(content) as members:
            sizes = [member.file_size for member in members.infolist()]
            if sum(sizes) > MOST_ARRAYS or len(sizes) > _MOST_MEMBERS:
                raise UsageError(f"{path} must hold at most {MOST_ARRAYS / 2**20:.0f} MB of arrays, got more")
        with np.load(content, allow_pickle=False) as kept:
            return {name: kept[name] for name in kept.files}
    except (OSError, ValueError, KeyError, EOFError, MemoryError, OverflowError, zipfile.BadZipFile) as error:
        raise UsageError(f"{path} cannot be read as an .npz of plain arrays: {error}") from error


def hash_of(content: bytes) -> str:
    """Return the SHA-256 of a file's content."""
    return hashlib.sha256(content).hexdigest()


def safe_name(name: str) -> str:
    """Return a file name in which all characters except ASCII letters, digits, ``.``, ``-`` and ``_`` are dashes."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "unnamed"


def own_folder(path: Path) -> Path:
    """Make a folder inside a run's folder, if it is not there, and return it.

    Raises:
        UsageError: if it is a link, which may lead anywhere, or cannot be made.
    """
    with saying(f"the folder {path} must be writable"):
        path.mkdir(exist_ok=True)
    if path.is_symlink():
        raise UsageError(f"{path} must be a folder of its own, got a link, which is not followed")
    return path


def json_bytes(content: Any, *, indent: int | None = None) -> bytes:
    """Return the bytes of a JSON file."""
    return (json.dumps(content, allow_nan=False, indent=indent) + "\n").encode()


def write_json(path: Path, content: Any, *, indent: int | None = None) -> None:
    """Write a JSON file whole or not at all."""
    write_bytes(path, json_bytes(content, indent=indent))


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: under a name that nobody can guess, synced, renamed; no link is followed."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.partial")
    opened = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(opened, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(opened)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


@contextmanager
def saying(expected: str, *, but: type[OSError] | tuple[()] = ()) -> Iterator[None]:
    """Turn a file-system error into a UsageError of one sentence: what was expected and what came.

    An error of the type ``but`` is passed on.
    """
    try:
        yield
    except but:
        raise
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise UsageError(f"{expected}: the disk is full") from error
        raise UsageError(f"{expected}: {error.strerror or error}") from error
