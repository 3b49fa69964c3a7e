"""An exception of a user's code as one line: what was raised, and where in the user's own files."""

import traceback
from pathlib import Path

# A longer line of code is cut.
_MOST_CODE = 100


def raised(error: BaseException, own: Path | None = None) -> str:
    """Return an exception as one line: its type, its message, and the last frame in the user's own files.

    ``own`` is the folder of those files; without it, or where no frame is theirs, no place is named. A SyntaxError
    names its own file and line.
    """
    text = " ".join(str(error).split())
    words = f"{type(error).__name__}: {text}" if text else type(error).__name__
    frames = [] if isinstance(error, SyntaxError) else traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if own is not None and Path(frame.filename).parent == own.resolve()]
    return f"{words} ({_place(theirs[-1])})" if theirs else words


def _place(frame: traceback.FrameSummary) -> str:
    """Return file, line, function and code of a frame, such as ``mine.py, line 41, in train: z = x @ self.w``."""
    inside = "" if frame.name == "<module>" else f", in {frame.name}"
    code = frame.line or ""
    code = code if len(code) <= _MOST_CODE else f"{code[:_MOST_CODE]} …"
    return f"{Path(frame.filename).name}, line {frame.lineno}{inside}{f': {code}' if code else ''}"
