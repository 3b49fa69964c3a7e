"""The A/A race: the fastest twin against itself, in fresh processes like those of any run."""

import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bench.contenders.registry import CONTENDERS
from bench.core.errors import UsageError
from bench.core.spec import AA
from bench.datasets import load as load_data
from bench.experiments.article import WIDE, as_keras_had_it
from bench.process.spawn import MOST_PADDING_BYTES
from bench.trials.launch import launch
from bench.trials.schedule import PlannedTrial

PAIRS = 8

_CONTENDER = "numpy"

# Long enough for a training of about half a second.
_EPOCHS = 400
_TIMEOUT_SECONDS = 60.0

# Draws which side of each pair runs first.
_SEED = 0


@dataclass(frozen=True)
class Raced:
    """What a race left.

    Attributes:
        contender: who ran against itself.
        first, second: the training seconds of both sides, pair by pair.
        fault: why it ended early; empty if it did not.
    """

    contender: str
    first: tuple[float, ...]
    second: tuple[float, ...]
    fault: str = ""


def orders(pairs: int, seed: int = _SEED) -> list[tuple[int, int]]:
    """Return which side runs first and which second, pair by pair: each side as often first, drawn by lot."""
    import numpy as np

    drawn = np.random.default_rng(seed).permutation(pairs) % 2
    return [(int(side), 1 - int(side)) for side in drawn]


def race(on_trial: Callable[[int, int], None] = lambda _done, _all: None, pairs: int = PAIRS) -> Raced:
    """Race the fastest twin against itself; a pair has one seed, and so the same weights and orders of rows.

    One trial runs before and does not count, since it reads the libraries from the disk; in a run, the proof does. A
    trial that fails ends the race. ``on_trial`` is called with how many trials are done of how many.
    """
    scenario = replace(as_keras_had_it(AA, WIDE), epochs=_EPOCHS)
    contender = CONTENDERS[_CONTENDER]
    data = load_data(scenario.dataset)
    sides: tuple[list[float], list[float]] = ([], [])
    turns = [(pair, side) for pair, order in enumerate(orders(pairs)) for side in order]
    lots = random.Random(_SEED)  # noqa: S311 - no secret
    with tempfile.TemporaryDirectory() as scratch:
        for number, (pair, side) in enumerate([turns[0], *turns]):
            padding = lots.randrange(MOST_PADDING_BYTES)
            trial = PlannedTrial(AA, scenario, contender, AA, pair, side, f"{AA}-{pair}-{side}", padding_bytes=padding)
            try:
                row = launch(trial, data, Path(scratch) / "trial", timeout_seconds=_TIMEOUT_SECONDS).row
            except UsageError as error:  # the machine failed: a full disk, or want of memory
                return _ended(sides, str(error))
            if row.status != "ok" or row.train_seconds is None:
                return _ended(sides, f"{contender.name} {row.status}: {row.status_detail}")
            if number > 0:
                sides[side].append(row.train_seconds)
            on_trial(number + 1, len(turns) + 1)
    return _ended(sides)


def _ended(sides: tuple[list[float], list[float]], fault: str = "") -> Raced:
    whole = min(map(len, sides))
    return Raced(_CONTENDER, tuple(sides[0][:whole]), tuple(sides[1][:whole]), fault)
