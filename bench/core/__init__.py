"""Plain values, errors, words and random numbers: what every other folder may import."""
