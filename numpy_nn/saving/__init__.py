"""Saving and loading: ``.keras`` files, which Keras also reads and writes, and ``.npz`` files, which need only NumPy.

    save_model(model, "model.keras")
    model = load_model("model.keras")        # with weights and, if compiled, the optimizer with its state
    model = from_keras(keras_model)          # the same from a Keras model in memory

A file is data: nothing in it is unpickled, imported or run, and the size it claims is compared with its actual size
before memory is allocated. From bottom to top: ``archive`` and ``hdf5`` read containers and reject malformed ones,
``npz`` and ``keras_file`` are the formats, ``serialization`` converts objects to Keras's dictionaries, ``weights`` and
``describe`` read a network, ``restore`` builds one.
"""

from numpy_nn.saving.load import from_keras, load_model
from numpy_nn.saving.save import load_weights, save_model, save_weights

__all__ = ["from_keras", "load_model", "load_weights", "save_model", "save_weights"]
