"""The base class of layers, which hold arguments and weights."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, overload
from weakref import WeakSet

import numpy as np
import numpy.typing as npt

from numpy_nn import activations, constraints, initializers, regularizers
from numpy_nn.activations import Activation
from numpy_nn.arrays import Array, FloatArray, Variable, scalar
from numpy_nn.config import float_type
from numpy_nn.layers import own
from numpy_nn.layers.stage import Stage, Weight
from numpy_nn.layers.symbols import Output, Part, Shape, Symbol
from numpy_nn.names import (
    Configured,
    arguments_of,
    automatic,
    described,
    described_function,
    refuse_unknown,
)
from numpy_nn.randomness import generator

if TYPE_CHECKING:
    from numpy.random import Generator


class Holder(Protocol):
    """What is told that the weights of a layer move: a network's layout."""

    def leave(self) -> None:
        """Forget where the weights were."""


class Layer(Part, Configured):
    """Base class of layers: the arguments that all layers share, and their weights.

    A layer of your own defines ``forward``, and ``backward`` in place of automatic differentiation, on NumPy arrays
    with the rows first. `numpy_nn.gradient_check` tells whether they fit each other::

        class Scale(keras.Layer):
            def build(self, input_shape):
                self.factor = self.add_weight(shape=input_shape[1:], initializer="ones", name="factor")

            def forward(self, x):                              # (rows, features)
                self.x = x
                return x * self.factor

            def backward(self, gradient):                      # dL/dy, (rows, features)
                self.gradients["factor"] = (gradient * self.x).sum(axis=0)
                return gradient * self.factor                  # dL/dx

    ``forward`` may take ``training``; ``compute_output_shape`` is needed where the shape of a row changes. What
    ``forward`` keeps in the layer belongs to one thread.

    Args:
        activity_regularizer: a penalty on the layer's output, divided by the number of rows in the batch.
        trainable: whether training changes the weights; call ``compile`` again after changing the attribute.
        name: by default, the class's name and a number, counted as in Keras.
        dtype: ``"float32"`` or ``"float64"``, must match the network.
        input_shape: the shape of a row; replaces an ``Input`` before the first layer.
        input_dim: the number of features, instead of ``input_shape``.

    Attributes:
        activation: the function applied to the layer's output, per unit or across the units of a row.
        built: whether the weights exist.
        gradients: the gradient of each weight that learns, by the name of its attribute, once built.
        row: the shape of an input row, once built.
        scope: the names of the networks in which the layer was built, ``sequential/``, for the paths of its weights.
        input_shape: (None, ...), once built.
        output_shape: (None, ...), once built.
    """

    activation: Activation = activations.linear
    arguments: ClassVar[tuple[str, ...]] = ()  # `get_config` adds those of this class itself
    omitted = ("activity_regularizer",)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if not cls.__module__.startswith("numpy_nn."):
            own.check_class(cls, Layer)
            if "build" in vars(cls):
                setattr(cls, "build", own.declaring(cls.build, Layer.build))  # noqa: B010 - mypy knows no methods that are set

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        name: str | None = None,
        dtype: Any = None,
        input_shape: Sequence[int] | None = None,
        input_dim: int | None = None,
        autocast: bool = True,  # noqa: ARG002 - there is one number type
        **unknown: Any,
    ) -> None:
        refuse_unknown(type(self).__name__, unknown, arguments_of(type(self).__init__))
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.trainable = trainable
        self.name = automatic(type(self).__name__) if name is None else name
        self.dtype = None if dtype is None else _named_type(dtype)
        shape = (input_dim,) if input_shape is None and input_dim is not None else input_shape
        self.given_shape: Shape | None = None if shape is None else tuple(shape)
        self.built = False
        self.scope = ""
        self._layouts: WeakSet[Holder] = WeakSet()
        self._added: list[tuple[Weight, FloatArray]] = []
        self._is_declaring = False

    # The layer as a part of networks

    @property
    def leaves(self) -> list[Layer]:
        """The layer itself."""
        return [self]

    @property
    def learning(self) -> list[bool]:
        """Whether training changes the layer's weights."""
        return [self.trainable]

    @property
    def path(self) -> str:
        """The name, after those of the networks in which the layer was built: ``sequential/dense``."""
        return f"{self.scope}{self.name}"

    # Shapes and weights

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """Return the shape of the output, (None, ...), for an input of that shape."""
        return (None, *self._output_of(_without_rows(input_shape)))

    def _output_of(self, shape: Shape) -> Shape:
        """Return the shape of an output row for an input row; a ValueError if the layer does not accept it."""
        return shape

    def _weights_of(self, shape: Shape) -> list[Weight]:
        """Return the weights for input rows of that shape, in Keras's order; most layers have none."""
        if type(self).__module__.startswith("numpy_nn."):
            return []

        if not self._added:
            self._is_declaring = True
            try:
                self.build((None, *shape))
            finally:
                self._is_declaring = False
        return own.weights_of(self, shape, self._added)

    def add_weight(
        self,
        shape: Sequence[int | None] | int = (),
        initializer: Any = None,
        dtype: Any = None,  # noqa: ARG002 - the network's
        trainable: bool = True,
        autocast: bool = True,  # noqa: ARG002 - there is one number type
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",  # noqa: ARG002 - there is one device
        name: str | None = None,
    ) -> FloatArray:
        """Declare a weight, in the ``__init__`` or ``build`` of a layer of your own; store it in an attribute.

        Matches ``keras.Layer.add_weight``; the number type is the network's, and the default initializer
        ``"glorot_uniform"``.
        """
        given = (shape,) if isinstance(shape, int) else tuple(shape)
        sizes = tuple(count("a weight's axis", size) for size in given)
        drawn = initializers.get(initializer or "glorot_uniform")
        label = name or f"weight_{len(self._added)}"
        weight = Weight(label, sizes, drawn, regularizers.get(regularizer), constraints.get(constraint), trainable)
        array = np.array(drawn(sizes, generator()), float_type(self.dtype))
        self._added.append((weight, array))
        return array

    add_variable = add_weight

    def shape(self, row: Shape) -> Shape:
        """Set the shapes for input rows of shape ``row``, and return the shape of an output row."""
        output = tuple(size for size in self.compute_output_shape((None, *row))[1:] if size is not None)
        self.specified = self._weights_of(row)
        self.row = row
        self.input_shape: tuple[int | None, ...] = (None, *row)
        self.output_shape: tuple[int | None, ...] = (None, *output)
        return output

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Create and draw the weights of a layer used alone; a network does this for its layers.

        A layer of your own may override it, to call `add_weight`.
        """
        if self._is_declaring:
            return
        self.shape(_without_rows(input_shape))
        self.bind(*self._vectors(float_type(self.dtype)))
        self.initialize(generator())

    def _vectors(self, dtype: np.dtype[Any]) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return vectors for `bind` that belong to this layer alone."""
        learned, fixed = (sum(each.size for each in self.specified if each.trainable is kind) for kind in (True, False))
        return np.zeros(learned, dtype), np.zeros(learned, dtype), np.zeros(fixed, dtype)

    def join(self, layout: Holder) -> None:
        """Tell a layout, from now on, when the weights are moved into other vectors."""
        self._layouts.add(layout)

    def bind(self, parameters: FloatArray, gradient: FloatArray, fixed: FloatArray) -> None:
        """Make the weights and their gradients views into flat vectors, one weight after the other.

        Args:
            parameters: the vector for the trainable weights.
            gradient: the vector for their gradients.
            fixed: the vector for the other weights, such as moving averages.
        """
        learned, others = ([each for each in self.specified if each.trainable is kind] for kind in (True, False))
        views = [*self.views(parameters), *_views(others, fixed)]
        for weight, view in zip([*learned, *others], views, strict=True):
            path = f"{self.path}/{weight.name}"
            trainable = weight.trainable
            setattr(self, weight.name, Variable.viewing(view, weight.name, path, trainable=trainable, holder=self))
        self.gradients = dict(zip([each.name for each in learned], self.views(gradient), strict=True))
        self.built = True
        for layout in self._layouts:
            layout.leave()

    def move(self, parameters: FloatArray, gradient: FloatArray, fixed: FloatArray) -> None:
        """Move the weights into other vectors, as in `bind`."""
        weights = self.get_weights()
        self.bind(parameters, gradient, fixed)
        self.set_weights(weights)

    def initialize(self, rng: Generator) -> None:
        """Draw all weights."""
        for weight, array in zip(self.specified, self.weights, strict=True):
            array[...] = weight.initializer.draw(weight.shape, rng)

    def views(self, parameters: FloatArray) -> list[FloatArray]:
        """Return a view for each trainable weight of a vector laid out as in `bind`, in Keras's order."""
        return _views([each for each in self.specified if each.trainable], parameters)

    @property
    def weights(self) -> list[Variable]:
        """All weights, in Keras's order; empty before the layer is built."""
        return [getattr(self, each.name) for each in self.specified] if self.built else []

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training changes."""
        return [getattr(self, each.name) for each in self._learned()]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that no gradient changes, such as moving averages or those of a frozen layer."""
        learned = self._learned()
        return [getattr(self, each.name) for each in self.specified if each not in learned] if self.built else []

    def _learned(self) -> list[Weight]:
        return [each for each in self.specified if each.trainable] if self.built and self.trainable else []

    @property
    def losses(self) -> list[Array]:
        """The penalties on the weights, one for each weight that has a regularizer."""
        pairs = [(each.regularizer, getattr(self, each.name)) for each in self.specified] if self.built else []
        return [scalar(float(regularizer(weight))) for regularizer, weight in pairs if regularizer is not None]

    def get_weights(self) -> list[FloatArray]:
        """Return copies of all weights."""
        return [np.array(array, order="C") for array in self.weights]

    def set_weights(self, weights: Sequence[npt.ArrayLike]) -> None:
        """Set all weights.

        Raises:
            ValueError: if the number of arrays or a shape is wrong; then nothing is changed.
        """
        own = self.weights
        if len(weights) != len(own):
            raise ValueError(f"{self.name} has {len(own)} weights, got {len(weights)}")
        given = [np.asarray(array) for array in weights]
        for weight, mine, new in zip(self.specified, own, given, strict=False):
            if mine.shape != new.shape:
                raise ValueError(f"{weight.name} of {self.name} must have the shape {mine.shape}, got {new.shape}")
        for mine, new in zip(own, given, strict=True):
            mine[...] = new

    def count_params(self) -> int:
        """Return the number of parameters.

        Raises:
            ValueError: if the layer is not built.
        """
        if not self.built:
            raise ValueError(f"{self.name} has no weights yet: call build((None, features)) first")
        return sum(each.size for each in self.specified)

    # Mathematics

    def idle(self, training: bool) -> bool:  # noqa: ARG002 - most layers always compute
        """Return whether the layer leaves its input unchanged; its stage is then skipped."""
        return False

    def stage(self, rows: int, dtype: np.dtype[Any], training: bool) -> Stage:  # noqa: ARG002 - for those that differ
        """Return the stage for ``rows`` rows, in training or prediction."""
        return own.OwnStage(self, training)

    @overload
    def __call__(self, x: Symbol) -> Output: ...

    @overload
    def __call__(self, x: npt.ArrayLike, training: bool = False) -> Array: ...

    def __call__(self, x: npt.ArrayLike | Symbol, training: bool = False) -> Array | Output:
        """Return the output for rows x, (rows, ...), as a new array; build the layer if needed.

        Called with a symbol (an `Input` or the output of another layer), return a symbol of the output.
        """
        if isinstance(x, Symbol):
            return self.symbol(x)
        array = np.asarray(x)
        if not self.built:
            self.build((None, *array.shape[1:]))
        if array.shape[1:] != self.input_shape[1:]:
            raise ValueError(f"{self.name} takes the shape {_rows(self.input_shape)}, got {array.shape}")
        weights = self.weights
        dtype = weights[0].dtype if weights else float_type(self.dtype)
        flat = np.ones((int(np.prod(array.shape[1:])) + 1, len(array)), dtype)
        flat[:-1] = array.reshape(len(array), -1).T
        shape = [len(array) if size is None else size for size in self.output_shape]
        out = np.empty((int(np.prod(shape[1:])), len(array)), dtype)
        stage = Stage() if self.idle(training) else self.stage(len(array), dtype, training)
        stage.forward(flat if stage.reads_ones else flat[:-1], out)
        self.activation.forward(out)
        return np.ascontiguousarray(out.T).reshape(shape).view(Array)

    # Configuration

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that recreate this layer, as Keras's ``get_config`` does."""
        policy = {"name": float_type(self.dtype).name}
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": {"module": "keras", "class_name": "DTypePolicy", "config": policy, "registered_name": None},
        }
        if self.activity_regularizer is not None and "l1" not in self.arguments:
            config["activity_regularizer"] = serialized("regularizers", self.activity_regularizer)
        for name, value in super().get_config().items():
            module = module_of(name)
            config[name] = value if module is None else serialized(module, value)
        return config

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what belongs to the networks around the layer: a copy belongs to none."""
        return self.__dict__ | {"_layouts": None, "_first_call": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _layouts=WeakSet())
        if self.built:  # the copied arrays are no longer views of one vector
            weights = self.weights
            self.move(*self._vectors(weights[0].dtype if weights else float_type(self.dtype)))


def module_of(argument: str) -> str | None:
    """Return the module that creates an argument such as ``bias_initializer``; None for plain values."""
    kind = argument.rpartition("_")[2]
    return f"{kind}s" if kind in ("activation", "initializer", "regularizer", "constraint") else None


def serialized(module: str, part: Any) -> Any:
    """Return an initializer, regularizer, constraint or activation as Keras writes it in a configuration."""
    if part is None:
        return None
    if module == "activations":
        return activations.serialize(part)
    return described(module, part) if hasattr(part, "get_config") else described_function(part)


def count(name: str, value: object) -> int:
    """Return ``value`` as an int if it is a positive whole number; otherwise raise a ValueError."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value > 0:
        return int(value)
    raise ValueError(f"{name} must be a positive whole number, got {value!r}")


