"""Table in, value out: statistics that hold at small numbers of seeds."""
