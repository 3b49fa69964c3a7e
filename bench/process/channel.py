"""The child's side of a child process: messages, bounds, and the import of the contender.

Nothing here imports more than the standard library, so that the child's memory is the contender's, and its first lap is
Python's own start.
"""

import errno
import importlib
import importlib.util
import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any


class Channel:
    """Messages to the parent, a JSON object a line, over what was standard output; prints go to the log instead."""

    def __init__(self) -> None:
        self._stream = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
        sys.stdout.flush()
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def send(self, event: str, **content: Any) -> None:
        """Send a message to the parent at once."""
        self._stream.write(json.dumps({"event": event, **content}) + "\n")
        self._stream.flush()


def attempt(channel: Channel, work: Callable[[], None]) -> int:
    """Do the work; send the error that stops it, with its traceback in the log; return the exit status."""
    try:
        work()
    except (ModuleNotFoundError, NotImplementedError) as error:
        channel.send("skipped", detail=describe(error))
    except OSError as error:
        traceback.print_exc()
        channel.send("disk_full" if error.errno == errno.ENOSPC else "failed", detail=describe(error))
    except Exception as error:
        traceback.print_exc()
        channel.send("failed", detail=describe(error))
        return 1
    return 0


def die_with_parent() -> None:
    """End this process when the parent ends for any reason, which closes this process's standard input."""

    def wait_for_end_of_input() -> None:
        while os.read(stdin, 1024):
            pass
        os._exit(1)

    stdin = sys.stdin.fileno()
    threading.Thread(target=wait_for_end_of_input, daemon=True).start()


def bind_processors(threads: int) -> int | None:
    """Keep this process on the last ``threads`` of its processors; return how many it may use, None if unknown.

    The last ones, since the parent and the rest of the system tend to run on the first.
    """
    if not hasattr(os, "sched_setaffinity"):
        return None
    allowed = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, allowed[-threads:])
    return len(os.sched_getaffinity(0))


def import_contender(contender: Mapping[str, str | None]) -> ModuleType:
    """Import a contender by its module, or from a user's file, whose folder it may import from.

    Raises:
        ModuleNotFoundError: if something it imports is not installed; the extra that brings it is given.
    """
    if contender["module"] is not None:
        try:
            return importlib.import_module(contender["module"])
        except ModuleNotFoundError as error:
            if contender["extra"] is None:
                raise
            wanted = f"{error}; pip install 'david-vs-goliath[{contender['extra']}]' brings it"
            raise ModuleNotFoundError(wanted, name=error.name) from error
    file = Path(str(contender["file"]))
    sys.path.insert(0, str(file.parent))
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file.name} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def describe(error: BaseException) -> str:
    """Return an exception as one line: its type and what it says."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
