"""Data sets, split into training and test rows."""

from bench.datasets.data import Data
from bench.datasets.registry import DATASETS, Dataset, load

__all__ = ["DATASETS", "Data", "Dataset", "load"]
