"""What is decided about a run: the gate, and the baseline that it is held against."""
