"""Activations that shrink small values to zero, or replace them."""

from __future__ import annotations  # evaluated, they would take a third of the import

import numpy as np

from numpy_nn.activations.elementwise import Elementwise

hard_shrink = Elementwise(
    "hard_shrink",
    lambda z, threshold: np.where(np.abs(z) > threshold, z, 0),
    lambda a, threshold: a != 0,  # noqa: ARG005
    threshold=0.5,
)
soft_shrink = Elementwise(
    "soft_shrink",
    lambda z, threshold: np.where(z > threshold, z - threshold, np.where(z < -threshold, z + threshold, 0)),
    lambda a, threshold: a != 0,  # noqa: ARG005
    threshold=0.5,
)
tanh_shrink = Elementwise("tanh_shrink", lambda z: z - np.tanh(z), lambda z: np.square(np.tanh(z)), of="logits")
threshold = Elementwise(
    "threshold",
    lambda z, threshold, default_value: np.where(z > threshold, z, default_value),
    lambda z, threshold, default_value: z > threshold,  # noqa: ARG005
    of="logits",
    threshold=0.0,  # Keras has no defaults for these two, so it cannot use this activation in a layer
    default_value=0.0,
)
