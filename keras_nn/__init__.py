"""The same network in Keras, as an experienced user of Keras writes it.

``models`` builds and compiles, ``training`` trains in a given order of rows, ``data`` is what brings them,
``threads`` bounds what the backend may use. TensorFlow, JAX and PyTorch will do, each imported only where it is the
backend.
"""

from keras_nn.data import batches_in_order, epochs_in_order
from keras_nn.models import build_model, compile_model
from keras_nn.threads import bind_threads
from keras_nn.training import fit, warm_up

__all__ = ["batches_in_order", "bind_threads", "build_model", "compile_model", "epochs_in_order", "fit", "warm_up"]
