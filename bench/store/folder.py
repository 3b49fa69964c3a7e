"""The folder of a run: each trial, written as it finishes, and the files derived from the trials."""

import contextlib
import fcntl
import io
import itertools
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from bench.core.errors import UsageError
from bench.core.spec import AnyArray
from bench.store.consistency import disagreement
from bench.store.files import (
    MOST_ARRAYS,
    hash_of,
    json_bytes,
    own_folder,
    read_arrays,
    read_bytes,
    read_json,
    safe_name,
    saying,
    write_bytes,
    write_json,
)

# Increased when this version can no longer read older folders.
SCHEMA = 2

# The trials of a committed run: one row per trial, with its key and the text of its JSON file.
PACKED = "trials.packed.parquet"

_SCRATCH = "scratch-"

# What `run.json` always holds.
_PARTS = {
    "run_id": str,
    "status": str,
    "command": str,
    "settings": dict,
    "environment": dict,
    "trials": list,
    "files": dict,
}


class RunFolder:
    """``<out>/<run-id>/``.

    Attributes:
        path: the folder.
        run: what ``run.json`` holds: schema, status, settings, environment, and the hash of every file that the run's
            figures are derived from.
    """

    def __init__(self, path: Path, run: dict[str, Any]) -> None:
        self.path = path
        self.run = run

    @classmethod
    def create(cls, out: Path, name: str, run: dict[str, Any]) -> "RunFolder":
        """Make a new folder below ``out``, named by the time and ``name``, with a first ``run.json`` in it.

        Raises:
            UsageError: if it cannot be written.
        """
        stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
        run_id = f"{stamp}-{safe_name(name)}"
        with saying(f"the results folder {out} must be writable"):
            out.mkdir(parents=True, exist_ok=True)
            for taken in itertools.count():
                path = out / (f"{run_id}-{taken}" if taken else run_id)
                with contextlib.suppress(FileExistsError):
                    path.mkdir()
                    break
            (path / "trials").mkdir()
            folder = cls(path, {"schema": SCHEMA, "run_id": path.name, "status": "running", "files": {}, **run})
            folder.save()
        return folder

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """Open the folder of an existing run.

        Raises:
            UsageError: if it is not the folder of a run, or has another schema.
        """
        try:
            run = read_json(path / "run.json")
        except (FileNotFoundError, NotADirectoryError) as error:
            raise UsageError(f"{path} is not the folder of a run: it has no run.json") from error
        found = run.get("schema") if isinstance(run, dict) else None
        if found != SCHEMA:
            raise UsageError(
                f"{path} was written with schema {found!r}, this version reads schema {SCHEMA}: "
                f"read it with the version that wrote it, or run again"
            )
        for name, kind in _PARTS.items():
            if not isinstance(run.get(name), kind):
                raise UsageError(f"{path / 'run.json'} must hold {name}, a {kind.__name__}, got {run.get(name)!r:.80}")
        if not all(isinstance(each, str) for each in (*run["trials"], *run["files"].values())):
            raise UsageError(f"{path / 'run.json'} must hold the keys of trials and the hashes of files as texts")
        return cls(path, run)

    @property
    def run_id(self) -> str:
        """The name that the folder was created with."""
        return str(self.run["run_id"])

    @cached_property
    def scratch(self) -> Path:
        """A folder with an unguessable name for the files of running trials; removed when the run ends."""
        return Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=self.path))

    @contextmanager
    def locked(self) -> Iterator["RunFolder"]:
        """Keep other processes from running this run's trials, and yield the folder as it is now.

        ``run.json`` says which process runs them.

        Raises:
            UsageError: if another process runs them.
        """
        with saying(f"the run's folder {self.path} must be writable"):
            held = os.open(own_folder(self.path / "trials"), os.O_RDONLY)
        try:
            now = RunFolder.open(self.path)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                holder = now.run.get("process", "another")
                raise UsageError(f"{self.path} is being run by process {holder}; wait for it, or stop it") from error
            now.run["process"] = f"{os.getpid()}, since {datetime.now().astimezone().isoformat(timespec='seconds')}"
            with saying(f"the run's folder {self.path} must be writable"):
                now.save()
            yield now
        finally:
            os.close(held)

    def save(self) -> None:
        """Write ``run.json``."""
        write_json(self.path / "run.json", self.run, indent=1)

    def set_status(self, status: str) -> None:
        """Write the run's status: running, complete, interrupted, or refused where a contender failed the proof."""
        self.run["status"] = status
        if status != "running":
            self.run.pop("process", None)
        self.save()

    def clear_scratch(self) -> None:
        """Remove the scratch folder, and what an earlier process left of its own."""
        self.__dict__.pop("scratch", None)
        for left in self.path.glob(f"{_SCRATCH}*"):
            with contextlib.suppress(OSError):
                left.unlink() if left.is_symlink() else shutil.rmtree(left)
        for left in (*self.path.glob(".*.partial"), *self.path.glob("*/.*.partial")):
            with contextlib.suppress(OSError):
                left.unlink()

    def write_trial(self, key: str, trial: dict[str, Any], log: Path | None) -> Path:
        """Keep a finished trial (its row, its curve, its libraries) and, for one that failed, its log; return where."""
        kept = own_folder(self.path / "trials") / f"{key}.log"
        if log is not None:
            with contextlib.suppress(UsageError, FileNotFoundError):  # its process may have done anything with it
                write_bytes(kept, read_bytes(log))
        self._keep(f"trials/{key}.json", json_bytes({"schema": SCHEMA, "key": key, **trial}))
        return kept

    def keep_log(self, name: str, text: str) -> Path:
        """Keep what a process printed as ``<name>.log``, and return the file."""
        path = self.path / f"{safe_name(name)}.log"
        write_bytes(path, text.encode(errors="backslashreplace"))
        return path

    def write_proof(self, verdicts: list[dict[str, Any]]) -> None:
        """Keep what the proof said."""
        self._keep("proof.json", json_bytes({"verdicts": verdicts}))

    def proof(self) -> list[dict[str, Any]]:
        """Return what `write_proof` kept; nothing if there was no proof.

        Raises:
            UsageError: if the file is another one.
        """
        path = self.path / "proof.json"
        if not path.exists():
            return []
        kept = read_json(path)
        self._check_hash("proof.json", json_bytes(kept))
        found = kept.get("verdicts") if isinstance(kept, dict) else None
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise UsageError(f"{path} is not a proof that this version wrote: it must hold a list of verdicts")
        return found

    def trials(self) -> dict[str, dict[str, Any]]:
        """Return every finished trial, packed or not, by its key.

        Raises:
            UsageError: if a file is not the one that `write_trial` or `pack_trials` wrote, or contradicts itself.
        """
        found = dict(self._packed)
        for path in sorted((self.path / "trials").glob("*.json")):
            found[path.stem] = self._checked(path, path.stem, read_json(path))
        return found

    def _checked(self, path: Path, key: str, trial: Any) -> dict[str, Any]:
        """Return a trial that is the one this run wrote under its key."""
        wrong = disagreement(key, trial, self.run)
        if wrong:
            raise UsageError(f"{path} is not a trial that this version wrote: {wrong}")
        self._check_hash(f"trials/{key}.json", json_bytes(trial), path)
        checked: dict[str, Any] = trial
        return checked

    def _keep(self, name: str, content: bytes) -> None:
        """Write a file that figures are derived from; its hash first, so that no such file is without one."""
        self.run["files"][name] = hash_of(content)
        self.save()
        write_bytes(self.path / name, content)

    def _check_hash(self, name: str, content: bytes, path: Path | None = None) -> None:
        if self.run["files"].get(name) != hash_of(content):
            raise UsageError(
                f"{path or self.path / name} is not the file that this run wrote: it was changed or copied"
            )

    @cached_property
    def _packed(self) -> dict[str, dict[str, Any]]:
        path = self.path / PACKED
        if not path.exists():
            return {}
        import pandas as pd

        try:
            table = pd.read_parquet(io.BytesIO(read_bytes(path, MOST_ARRAYS)))
            found = {str(key): json.loads(text) for key, text in zip(table["key"], table["trial"], strict=True)}
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise UsageError(f"{path} must hold trials that this version packed: {error}") from error
        return {key: self._checked(path, key, trial) for key, trial in found.items()}

    def keep_arrays(self, kind: str, name: str, arrays: Mapping[str, AnyArray]) -> None:
        """Keep arrays as ``<kind>/<name>.npz``: last weights, frames of an animation, or bands of rounding."""
        import numpy as np

        content = io.BytesIO()
        np.savez(content, allow_pickle=False, **arrays)
        own_folder(self.path / kind)
        self._keep(f"{kind}/{safe_name(name)}.npz", content.getvalue())

    def arrays(self, kind: str, name: str) -> "dict[str, AnyArray] | None":
        """Return the arrays that `keep_arrays` stored, None if there are none, without unpickling.

        Raises:
            UsageError: if the file is not the one that was stored.
        """
        path = self.path / kind / f"{safe_name(name)}.npz"
        if not path.exists():
            return None
        arrays = read_arrays(path)
        self._check_hash(f"{kind}/{path.name}", read_bytes(path, MOST_ARRAYS))
        return arrays


def pack_trials(path: Path, trials: Mapping[str, Mapping[str, Any]]) -> None:
    """Write complete trials, by key, as one file in the folder of a run, and their hashes to its ``run.json``.

    Version control then holds a few files for a run of hundreds of trials.
    """
    import pandas as pd

    folder = RunFolder.open(path)
    folder.run["files"] |= {f"trials/{key}.json": hash_of(json_bytes(trial)) for key, trial in trials.items()}
    folder.save()
    texts = [json.dumps(trial, allow_nan=False, separators=(",", ":")) for trial in trials.values()]
    table = pd.DataFrame({"key": list(trials), "trial": texts})
    write_bytes(path / PACKED, table.to_parquet(index=False, compression="zstd", compression_level=19))
