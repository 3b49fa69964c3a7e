"""What does the batch size do to the ratio of training times, Keras over NumPy?"""

from .plan import EXPERIMENT

__all__ = ["EXPERIMENT"]
