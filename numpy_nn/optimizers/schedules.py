"""Learning rates that depend on the number of updates. Names and defaults are ``keras.optimizers.schedules``'s.

A schedule takes the number of updates so far and returns the learning rate of the next update.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np

from numpy_nn.names import Configured, described, find, public

T = TypeVar("T")


class LearningRateSchedule(Configured):
    """Base class of schedules. A subclass overrides `__call__`."""

    def __call__(self, step: float) -> float:
        """Return the learning rate after ``step`` updates."""
        raise NotImplementedError(f"{type(self).__name__} must override __call__(self, step)")


# What an optimizer takes as its learning rate: a number, a schedule, or a function that returns the next one.
LearningRate: TypeAlias = float | LearningRateSchedule | Callable[[], float]


class _Decay(LearningRateSchedule):
    """Base class of the decays by ``decay_rate`` every ``decay_steps``; ``name`` defaults to the class's name."""

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str | None = None,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = positive("decay_steps", decay_steps)
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = type(self).__name__ if name is None else name

    def _decays(self, step: float) -> float:
        """Return step / decay_steps, rounded down with ``staircase``."""
        p = step / self.decay_steps
        return math.floor(p) if self.staircase else p


class ExponentialDecay(_Decay):
    """rate = initial · decay_rate^(step / decay_steps); with ``staircase`` the exponent is rounded down."""

    def __call__(self, step: float) -> float:
        """Return the learning rate after ``step`` updates."""
        return float(self.initial_learning_rate * self.decay_rate ** self._decays(step))


class InverseTimeDecay(_Decay):
    """rate = initial / (1 + decay_rate · step / decay_steps); with ``staircase`` the quotient is rounded down."""

    def __call__(self, step: float) -> float:
        """Return the learning rate after ``step`` updates."""
        return self.initial_learning_rate / (1.0 + self.decay_rate * self._decays(step))


class PiecewiseConstantDecay(LearningRateSchedule):
    """``values[i]`` up to and including step ``boundaries[i]``, and the last value after the last boundary."""

    def __init__(self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant") -> None:
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                f"values must have one more element than boundaries, got {len(values)} for {len(boundaries)} boundaries"
            )
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step: float) -> float:
        """Return the learning rate after ``step`` updates."""
        return float(self.values[bisect_left(self.boundaries, step)])


class PolynomialDecay(LearningRateSchedule):
    """rate = (initial - end) · (1 - step / decay_steps)^power + end, and ``end`` after ``decay_steps``.

    With ``cycle``, ``decay_steps`` is replaced by its next multiple, so the rate rises again at each multiple.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = positive("decay_steps", decay_steps)
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def __call__(self, step: float) -> float:
        """Return the learning rate after ``step`` updates."""
        if self.cycle:
            share = step / (self.decay_steps * max(1, math.ceil(step / self.decay_steps)))
        else:
            share = min(step, self.decay_steps) / self.decay_steps
        drop = self.initial_learning_rate - self.end_learning_rate
        return float(drop * (1.0 - share) ** self.power + self.end_learning_rate)


class CosineDecay(LearningRateSchedule):
    """Half a cosine from the initial rate down to the share ``alpha`` of it.

    With ``warmup_target`` the rate first rises linearly to it in ``warmup_steps`` steps, and decays from there.
    Loshchilov and Hutter, 2016.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = positive("decay_steps", decay_steps)
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def __call__(self, step: float) -> float:
        """Return the learning rate after ``step`` updates."""
        top = self.initial_learning_rate
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                return (self.warmup_target - top) * (step / self.warmup_steps) + top
            step, top = step - self.warmup_steps, self.warmup_target
        return top * _half_cosine(min(step, self.decay_steps) / self.decay_steps, self.alpha)


class CosineDecayRestarts(LearningRateSchedule):
    """A sequence of half cosines, each ``t_mul`` times as long and ``m_mul`` times as high as the one before.

    Heights are measured from the share ``alpha`` of the initial rate. Loshchilov and Hutter, 2016.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: int,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = positive("first_decay_steps", first_decay_steps)
        self.t_mul = t_mul
        self.m_mul = m_mul
        self.alpha = alpha
        self.name = name

    def __call__(self, step: float) -> float:
        """Return the learning rate after ``step`` updates."""
        share = step / self.first_decay_steps
        if self.t_mul == 1.0:
            restart = math.floor(share)
            share -= restart
        else:
            restart = math.floor(math.log(1.0 - share * (1.0 - self.t_mul)) / math.log(self.t_mul))
            before = (1.0 - self.t_mul**restart) / (1.0 - self.t_mul)
            share = (share - before) / self.t_mul**restart
        return self.initial_learning_rate * _half_cosine(share, self.alpha, self.m_mul**restart)


def _half_cosine(share: float, alpha: float, height: float = 1.0) -> float:
    """Return the factor of the rate after a share of the steps: 1 at first, ``alpha`` at the end.

    With a ``height`` the factor starts at that share of the distance between ``alpha`` and 1.
    """
    return (1.0 - alpha) * height * 0.5 * (1.0 + math.cos(math.pi * share)) + alpha


def positive(name: str, value: T) -> T:
    """Return ``value`` if it is positive; otherwise raise a ValueError."""
    if not (isinstance(value, int | float | np.number) and value > 0):
        raise ValueError(f"{name} must be positive, got {value!r}")
    return value


SCHEDULES = public(LearningRateSchedule, globals())


def serialize(learning_rate_schedule: LearningRateSchedule) -> dict[str, Any]:
    """Return a schedule as Keras writes it, also in the config of an optimizer."""
    return described("optimizers.schedules", learning_rate_schedule)


def deserialize(config: dict[str, Any]) -> LearningRateSchedule:
    """Return the schedule that `serialize` described.

    Raises:
        ValueError: if the name is unknown; the message suggests the nearest one.
    """
    return find("learning rate schedule", config["class_name"], SCHEDULES).from_config(config["config"])
