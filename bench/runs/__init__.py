"""A run: its settings, its plan, its record, and how it is executed."""
