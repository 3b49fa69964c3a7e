"""The experiment cost."""
