"""Proves contenders: each writes its transcripts in a separate process; they are compared with the reference's."""

import itertools
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from bench.contenders.registry import ContenderInfo
from bench.core.spec import FloatArray
from bench.core.words import counted
from bench.process.spawn import Ended, Message, run_worker
from bench.proof import reference
from bench.proof.cases import ProofCase
from bench.proof.compare import TOLERANCE, beyond_single, compare, difference
from bench.proof.diagnose import DOUBLE_PRECISION, diagnose
from bench.proof.transcript import Transcript, as_trained, transcript
from bench.store.files import printed, safe_name

# An infinite difference, which JSON does not have, is kept as this.
_BEYOND_MEASURE = 1e308

Status = Literal["equal", "differs", "not offered", "skipped", "unimportable", "broken"]


@dataclass(frozen=True)
class Verdict:
    """The result of the proof for one contender and one case.

    Attributes:
        status: ``equal`` or ``differs`` after a comparison; ``not offered`` if the contender does not support the
            network; ``skipped`` if an import is not installed, ``unimportable`` if importing fails otherwise;
            ``broken`` if it raised an error.
        detail: the reason, if any.
        quantities: the number of arrays compared.
        largest: the largest difference, max|a - b| / max|a| of an array.
        default_update: the difference after one update with the optimizer's default options.
        first: the first quantity that differs.
        first_difference: its difference.
        drift: the difference after each epoch in the scenario's own number type: reported, not judged.
        diagnosis: the known mistake that the difference matches; empty if there is no difference or no match.
        traceback: of the error that it raised; empty if it raised none.
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
    diagnosis: str = ""
    traceback: str = ""

    @property
    def fault(self) -> str:
        """The first quantity that differs, by how much, and the diagnosis; empty if nothing differs."""
        if self.first is None:
            return ""
        looks = self.diagnosis or "no known mistake explains it"
        return f"{self.first} differs {self.by_how_much}: {looks}"

    @property
    def reason(self) -> str:
        """Why the contender is not proven: its error, or the diagnosis with the first quantity that differs."""
        if self.first is None:
            return self.detail
        first = f"the first quantity that differs is {self.first}, {self.by_how_much}"
        return f"{self.diagnosis} ({first})" if self.diagnosis else f"{first}; no known mistake explains it"

    @property
    def by_how_much(self) -> str:
        """By how much the first quantity differs, in words."""
        if self.first_difference is None or self.first_difference >= _BEYOND_MEASURE:
            return "beyond measure"
        return f"by {self.first_difference:.1e} of its largest value"

    @property
    def cause(self) -> tuple[str, str]:
        """The status, and what is the same in all cases of one cause: an error's frames, the diagnosis, the quantity.

        The message of an error may differ, by the sizes of the case's arrays.
        """
        frames = [line for line in self.traceback.splitlines() if line.startswith('  File "')]
        return self.status, "\n".join(frames) or self.detail or self.diagnosis or self.first or ""

    @property
    def contradiction(self) -> str | None:
        """In what the status does not follow from the numbers, in words; None if it does."""
        holds = self.quantities > 0 and (self.largest or 0.0) <= TOLERANCE
        if self.status == "equal" and (self.first is not None or not holds):
            return f"{self.contender} is called equal in {self.case}, with a largest difference of {self.largest}"
        if self.status == "differs" and (self.first is None or not (self.first_difference or 0.0) > TOLERANCE):
            return f"{self.contender} is said to differ in {self.case}, by {self.first_difference}"
        return None


def tracebacks(verdicts: Sequence[Verdict]) -> list[tuple[str, str]]:
    """Return each contender that raised an error with the traceback, one for each cause."""
    found: dict[tuple[str, tuple[str, str]], str] = {}
    for verdict in verdicts:
        if verdict.traceback:
            found.setdefault((verdict.contender, verdict.cause), verdict.traceback)
    return [(contender, told) for (contender, _), told in found.items()]


def unproven(verdicts: Sequence[Verdict]) -> str:
    """Return why these verdicts are not ``equal``: the first of each contender, and how many others there are."""
    sentences = []
    for contender in dict.fromkeys(verdict.contender for verdict in verdicts):
        first, *others = [verdict for verdict in verdicts if verdict.contender == contender]
        alike = sum(other.cause == first.cause for other in others)
        counts = [
            f"{counted(count, 'other case')} {which}"
            for count, which in ((alike, "alike"), (len(others) - alike, "for other reasons"))
            if count
        ]
        sentences.append("; ".join([f"{contender} in {first.case}: {first.reason}", *counts]))
    return "; ".join(sentences)


def prove(
    work: Sequence[tuple[ContenderInfo, Sequence[ProofCase]]],
    scratch: Path,
    *,
    timeout_seconds: float,
    memory_limit: int | None = None,
    keep_environment: bool = False,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
    on_printed: Callable[[str, str, bool], None] = lambda _contender, _printed, _failed: None,
) -> list[Verdict]:
    """Return a verdict for each case of every contender.

    Contenders are proven in parallel, one per processor, because nothing is timed. ``on_printed`` is called with what
    a user's file, or a contender that failed, printed, and whether it failed.

    Raises:
        ValueError: if there is nothing to prove.
        UsageError: if the machine failed a process, by a full disk or want of memory.
    """
    total = sum(len(cases) for _, cases in work)
    if not total:
        raise ValueError("expected at least one contender with a case to prove, got none")
    references = {
        case: (transcript(reference, case), as_trained(reference, case)[0]) for _, cases in work for case in cases
    }
    done = itertools.count(1)
    stop = threading.Event()

    def one(task: tuple[ContenderInfo, Sequence[ProofCase]]) -> list[Verdict]:
        info, cases = task
        folder = scratch / f"proof-{safe_name(info.name)}"
        folder.mkdir(parents=True, exist_ok=True)
        verdicts = judged(info, cases, folder)
        failed = any(verdict.status in ("differs", "broken", "unimportable") for verdict in verdicts)
        text = printed(folder / "log", verdicts[0].traceback)
        if text and (failed or info.file is not None):
            on_printed(info.name, text, failed)
        return verdicts

    def judged(info: ContenderInfo, cases: Sequence[ProofCase], folder: Path) -> list[Verdict]:

        def listen(message: Message) -> None:
            if message["event"] == "case":
                heard[message["number"]] = message
                on_progress(next(done), total)

        heard: dict[int, Message] = {}
        job = {"contender": info.reference(), "cases": [asdict(case) for case in cases]}
        ended = run_worker(
            "bench.proof.child",
            job,
            folder,
            threads=1,
            timeout_seconds=timeout_seconds,
            memory_limit=memory_limit,
            environment=dict(info.environment),
            keep_environment=keep_environment,
            on_message=listen,
            stop=stop,
        )
        failed = _failure(ended)
        if failed is not None:
            status, detail = failed
            return [Verdict(info.name, case.name, status, detail, traceback=ended.traceback) for case in cases]
        with np.load(folder / "transcripts.npz", allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return [
            _judge(info.name, case, heard[number], *references[case], _of_case(arrays, number))
            for number, case in enumerate(cases)
        ]

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        try:
            return [verdict for verdicts in pool.map(one, work) for verdict in verdicts]
        finally:
            stop.set()


def _failure(ended: Ended) -> tuple[Status, str] | None:
    """Return the status and reason of a proof without transcripts; None if there are transcripts."""
    last = ended.last or {"event": "nothing"}
    if last["event"] == "skipped":
        return "skipped", last["detail"]
    if last["event"] in ("failed", "out_of_memory"):
        return ("broken" if last["imported"] else "unimportable"), last["detail"]
    failure = ended.failure()
    return None if failure is None else ("broken", f"the process {failure}")


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
        return Verdict(contender, case.name, heard["status"], heard["detail"], traceback=heard["traceback"])
    trained, predicted = found.pop("drift"), found.pop("predicted")
    result = compare(expected, found, optimizer=case.network.optimizer)
    diagnosis = "" if result.first is None else diagnose(case, found)
    if result.first is None and case.drift is not None and case.drift.dtype == "float32":
        digits = {
            "weights trained in float32": beyond_single(trained),
            "predictions in float32": beyond_single(predicted),
        }
        first = next((name for name, beyond in digits.items() if beyond > 0.0), None)
        if first is not None:
            result, diagnosis = replace(result, first=first, first_difference=digits[first]), DOUBLE_PRECISION
    return Verdict(
        contender,
        case.name,
        "equal" if result.first is None else "differs",
        **asdict(result),
        drift=tuple(difference(ours, theirs) for ours, theirs in zip(expected_drift, trained, strict=True)),
        diagnosis=diagnosis,
    )
