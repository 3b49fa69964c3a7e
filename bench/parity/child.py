"""Looks at one package, or probes it, in a process of its own: Keras and its twin are imported nowhere else."""

import importlib
import json
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.process.channel import Channel, attempt, describe, die_with_parent


def main(scratch: Path) -> int:
    """Do the job in ``scratch/job.json``: tell the public names, or probe cases and write ``found.npz``."""
    channel = Channel()
    die_with_parent()
    job = json.loads((scratch / "job.json").read_text(encoding="utf-8"))

    def work() -> None:
        package = importlib.import_module(job["package"])
        if job["cases"] is None:
            from bench.parity.names import public_names

            channel.send("names", names=[name.to_json() for name in public_names(job["package"])])
        else:
            probe(package, job["cases"], scratch, channel)
        channel.send("done")

    return attempt(channel, work)


def probe(package: ModuleType, cases: list[dict[str, Any]], scratch: Path, channel: Channel) -> None:
    """Probe case by case; write all quantities that were found, and tell of every case how it went."""
    import numpy as np

    from bench.parity.probes import PROBES

    if cases:
        importlib.import_module(f"{package.__name__}.config").set_floatx(cases[0]["number_type"])
    arrays: dict[str, Any] = {}
    for number, case in enumerate(cases):
        error = ""
        try:
            target = getattr(importlib.import_module(f"{package.__name__}.{case['module']}"), case["name"])
            rng = np.random.default_rng(case["seed"])
            with np.errstate(all="ignore"):
                found = PROBES[case["kind"]](package, target, case["arguments"], rng)
                arrays |= {f"{number}/{quantity}": np.asarray(value) for quantity, value in found.items()}
        except Exception as raised:
            traceback.print_exc()
            error = describe(raised)
        channel.send("case", number=number, error=error)
    np.savez(scratch / "found.npz", allow_pickle=False, **arrays)


if __name__ == "__main__":
    status = main(Path(sys.argv[1]))
    sys.stderr.flush()
    os._exit(status)  # Keras would take half a minute to take its hundreds of networks apart
