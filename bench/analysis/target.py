"""When a trial first reached its target."""

from collections.abc import Sequence


def first_crossing(accuracies: Sequence[float | None], target: float) -> int | None:
    """Return the first epoch at whose end the accuracy was at least ``target``; None if there was none.

    ``accuracies`` begins with epoch 0, the start; an accuracy that could not be computed is None.
    """
    return next(
        (epoch for epoch, value in enumerate(accuracies) if value is not None and value >= target),
        None,
    )
