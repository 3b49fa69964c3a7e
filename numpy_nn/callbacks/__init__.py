"""Callbacks: objects that `Sequential.fit`, ``evaluate`` and ``predict`` call as they proceed, one idea per file.

Names, arguments, defaults and meaning are those of ``keras.callbacks``. The methods for batches are called only if a
callback overrides one of them, so other callbacks do not slow updates down.

Callbacks that `Sequential` does not use itself are imported when first requested, which keeps ``import numpy_nn`` fast.
"""

from typing import TYPE_CHECKING, Any

from numpy_nn.callbacks.base import Callback, CallbackList, Logs
from numpy_nn.callbacks.history import History, ProgbarLogger
from numpy_nn.names import absent

if TYPE_CHECKING:
    from numpy_nn.callbacks.averages import SwapEMAWeights
    from numpy_nn.callbacks.backup import BackupAndRestore
    from numpy_nn.callbacks.checkpoint import ModelCheckpoint
    from numpy_nn.callbacks.csv_logger import CSVLogger
    from numpy_nn.callbacks.functions import LambdaCallback
    from numpy_nn.callbacks.learning_rates import LearningRateScheduler, ReduceLROnPlateau
    from numpy_nn.callbacks.monitor import Monitor
    from numpy_nn.callbacks.stopping import EarlyStopping, TerminateOnNaN

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "Logs",
    "ModelCheckpoint",
    "Monitor",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "SwapEMAWeights",
    "TerminateOnNaN",
]

_MODULES = {
    "BackupAndRestore": "backup",
    "CSVLogger": "csv_logger",
    "EarlyStopping": "stopping",
    "LambdaCallback": "functions",
    "LearningRateScheduler": "learning_rates",
    "ModelCheckpoint": "checkpoint",
    "Monitor": "monitor",
    "ReduceLROnPlateau": "learning_rates",
    "SwapEMAWeights": "averages",
    "TerminateOnNaN": "stopping",
}


def __getattr__(name: str) -> Any:
    """Import a callback when it is first requested."""
    if name not in _MODULES:
        absent("numpy_nn.callbacks")(name)
    from importlib import import_module

    return getattr(import_module(f"numpy_nn.callbacks.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    """Return the public names, including those not imported yet."""
    return __all__
