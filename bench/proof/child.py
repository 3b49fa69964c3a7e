"""Writes the transcripts of one contender, in a process of its own: a contender is imported nowhere else."""

import errno
import json
import sys
import traceback
from pathlib import Path

from bench.process.channel import Channel, describe, die_with_parent, import_contender


def main(scratch: Path) -> int:
    """Write ``scratch/transcripts.npz`` for the cases that ``scratch/job.json`` names; return the exit status."""
    channel = Channel()
    die_with_parent()
    job = json.loads((scratch / "job.json").read_text(encoding="utf-8"))
    try:
        contender = import_contender(job["contender"])
    except ModuleNotFoundError as error:
        channel.send("skipped", detail=describe(error))
        return 0
    except Exception as error:
        traceback.print_exc()
        channel.send("failed", detail=describe(error))
        return 1

    import numpy as np

    from bench.proof.cases import ProofCase
    from bench.proof.transcript import drift, transcript

    if hasattr(contender, "bind_threads"):
        contender.bind_threads(job["threads"])
    arrays: dict[str, np.ndarray] = {}
    for number, case in enumerate(map(ProofCase.from_json, job["cases"])):
        try:
            arrays |= {f"{number}/{name}": array for name, array in transcript(contender, case).items()}
            arrays[f"{number}/drift"] = drift(contender, case)
            channel.send("case", number=number, status="offered", detail="")
        except NotImplementedError as error:
            channel.send("case", number=number, status="not offered", detail=describe(error))
        except Exception as error:
            traceback.print_exc()
            channel.send("case", number=number, status="broken", detail=describe(error))
    try:
        np.savez(scratch / "transcripts.npz", allow_pickle=False, **arrays)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        channel.send("disk_full")
        return 0
    channel.send("done")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
