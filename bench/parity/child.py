"""The process that imports one package, Keras or its twin, lists its public names or measures uses of them."""

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
    """Do the job in ``scratch/job.json``: send the public names, or measure uses and write ``found.npz``."""
    channel = Channel()
    die_with_parent()
    job = json.loads((scratch / "job.json").read_text(encoding="utf-8"))

    def work() -> None:
        package = importlib.import_module(job["package"])
        if job["cases"] is None:
            from bench.parity.names import public_names

            channel.send("names", names=[name.to_json() for name in public_names(job["package"])])
        else:
            measure(package, job["cases"], scratch, channel)
        channel.send("done")

    return attempt(channel, work)


def measure(package: ModuleType, uses: list[dict[str, Any]], scratch: Path, channel: Channel) -> None:
    """Measure one use after the other; send the error of each, and write all quantities to ``found.npz``."""
    import numpy as np

    from bench.parity.comparisons import COMPARISONS

    if uses:
        importlib.import_module(f"{package.__name__}.config").set_floatx(uses[0]["number_type"])
    arrays: dict[str, Any] = {}
    for number, use in enumerate(uses):
        error = ""
        try:
            target = getattr(importlib.import_module(f"{package.__name__}.{use['module']}"), use["name"])
            rng = np.random.default_rng(use["seed"])
            with np.errstate(all="ignore"):
                found = COMPARISONS[use["kind"]](package, target, use["arguments"], rng)
                arrays |= {f"{number}/{quantity}": np.asarray(value) for quantity, value in found.items()}
        except Exception as raised:
            traceback.print_exc()
            error = describe(raised)
        channel.send("case", number=number, error=error)
    np.savez(scratch / "found.npz", allow_pickle=False, **arrays)


if __name__ == "__main__":
    status = main(Path(sys.argv[1]))
    sys.stderr.flush()
    os._exit(status)  # Keras takes half a minute to free hundreds of networks
