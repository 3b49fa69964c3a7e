"""Saving and loading: ``.keras`` files, which Keras also reads and writes, and ``.npz`` files, which need only NumPy.

    save_model(model, "model.keras")
    model = load_model("model.keras")        # with weights and, if compiled, the optimizer with its state
    model = from_keras(keras_model)          # the same from a Keras model in memory

Keras's older ``.h5`` files are read and written too. A file is data: nothing in it is unpickled, imported or run, and
the size it claims is compared with its actual size before memory is allocated. From bottom to top: ``archive`` and
``hdf5`` read containers and reject malformed ones, ``npz``, ``keras_file`` and ``legacy`` are the formats,
``serialization`` converts objects to Keras's dictionaries, ``weights`` and ``describe`` read a network, ``restore``
builds one.
"""

from typing import TYPE_CHECKING, Any

from numpy_nn.names import absent
from numpy_nn.registration import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from numpy_nn.saving.load import from_keras, load_model, model_from_json
from numpy_nn.saving.save import load_weights, save_model, save_weights
from numpy_nn.saving.serialization import check, deserialize, serialize

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "deserialize_keras_object",
    "from_keras",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "model_from_json",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize_keras_object",
]


def serialize_keras_object(obj: Any) -> Any:
    """Return an object as the dictionary by which Keras describes it; plain values unchanged."""
    return serialize(obj)


def deserialize_keras_object(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """Create the object that `serialize_keras_object` described.

    Raises:
        ValueError: if it is not a class of this package nor registered, or rejects its arguments.
    """
    with custom_object_scope(custom_objects):
        check(config)
        return deserialize(config)


if not TYPE_CHECKING:  # type checkers report unknown names
    __getattr__ = absent(__name__)
