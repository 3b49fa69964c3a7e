"""Lists the public names of one package, Keras or its twin, or measures uses of them, in a separate process."""

import importlib
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.process.channel import Channel, describe
from bench.process.child import Child


def run(child: Child) -> None:
    """Send the public names of the job's package, or measure uses of them and write ``found.npz``."""
    job = child.job
    package = importlib.import_module(job["package"])
    if job["cases"] is None:
        from bench.parity.names import public_names

        child.channel.send("names", names=[name.to_json() for name in public_names(job["package"])])
    else:
        measure(package, job["cases"], child.scratch, child.channel)
    child.channel.send("done")


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
