"""Callbacks: objects that `Sequential.fit`, ``evaluate`` and ``predict`` call as they proceed, one idea per file.

Names, arguments, defaults and meaning are those of ``keras.callbacks``. The methods for batches are called only if a
callback overrides one of them, so other callbacks do not slow updates down.
"""

from numpy_nn.callbacks.averages import SwapEMAWeights
from numpy_nn.callbacks.backup import BackupAndRestore
from numpy_nn.callbacks.base import Callback, CallbackList, Logs, Network
from numpy_nn.callbacks.checkpoint import ModelCheckpoint
from numpy_nn.callbacks.csv_logger import CSVLogger
from numpy_nn.callbacks.functions import LambdaCallback
from numpy_nn.callbacks.history import History, ProgbarLogger
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
    "Network",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "SwapEMAWeights",
    "TerminateOnNaN",
]
