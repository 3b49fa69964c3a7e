"""The folder of a run: each trial, written as it finishes, and the files derived from the trials."""

import contextlib
import errno
import itertools
import json
import os
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from bench.core.errors import UsageError
from bench.core.spec import AnyArray

# Increased when this version can no longer read older folders.
SCHEMA = 1

# The trials of a committed run: one row per trial, with its key and the text of its JSON file.
PACKED = "trials.packed.parquet"


class RunFolder:
    """``<out>/<run-id>/``.

    Attributes:
        path: the folder.
        run: what ``run.json`` holds: schema, status, settings, environment.
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
            folder = cls(path, {"schema": SCHEMA, "run_id": path.name, "status": "running", **run})
            folder.save()
        return folder

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """Open the folder of an existing run.

        Raises:
            UsageError: if it is not the folder of a run, or has another schema.
        """
        try:
            run = json.loads((path / "run.json").read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise UsageError(f"{path} is not the folder of a run: it has no run.json") from error
        except (OSError, ValueError) as error:
            raise UsageError(f"{path / 'run.json'} cannot be read: {error}") from error
        found = run.get("schema") if isinstance(run, dict) else None
        if found != SCHEMA:
            raise UsageError(
                f"{path} was written with schema {found!r}, this version reads schema {SCHEMA}: "
                f"read it with the version that wrote it, or run again"
            )
        if "run_id" not in run or not all(isinstance(run.get(name), dict) for name in ("settings", "environment")):
            raise UsageError(f"{path / 'run.json'} must hold settings, environment and run_id, got {sorted(run)}")
        return cls(path, run)

    @property
    def run_id(self) -> str:
        """The name that the folder was created with."""
        return str(self.run["run_id"])

    @property
    def scratch(self) -> Path:
        """Scratch folder of running trials; removed when the run ends."""
        path = self.path / "scratch"
        path.mkdir(exist_ok=True)
        return path

    def save(self) -> None:
        """Write ``run.json``."""
        write_json(self.path / "run.json", self.run, indent=1)

    def set_status(self, status: str) -> None:
        """Write the run's status: running, complete, interrupted, or refused where a contender failed the proof."""
        self.run["status"] = status
        self.save()

    def clear_scratch(self) -> None:
        """Remove the scratch folder."""
        shutil.rmtree(self.path / "scratch", ignore_errors=True)

    def has_trial(self, key: str) -> bool:
        """Return whether the trial is finished."""
        return (self.path / "trials" / f"{key}.json").exists() or key in self._packed

    def write_trial(self, key: str, trial: dict[str, Any], log: Path | None) -> None:
        """Keep a finished trial (its row, its curve, its libraries) and, for one that failed, its log."""
        trials = self.path / "trials"
        if log is not None and log.exists():
            shutil.copyfile(log, trials / f"{key}.log")
        write_json(trials / f"{key}.json", {"schema": SCHEMA, "key": key, **trial})

    def trials(self) -> dict[str, dict[str, Any]]:
        """Return every finished trial, packed or not, by its key.

        Raises:
            UsageError: if a file is not one that `write_trial` or `pack_trials` wrote.
        """
        found = dict(self._packed)
        for path in sorted((self.path / "trials").glob("*.json")):
            try:
                trial = json.loads(path.read_text(encoding="utf-8"))
                _ = trial["row"]["status"], trial["curve"]
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise UsageError(f"{path} is not a trial that this version wrote: {error}") from error
            found[path.stem] = trial
        return found

    @cached_property
    def _packed(self) -> dict[str, dict[str, Any]]:
        path = self.path / PACKED
        if not path.exists():
            return {}
        import pandas as pd

        try:
            table = pd.read_parquet(path)
            found = {str(key): json.loads(text) for key, text in zip(table["key"], table["trial"], strict=True)}
            for trial in found.values():
                _ = trial["row"]["status"], trial["curve"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{path} must hold trials that this version packed: {error}") from error
        return found

    def keep_arrays(self, kind: str, name: str, arrays: Path) -> None:
        """Keep an ``.npz`` of a trial as ``<kind>/<name>.npz``: its last weights, or the frames of an animation."""
        folder = self.path / kind
        folder.mkdir(exist_ok=True)
        write_bytes(folder / f"{name}.npz", arrays.read_bytes())

    def arrays(self, kind: str, name: str) -> "dict[str, AnyArray] | None":
        """Return the arrays that `keep_arrays` stored, None if there are none, without unpickling.

        Raises:
            UsageError: if the file is not an ``.npz`` of plain arrays.
        """
        path = self.path / kind / f"{name}.npz"
        if not path.is_file():
            return None
        import numpy as np

        try:
            with np.load(path, allow_pickle=False) as kept:
                return {each: kept[each] for each in kept.files}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise UsageError(f"{path} cannot be read as an .npz of plain arrays; its picture is omitted") from error


def pack_trials(path: Path, trials: Mapping[str, Mapping[str, Any]]) -> None:
    """Write complete trials, by key, as one file in a run's folder.

    Version control then holds a few files for a run of hundreds of trials.
    """
    import pandas as pd

    texts = [json.dumps(trial, allow_nan=False, separators=(",", ":")) for trial in trials.values()]
    table = pd.DataFrame({"key": list(trials), "trial": texts})
    write_bytes(path / PACKED, table.to_parquet(index=False, compression="zstd", compression_level=19))


def safe_name(name: str) -> str:
    """Return a file name in which all characters except ASCII letters, digits, ``.``, ``-`` and ``_`` are dashes."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "unnamed"


def write_json(path: Path, content: Any, *, indent: int | None = None) -> None:
    """Write a JSON file whole or not at all."""
    write_text(path, json.dumps(content, allow_nan=False, indent=indent) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: under a temporary name, synced, renamed."""
    temporary = path.with_name(f".{path.name}.partial")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


@contextmanager
def saying(expected: str) -> Iterator[None]:
    """Turn a file-system error into a UsageError of one sentence: what was expected and what came."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise UsageError(f"{expected}: the disk is full") from error
        raise UsageError(f"{expected}: {error.strerror or error}") from error
