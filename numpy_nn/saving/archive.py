"""Writing zip files, and reading zip files that may be malformed or hostile."""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, BinaryIO

# An unpacked file may be this many times as large as the packed one, plus this many bytes.
_MOST_TIMES = 100
_MOST_MORE = 1 << 20

# A description of a network takes about a kilobyte a layer.
_MOST_JSON = 16 << 20

# What zipfile raises for malformed bytes.
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
        ValueError: if it is not a zip file, if it unpacks to more than 100 times its size plus 1 MiB, or if a member
            has a duplicate name, a path outside the archive, an unusual compression or encryption.
    """

    def __init__(self, file: BinaryIO) -> None:
        size = file.seek(0, io.SEEK_END)
        try:
            self._zip = zipfile.ZipFile(file)
            members = self._zip.infolist()
        except _BROKEN as error:
            raise ValueError(f"it is not a zip file: {error}") from error
        self.names = [member.filename for member in members]
        if len(set(self.names)) != len(self.names):
            twice = next(name for name in self.names if self.names.count(name) > 1)
            raise ValueError(f"it has two members named {twice!r:.80}")
        most = _MOST_TIMES * size + _MOST_MORE
        unpacked = sum(member.file_size for member in members)
        if unpacked > most:
            raise ValueError(
                f"it would unpack to {unpacked} bytes, more than the limit of {_MOST_TIMES} times its size "
                f"of {size} bytes plus {_MOST_MORE}"
            )
        for member in members:
            path = PurePosixPath(member.filename.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts or ":" in member.filename:
                raise ValueError(f"the path of the member {member.filename!r:.80} leads outside the archive")
            if member.flag_bits & 1 or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError(f"the member {member.filename!r:.80} is encrypted or has an unsupported compression")

    def read(self, name: str) -> bytes:
        """Return the content of a member.

        Raises:
            ValueError: if there is no such member, or its bytes do not match the archive's checksum.
        """
        if name not in self.names:
            raise ValueError(f"it has no member {name!r:.80}")
        try:
            return self._zip.read(name)
        except _BROKEN as error:
            raise ValueError(f"the member {name!r:.80} is damaged: {error}") from error


def parse_json(content: bytes, name: str) -> dict[str, Any]:
    """Return the dictionary that the part ``name`` of a file contains as JSON; otherwise raise a ValueError."""
    if len(content) > _MOST_JSON:
        raise ValueError(f"the member {name!r} has {len(content)} bytes, more than the limit of {_MOST_JSON}")
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the member {name!r} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"the member {name!r} must contain a dictionary, got {value!r:.60}")
    return value


def pack(members: Mapping[str, bytes]) -> bytes:
    """Return an uncompressed zip file of the members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()
