"""The work of a trial's process, lap by lap: build, first update, load, train, predict.

Until the memory is read, it imports numpy and the contender only.
"""

import contextlib
import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from bench.trials.readings import peak_rss_bytes, read_threads
from bench.trials.snapshots import Ending, Holding, Snapshots, Stopping, TrainingOver

if TYPE_CHECKING:
    from bench.core.spec import FloatArray, Network, NetworkSpec
    from bench.process.child import Child

# A prediction is repeated for so long, between so few and so many times; its time is the median.
_LATENCY_SECONDS = 0.25
_LATENCY_REPEATS = (5, 200)
_BATCH_ROWS = 1024

# How often the data are looked for.
_POLL_SECONDS = 0.001


def run(child: "Child") -> None:
    """Train the contender on the job's scenario; leave its snapshots, its clock and its timed predictions.

    Raises:
        RuntimeError: if the contender does not start from the given weights, or uses more threads than it was asked to.
    """
    import numpy as np

    from bench.core.randomness import Orders, glorot_uniform
    from bench.core.spec import NetworkSpec

    job, scratch, laps = child.job, child.scratch, child.laps
    spec = NetworkSpec.from_json(job["network"])
    network: Network = child.contender.build(spec)
    laps.lap("build")

    if hasattr(network, "warm_up"):
        network.set_weights([array.astype(spec.dtype) for array in glorot_uniform(spec, seed=0)])
        network.warm_up(*_other_rows(spec, job["train_rows"]))
    laps.lap("first_update")

    child.channel.send("warm")
    while not (scratch / "job.npz").exists():  # the parent writes it now: warming up must not learn anything
        time.sleep(_POLL_SECONDS)
    with np.load(scratch / "job.npz", allow_pickle=False) as arrays:
        x = arrays["x_train"].astype(spec.dtype)
        y = arrays["y_train"].astype(spec.dtype)
        weights = [arrays[f"weight_{index}"].astype(spec.dtype) for index in range(2 * len(spec.layers))]
    orders = Orders(len(x), job["epochs"], job["seed"], shuffle=job["shuffle"])
    network.set_weights(weights)
    laps.lap("load")

    ending: Ending | None = None
    if job["hold_updates"] is not None:
        ending = Holding(job, scratch, spec)
    elif job["stopping"] is not None:
        ending = Stopping(job, scratch, spec)
    with Snapshots(
        scratch / "snapshots",
        network,
        spec,
        child.channel,
        job["epochs"],
        every=job["epochs_per_snapshot"],
        ending=ending,
    ) as snapshots:
        snapshots.start(weights)
        with contextlib.suppress(TrainingOver):
            network.train(x, y, orders, snapshots.take)
        train_seconds = snapshots.stop()
    laps.lap("train")
    laps.move("train", "snapshot", laps.seconds["train"] - train_seconds)
    child.channel.send("trained")  # the parent compares its clock and the processors' time

    batch = batch_of(x)
    one_seconds, one = _median_seconds(lambda: network.predict(batch[:1]))
    batch_seconds, many = _median_seconds(lambda: network.predict(batch))
    laps.lap("predict")

    peak_bytes = peak_rss_bytes()
    clock = {"ended": snapshots.ended, "train_seconds": snapshots.train_seconds}
    (scratch / "clock.json").write_text(json.dumps(clock), encoding="utf-8")
    answers = {"one": np.asarray(one, np.float64), "batch": np.asarray(many, np.float64)}
    np.savez(scratch / "predictions.npz", allow_pickle=False, **answers)
    child.channel.send(
        "done",
        seconds=laps.seconds,
        **read_threads(child.threads, job["threads"]),
        peak_rss_bytes=peak_bytes,
        predict_one_seconds=one_seconds,
        predict_batch_seconds=batch_seconds,
    )


def batch_of(x: "FloatArray") -> "FloatArray":
    """Return the rows whose prediction is timed; the first of them is timed alone, too."""
    import numpy as np

    return np.resize(x, (_BATCH_ROWS, x.shape[1]))


def _other_rows(spec: "NetworkSpec", rows: int) -> "tuple[FloatArray, FloatArray]":
    """Return rows and labels of the shapes that will be trained on, with other values."""
    import numpy as np

    rng = np.random.default_rng(0)
    outputs = spec.layers[-1].units
    x = rng.standard_normal((rows, spec.layers[0].inputs)).astype(spec.dtype)
    if spec.loss == "sparse_categorical_crossentropy":
        return x, rng.integers(0, outputs, rows).astype(spec.dtype)
    if spec.loss == "categorical_crossentropy":
        return x, np.eye(outputs, dtype=spec.dtype)[rng.integers(0, outputs, rows)]
    return x, rng.integers(0, 2, (rows, outputs)).astype(spec.dtype)


def _median_seconds(call: "Callable[[], FloatArray]") -> "tuple[float, FloatArray]":
    """Return the median seconds of a call, after one call that is not timed, and the last call's answer."""
    call()
    least, most = _LATENCY_REPEATS
    samples: list[float] = []
    until = time.perf_counter() + _LATENCY_SECONDS
    while len(samples) < least or (len(samples) < most and time.perf_counter() < until):
        start = time.perf_counter()
        answer = call()
        samples.append(time.perf_counter() - start)
    return sorted(samples)[len(samples) // 2], answer
