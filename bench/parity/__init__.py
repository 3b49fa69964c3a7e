"""Parity: every public name of Keras beside the same name in ``numpy_nn``, and the largest difference between them.

Where to look: ``names`` lists what is public, ``draws`` chooses the arguments, ``comparisons`` uses each kind of thing,
``reasons`` explains missing names and larger tolerances, ``measure`` judges, ``page`` writes docs/parity.md.
"""
