"""What a child process does before its work: open a channel, end with its parent, bind processors, import a contender.

Imports the standard library alone, so that the memory of the process is the contender's.
"""

import importlib
import importlib.util
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

# Frameworks that a user's file may build on. Where one is not installed, the file is skipped, as a guest is.
FRAMEWORKS = (
    *("cupy", "flax", "jax", "jaxlib", "keras", "mlx", "mxnet", "numba", "optax", "scipy", "sklearn", "tensorflow"),
    *("tinygrad", "torch"),
)

_PR_SET_PDEATHSIG = 1  # of the kernel's <linux/prctl.h>


class Channel:
    """Messages to the parent: one JSON object a line on the original standard output. Prints go to the log instead."""

    def __init__(self) -> None:
        self._stream = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
        sys.stdout.flush()
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def send(self, event: str, **content: Any) -> None:
        """Send a message to the parent and flush it."""
        self._stream.write(json.dumps({"event": event, **content}) + "\n")
        self._stream.flush()


def die_with_parent() -> None:
    """End this process when the parent ends or is killed."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # the kernel's part, whatever this process does
    # elsewhere, and if the parent has ended already: its end closes the pipe that is our standard input
    threading.Thread(target=_wait_for_end_of_input, args=(sys.stdin.fileno(),), daemon=True).start()


def _wait_for_end_of_input(stdin: int) -> None:
    while os.read(stdin, 1024):
        pass
    os._exit(1)


def bind_processors(threads: int) -> int | None:
    """Keep this process on the last ``threads`` of its processors; return how many it may use, None if unknown.

    The parent and the rest of the system tend to run on the first processors.
    """
    if not hasattr(os, "sched_setaffinity"):
        return None
    allowed = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, allowed[-threads:])
    return len(os.sched_getaffinity(0))


def import_contender(contender: Mapping[str, str | None]) -> ModuleType:
    """Import a contender by its module name, or from a user's file with the file's folder on the import path.

    Raises:
        ModuleNotFoundError: if a package is not installed; the message names the extra that installs it, or the module
            that a user's file may have meant.
    """
    if contender["module"] is not None:
        try:
            return importlib.import_module(contender["module"])
        except ModuleNotFoundError as error:
            if contender["extra"] is None:
                raise
            message = f"{error}; pip install 'david-vs-goliath[{contender['extra']}]' brings it"
            raise ModuleNotFoundError(message, name=error.name) from error
    file = Path(str(contender["file"]))
    sys.path.insert(0, str(file.parent))
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file.name} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as error:
        error.msg += _meant(error.name or "")  # the error itself is kept, with the user's line
        raise
    return module


def _meant(name: str) -> str:
    """Return the nearest module to one that is missing, as the end of a sentence; empty if none is near."""
    import difflib
    import pkgutil

    known = {*FRAMEWORKS, *sys.stdlib_module_names, *(module.name for module in pkgutil.iter_modules())}
    near = [] if name in FRAMEWORKS or "." in name else difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def is_missing_framework(error: Exception, contender: Mapping[str, str | None]) -> bool:
    """Return whether an import failed for want of an optional package: any of our own adapters', or a framework."""
    return isinstance(error, ModuleNotFoundError) and (contender["file"] is None or error.name in FRAMEWORKS)


def own_folder(contender: Mapping[str, str | None]) -> Path | None:
    """Return the folder of a user's file, whose frames in a traceback are the user's own; None for other contenders."""
    return None if contender["file"] is None else Path(contender["file"]).parent
