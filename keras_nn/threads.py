"""Limits the threads of Keras's backend."""

import os

import keras


def bind_threads(threads: int) -> int:
    """Bound Keras's backend to ``threads`` threads, and return the number read back.

    Must run before the backend does anything; TensorFlow raises a RuntimeError otherwise.
    """
    bind = {"tensorflow": _bind_tensorflow, "torch": _bind_torch, "jax": _bind_jax}
    return bind[keras.config.backend()](threads)


def _bind_tensorflow(threads: int) -> int:
    """Bound TensorFlow, and hide any GPU from it."""
    import tensorflow as tf

    tf.config.set_visible_devices([], "GPU")
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    return int(tf.config.threading.get_intra_op_parallelism_threads())


def _bind_torch(threads: int) -> int:
    """Bound PyTorch's threads within an operation and between operations."""
    import torch

    torch.set_num_threads(threads)
    torch.set_num_interop_threads(threads)
    return int(max(torch.get_num_threads(), torch.get_num_interop_threads()))


def _bind_jax(threads: int) -> int:
    """Bound XLA's pool, which JAX creates on first use; JAX has no way to read the number back."""
    os.environ["PJRT_NPROC"] = str(threads)
    return threads
