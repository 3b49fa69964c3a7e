"""Feeds rows to Keras in a given order: a pipeline for TensorFlow, a generator for the other backends."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:  # Keras does not need TensorFlow on another backend
    import tensorflow as tf

IntArray = npt.NDArray[np.integer[Any]]


def epochs_in_order(
    x: npt.NDArray[Any], y: npt.NDArray[Any], orders: Iterable[IntArray], batch_size: int
) -> "tf.data.Dataset":
    """Return the batches of all epochs, one after another, each epoch in its own order of rows.

    One gather orders a whole epoch; a reshape then gives its full batches, and the remaining rows form a smaller batch.
    The pipeline spans all epochs, so Keras builds one iterator instead of one per epoch. It starts no threads, since
    handing over so little work would cost more than doing it.
    """
    import tensorflow as tf

    rows = len(x)
    full = rows // batch_size
    ragged = rows % batch_size
    data = (tf.constant(x), tf.constant(y))

    def batches(order: Any) -> "tf.data.Dataset":
        ordered = [tf.gather(array, order) for array in data]
        head = [tf.reshape(a[: full * batch_size], (full, batch_size, *a.shape[1:])) for a in ordered]
        whole = tf.data.Dataset.from_tensor_slices(tuple(head))
        if not ragged:
            return whole
        rest = tf.data.Dataset.from_tensors(tuple(a[full * batch_size :] for a in ordered))
        return whole.concatenate(rest) if full else rest

    epochs = tf.data.Dataset.from_generator(
        lambda: iter(orders), output_signature=tf.TensorSpec((rows,), tf.int64)
    ).flat_map(batches)
    options = tf.data.Options()
    options.autotune.enabled = False
    options.experimental_optimization.inject_prefetch = False
    options.threading.private_threadpool_size = 1
    return epochs.with_options(options)


def batches_in_order(
    x: npt.NDArray[Any], y: npt.NDArray[Any], orders: Iterable[IntArray], batch_size: int
) -> Iterator[tuple[npt.NDArray[Any], npt.NDArray[Any]]]:
    """Yield the same batches as arrays, for backends that cannot read `tf.data` without TensorFlow.

    Here too, one gather orders a whole epoch; a batch is then a slice.
    """
    for order in orders:
        x_ordered, y_ordered = x[order], y[order]
        for start in range(0, len(x), batch_size):
            rows = slice(start, start + batch_size)
            yield x_ordered[rows], y_ordered[rows]
