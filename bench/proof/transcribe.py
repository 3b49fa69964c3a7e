"""Writes the transcripts of one contender, in a separate process."""

import traceback

from bench.process.channel import describe
from bench.process.child import Child


def run(child: Child) -> None:
    """Write ``transcripts.npz`` for the cases of the job."""
    contender = child.contender()

    import numpy as np

    from bench.proof.cases import ProofCase
    from bench.proof.transcript import drift, transcript

    if hasattr(contender, "bind_threads"):
        contender.bind_threads(child.job["threads"])
    arrays: dict[str, np.ndarray] = {}
    for number, case in enumerate(map(ProofCase.from_json, child.job["cases"])):
        status, detail = "offered", ""
        try:
            arrays |= {f"{number}/{name}": array for name, array in transcript(contender, case).items()}
            arrays[f"{number}/drift"] = drift(contender, case)
        except NotImplementedError as error:
            status, detail = "not offered", describe(error)
        except Exception as error:
            traceback.print_exc()
            status, detail = "broken", describe(error)
        child.channel.send("case", number=number, status=status, detail=detail)
    np.savez(child.scratch / "transcripts.npz", allow_pickle=False, **arrays)
    child.channel.send("done")
