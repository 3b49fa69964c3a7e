"""What `Sequential.fit` tells the outside at the end of every epoch."""


class Callback:
    """Something that wants to know how training goes; override what you need."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Hear that ``epoch``, counted from zero, is done; ``logs`` holds its loss and metrics."""


class History(Callback):
    """Keeps the loss and the metrics of every epoch; ``fit`` returns one.

    Attributes:
        epoch: the epochs, counted from zero.
        history: for each of ``loss`` and the metrics, one value an epoch.
    """

    def __init__(self) -> None:
        self.epoch: list[int] = []
        self.history: dict[str, list[float]] = {}

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        """Keep the epoch's loss and metrics."""
        self.epoch.append(epoch)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)