def share(name: str, value: float) -> float:
    """Return ``value`` if it lies in [0, 1]; otherwise raise a ValueError."""
    if not 0 <= value <= 1:
        raise ValueError(f"{name} must be between 0 and 1, got {value!r}")
    return value


def not_negative(name: str, value: float | None) -> float:
    """Return ``value`` if it is at least 0; otherwise raise a ValueError."""
    if value is None or not value >= 0:
        raise ValueError(f"{name} must be a number of at least 0, got {value!r}")
    return value


def features(layer: Layer, shape: Shape) -> int:
    """Return the number of features of vector rows; raise a ValueError for other shapes."""
    if len(shape) != 1:
        raise ValueError(f"{layer.name} takes rows of features, got rows of the shape {shape}: put Flatten before it")
    return shape[0]


def _views(weights: Sequence[Weight], vector: FloatArray) -> list[FloatArray]:
    """Return a view for each weight of a vector that holds one after the other."""
    views, start = [], 0
    for weight in weights:
        views.append(vector[start : start + weight.size].reshape(weight.shape))
        start += weight.size
    return views


def _without_rows(input_shape: Sequence[int | None]) -> Shape:
    row = tuple(input_shape)[1:]
    known = tuple(size for size in row if size is not None)
    if not row or len(known) != len(row):
        raise ValueError(f"input_shape must be (None, features, ...), got {tuple(input_shape)}")
    return known


def _rows(shape: tuple[int | None, ...]) -> str:
    """Return (None, 4) as "(rows, 4)", for an error message."""
    return f"({', '.join('rows' if size is None else str(size) for size in shape)})"


def _named_type(dtype: Any) -> str:
    """Return the name of a number type given as a name, a NumPy type or a serialized Keras policy."""
    if isinstance(dtype, dict):
        dtype = dtype.get("config", {}).get("name")
    return float_type(dtype if isinstance(dtype, str) else np.dtype(dtype).name).name
