"""The same network in Keras, as an experienced user of Keras writes it.

``models`` builds and compiles, ``data`` feeds rows in a given order, ``training`` trains on them, and ``threads``
limits the backend's threads. The backend may be TensorFlow, JAX or PyTorch; only the one in use is imported.
"""

from keras_nn.data import batches_in_order, epochs_in_order
from keras_nn.models import build_model, compile_model
from keras_nn.threads import bind_threads
from keras_nn.training import fit, warm_up

__all__ = ["batches_in_order", "bind_threads", "build_model", "compile_model", "epochs_in_order", "fit", "warm_up"]
