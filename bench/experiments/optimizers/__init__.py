"""The experiment optimizers."""
