"""What all optimizers share: flat vectors, the learning rate, and what may come before and after a rule.

A network keeps all its parameters in one flat vector and all its gradients in another, so that a rule is a few lines on
two vectors, whatever the depth. An update goes, in Keras's order: average the gradients of several batches, clip them,
decay the weights, apply the rule, follow the weights by a moving average. What is not asked for costs nothing, and
an `Optimizer` allocates nothing after ``build``. The few rules that need whole variables, such as their norms, are
`OptimizerByVariable`.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Self, TypedDict

import numpy as np

from numpy_nn.arrays import FloatArray
from numpy_nn.configured import Configured
from numpy_nn.optimizers import schedules
from numpy_nn.optimizers.schedules import LearningRateSchedule

Split = Callable[[FloatArray], Sequence[FloatArray]]
Arrays = Sequence[FloatArray]

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


class Part(NamedTuple):
    """Some of the numbers that a rule is applied to at once.

    Attributes:
        work: arrays of their shape to compute in.
        state: what the rule carries on for them, as ``state_names`` names it.
    """

    work: Arrays
    state: Arrays


class Optimizer(Configured):
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

    Attributes:
        batches: how many gradients came; while they are accumulated, several make an update.
        average: the moving average of the weights, if there is one, (parameters,).

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
        self.batches = 0
        self._clips = bool(clipnorm or clipvalue or global_clipnorm)
        self._undecayed: list[FloatArray] = []
        self._undecayed_names: re.Pattern[str] | None = None
        self._undecayed_paths: set[str] = set()
        self._built = False

    @property
    def learning_rate(self) -> float:
        """The size of the next step."""
        return self._rate if self._schedule is None else self._schedule(self.batches)

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        if self._schedule is not None:
            raise TypeError("this optimizer follows a schedule, so its learning_rate cannot be set")
        self._rate = _checked_rate(value)

    @property
    def iterations(self) -> int:
        """How many updates were made; while gradients are accumulated, several batches make one."""
        return self.batches // (self.gradient_accumulation_steps or 1)

    @iterations.setter
    def iterations(self, value: int) -> None:
        self.batches = value * (self.gradient_accumulation_steps or 1)

    def exclude_from_weight_decay(
        self, var_list: Iterable[FloatArray] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Leave some variables out of the weight decay. Matches ``keras.optimizers.Optimizer``'s method.

        Args:
            var_list: weights of a layer in the network, such as ``layer.bias``.
            var_names: patterns of which one occurs in the variable's name: ``["bias"]``.

        Raises:
            ValueError: once the optimizer is compiled into a network that is built.
        """
        if self._built:
            raise ValueError("exclude_from_weight_decay must be called before the optimizer is given to compile")
        patterns = sorted(set(var_names or ()))
        self._undecayed = list(var_list or ())
        self._undecayed_names = re.compile("|".join(patterns)) if patterns else None

    def build(self, parameters: FloatArray, split: Split | None = None, paths: Sequence[str] | None = None) -> None:
        """Start anew for a flat vector like ``parameters``, (parameters,): no updates made, all state as at first.

        Args:
            parameters: all weights of a network.
            split: returns of any vector of that layout the views of each variable; unset, there is one variable.
            paths: the variables' names, such as ``sequential/dense/kernel``; unset, they have none.
        """
        self.batches = 0
        self._built = True
        self._split: Split = (lambda flat: [flat]) if split is None else split
        for name in self.state_names:
            setattr(self, name, np.full_like(parameters, self._initial(name)))
        self._decay = self._decays(parameters, paths)
        self._lay_out(parameters)
        self._is_plain = not (
            self._clips or self._decay is not None or self.use_ema or self.gradient_accumulation_steps
        )
        self._gradient, self._scratch = np.empty((2, 0 if self._is_plain else len(parameters)), parameters.dtype)
        self._accumulated = np.zeros_like(parameters) if self.gradient_accumulation_steps else None
        self.average = np.zeros_like(parameters) if self.use_ema else None

    def _lay_out(self, parameters: FloatArray) -> None:
        """Cut the vectors into blocks, which share what they compute in."""
        size = min(len(parameters), _BLOCK)
        work = [np.empty(size, parameters.dtype) for _ in range(self._work)]
        self._blocks: list[tuple[slice, Part]] = []
        for start in range(0, len(parameters), _BLOCK):
            block = slice(start, min(start + _BLOCK, len(parameters)))
            own = [buffer[: block.stop - start] for buffer in work]
            self._blocks.append((block, Part(own, [getattr(self, name)[block] for name in self.state_names])))

    def _decays(self, parameters: FloatArray, paths: Sequence[str] | None) -> float | FloatArray | None:
        """Return the weight decay: None, one for all, or where it is not the same for all one for each weight."""
        variables = self._split(parameters)
        named = paths or [""] * len(variables)
        rates = [
            0.0 if self._is_undecayed(variable, path) else self._decay_of(variable, path) or 0.0
            for variable, path in zip(variables, named, strict=True)
        ]
        if len(set(rates)) <= 1:
            return rates[0] if rates and rates[0] else None
        decays = np.empty_like(parameters)
        for view, rate in zip(self._split(decays), rates, strict=True):
            view[...] = rate
        return decays

    def _is_undecayed(self, variable: FloatArray, path: str) -> bool:
        """Return whether `exclude_from_weight_decay` named the variable, or was given it."""
        if self._undecayed_names is not None and self._undecayed_names.search(path.rpartition("/")[2]):
            return True
        # A network that lays its weights out anew, or is copied, has other arrays: what was given is known by its path.
        if any(variable.shape == each.shape and variable.ctypes.data == each.ctypes.data for each in self._undecayed):
            self._undecayed_paths |= {path} - {""}
            return True
        return path in self._undecayed_paths

    def _decay_of(self, variable: FloatArray, path: str) -> float | None:  # noqa: ARG002 - for those that differ
        """Return the weight decay of a variable that is not excluded from it."""
        return self.weight_decay

    def update(self, parameters: FloatArray, gradient: FloatArray) -> None:
        """Make one update of ``parameters`` in place; both are flat, (parameters,)."""
        if self._is_plain:
            self._apply(parameters, gradient)
        else:
            self._update_with_everything(parameters, gradient)
        self.batches += 1

    def _apply(self, parameters: FloatArray, gradient: FloatArray) -> None:
        rate = self.learning_rate
        if len(self._blocks) == 1:
            self.rule(parameters, gradient, rate, *self._blocks[0][1])
            return
        for block, part in self._blocks:
            self.rule(parameters[block], gradient[block], rate, *part)

    def rule(self, weights: FloatArray, gradient: FloatArray, rate: float, work: Arrays, state: Arrays) -> None:
        """Update a block of the weights in place; all vectors are of that block, (numbers,).

        Args:
            weights: of the block.
            gradient: of the loss with respect to them.
            rate: the step's size.
            work: scratch vectors; contents undefined.
            state: the rule's state vectors, in the order of ``state_names``.
        """
        raise NotImplementedError

    def _initial(self, name: str) -> float:  # noqa: ARG002 - for those that differ
        """Return the initial value of a state vector."""
        return 0.0

    def _update_with_everything(self, parameters: FloatArray, gradient: FloatArray) -> None:
        """Make an update with accumulation, clipping, weight decay and averaging as configured."""
        steps = self.gradient_accumulation_steps
        if self._accumulated is not None and steps:
            np.add(self._accumulated, gradient, self._accumulated)
            if (self.batches + 1) % steps:
                self._follow(parameters)
                return
            gradient = np.divide(self._accumulated, steps, self._gradient)
            self._accumulated[...] = 0.0
        if self._clips:
            gradient = self._clipped(gradient)
        if self._decay is not None:
            np.multiply(parameters, self._decay, self._scratch)
            np.multiply(self._scratch, self.learning_rate, self._scratch)
            np.subtract(parameters, self._scratch, parameters)
        self._apply(parameters, gradient)
        self._follow(parameters)

    def _clipped(self, gradient: FloatArray) -> FloatArray:
        """Return the clipped gradient in a separate vector."""
        clipped = self._gradient
        if clipped is not gradient:
            clipped[...] = gradient
        if self.clipnorm:
            for variable in self._split(clipped):
                np.multiply(variable, self.clipnorm / max(norm(variable), self.clipnorm), variable)
        elif self.global_clipnorm:
            length = math.sqrt(float(np.dot(clipped, clipped)))
            np.multiply(clipped, self.global_clipnorm / max(length, self.global_clipnorm), clipped)
        elif self.clipvalue:
            np.clip(clipped, -self.clipvalue, self.clipvalue, clipped)
        return clipped

    def _follow(self, parameters: FloatArray) -> None:
        """Follow the weights by their moving average, and put it in their place when it is time."""
        if self.average is None:
            return
        momentum = self.ema_momentum if self.iterations else 0.0
        np.multiply(self.average, momentum, self.average)
        np.add(self.average, np.multiply(parameters, 1.0 - momentum, self._scratch), self.average)
        if self.ema_overwrite_frequency and (self.iterations + 1) % self.ema_overwrite_frequency == 0:
            parameters[...] = self.average

    def slots(self) -> Iterator[FloatArray]:
        """Yield views of all that is carried from one update to the next, but for `batches` and the learning rate.

        They come in the order in which Keras lists them: the average, the accumulated gradient, then the rule's own.
        """
        for flat in (self.average, self._accumulated):
            if flat is not None:
                yield from self._split(flat)
        yield from self._slots_of_rule()

    def _slots_of_rule(self) -> Iterator[FloatArray]:
        """Yield what the rule carries on, pass by pass; in a pass variable by variable, its kinds side by side."""
        for names in self._passes():
            for of_variable in zip(*(self._split(getattr(self, name)) for name in names), strict=True):
                yield from of_variable

    def _passes(self) -> Sequence[Sequence[str]]:
        """Return the names of the state, those together that Keras makes in one pass over the variables."""
        return [self.state_names] if self.state_names else []

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
            **super().get_config(),
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


