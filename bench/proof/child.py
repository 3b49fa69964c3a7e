"""The work of a proof's process: write the transcripts of one contender."""

import traceback
from typing import TYPE_CHECKING

from bench.core.raised import raised
from bench.process.channel import own_folder

if TYPE_CHECKING:
    from bench.process.child import Child


def run(child: "Child") -> None:
    """Write ``transcripts.npz`` to the scratch folder, and send the status of every case of the job."""
    import numpy as np

    from bench.proof.cases import ProofCase
    from bench.proof.transcript import as_trained, transcript

    own = own_folder(child.job["contender"])
    arrays: dict[str, np.ndarray] = {}
    for number, case in enumerate(map(ProofCase.from_json, child.job["cases"])):
        status, detail, told = "offered", "", ""
        try:
            arrays |= {f"{number}/{name}": array for name, array in transcript(child.contender, case).items()}
            arrays[f"{number}/drift"], arrays[f"{number}/predicted"] = as_trained(child.contender, case)
        except NotImplementedError as error:
            status, detail = "not offered", raised(error)
        except Exception as error:
            status, detail, told = "broken", raised(error, own), traceback.format_exc()
        child.channel.send("case", number=number, status=status, detail=detail, traceback=told)
    np.savez(child.scratch / "transcripts.npz", allow_pickle=False, **arrays)
    child.channel.send("done")
