"""Data sets, split into training and test rows."""

from bench.datasets.data import Data
from bench.datasets.registry import DATASETS, Dataset, find, load, of_table, table_file

__all__ = ["DATASETS", "Data", "Dataset", "find", "load", "of_table", "table_file"]
