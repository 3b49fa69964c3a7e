"""The base classes of optimizers: flat vectors, the learning rate, the steps before and after a rule; running means.

A network stores all parameters in one flat vector and all gradients in another. A rule is therefore a few lines on two
vectors, for networks of any depth. An update takes these steps, in Keras's order: average the gradients of several
batches, clip them, decay the weights, apply the rule, update the moving average of the weights. Steps that are not
configured cost nothing, and an `Optimizer` allocates nothing after ``build``. Rules that need whole variables, such as
their norms, derive from `by_variable.OptimizerByVariable`.
"""

from __future__ import annotations  # evaluated, they would take a third of the import

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple, Self, TypedDict

import numpy as np
import numpy.typing as npt

from numpy_nn.arrays import Array, Count, FloatArray, Rate, Variable, scalar
from numpy_nn.names import Configured, arguments_of, automatic, refuse_unknown
from numpy_nn.optimizers import by_hand, schedules
from numpy_nn.optimizers.schedules import LearningRate, LearningRateSchedule

Split = Callable[[FloatArray], Sequence[FloatArray]]
Arrays = Sequence[FloatArray]

# A rule processes this many numbers at a time: few enough for the result of one line to be in the cache when the next
# line reads it.
_BLOCK = 1 << 15


class SharedButDecay(TypedDict, total=False):
    """The keyword arguments that every optimizer takes, except ``weight_decay``."""

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
    """The keyword arguments that every optimizer takes."""

    weight_decay: float | None


class Part(NamedTuple):
    """The arrays of a rule for one block of the weights, or one variable.

    Attributes:
        work: scratch arrays.
        state: the rule's state, in the order of ``state_names``.
    """

    work: Arrays
    state: Arrays


