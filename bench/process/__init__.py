"""A child process from both sides: the parent spawns it, and the child reports through a channel."""
