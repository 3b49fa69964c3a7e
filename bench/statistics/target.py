"""When a trial first reached its target."""

from collections.abc import Sequence


def first_crossing(accuracies: Sequence[float | None], target: float) -> int | None:
    """Return the first place at which the accuracy was at least ``target``; None if there was none.

    ``accuracies`` begins with the start, and goes on with each snapshot; one that could not be computed is None.
    """
    return next(
        (place for place, value in enumerate(accuracies) if value is not None and value >= target),
        None,
    )
