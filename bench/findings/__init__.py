"""Findings: one sentence and its table for each suite, derived from a run's tables and from nothing else."""
