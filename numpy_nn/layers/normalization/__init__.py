"""Normalization: layers that keep values near mean 0 and variance 1.

All of these except `UnitNormalization` end with a learned scale (gamma), and most with a learned shift (beta). Let n be
the normalized values and g = dL/dn. All derivatives then have the form

    dL/dx = s (g - mean(g) - n mean(g n))

where s is the inverse of the divisor of x. The means are taken over the values that are normalized together: the rows
of the batch in `BatchNormalization`, the channels of a group in `GroupNormalization`, the features of a row in the
others. Layers that do not subtract a mean omit mean(g).
"""
