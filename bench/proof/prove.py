"""Proving contenders: each writes its transcripts in a process of its own, and is held against the reference."""

import errno
import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from bench.contenders.registry import ContenderInfo
from bench.errors import UsageError
from bench.process import Message, run_worker
from bench.proof import reference
from bench.proof.cases import ProofCase
from bench.proof.compare import compare, drift_curve
from bench.proof.transcript import Transcript, drift, transcript
from bench.spec import FloatArray

Status = Literal["equal", "differs", "not offered", "skipped", "broken"]


@dataclass(frozen=True)
class Verdict:
    """What the proof says of one contender in one case.

    Attributes:
        status: ``equal`` or ``differs`` where it could be compared; ``not offered`` where the contender has no such
            network; ``skipped`` where something it imports is not installed; ``broken`` where it raised an error.
        detail: the reason, where there is one.
        quantities: how many arrays were compared.
        largest: the largest difference, max|a - b| / max|a| of an array.
        default_update: the difference after one update with the optimizer's default options.
        first: the first quantity that differs.
        first_difference: by how much.
        drift: the difference after each epoch in the scenario's own number type: reported, not judged.
    """

    contender: str
    case: str
    status: Status
    detail: str = ""
    quantities: int = 0
    largest: float | None = None
    default_update: float | None = None
    first: str | None = None
    first_difference: float | None = None
    drift: tuple[float, ...] = ()


def prove(
    contenders: Sequence[ContenderInfo],
    cases: Sequence[ProofCase],
    scratch: Path,
    *,
    timeout_seconds: float,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Verdict]:
    """Return a verdict for every contender and case, contender by contender.

    Several contenders are proven at a time, one a processor: nothing here is timed.
    """
    if not cases:
        raise ValueError("without cases nothing is proven")
    references = [transcript(reference, case) for case in cases]
    drifts = [drift(reference, case) for case in cases]
    done = 0

    def heard(_: Message) -> None:
        nonlocal done
        done += 1
        on_progress(min(done, len(cases) * len(contenders)), len(cases) * len(contenders))

    def one(info: ContenderInfo) -> list[Verdict]:
        folder = scratch / f"proof-{info.name}"
        folder.mkdir(parents=True, exist_ok=True)
        return _prove_one(info, cases, references, drifts, folder, timeout_seconds, heard)

    pool = ThreadPoolExecutor(max_workers=os.cpu_count())
    try:
        return [verdict for verdicts in pool.map(one, contenders) for verdict in verdicts]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _prove_one(
    info: ContenderInfo,
    cases: Sequence[ProofCase],
    references: Sequence[Transcript],
    drifts: Sequence[FloatArray],
    folder: Path,
    timeout_seconds: float,
    heard: Callable[[Message], None],
) -> list[Verdict]:
    heard_of: dict[int, Message] = {}

    def listen(message: Message) -> None:
        if message["event"] == "case":
            heard_of[message["number"]] = message
            heard(message)

    job: dict[str, Any] = {
        "contender": info.reference(),
        "cases": [asdict(case) for case in cases],
        "threads": 1,
    }
    ended = run_worker("bench.proof.child", job, folder, threads=1, timeout_seconds=timeout_seconds, on_message=listen)
    last = ended.last or {"event": "nothing"}
    if last["event"] == "skipped":
        return [Verdict(info.name, case.name, "skipped", last["detail"]) for case in cases]
    if last["event"] == "disk_full":
        raise UsageError(f"the disk is full: {os.strerror(errno.ENOSPC)} while proving {info.name}")
    failure = last["detail"] if last["event"] == "failed" else ended.failure(timeout_seconds)
    if failure is not None:
        return [Verdict(info.name, case.name, "broken", failure) for case in cases]
    with np.load(folder / "transcripts.npz", allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    shutil.rmtree(folder, ignore_errors=True)
    return [
        _judge(info.name, case, heard_of[number], references[number], drifts[number], _of_case(arrays, number))
        for number, case in enumerate(cases)
    ]


def _of_case(arrays: Transcript, number: int) -> Transcript:
    prefix = f"{number}/"
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _judge(
    contender: str,
    case: ProofCase,
    heard: Message,
    expected: Transcript,
    expected_drift: FloatArray,
    found: Transcript,
) -> Verdict:
    """Compare one contender's transcript of one case with the reference's."""
    if heard["status"] != "offered":
        return Verdict(contender, case.name, heard["status"], heard["detail"])
    curve = drift_curve(expected_drift, found.pop("drift"))
    result = compare(expected, found, optimizer=case.network.optimizer)
    return Verdict(
        contender,
        case.name,
        "equal" if result.first is None else "differs",
        quantities=result.quantities,
        largest=result.largest,
        default_update=result.default_update,
        first=result.first,
        first_difference=result.first_difference,
        drift=tuple(curve),
    )
