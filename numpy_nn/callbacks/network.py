"""What callbacks use of the network that is trained. Imported for type checking only, so it costs no import time."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Sequence
from os import PathLike
from typing import Protocol

from numpy_nn.arrays import FloatArray
from numpy_nn.metrics import Metric
from numpy_nn.optimizers import Optimizer


class Network(Protocol):
    """What callbacks use of the network that is trained."""

    built: bool
    stop_training: bool
    initial_epoch: int

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer given to ``compile``."""

    @property
    def metrics(self) -> Sequence[Metric]:
        """The metrics given to ``compile``."""

    @property
    def trainable_weights(self) -> list[FloatArray]:
        """Views of the weights that training changes."""

    def split(self, vector: FloatArray) -> list[FloatArray]:
        """Return a view for each trainable weight of a vector laid out like the parameters."""

    def get_weights(self) -> list[FloatArray]:
        """Return copies of all weights."""

    def set_weights(self, weights: Sequence[FloatArray]) -> None:
        """Set all weights."""

    def save(self, filepath: str | PathLike[str]) -> None:
        """Write the network to a file."""

    def save_weights(self, filepath: str | PathLike[str]) -> None:
        """Write the weights and the optimizer's state to a file."""

    def load_weights(self, filepath: str | PathLike[str]) -> None:
        """Read what `save_weights` wrote."""
