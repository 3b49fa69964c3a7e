"""The work of a trial's process, lap by lap: load, build, first update, train, predict, evaluate.

Until the memory is read, it imports numpy and the contender only.
"""

import contextlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.trials.readings import peak_rss_bytes, read_threads
from bench.trials.snapshots import Holding, Snapshots, TargetHeld

if TYPE_CHECKING:
    from bench.core.spec import FloatArray, Network, NetworkSpec
    from bench.process.child import Child

# A prediction is repeated for so long, between so few and so many times; its time is the median.
_LATENCY_SECONDS = 0.25
_LATENCY_REPEATS = (5, 200)
_BATCH_ROWS = 1024

# How often the data are looked for.
_POLL_SECONDS = 0.001

# An animation shows the start and the ends of so many equal steps from the first epoch to the last.
_FRAME_STEPS = 50


def run(child: "Child") -> None:
    """Train and judge the contender on the job's scenario; write its curve, weights and frames to the scratch folder.

    Raises:
        RuntimeError: if the contender ends another number of epochs, or uses more threads, than it was asked to.
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
        snapshots.start(weights)
        with contextlib.suppress(TargetHeld):
            network.train(x, y, orders, snapshots.take)
        train_seconds = snapshots.stop()
    laps.lap("train")
    laps.move("train", "snapshot", laps.seconds["train"] - train_seconds)
    if snapshots.ended != job["epochs"] and not (holding is not None and holding.held):
        raise RuntimeError(f"train must call on_epoch_end {job['epochs']} times, it did {snapshots.ended} times")

    batch = np.resize(x, (_BATCH_ROWS, x.shape[1]))
    one_seconds, one = _median_seconds(lambda: network.predict(batch[:1]))
    batch_seconds, many = _median_seconds(lambda: network.predict(batch))
    laps.lap("predict")

    peak_bytes = peak_rss_bytes()
    threads = read_threads(child.threads, job["threads"])
    from bench.trials.checks import hold_to_the_evaluator, refuse_the_impossible  # now that the memory is read

    refuse_the_impossible(spec, len(x), snapshots.ended, train_seconds)
    for rows, answers in ((batch[:1], one), (batch, many)):
        hold_to_the_evaluator(spec, snapshots.last, rows, answers)
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
        **threads,
        peak_rss_bytes=peak_bytes,
        diverged_at_epoch=diverged,
        predict_one_seconds=one_seconds,
        predict_batch_seconds=batch_seconds,
    )


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


def _curve(scratch: Path, spec: "NetworkSpec", snapshots: Snapshots) -> dict[str, list[Any]]:
    """Return the evaluator's loss and accuracy of every snapshot on training and test rows; None where not finite."""
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
    """Write ``frames.npz`` for an animation: epochs and weights, (frames, parameters), of evenly spaced snapshots."""
    import numpy as np

    frames = np.unique(np.linspace(0, len(snapshots.epochs) - 1, _FRAME_STEPS + 1).astype(int))
    np.savez(
        scratch / "frames.npz",
        allow_pickle=False,
        epochs=np.array(snapshots.epochs)[frames],
        weights=snapshots.read()[frames].astype(spec.dtype),
    )


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
