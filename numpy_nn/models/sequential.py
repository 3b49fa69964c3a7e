"""`Sequential`: a network whose layers are given in a list, or added one by one."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Sequence
from typing import Any, Self

from numpy_nn.layers import deserialize, serialize
from numpy_nn.layers.input import InputLayer
from numpy_nn.layers.symbols import Part
from numpy_nn.models.model import Model
from numpy_nn.names import automatic, description


class Sequential(Model):
    """Layers in sequence. Matches ``keras.Sequential``.

    A network in training belongs to one thread; several threads may predict with it at the same time.

    Args:
        layers: the layers, which may be networks, optionally with an `Input` first. Without it the network is built
            when it first sees data.
        trainable: whether the layers learn.
        name: by default, ``sequential`` and a number.
        seed: of initial weights, shuffling and noise; by default they differ from run to run, unless
            ``utils.set_random_seed`` was called.
        dtype: ``"float32"`` or ``"float64"``; by default that of the layers, or else `numpy_nn.config.floatx`.

    Attributes:
        layers: the layers, without the `Input`.
        dtype: the number type of all parameters.
        built: whether there are weights.
        stop_training: set it to end `fit` after the running batch or epoch.
        initial_epoch: the epoch that `fit` begins with; a callback may set it in ``on_train_begin``.
        history: what the last `fit` returned.
    """

    def __init__(
        self,
        layers: Sequence[InputLayer | Part] | None = None,
        trainable: bool = True,
        name: str | None = None,
        *,
        seed: int | None = None,
        dtype: str | None = None,
    ) -> None:
        self._begin(None, [], automatic(type(self).__name__) if name is None else name, seed, dtype)
        self._scope = f"{self.name}/"
        for layer in layers or ():
            self.add(layer, rebuild=False)
        self._trainable = bool(trainable)
        self._build_if_known()

    def add(self, layer: InputLayer | Part, rebuild: bool = True) -> None:
        """Append a layer, or a network; an `Input` may only come first. What is built keeps its weights.

        Raises:
            ValueError: if an `Input` does not come first, the layer was used before in this network, or its shape does
                not fit.
            TypeError: if it is not a layer.
        """
        if isinstance(layer, InputLayer):
            if self._parts or self._input is not None:
                raise ValueError("Input must be the first layer")
            self._input = layer
            return
        given = getattr(layer, "given_shape", None)
        if not self._parts and given is not None:
            if self._input is not None and self._input.row != given:
                raise ValueError(f"{layer.name} has the input_shape {given} after an Input of {self._input.row}")
            self._input = self._input or InputLayer(given)
        self._append(layer)
        self.built = False
        if rebuild:
            self._build_if_known()

    def pop(self, rebuild: bool = True) -> Any:
        """Remove the last layer and return it; the others keep their weights.

        Raises:
            ValueError: if the network has no layer.
        """
        if not self._parts:
            raise ValueError("the network has no layer to remove")
        shape = self.input_shape if self.built else None
        layer, self.built = self._parts.pop(), False
        if rebuild and self._parts and shape is not None:
            self.build(shape)
        return layer

    def get_config(self) -> dict[str, Any]:
        """Return what makes this network again, without its weights, as Keras's ``get_config`` does."""
        given: list[Any] = [*([self._input] if self._input else []), *self._parts]
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable}
        config["dtype"] = description("keras", "DTypePolicy", {"name": self.dtype.name})
        config["layers"] = [serialize(each) for each in given]
        return config | ({"build_input_shape": list(self.input_shape)} if self.built else {})

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Return the network that `get_config`, or Keras's, describes, with new weights.

        Raises:
            ValueError: if it names an unknown layer.
        """
        policy = config.get("dtype")
        dtype = policy["config"]["name"] if isinstance(policy, dict) else policy
        model = cls([deserialize(each) for each in config["layers"]], name=config.get("name"), dtype=dtype)
        if not model.built and config.get("build_input_shape"):
            model.build(config["build_input_shape"])
        return model
