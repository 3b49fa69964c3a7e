"""The report of a run, for the eye: tables of words made from tables of numbers, and the page in Markdown."""
