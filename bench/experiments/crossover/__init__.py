"""The experiment crossover."""