class Optimizer(Configured):
    """A rule by which ``update`` changes the parameters.

    Args:
        learning_rate: the size of a step: a number, which may be changed between updates, or a schedule.
        weight_decay: before each update, every weight loses this share of itself, times the learning rate.
        clipnorm: the largest norm of one variable's gradient; larger gradients are scaled down.
        clipvalue: the largest absolute value of a gradient's elements.
        global_clipnorm: the largest norm of all gradients together.
        use_ema: whether to compute a moving average of the weights.
        ema_momentum: the share of the average that remains after an update.
        ema_overwrite_frequency: the number of updates after which the average replaces the weights; None for never.
        loss_scale_factor: accepted as in Keras, without effect: the loss is never scaled.
        gradient_accumulation_steps: the number of batches whose gradients are averaged for one update.
        name: the name in `get_config`.

    Attributes:
        batches: the number of gradients so far; with accumulation, several make an update.
        average: the moving average of the weights, (parameters,), or None.

    Raises:
        ValueError: if an argument is out of range, or more than one kind of clipping is given.
    """

    # The names of the rule's state vectors, which are saved with the model.
    state_names: tuple[str, ...] = ()

    arguments: ClassVar[tuple[str, ...]] = ()  # `get_config` adds those of this class itself
    omitted = ("learning_rate", "weight_decay")  # every optimizer's configuration has them

    # The number of scratch vectors that the rule needs.
    _work = 1

    def __init__(
        self,
        learning_rate: LearningRate,
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
        **unknown: Any,
    ) -> None:
        refuse_unknown(type(self).__name__, unknown, [*arguments_of(type(self).__init__), *Shared.__annotations__])
        self._set_rate(learning_rate)
        ways = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        asked = [way for way, value in ways.items() if value is not None]
        if len(asked) > 1:
            raise ValueError(f"only one of {', '.join(ways)} may be given, got {' and '.join(asked)}")
        _check_count("gradient_accumulation_steps", gradient_accumulation_steps, 2)
        _check_count("ema_overwrite_frequency", ema_overwrite_frequency, 1)
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema = use_ema
        self.ema_momentum = within("ema_momentum", ema_momentum, 0.0, 1.0)
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.name = automatic(type(self).__name__) if name is None else name
        self.batches = 0
        self._clips = bool(clipnorm or clipvalue or global_clipnorm)
        self._undecayed: list[FloatArray] = []
        self._undecayed_names: re.Pattern[str] | None = None
        self._undecayed_paths: set[str] = set()
        self.built = False
        self._variables: list[Variable] = []

    def _set_rate(self, given: Any) -> None:
        given = schedules.deserialize(given) if isinstance(given, dict) else given
        self._schedule = given if isinstance(given, LearningRateSchedule) else None
        self._function = given if callable(given) and self._schedule is None else None
        self._rate = 0.0 if callable(given) else _checked_rate(given)

    def _next_rate(self) -> float:
        """Return the learning rate of the next update."""
        if self._schedule is not None:
            return self._schedule(self.batches)
        return self._rate if self._function is None else _checked_rate(self._function())

    @property
    def learning_rate(self) -> Rate:
        """The learning rate of the next update; set it to a number or, unless it follows a schedule, to a schedule."""
        rate = Rate(self._next_rate())
        rate._optimizer = self
        return rate

    @learning_rate.setter
    def learning_rate(self, value: LearningRate) -> None:
        if self._schedule is not None and not callable(value):
            raise TypeError(
                "learning_rate cannot be set: this optimizer follows a schedule; to set it later, create the optimizer "
                "with a number"
            )
        self._set_rate(value)

    @property
    def _updates(self) -> int:
        return self.batches // (self.gradient_accumulation_steps or 1)

    @property
    def iterations(self) -> Count:
        """The number of updates so far; with accumulation, several batches make one."""
        count = Count(self._updates)
        count._optimizer = self
        return count

    @iterations.setter
    def iterations(self, value: int) -> None:
        self.batches = value * (self.gradient_accumulation_steps or 1)

    def exclude_from_weight_decay(
        self, var_list: Iterable[FloatArray] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Exclude variables from weight decay. Matches the method of ``keras.optimizers.Optimizer``.

        Args:
            var_list: weights of a layer in the network, such as ``layer.bias``.
            var_names: regular expressions; variables whose name contains a match are excluded: ``["bias"]``.

        Raises:
            ValueError: if the optimizer already belongs to a built network.
        """
        if self.built:
            raise ValueError("exclude_from_weight_decay must be called before the optimizer is given to compile")
        patterns = sorted(set(var_names or ()))
        self._undecayed = list(var_list or ())
        self._undecayed_names = re.compile("|".join(patterns)) if patterns else None

    def build(
        self,
        parameters: FloatArray | Sequence[Variable],
        split: Split | None = None,
        paths: Sequence[str] | None = None,
    ) -> None:
        """Allocate and reset all state for a flat vector like ``parameters``, (parameters,).

        Args:
            parameters: all weights of a network; or a list of variables, as Keras's ``build`` takes: that does nothing
                for an optimizer that is built, as that of a compiled network is.
            split: returns a view for each variable of a vector of that layout; by default, there is one variable.
            paths: the variables' names, such as ``sequential/dense/kernel``; by default, they are empty.
        """
        if isinstance(parameters, Sequence):
            if self.built:
                return
            self._variables = list(parameters)
            paths = [getattr(each, "path", "") for each in parameters]
            parameters, split = by_hand.flat(parameters), partial(by_hand.views, [each.shape for each in parameters])
        self.batches = 0
        self.built = True
        self._split: Split = (lambda flat: [flat]) if split is None else split
        self._paths = paths or [""] * len(self._split(parameters))
        for name in self.state_names:
            setattr(self, name, np.full_like(parameters, self._initial(name)))
        self._decay = self._decays(parameters)
        self._lay_out(parameters)
        self._is_plain = not (
            self._clips or self._decay is not None or self.use_ema or self.gradient_accumulation_steps
        )
        self._gradient, self._scratch = np.empty((2, 0 if self._is_plain else len(parameters)), parameters.dtype)
        self._accumulated = np.zeros_like(parameters) if self.gradient_accumulation_steps else None
        self.average = np.zeros_like(parameters) if self.use_ema else None

    def _lay_out(self, parameters: FloatArray) -> None:
        """Divide the vectors into blocks, which share their scratch arrays."""
        size = min(len(parameters), _BLOCK)
        work = [np.empty(size, parameters.dtype) for _ in range(self._work)]
        self._blocks: list[tuple[slice, Part]] = []
        for start in range(0, len(parameters), _BLOCK):
            block = slice(start, min(start + _BLOCK, len(parameters)))
            own = [buffer[: block.stop - start] for buffer in work]
            self._blocks.append((block, Part(own, [getattr(self, name)[block] for name in self.state_names])))

    def _decays(self, parameters: FloatArray) -> float | FloatArray | None:
        """Return the weight decay: None, a number for all weights, or if variables differ, one for each weight."""
        rates = [
            0.0 if self._is_undecayed(variable, path) else self._decay_of(variable, path) or 0.0
            for variable, path in zip(self._split(parameters), self._paths, strict=True)
        ]
        if len(set(rates)) <= 1:
            return rates[0] if rates and rates[0] else None
        decays = np.empty_like(parameters)
        for view, rate in zip(self._split(decays), rates, strict=True):
            view[...] = rate
        return decays

    def _is_undecayed(self, variable: FloatArray, path: str) -> bool:
        """Return whether the variable was passed to `exclude_from_weight_decay`, itself or by name."""
        if self._undecayed_names is not None and self._undecayed_names.search(path.rpartition("/")[2]):
            return True
        # When a network rebuilds its weights or is copied, the arrays change; the paths still identify the variables.
        if any(variable.shape == each.shape and variable.ctypes.data == each.ctypes.data for each in self._undecayed):
            self._undecayed_paths |= {path} - {""}
            return True
        return path in self._undecayed_paths

    def _decay_of(self, variable: FloatArray, path: str) -> float | None:  # noqa: ARG002 - for those that differ
        """Return the weight decay of a variable that is not excluded from it."""
        return self.weight_decay

    def apply(self, grads: Sequence[npt.ArrayLike], trainable_variables: Sequence[Variable] | None = None) -> None:
        """Make one update of variables, given the gradient of each, as ``keras.optimizers`` do.

        With ``model.gradients(x, y)`` and ``model.trainable_variables`` it is the update that training makes. The
        variables are those of the first call by default; a ValueError if the numbers or shapes differ.
        """
        variables = list(self._variables if trainable_variables is None else trainable_variables)
        if not self.built:
            self.build(variables)
        with by_hand.flattened(self._split, grads, variables) as (flat, gradient):
            self.update(flat, gradient)

    def apply_gradients(self, grads_and_vars: Iterable[tuple[npt.ArrayLike, Variable]]) -> None:
        """Make one update of variables, given pairs of a gradient and a variable; see `apply`."""
        pairs = list(grads_and_vars)
        self.apply([gradient for gradient, _ in pairs], [variable for _, variable in pairs])

    @property
    def variables(self) -> list[Array]:
        """The state in Keras's order: the number of updates, the learning rate, unless it follows a schedule, slots."""
        head = [scalar(self.batches)] + ([] if self._schedule is not None else [scalar(self._next_rate())])
        return head + ([slot.view(Array) for slot in self.slots()] if self.built else [])

    set_weights = by_hand.set_state

    def update(self, parameters: FloatArray, gradient: FloatArray) -> None:
        """Make one update of ``parameters`` in place; both are flat, (parameters,)."""
        if self._is_plain:
            self._apply(parameters, gradient)
        else:
            self._update_with_everything(parameters, gradient)
        self.batches += 1

    def _apply(self, parameters: FloatArray, gradient: FloatArray) -> None:
        rate = self._next_rate()
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
            np.multiply(self._scratch, self._next_rate(), self._scratch)
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
        """Update the moving average of the weights; if configured, replace the weights by it at regular updates."""
        if self.average is None:
            return
        momentum = self.ema_momentum if self._updates else 0.0
        np.multiply(self.average, momentum, self.average)
        np.add(self.average, np.multiply(parameters, 1.0 - momentum, self._scratch), self.average)
        if self.ema_overwrite_frequency and (self._updates + 1) % self.ema_overwrite_frequency == 0:
            parameters[...] = self.average

    def slots(self) -> Iterator[FloatArray]:
        """Yield views of the whole state except `batches` and the learning rate.

        The order is Keras's: the average, the accumulated gradient, then the state of the rule.
        """
        for flat in (self.average, self._accumulated):
            if flat is not None:
                yield from self._split(flat)
        yield from self._slots_of_rule()

    def _slots_of_rule(self) -> Iterator[FloatArray]:
        """Yield the rule's state, pass by pass; within a pass, all kinds of state of one variable after another."""
        for names in self._passes():
            for of_variable in zip(*(self._split(getattr(self, name)) for name in names), strict=True):
                yield from of_variable

    def _passes(self) -> Sequence[Sequence[str]]:
        """Return the names of the state, grouped by the passes over the variables in which Keras creates it."""
        return [self.state_names] if self.state_names else []

    def finalize(self, parameters: FloatArray) -> None:
        """Replace the weights by their moving average, if there is one, as Keras does when ``fit`` ends."""
        if self.use_ema and self.average is not None:
            parameters[...] = self.average

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate this optimizer, as Keras's ``get_config`` does."""
        rate = self._next_rate() if self._schedule is None else schedules.serialize(self._schedule)
        shared = {name: getattr(self, name) for name in Shared.__annotations__}
        return {"learning_rate": rate} | shared | super().get_config()

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the optimizer that ``config`` describes.

        Raises:
            ValueError: if the optimizer does not accept one of the arguments.
        """
        try:
            return cls(**config)
        except TypeError as error:
            raise ValueError(f"{cls.__name__} does not accept the arguments {', '.join(config)}: {error}") from error


def norm(array: FloatArray) -> float:
    """Return the square root of the sum of squares of an array of any shape."""
    return math.sqrt(float(np.square(array).sum()))


def approach(mean: FloatArray, target: FloatArray, share: float, scratch: FloatArray) -> None:
    """Move a running mean towards a target: mean = mean + share * (target - mean).

    ``target`` may be ``scratch``.
    """
    np.subtract(target, mean, scratch)
    np.multiply(scratch, share, scratch)
    np.add(mean, scratch, mean)


def forget(mean: FloatArray, target: FloatArray, rho: float, scratch: FloatArray) -> None:
    """Decay a running mean by rho: mean = rho * mean + (1 - rho) * target.

    Equal to `approach` with a share of 1 - rho, except for rounding; each optimizer uses the form that Keras uses.
    ``target`` may be ``scratch``.
    """
    np.multiply(target, 1.0 - rho, scratch)
    np.multiply(mean, rho, mean)
    np.add(mean, scratch, mean)


def within(name: str, value: Any, low: float, high: float = math.inf) -> float:
    """Return ``value`` as a float if it lies in [low, high]; otherwise raise a ValueError."""
    if not (isinstance(value, int | float | np.number) and low <= value <= high):
        least = "above 0" if low == ABOVE_ZERO else f"at least {low:g}"
        between = f"{least}, and at most {high:g}" if low == ABOVE_ZERO else f"between {low:g} and {high:g}"
        bounds = least if math.isinf(high) else between
        raise ValueError(f"{name} must be {bounds}, got {value!r}")
    return float(value)


# The bounds of arguments that must be less than 1, or more than 0.
BELOW_ONE, ABOVE_ZERO = math.nextafter(1.0, 0.0), math.nextafter(0.0, 1.0)


def _check_count(name: str, value: Any, least: int) -> None:
    if value is not None and not (isinstance(value, int | np.integer) and value >= least):
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}")


def _checked_rate(value: Any) -> float:
    if not (isinstance(value, int | float | np.number | np.ndarray) and value >= 0 and math.isfinite(value)):
        raise ValueError(f"learning_rate must be a finite number of at least 0, got {value!r}")
    return float(value)
