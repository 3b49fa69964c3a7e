"""When training stops early, as Keras's EarlyStopping decides it."""

from collections.abc import Sequence


def stops_after(losses: Sequence[float], patience: int, min_delta: float) -> int | None:
    """Return after how many epochs training stops; None if it goes on.

    It stops once the loss has not been below the best so far, less ``min_delta``, for ``patience`` epochs. ``losses``
    holds one value an epoch; NaN is no improvement.
    """
    best, waited = float("inf"), 0
    for epoch, loss in enumerate(losses, start=1):
        waited += 1
        if loss < best - min_delta:
            best, waited = loss, 0
        if waited >= patience:
            return epoch
    return None