class OptimizerByVariable(Optimizer):
    """An optimizer whose rule looks at whole variables, each in its own shape: at norms, at rows and columns."""

    def _lay_out(self, parameters: FloatArray) -> None:
        """Give each variable what it computes in, and its state."""
        work = [self._split(np.empty_like(parameters)) for _ in range(self._work)]
        state = [self._split(getattr(self, name)) for name in self.state_names]
        self._parts = [
            Part([each[index] for each in work], [each[index] for each in state])
            for index in range(len(self._split(parameters)))
        ]

    def _apply(self, parameters: FloatArray, gradient: FloatArray) -> None:
        rate = self.learning_rate
        for weights, slope, part in zip(self._split(parameters), self._split(gradient), self._parts, strict=True):
            self.rule(weights, slope, rate, *part)


def norm(array: FloatArray) -> float:
    """Return the root of the sum of squares of an array of any shape."""
    return math.sqrt(float(np.square(array).sum()))


def within(name: str, value: Any, low: float, high: float) -> float:
    """Return ``value`` if it lies in [low, high]; a ValueError names it otherwise."""
    if not (isinstance(value, int | float | np.number) and low <= value <= high):
        bounds = f"at least {low:g}" if math.isinf(high) else f"between {low:g} and {high:g}"
        raise ValueError(f"{name} must be {bounds}, got {value!r}")
    return float(value)


# The greatest value below one, for what must stay below it.
BELOW_ONE = math.nextafter(1.0, 0.0)


def _checked_rate(value: Any) -> float:
    if not (isinstance(value, int | float | np.number | np.ndarray) and value >= 0 and math.isfinite(value)):
        raise ValueError(f"learning_rate must be a finite number of at least 0, got {value!r}")
    return float(value)
