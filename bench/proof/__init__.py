"""The proof that contenders are twins: the same quantities from each, compared in float64 before anything is timed."""
