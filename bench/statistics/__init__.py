"""Statistics that hold at small numbers of seeds: values and tables in, values out."""
