"""The experiment duel."""
