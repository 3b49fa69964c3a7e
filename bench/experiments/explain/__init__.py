"""The experiment explain."""
