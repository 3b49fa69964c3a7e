"""Arrays in an HDF5 file in Keras's layout: ``layers/dense/vars/0`` is the kernel, ``.../1`` the bias.

An HDF5 file can link to other files, to itself or to nothing, and an array in it can claim any size. Keras's files
contain only groups and contiguous arrays. Everything else is rejected.
"""

import io
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from numpy_nn.saving.saved import Arrays

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
        self._bytes_left = len(content)
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

    def _group(self, path: str) -> Any:
        group: Any = self._file
        for step in path.split("/"):
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
