"""The process that imports one package, Keras or its twin, lists its public names or measures uses of them."""

import importlib
import os
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from bench.core.raised import raised
from bench.process.channel import Channel

if TYPE_CHECKING:
    from bench.process.child import Child


def run(child: "Child") -> None:
    """Send the public names of the package, or measure the job's uses."""
    if child.job["cases"] is None:
        from bench.parity.names import public_names

        child.channel.send("names", names=[asdict(name) for name in public_names(child.contender.__name__)])
    else:
        measure(child.contender, child.job["cases"], child.scratch, child.channel)
    child.channel.send("done")
    sys.stderr.flush()
    os._exit(0)  # Keras takes half a minute to free hundreds of networks


def measure(package: ModuleType, uses: list[dict[str, Any]], scratch: Path, channel: Channel) -> None:
    """Measure one use after the other; send the error of each, and write all quantities to ``found.npz``."""
    import numpy as np

    from bench.parity.comparisons import COMPARISONS

    if uses:
        importlib.import_module(f"{package.__name__}.config").set_floatx(uses[0]["number_type"])
    if "tensorflow" in sys.modules:  # optimizing a graph takes longer than it saves in a few updates
        sys.modules["tensorflow"].config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    arrays: dict[str, Any] = {}
    for number, use in enumerate(uses):
        error = ""
        try:
            target = getattr(importlib.import_module(f"{package.__name__}.{use['module']}"), use["name"])
            rng = np.random.default_rng(use["seed"])
            with np.errstate(all="ignore"):
                found = COMPARISONS[use["kind"]](package, target, use["arguments"], rng)
                arrays |= {f"{number}/{quantity}": np.asarray(value) for quantity, value in found.items()}
        except Exception as caught:
            traceback.print_exc()
            error = raised(caught)
        channel.send("case", number=number, error=error)
    np.savez(scratch / "found.npz", allow_pickle=False, **arrays)
