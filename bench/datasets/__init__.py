"""Data sets, split into training and test rows."""

from bench.datasets.data import Data
from bench.datasets.registry import DATASETS, Dataset, find, load, of_table, table_of
from bench.datasets.table import TABLE_SUFFIXES

__all__ = ["DATASETS", "TABLE_SUFFIXES", "Data", "Dataset", "find", "load", "of_table", "table_of"]
