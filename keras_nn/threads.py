"""How many threads TensorFlow may use."""

import tensorflow as tf


def bind_threads(threads: int) -> int:
    """Bound TensorFlow to ``threads`` threads, hide any GPU, and return the number read back.

    Must run before TensorFlow does anything; a RuntimeError says so otherwise.
    """
    tf.config.set_visible_devices([], "GPU")
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    return int(tf.config.threading.get_intra_op_parallelism_threads())
