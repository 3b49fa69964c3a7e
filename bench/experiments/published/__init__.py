"""The experiment published."""
