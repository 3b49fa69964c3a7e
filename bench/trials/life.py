"""The life of a trial, in a fresh process: start, import, load, build, first update, train, predict, evaluate.

Imports numpy and the contender, no more, until the memory has been read.
"""

import contextlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.process.child import Child
from bench.trials.readings import peak_rss_bytes, thread_pools
from bench.trials.snapshots import Holding, Snapshots, TargetHeld

if TYPE_CHECKING:
    from bench.core.spec import Network, NetworkSpec

# How long and how often a prediction is repeated for its median.
_LATENCY_SECONDS = 0.25
_LATENCY_REPEATS = (5, 200)
_BATCH_ROWS = 1024

# Frames of an animation: so many steps of equal length from the first epoch to the last, and the start.
_FRAME_STEPS = 50


def run(child: Child) -> None:
    """Run the trial that the job describes."""
    job, scratch, laps = child.job, child.scratch, child.laps

    import numpy as np

    contender, threads = child.bounded_contender()

    from bench.core.randomness import Orders
    from bench.core.spec import NetworkSpec

    spec = NetworkSpec.from_json(job["network"])
    with np.load(scratch / "job.npz", allow_pickle=False) as arrays:
        x = arrays["x_train"].astype(spec.dtype)
        y = arrays["y_train"].astype(spec.dtype)
        weights = [arrays[f"weight_{index}"].astype(spec.dtype) for index in range(2 * len(spec.layers))]
    orders = Orders(len(x), job["epochs"], job["seed"], shuffle=job["shuffle"])
    laps.lap("load")

    network: Network = contender.build(spec)
    network.set_weights(weights)
    laps.lap("build")

    if hasattr(network, "warm_up"):
        network.warm_up(x, y)
    laps.lap("first_update")

    holding = Holding(job, scratch, spec) if job["hold_updates"] is not None else None
    with Snapshots(
        scratch / "snapshots",
        network,
        spec,
        child.channel,
        job["epochs"],
        every=job["epochs_per_snapshot"],
        holding=holding,
    ) as snapshots:
        snapshots.start()
        with contextlib.suppress(TargetHeld):
            network.train(x, y, orders, snapshots.take)
        train_seconds = snapshots.stop()
    laps.lap("train")
    laps.move("train", "snapshot", laps.seconds["train"] - train_seconds)
    if snapshots.ended != job["epochs"] and not (holding is not None and holding.held):
        raise RuntimeError(f"train must call on_epoch_end {job['epochs']} times, it did {snapshots.ended} times")

    batch = np.resize(x, (_BATCH_ROWS, x.shape[1]))
    latency = {
        "predict_one_seconds": _median_seconds(lambda: network.predict(batch[:1])),
        "predict_batch_seconds": _median_seconds(lambda: network.predict(batch)),
    }
    laps.lap("predict")

    peak_bytes = peak_rss_bytes()
    pools = thread_pools()
    threads += [pool["num_threads"] for pool in pools]
    most_threads = child.check_threads(threads)
    curve = _curve(scratch, spec, snapshots)
    losses = zip(curve["train_loss"], curve["test_loss"], strict=True)
    diverged = next((epoch for epoch, pair in zip(curve["epoch"], losses, strict=True) if None in pair), None)
    (scratch / "curve.json").write_text(json.dumps(curve), encoding="utf-8")
    np.savez(
        scratch / "weights.npz",
        allow_pickle=False,
        **{f"weight_{index}": array for index, array in enumerate(snapshots.last)},
    )
    _keep_frames(scratch, spec, snapshots)
    laps.lap("evaluate")
    child.channel.send(
        "done",
        seconds=laps.seconds,
        threads=most_threads,
        thread_pools=pools,
        peak_rss_bytes=peak_bytes,
        diverged_at_epoch=diverged,
        **latency,
    )


def _curve(scratch: Path, spec: "NetworkSpec", snapshots: Snapshots) -> dict[str, list[Any]]:
    """Judge every snapshot by the neutral evaluator, on training and test rows; what is not finite is None."""
    import numpy as np

    from bench.core.evaluate import accuracy, as_targets, forward, mean_loss

    with np.load(scratch / "job.npz", allow_pickle=False) as arrays:
        x = np.concatenate([arrays["x_train"], arrays["x_test"]])
        targets = np.concatenate([as_targets(spec, arrays["y_train"]), as_targets(spec, arrays["y_test"])])
        split = len(arrays["x_train"])
    kept = snapshots.read()
    curve: dict[str, list[Any]] = {name: [] for name in ("train_loss", "train_accuracy", "test_loss", "test_accuracy")}
    with np.errstate(over="ignore", invalid="ignore"):
        for snapshot in kept:
            finite = bool(np.isfinite(snapshot).all())
            logits = forward(spec, spec.split(snapshot), x)[-1]
            for side, rows in (("train", slice(split)), ("test", slice(split, None))):
                loss = mean_loss(spec, logits[rows], targets[rows])
                finite = finite and bool(np.isfinite(loss))
                curve[f"{side}_loss"].append(loss if finite else None)
                curve[f"{side}_accuracy"].append(accuracy(spec, logits[rows], targets[rows]) if finite else None)
    return {"epoch": list(snapshots.epochs), "train_seconds": list(snapshots.train_seconds), **curve}


def _keep_frames(scratch: Path, spec: "NetworkSpec", snapshots: Snapshots) -> None:
    """Write ``frames.npz``: the weights, (frames, parameters), at evenly spaced snapshots, for an animation."""
    import numpy as np

    frames = np.unique(np.linspace(0, len(snapshots.epochs) - 1, _FRAME_STEPS + 1).astype(int))
    np.savez(
        scratch / "frames.npz",
        allow_pickle=False,
        epochs=np.array(snapshots.epochs)[frames],
        weights=snapshots.read()[frames].astype(spec.dtype),
    )


def _median_seconds(call: Callable[[], object]) -> float:
    """Return the median time of a call that has run once before."""
    call()
    least, most = _LATENCY_REPEATS
    samples: list[float] = []
    until = time.perf_counter() + _LATENCY_SECONDS
    while len(samples) < least or (len(samples) < most and time.perf_counter() < until):
        start = time.perf_counter()
        call()
        samples.append(time.perf_counter() - start)
    return sorted(samples)[len(samples) // 2]
