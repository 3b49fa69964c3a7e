"""Arrays in an HDF5 file in Keras's layout: ``layers/dense/vars/0`` is the kernel, ``.../1`` the bias.

An HDF5 file can link to other files, to itself or to nothing, and an array in it can claim any size. Keras's files
contain only groups and contiguous arrays. Everything else is rejected.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from numpy_nn.saving.saved import Arrays

# The most characters that names may add up to. Each may be as long as the file, and many may be the same bytes.
_MOST_TEXT = 1 << 30

# HDF5's limit is 64 KiB, with a header.
_LARGEST_ATTRIBUTE = 64_000

# What h5py raises for malformed bytes.
_BROKEN = (ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)


def library() -> Any:
    """Return h5py.

    Raises:
        ImportError: if it is not installed; the message tells what to install.
    """
    try:
        import h5py
    except ImportError as error:
        raise ImportError(
            "a .keras or .h5 file needs h5py: pip install h5py, or david-vs-goliath[keras-files]; .npz needs neither"
        ) from error
    return h5py


class Reader:
    """Reads the arrays of an HDF5 file in memory; `close` it afterwards.

    Raises:
        ValueError: if the content is not HDF5.
    """

    def __init__(self, content: bytes, where: str) -> None:
        self._library = library()
        self._where = where
        # Arrays may share bytes; their total size must not exceed that of the file.
        self._bytes_left = self._size = len(content)
        try:
            self._file = self._library.File(io.BytesIO(content), "r")
        except _BROKEN as error:
            raise ValueError(f"{where} is not an HDF5 file: {error}") from error
        self.close = self._file.close

    def arrays(self, path: str) -> Arrays:
        """Return the arrays "0", "1", ... of the group at ``path``; an empty list if there is no such group.

        Raises:
            ValueError: if the group contains anything except plain arrays of real numbers; the message names the place.
        """
        try:
            group = self._group(path)
            if group is None:
                return []
            names = set(group)
            wanted = [str(index) for index in range(len(names))]
            if names != set(wanted):
                raise ValueError(f"expected arrays named by number from 0, got {sorted(names)!r:.80}")
            return [self._array(group, each) for each in wanted]
        except _BROKEN as error:
            raise ValueError(f"{path!r} in {self._where}: {error}") from error

    def text(self, name: str) -> str | None:
        """Return the text in an attribute of the file; None if there is no such attribute.

        Raises:
            ValueError: if it is not text; the message names the attribute.
        """
        found = self._attribute(self._file, name)
        if found is None:
            return None
        if found.shape != ():
            raise ValueError(f"the attribute {name!r} of {self._where} must be one text, got {found.size}")
        return _text(found.item(), name)

    def has(self, path: str, name: str) -> bool:
        """Return whether there is a group at ``path`` that has the attribute ``name``, or its first part."""
        try:
            group = self._group(path)
            return group is not None and (name in group.attrs or f"{name}0" in group.attrs)
        except _BROKEN as error:
            raise ValueError(f"{path!r} in {self._where}: {error}") from error

    def names(self, path: str, name: str) -> list[str]:
        """Return the names that an attribute of a group lists, in one part or in several, as Keras writes them."""
        try:
            group = self._group(path)
            if group is None:
                raise ValueError("there is no such group")
            parts = [name] if name in group.attrs else []
            while not parts or parts[0] != name:
                following = f"{name}{len(parts)}"
                if following not in group.attrs:
                    break
                parts.append(following)
            return [_text(each, part) for part in parts for each in np.ravel(self._attribute(group, part)).tolist()]
        except _BROKEN as error:
            raise ValueError(f"{path!r} in {self._where}: {error}") from error

    def named_arrays(self, path: str) -> Arrays:
        """Return the arrays that the attribute ``weight_names`` of a group lists by their paths in the group."""
        names = self.names(path, "weight_names")
        try:
            arrays = []
            for name in names:
                inside, _, last = name.rpartition("/")
                group = self._group(f"{path}/{inside}" if inside else path)
                if group is None or last not in group:
                    raise ValueError(f"there is no array {name!r:.80}")
                arrays.append(self._array(group, last))
            return arrays
        except _BROKEN as error:
            raise ValueError(f"{path!r} in {self._where}: {error}") from error

    def _attribute(self, group: Any, name: str) -> Any:
        """Return an attribute as an array; None if there is none. Its size is checked before it is read."""
        if name not in group.attrs:
            return None
        found = group.attrs.get_id(name)
        count = prod(found.shape)
        if count * found.dtype.itemsize > self._size or (found.dtype.kind == "O" and count * self._size > _MOST_TEXT):
            raise ValueError(f"the attribute {name!r} is too large, with {count} parts")
        return np.asarray(group.attrs[name])

    def _group(self, path: str) -> Any:
        group: Any = self._file
        for step in filter(None, path.split("/")):
            if step not in group:
                return None
            group = self._plain(group, step, self._library.Group)
        return group

    def _array(self, group: Any, name: str) -> np.ndarray[Any, Any]:
        dataset = self._plain(group, name, self._library.Dataset)
        if dataset.dtype.kind not in "fiu":
            raise ValueError(f"expected real numbers, got the type {dataset.dtype!s:.60} in {name!r}")
        if dataset.shape is None or dataset.is_virtual or dataset.external or dataset.chunks is not None:
            raise ValueError(f"expected a contiguous array, got another kind of storage in {name!r}")
        if dataset.nbytes > min(dataset.id.get_storage_size(), self._bytes_left):
            raise ValueError(f"{name!r} has the shape {dataset.shape}, which exceeds the bytes in the file")
        self._bytes_left -= dataset.nbytes
        array: np.ndarray[Any, Any] = np.asarray(dataset[()])
        return array.astype(array.dtype.newbyteorder("="), copy=False)

    def _plain(self, group: Any, name: str, kind: type) -> Any:
        """Return the member of a group; a ValueError if it is a link or of another kind."""
        link = group.get(name, getclass=True, getlink=True)
        if link is not self._library.HardLink:
            raise ValueError(f"expected no links, got a {link.__name__} at {name!r}")
        found = group[name]
        if not isinstance(found, kind):
            raise ValueError(f"expected a {kind.__name__} at {name!r}, got a {type(found).__name__}")
        return found


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str | bytes):
        raise ValueError(f"the attribute {name!r} must contain text, got {value!r:.60}")
    return value.decode() if isinstance(value, bytes) else value


def write(groups: Mapping[str, tuple[str, Iterable[np.ndarray[Any, Any]]]]) -> bytes:
    """Return an HDF5 file with a group for each path: its name, stored as an attribute, and its arrays."""
    stream = io.BytesIO()
    with library().File(stream, "w") as file:
        for path, (name, arrays) in groups.items():
            group = file.create_group(path)
            group.attrs["name"] = name
            for index, array in enumerate(arrays):
                group[str(index)] = array
    return stream.getvalue()


def write_named(
    texts: Mapping[str, str],
    lists: Mapping[str, tuple[str, Sequence[str]]],
    groups: Mapping[str, Mapping[str, np.ndarray[Any, Any]]],
) -> bytes:
    """Return an HDF5 file in Keras's older layout, which `Reader.names` and `Reader.named_arrays` read.

    Args:
        texts: the attributes of the file.
        lists: for a group the name of an attribute, and the names that it lists.
        groups: for each group its arrays by their paths in it; the attribute ``weight_names`` lists them.
    """
    stream = io.BytesIO()
    with library().File(stream, "w") as file:
        file.attrs.update(texts)
        for path, arrays in groups.items():
            group = file.require_group(path)
            _list_names(group, "weight_names", list(arrays))
            for name, array in arrays.items():
                group[name] = array
        for path, (attribute, names) in lists.items():
            _list_names(file.require_group(path), attribute, names)
    return stream.getvalue()


def _list_names(group: Any, attribute: str, names: Sequence[str]) -> None:
    """Write an attribute that lists names, in parts if it is larger than HDF5 allows."""
    array = np.array([name.encode() for name in names], "S") if names else np.zeros(0, "S1")
    parts = np.array_split(array, -(-array.nbytes // _LARGEST_ATTRIBUTE) or 1)
    for number, part in enumerate(parts):
        group.attrs[attribute if len(parts) == 1 else f"{attribute}{number}"] = part
