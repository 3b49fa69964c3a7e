"""What all optimizers share: flat vectors, the learning rate, and what may come before and after a rule.

A network keeps all its parameters in one flat vector and all its gradients in another, so that a rule is a few lines on
two vectors, whatever the depth. An update goes, in Keras's order: average the gradients of several batches, clip them,
decay the weights, apply the rule, follow the weights by a moving average. What is not asked for costs nothing, and
nothing is allocated after ``build``.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self, TypedDict

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.optimizers import schedules
from numpy_nn.optimizers.schedules import LearningRateSchedule

Split = Callable[[FloatArray], Sequence[FloatArray]]

# A rule goes through the vectors this many numbers at a time, so that what one of its lines wrote is still in the cache
# when the next one reads it.
_BLOCK = 1 << 15


class SharedButDecay(TypedDict, total=False):
    """The arguments of `Optimizer` that every optimizer takes, by name, but for ``weight_decay``."""

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None
    name: str | None


class Shared(SharedButDecay, total=False):
    """The arguments of `Optimizer` that every optimizer takes, by name."""

    weight_decay: float | None


class Optimizer:
    """The rule by which ``update`` moves the parameters against their gradient.

    Args:
        learning_rate: the step's size: a number, which may be changed between updates, or a schedule.
        weight_decay: the share of itself, times the learning rate, that each weight loses before an update.
        clipnorm: the greatest norm that the gradient of one variable keeps; a larger one is scaled down.
        clipvalue: the greatest size that a gradient's elements keep.
        global_clipnorm: the greatest norm that all gradients together keep.
        use_ema: whether to follow the weights by a moving average.
        ema_momentum: how much of the average stays in an update.
        ema_overwrite_frequency: after how many updates the average replaces the weights; None for never.
        loss_scale_factor: taken for Keras's sake; the loss here is never scaled, so there is nothing to undo.
        gradient_accumulation_steps: of how many batches to average the gradients before an update.
        name: what `get_config` calls it.

    Raises:
        ValueError: if an argument lies outside its range, or more than one way to clip is asked for.
    """

    # Names of the vectors that the rule carries from one update to the next; saved with the model.
    state_names: tuple[str, ...] = ()

    # How many vectors the rule needs to compute in.
    _work = 1

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
    ) -> None:
        if isinstance(learning_rate, dict):
            learning_rate = schedules.deserialize(learning_rate)
        self._schedule = learning_rate if isinstance(learning_rate, LearningRateSchedule) else None
        self._rate = 0.0 if isinstance(learning_rate, LearningRateSchedule) else _checked_rate(learning_rate)
        ways = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        asked = [way for way, value in ways.items() if value is not None]
        if len(asked) > 1:
            raise ValueError(f"only one of {', '.join(ways)} may be given, got {' and '.join(asked)}")
        if gradient_accumulation_steps is not None and gradient_accumulation_steps < 2:
            raise ValueError(f"gradient_accumulation_steps must be at least 2, got {gradient_accumulation_steps!r}")
        if ema_overwrite_frequency is not None and ema_overwrite_frequency < 1:
            raise ValueError(f"ema_overwrite_frequency must be at least 1, got {ema_overwrite_frequency!r}")
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema = use_ema
        self.ema_momentum = within("ema_momentum", ema_momentum, 0.0, 1.0)
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.name = type(self).__name__.lower() if name is None else name
        self._batches = 0
        self._clips = bool(clipnorm or clipvalue or global_clipnorm)
        self._is_plain = not (self._clips or weight_decay is not None or use_ema or gradient_accumulation_steps)

    @property
    def learning_rate(self) -> float:
        """The size of the next step."""
        return self._rate if self._schedule is None else self._schedule(self._batches)

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        if self._schedule is not None:
            raise TypeError("this optimizer follows a schedule, so its learning_rate cannot be set")
        self._rate = _checked_rate(value)

    @property
    def iterations(self) -> int:
        """How many updates were made; while gradients are accumulated, several batches make one."""
        return self._batches // (self.gradient_accumulation_steps or 1)

    @iterations.setter
    def iterations(self, value: int) -> None:
        self._batches = value * (self.gradient_accumulation_steps or 1)

    def build(self, parameters: FloatArray, split: Split | None = None) -> None:
        """Start anew for a flat vector like ``parameters``, (parameters,): no updates made, all state as at first.

        Args:
            parameters: all weights of a network.
            split: returns of any vector of that layout the views of each variable; unset, there is one variable.
        """
        self._batches = 0
        self._split: Split = (lambda flat: [flat]) if split is None else split
        for name in self.state_names:
            setattr(self, name, np.full_like(parameters, self._initial(name)))
        size = min(len(parameters), _BLOCK)
        work = [np.empty(size, parameters.dtype) for _ in range(self._work)]
        self._blocks = []
        for start in range(0, len(parameters), _BLOCK):
            block = slice(start, min(start + _BLOCK, len(parameters)))
            own = [buffer[: block.stop - start] for buffer in work]
            self._blocks.append((block, own, [getattr(self, name)[block] for name in self.state_names]))
        if self._is_plain:
            return
        self._gradient = np.empty_like(parameters)
        self._accumulated = np.zeros_like(parameters) if self.gradient_accumulation_steps else None
        self.average = np.zeros_like(parameters) if self.use_ema else None
        self._decay = np.empty_like(parameters)

    def update(self, parameters: FloatArray, gradient: FloatArray) -> None:
        """Make one update of ``parameters`` in place; both are flat, (parameters,)."""
        if self._is_plain:
            self._apply(parameters, gradient)
        else:
            self._update_with_everything(parameters, gradient)
        self._batches += 1

    def _apply(self, parameters: FloatArray, gradient: FloatArray) -> None:
        rate = self.learning_rate
        if len(self._blocks) == 1:
            self.rule(parameters, gradient, rate, *self._blocks[0][1:])
            return
        for block, work, state in self._blocks:
            self.rule(parameters[block], gradient[block], rate, work, state)

    def rule(
        self,
        weights: FloatArray,
        gradient: FloatArray,
        learning_rate: float,
        work: Sequence[FloatArray],
        state: Sequence[FloatArray],
    ) -> None:
        """Update a block of the weights in place; all vectors are of that block, (numbers,).

        Args:
            weights: of the block.
            gradient: of the loss with respect to them.
            learning_rate: the step's size.
            work: vectors to compute in.
            state: what the rule carries on, as ``state_names`` names it.
        """
        raise NotImplementedError

    def _initial(self, name: str) -> float:  # noqa: ARG002 - for those that differ
        """Return what a state vector is filled with at first."""
        return 0.0

    def _update_with_everything(self, parameters: FloatArray, gradient: FloatArray) -> None:
        """Make an update with whatever was asked for beside the rule."""
        steps = self.gradient_accumulation_steps
        if self._accumulated is not None and steps:
            np.add(self._accumulated, gradient, self._accumulated)
            if (self._batches + 1) % steps:
                self._follow(parameters)
                return
            gradient = np.divide(self._accumulated, steps, self._gradient)
            self._accumulated[...] = 0.0
        if self._clips:
            gradient = self._clipped(gradient)
        if self.weight_decay is not None:
            np.multiply(parameters, self.weight_decay, self._decay)
            np.multiply(self._decay, self.learning_rate, self._decay)
            np.subtract(parameters, self._decay, parameters)
        self._apply(parameters, gradient)
        self._follow(parameters)

    def _clipped(self, gradient: FloatArray) -> FloatArray:
        """Return the gradient, clipped, in a vector of its own."""
        clipped = self._gradient
        if clipped is not gradient:
            clipped[...] = gradient
        if self.clipnorm:
            for variable in self._split(clipped):
                norm = math.sqrt(float(np.square(variable).sum()))
                np.multiply(variable, self.clipnorm / max(norm, self.clipnorm), variable)
        elif self.global_clipnorm:
            norm = math.sqrt(float(np.dot(clipped, clipped)))
            np.multiply(clipped, self.global_clipnorm / max(norm, self.global_clipnorm), clipped)
        elif self.clipvalue:
            np.clip(clipped, -self.clipvalue, self.clipvalue, clipped)
        return clipped

    def _follow(self, parameters: FloatArray) -> None:
        """Follow the weights by their moving average, and put it in their place when it is time."""
        if self.average is None:
            return
        momentum = self.ema_momentum if self.iterations else 0.0
        np.multiply(self.average, momentum, self.average)
        np.add(self.average, np.multiply(parameters, 1.0 - momentum, self._decay), self.average)
        if self.ema_overwrite_frequency and (self.iterations + 1) % self.ema_overwrite_frequency == 0:
            parameters[...] = self.average

    def get_state(self) -> dict[str, FloatArray]:
        """Return what the rule carries from one update to the next, by name: views, and counts as arrays of one."""
        state: dict[str, FloatArray] = {name: getattr(self, name) for name in self.state_names}
        if not self._is_plain:
            further = {"average": self.average, "accumulated": self._accumulated}
            state |= {name: vector for name, vector in further.items() if vector is not None}
        return state | {"batches": np.array([self._batches], np.int64)}

    def set_state(self, state: Mapping[str, FloatArray]) -> None:
        """Go on where `get_state` was taken; the optimizer must be built for as many parameters.

        Raises:
            ValueError: if something is missing or of another shape; nothing is changed then.
        """
        own = self.get_state()
        for name, vector in own.items():
            if name not in state or np.shape(state[name]) != vector.shape:
                came = f"got {np.shape(state[name])}" if name in state else "it is missing"
                raise ValueError(f"the optimizer's {name} must have the shape {vector.shape}, {came}")
        for name, vector in own.items():
            vector[...] = state[name]
        self._batches = int(state["batches"][0])

    def finalize(self, parameters: FloatArray) -> None:
        """Put the moving average, if there is one, in the weights' place, as Keras does when ``fit`` ends."""
        if self.use_ema and self.average is not None:
            parameters[...] = self.average

    def get_config(self) -> dict[str, Any]:
        """Return Keras's arguments, which make this optimizer again."""
        return {
            "name": self.name,
            "learning_rate": self._rate if self._schedule is None else schedules.serialize(self._schedule),
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Make the optimizer that ``config`` describes.

        Raises:
            ValueError: if it has an argument that this optimizer does not take.
        """
        try:
            return cls(**config)
        except TypeError as error:
            raise ValueError(f"{cls.__name__} takes other arguments than {', '.join(config)}") from error


def within(name: str, value: float, low: float, high: float) -> float:
    """Return ``value`` if it lies in [low, high]; a ValueError names it otherwise."""
    if not low <= value <= high:
        bounds = f"at least {low:g}" if math.isinf(high) else f"between {low:g} and {high:g}"
        raise ValueError(f"{name} must be {bounds}, got {value!r}")
    return value


# The greatest value below one, for what must stay below it.
BELOW_ONE = math.nextafter(1.0, 0.0)


def _checked_rate(value: float) -> float:
    if not (value >= 0 and math.isfinite(value)):
        raise ValueError(f"learning_rate must be a finite number of at least 0, got {value!r}")
    return float(value)
