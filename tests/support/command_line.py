"""The command line, in this process or in one of its own."""

import os
import subprocess
import sys

from typer.testing import CliRunner, Result

from bench.cli import app as cli


def bench(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "bench", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1", **environment},
    )


def invoke(*words: str, **environment: str) -> Result:
    """Run the command line in this process: starting one takes a hundred times as long as naming a mistake."""
    return CliRunner().invoke(cli.app, words, env={"COLUMNS": "200", "NO_COLOR": "1", **environment})
