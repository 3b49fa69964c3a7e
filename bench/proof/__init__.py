"""The proof that the contenders are twins: the same quantities from each, compared in float64 before a clock starts."""
