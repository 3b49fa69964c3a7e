"""Snapshots of the weights, the clock of training, which counts all work but the copies, and how long a target held."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bench.core.spec import EarlyStopping
from bench.process.channel import Channel
from bench.statistics.stopping import stops_after

if TYPE_CHECKING:
    from bench.core.spec import FloatArray, Network, NetworkSpec

# The least time between two messages of progress to the parent.
_PROGRESS_SECONDS = 0.1


class TrainingOver(Exception):  # noqa: N818 - not an error: training is over
    """Training ends before its last epoch, as the scenario asks."""


class Ending(Protocol):
    """Decides after each snapshot whether training is over."""

    over: bool

    def judge(self, epoch: int, weights: "list[FloatArray]") -> None:
        """Update ``over`` with the weights after an epoch."""


class Stopping:
    """Ends training by its loss over the training rows, or over those set aside, by the neutral evaluator.

    Attributes:
        over: whether the loss has not fallen for as long as the scenario asks.
    """

    def __init__(self, job: dict[str, Any], scratch: Path, spec: "NetworkSpec") -> None:
        import numpy as np

        from bench.core.evaluate import as_targets

        self._asked = EarlyStopping(**job["stopping"])
        side = "validation" if self._asked.sets_aside else "train"
        with np.load(scratch / "job.npz", allow_pickle=False) as arrays:
            self._x = arrays[f"x_{side}"]
            self._targets = as_targets(spec, arrays[f"y_{side}"])
        self._spec = spec
        self._losses: list[float] = []
        self.over = False

    def judge(self, epoch: int, weights: "list[FloatArray]") -> None:
        """Update ``over`` with the loss of the weights after an epoch."""
        from bench.core.evaluate import forward, mean_loss

        self._losses.append(mean_loss(self._spec, forward(self._spec, weights, self._x)[-1], self._targets))
        self.over = stops_after(self._losses, self._asked.patience, self._asked.min_delta) == epoch


class Holding:
    """Counts, by the neutral evaluator, for how many updates the training score has been at its target.

    Attributes:
        over: whether it has been there for ``hold_updates`` updates, at every snapshot between.
    """

    def __init__(self, job: dict[str, Any], scratch: Path, spec: "NetworkSpec") -> None:
        import numpy as np

        from bench.core.evaluate import as_targets

        with np.load(scratch / "job.npz", allow_pickle=False) as arrays:
            self._x = arrays["x_train"]
            self._targets = as_targets(spec, arrays["y_train"])
        self._spec = spec
        self._task: str = job["task"]
        self._target: float = job["target_accuracy"]
        self._hold_updates: int = job["hold_updates"]
        self._updates_per_epoch = -(-len(self._x) // (spec.batch_size or len(self._x)))
        self._since: int | None = None
        self.over = False

    def judge(self, epoch: int, weights: "list[FloatArray]") -> None:
        """Update ``over`` with the score of the weights after an epoch."""
        from bench.core.evaluate import loss_and_score

        _, score = loss_and_score(self._spec, weights, self._x, self._targets, self._task)
        if score < self._target:
            self._since = None
            return
        updates = epoch * self._updates_per_epoch
        self._since = updates if self._since is None else self._since
        self.over = updates - self._since >= self._hold_updates


class Snapshots:
    """Copies the weights to a file at the end of epochs; only the copies are off the training clock.

    Attributes:
        ended: how many epochs have ended.
        train_seconds: the training clock at each snapshot; 0 at the start.
        last: the weights of the last snapshot.
    """

    def __init__(
        self,
        path: Path,
        network: "Network",
        spec: "NetworkSpec",
        channel: Channel,
        planned: int,
        *,
        every: int = 1,
        ending: Ending | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._network = network
        self._shapes = spec.weight_shapes
        self._channel = channel
        self._planned = planned
        self._every = every
        self._ending = ending
        self._clock = clock
        self._path = path
        self._file = path.open("wb")
        self._paused = 0.0
        self._reported = 0.0
        self.ended = 0
        self.train_seconds = [0.0]
        self.last: list[FloatArray] = []

    def __enter__(self) -> "Snapshots":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def start(self, given: "list[FloatArray]") -> None:
        """Write the initial weights, then start the training clock.

        Raises:
            RuntimeError: if the network does not start from the given weights, bit for bit.
        """
        self._read()
        self._write()
        for index, (array, expected) in enumerate(zip(self.last, given, strict=True)):
            if array.astype(expected.dtype).tobytes() != expected.tobytes():
                name = f"{'bias' if index % 2 else 'kernel'} of layer {index // 2 + 1}"
                raise RuntimeError(f"training must start from the given weights, but the {name} was changed before it")
        self._start = self._clock()

    def take(self) -> None:
        """Read the weights, stop the training clock, write them, report progress to the parent, restart the clock.

        Raises:
            TrainingOver: through the contender's ``train``, once training is over before its last epoch.
        """
        stopped = self._clock()
        self.ended += 1
        if self.ended % self._every == 0 or self.ended == self._planned:
            stopped += self._read()
            self.train_seconds.append(stopped - self._start - self._paused)
            self._write()
            if self._ending is not None:
                self._ending.judge(self.ended, self.last)
        if stopped - self._reported > _PROGRESS_SECONDS:
            self._reported = stopped
            self._channel.send("epoch", epoch=self.ended, epochs=self._planned)
        self._paused += self._clock() - stopped
        if self._ending is not None and self._ending.over:
            raise TrainingOver

    def stop(self) -> float:
        """Return the seconds that training took."""
        return self._clock() - self._start - self._paused

    def _read(self) -> float:
        """Read the weights, and return the seconds of work beyond a copy.

        A network may leave work to `get_weights`. The second of two calls has only the copy to make, so what the first
        takes beyond it is training. A second call that takes longer trains ahead, which counts too.
        """
        first = self._clock()
        self.last = self._network.get_weights()
        second = self._clock()
        self._network.get_weights()
        return abs((second - first) - (self._clock() - second))

    def _write(self) -> None:
        shapes = tuple(array.shape for array in self.last)
        if shapes != self._shapes:
            raise ValueError(f"get_weights must return arrays of shapes {self._shapes}, got {shapes}")
        for array in self.last:
            self._file.write(array.astype("float64", copy=False).tobytes())
