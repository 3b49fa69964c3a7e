"""Reading members of a zip file that may be malformed or hostile, and writing one."""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, BinaryIO

# Unpacked, a file may be this many times as large as it lies on the disk, and this many bytes larger.
_MOST_TIMES = 100
_MOST_MORE = 1 << 20

# A description of a network takes about a kilobyte a layer.
_MOST_JSON = 16 << 20

# What zipfile raises beside its own BadZipFile when the bytes are not what they should be.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
)


class Archive:
    """The members of a zip file, each read whole and checked against its checksum.

    Raises:
        ValueError: if it is no zip file, unpacks to more than 100 times its size and 1 MiB, names a member twice or by
            a path that leads out of it, or is packed or encrypted in a way that NumPy's and Keras's files never are.
    """

    def __init__(self, file: BinaryIO) -> None:
        size = file.seek(0, io.SEEK_END)
        try:
            self._zip = zipfile.ZipFile(file)
            members = self._zip.infolist()
        except _BROKEN as error:
            raise ValueError(f"it is no zip file: {error}") from error
        self.names = [member.filename for member in members]
        if len(set(self.names)) != len(self.names):
            twice = next(name for name in self.names if self.names.count(name) > 1)
            raise ValueError(f"it has two members named {twice!r:.80}")
        most = _MOST_TIMES * size + _MOST_MORE
        unpacked = sum(member.file_size for member in members)
        if unpacked > most:
            raise ValueError(
                f"unpacked it would have {unpacked} bytes, more than the limit of {_MOST_TIMES} times its size "
                f"of {size} bytes and {_MOST_MORE} more"
            )
        for member in members:
            path = PurePosixPath(member.filename.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts or ":" in member.filename:
                raise ValueError(f"its member {member.filename!r:.80} has a path that leads out of it")
            if member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError(f"its member {member.filename!r:.80} is encrypted, or packed in an unusual way")

    def read(self, name: str) -> bytes:
        """Return the content of a member.

        Raises:
            ValueError: if there is none of that name, or its bytes are not what the archive says of them.
        """
        if name not in self.names:
            raise ValueError(f"it has no member {name!r:.80}")
        try:
            return self._zip.read(name)
        except _BROKEN as error:
            raise ValueError(f"its member {name!r:.80} is damaged: {error}") from error

    def read_json(self, name: str) -> dict[str, Any]:
        """Return the dictionary that a member holds as JSON.

        Raises:
            ValueError: if the member is missing or damaged, or holds something else.
        """
        return parse_json(self.read(name), name)


def parse_json(content: bytes, name: str) -> dict[str, Any]:
    """Return the dictionary that the member ``name`` holds as JSON; a ValueError names it otherwise."""
    if len(content) > _MOST_JSON:
        raise ValueError(f"its member {name!r} has {len(content)} bytes, more than the limit of {_MOST_JSON}")
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its member {name!r} is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"its member {name!r} must hold a dictionary, got {value!r:.60}")
    return value


def pack(members: Mapping[str, bytes]) -> bytes:
    """Return a zip file of these members, as they are."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()
