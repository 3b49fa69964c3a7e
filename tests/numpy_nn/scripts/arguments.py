"""What the arguments of fit, evaluate and their batch methods do, and in which order callbacks are called."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

rng = np.random.default_rng(1)
x, y = rng.standard_normal((20, 4)), rng.integers(0, 2, (20, 1)).astype(float)
counts = np.arange(20) % 3 / 2.0


def small(**options: Any) -> Any:
    """Return a small classifier, always with the same weights."""
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(5, "tanh"), keras.layers.Dense(1, "sigmoid")])
    optimizer = options.pop("optimizer", keras.optimizers.SGD(0.125))
    model.compile(optimizer, **{"loss": "binary_crossentropy", "run_eagerly": True} | options)
    rng = np.random.default_rng(2)
    model.set_weights([np.abs(rng.standard_normal(each.shape)) - 0.5 * (each.ndim > 1) for each in model.get_weights()])
    return model


found: dict[str, Any] = {}
arguments: dict[str, dict[str, Any]] = {
    "plain": {},
    "class weights": {"class_weight": {0: 0.5, 1: 3.0}},
    "sample weights": {"sample_weight": counts},
    "split": {"validation_split": 0.3, "batch_size": 4},
    "validation": {"validation_data": (x[:7] + 1, y[:7]), "validation_freq": 2, "epochs": 5},
    "validation at": {"validation_data": (x[:7] + 1, y[:7], counts[:7]), "validation_freq": [1, 3], "epochs": 4},
    "steps": {"steps_per_epoch": 4},
    "later": {"initial_epoch": 2, "epochs": 4},
}
for name, options in arguments.items():
    model = small(metrics=["accuracy"], weighted_metrics=["accuracy"] if "weights" in name else None)
    default = {"batch_size": None if name == "steps" else 8, "epochs": 2, "shuffle": False, "verbose": 0}
    history = model.fit(x, y, **default | options)
    found[name] = {"history": history.history, "epochs": history.epoch, "weights": model.get_weights()}

for name in ("sum_over_batch_size", "sum", "mean_with_sample_weight", "mean"):
    weightings: list[dict[str, Any]] = [{}, {"sample_weight": counts}]
    for weights in weightings:
        loss = keras.losses.BinaryCrossentropy()
        loss.reduction = name
        model = small(loss=loss)
        history = model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0, **weights)
        found[f"{name} {bool(weights)}"] = {
            "history": history.history,
            "weights": model.get_weights(),
            "evaluation": model.evaluate(x, y, verbose=0, **weights),
        }

model = small(metrics=["accuracy"])
found["batches"] = {
    "trained": model.train_on_batch(x, y),
    "weighted": model.train_on_batch(x, y, class_weight={0: 2.0}, return_dict=True),
    "tested": model.test_on_batch(x, y, sample_weight=counts),
    "predicted": model.predict_on_batch(x),
    "evaluated": model.evaluate(x, y, verbose=0, return_dict=True),
    "listed": model.evaluate(x, y, verbose=0),
    "some": model.evaluate(x, y, batch_size=4, steps=3, verbose=0),
    "predicted some": model.predict(x, batch_size=4, steps=3, verbose=0),
    "called": np.asarray(model(x)),
    "alone": small().evaluate(x, y, verbose=0),
}


told: list[str] = []
running: list[list[float]] = []


class Listener(keras.callbacks.Callback):  # type: ignore[misc] # keras has no types
    """Writes down which methods are called, with the number of the epoch or batch."""


def listen(name: str) -> Callable[..., None]:
    """Return a method that writes down its call."""

    def heard(_listener: Any, *given: Any, logs: Any = None) -> None:
        told.append(f"{name} {[each for each in given if isinstance(each, int)]}")
        if name == "train_batch_end":
            logs = given[-1] if logs is None else logs
            running.append([float(logs["loss"]), float(logs["accuracy"])])

    return heard


names = ["train_begin", "train_end", "epoch_begin", "epoch_end", "train_batch_begin", "train_batch_end", "test_end"]
for name in names:
    setattr(Listener, f"on_{name}", listen(name))

held_out = (x[:8] - 1, y[:8])
small(metrics=["accuracy"]).fit(
    x, y, batch_size=8, epochs=4, shuffle=False, verbose=0, callbacks=[Listener()], validation_data=held_out
)
found["told"], found["running"] = told, running

# conditions of callbacks beside those that bench/parity draws
callbacks = {
    "early max": keras.callbacks.EarlyStopping(monitor="val_accuracy", patience=2),
    "plateau max": keras.callbacks.ReduceLROnPlateau("loss", 0.5, patience=1, mode="max", min_lr=0.375),
    "plateau cooldown": keras.callbacks.ReduceLROnPlateau("loss", 0.5, patience=1, mode="max", cooldown=2),
    "scheduler of epochs": keras.callbacks.LearningRateScheduler(lambda epoch: 1.0 / (epoch + 1)),
}
for name, callback in callbacks.items():
    optimizer = keras.optimizers.SGD(2.0)
    model = small(optimizer=optimizer, metrics=["accuracy"])
    history = model.fit(
        x, y, batch_size=8, epochs=8, shuffle=False, verbose=0, callbacks=[callback], validation_data=held_out
    )
    found[name] = {"history": history.history, "epochs": history.epoch, "rate": float(optimizer.learning_rate)}
found["loss"] = found["early max"]["history"]["loss"]
