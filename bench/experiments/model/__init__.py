"""A Keras model of the user's own: does it need its framework? Planned from the file, so it is not in the registry."""

from bench.experiments.model.plan import BATCH_SIZE, of_model, on_table

__all__ = ["BATCH_SIZE", "of_model", "on_table"]
