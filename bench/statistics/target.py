"""When a trial first reached its target."""

from collections.abc import Sequence


def first_crossing(accuracies: Sequence[float | None], target: float) -> int | None:
    """Return the index of the first accuracy that is at least ``target``; None if there is none.

    ``accuracies`` holds the accuracy before training, then one for each snapshot; None if it could not be computed.
    """
    return next((index for index, value in enumerate(accuracies) if value is not None and value >= target), None)
