"""The machine of a run, in words: what `bench doctor` prints and what a report says."""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from bench.core.words import bytes_words, counted, seconds_words, share_words
from bench.store.canary import WINDOW_SECONDS

_UNKNOWN = "unknown"

Record = Mapping[str, Any]


def machine_facts(environment: Record) -> list[tuple[str, str]]:
    """Return what an environment says of the machine, as pairs of a name and words.

    What an earlier version did not record is left out, and what the system did not tell is unknown.
    """
    writers: dict[str, Callable[[Record], str]] = {
        "cores": _cores,
        "caches": _caches,
        "governor": lambda record: ", ".join(record["governors"] or [_UNKNOWN]),
        "turbo": lambda record: _known(record["turbo"], {True: "on", False: "off"}),
        "isolated cores": lambda record: _UNKNOWN if record["isolated"] is None else str(record["isolated"]) or "none",
        "limits of the control group": _limits,
        "memory": lambda record: (
            f"{bytes_words(record['memory_bytes'])}, {bytes_words(record['available_bytes'])} of it available; huge "
            f"pages: {record['huge_pages'] or _UNKNOWN}"
        ),
        "load": _load,
        "clock": lambda record: f"source {record['clock_source'] or _UNKNOWN}",
        "matrix products of the harness": _blas,
        "oneDNN": lambda record: f"TF_ENABLE_ONEDNN_OPTS is {record['onednn'] or 'not set'}",
        "code": _code,
    }
    found = [(name, _written(write, environment)) for name, write in writers.items()]
    return [(name, words) for name, words in found if words is not None]


def run_facts(environment: Record) -> list[tuple[str, str]]:
    """Return what a run's environment says of the machine before and after its trials."""
    writers: dict[str, Callable[[Record], str]] = {
        "canary, a fixed piece of work": _canaries,
        "machine before the trials": lambda record: str(record["doctor"]["sentence"]),
    }
    found = [(name, _written(write, environment)) for name, write in writers.items()]
    return [(name, words) for name, words in found if words is not None]


def measured_facts(figures: Record) -> list[tuple[str, str]]:
    """Return what an examination measured, as pairs of a name and words."""

    def share(name: str) -> str:
        return _UNKNOWN if figures[name] is None else share_words(figures[name])

    facts = [
        ("stolen by the host meanwhile", share("steal_share")),
        ("used by other programs meanwhile", f"{share('others_share')} of all processors"),
        ("step of the clock", seconds_words(figures["clock_seconds"])),
        (
            "canary",
            f"{seconds_words(figures['canary_median_seconds'])} in the median of {figures['windows']} windows of "
            f"{WINDOW_SECONDS:g} s; the middle 80 % lie within {share_words(figures['canary_spread'])}, and "
            f"{share_words(figures['disturbed_share'])} are disturbed",
        ),
    ]
    if "pairs" in figures:
        facts.append(
            (
                "A/A race",
                f"numpy / numpy {figures['ratio']:.3f} (95 % interval {figures['ratio_low']:.3f} to "
                f"{figures['ratio_high']:.3f}, {figures['pairs']} pairs); a pair's spread is "
                f"{share_words(figures['pair_spread'])}",
            )
        )
    return facts


def _written(write: Callable[[Record], str], record: Record) -> str | None:
    """Return the words; None if the record lacks what they are of, or another program wrote it."""
    with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        return write(record)
    return None


def _known(value: Any, words: Mapping[Any, str]) -> str:
    return _UNKNOWN if value is None else words[value]


def _cores(record: Record) -> str:
    shared = record["siblings"]
    cores = "cores unknown" if shared is None else counted(len(shared), "core")
    virtual = _known(record["virtual"], {True: "yes", False: "no"})
    together = [] if shared is None else [each for each in shared if "," in each or "-" in each]
    pairs = f" (siblings {' '.join(together)})" if together else ""
    usable = "" if record["usable_processors"] is None else f", {record['usable_processors']} usable here"
    return (
        f"{counted(record['processors'], 'processor')} on {cores}{pairs}{usable}; microcode "
        f"{record['microcode'] or _UNKNOWN}; virtual: {virtual}"
    )


def _caches(record: Record) -> str:
    each = [f"L{cache['level']} {cache['type'].lower()} {cache['size']}" for cache in record["caches"] or []]
    return ", ".join(each) or _UNKNOWN


def _limits(record: Record) -> str:
    processors, memory = (record["limits"][name] for name in ("processors", "memory_bytes"))
    size = bytes_words(memory) if isinstance(memory, int | float) else memory or _UNKNOWN
    count = f"{processors:g}" if isinstance(processors, int | float) else processors or _UNKNOWN
    return f"processors: {count}; memory: {size}"


def _load(record: Record) -> str:
    average = record["load_average"]
    load = _UNKNOWN if average is None else ", ".join(f"{each:.2f}" for each in average)
    steal = record["steal_share"]
    stolen = _UNKNOWN if steal is None else share_words(steal)
    return f"average over 1, 5 and 15 minutes: {load}; stolen by the host since the system started: {stolen}"


def _blas(record: Record) -> str:
    libraries = record["blas"]
    if libraries is None:
        return _UNKNOWN
    return "; ".join(
        f"{each['internal_api']} {each['version']}, kernels {each['architecture'] or _UNKNOWN}, "
        f"{counted(each['num_threads'], 'thread')}"
        for each in libraries
    )


def _code(record: Record) -> str:
    if record["commit"] is None:
        return "not a checkout"
    state = _known(record["dirty"], {True: ", with changes that are not committed", False: ""})
    return f"commit {record['commit'][:12]}{state}"


def _canaries(record: Record) -> str:
    before = record["canary_before"]
    said = f"{seconds_words(before)} before the trials"
    if "canary_after" not in record:
        return said
    after = record["canary_after"]
    return f"{said}, {seconds_words(after)} after ({100.0 * (after / before - 1.0):+.1f} %)"
