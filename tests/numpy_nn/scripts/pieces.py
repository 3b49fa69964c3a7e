"""Data in pieces, in frames, under names; adapting to them; callbacks of the batches of evaluations and predictions."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pandas as pd

rng = np.random.default_rng(3)
x, y = rng.standard_normal((22, 4)), rng.integers(0, 2, (22, 1)).astype(float)
counts = np.arange(22) % 3 / 2.0
warnings.simplefilter("ignore")  # both say that data ran out, in other words


def small(**options: Any) -> Any:
    """Return a small classifier with a penalty, always with the same weights."""
    hidden = keras.layers.Dense(5, "tanh", kernel_regularizer="l2", activity_regularizer="l1")
    model = keras.Sequential([keras.Input((4,), name="rows"), hidden, keras.layers.Dense(1, "sigmoid", name="out")])
    model.compile(keras.optimizers.SGD(0.125), "binary_crossentropy", metrics=["accuracy", "auc"], **options)
    rng = np.random.default_rng(2)
    model.set_weights([rng.standard_normal(each.shape) / 2 for each in model.get_weights()])
    return model


def batches(first: int = 0, last: int = 3, weighted: bool = False) -> Iterator[Any]:
    """Yield batches of 8, 8 and 6 rows, again and again."""
    for number in range(first, last):
        rows = slice(8 * (number % 3), 8 * (number % 3) + 8)
        yield (x[rows], y[rows], counts[rows]) if weighted else (x[rows], y[rows])


class Dataset(keras.utils.PyDataset):  # type: ignore[misc] # keras has no types
    """Three batches, whose order changes from epoch to epoch if it ``turns``."""

    def __init__(self, weighted: bool = False, turns: bool = True) -> None:
        super().__init__()
        self.turns = turns
        self.order = [0, 1, 2]
        self.weighted = weighted

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> Any:
        number = self.order[index]
        return next(batches(number, number + 1, self.weighted))

    def on_epoch_end(self) -> None:
        """Move the first batch to the end."""
        if self.turns:
            self.order = [*self.order[1:], self.order[0]]


class Listener(keras.callbacks.Callback):  # type: ignore[misc] # keras has no types
    """Writes down the batches of evaluations and predictions, and what is known of them."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Any] = []

    def tell(self, name: str, batch: Any, logs: Any) -> None:
        """Write down a call."""
        values = {key: np.asarray(value).tolist() for key, value in (logs or {}).items()}
        self.told.append([name, [-1 if batch is None else batch], values])

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Write it down."""
        self.tell("train begin", batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Write it down."""
        self.tell("train end", batch, logs)

    def on_test_begin(self, logs: Any = None) -> None:
        """Write it down."""
        self.tell("test", None, logs)

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Write it down."""
        self.tell("test begin", batch, logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Write it down."""
        self.tell("test end", batch, logs)

    def on_test_end(self, logs: Any = None) -> None:
        """Write it down."""
        self.tell("test", None, logs)

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Write it down."""
        self.tell("predict begin", batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Write it down."""
        self.tell("predict end", batch, logs)


class Early(keras.callbacks.Callback):  # type: ignore[misc] # keras has no types
    """Ends an evaluation and a prediction after the first batch."""

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """End it."""
        self.model.stop_evaluating = True

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """End it."""
        self.model.stop_predicting = True


found: dict[str, Any] = {}
sources: dict[str, tuple[Any, dict[str, Any]]] = {
    "generator": (batches(), {}),
    "generator again": (batches(), {"epochs": 3}),
    "weighted generator": (batches(weighted=True), {}),
    "endless generator": (batches(0, 10**6), {"epochs": 3, "steps_per_epoch": 2}),
    "short generator": (batches(0, 5), {"epochs": 4, "steps_per_epoch": 2}),
    "dataset": (Dataset(), {"epochs": 3}),
    "dataset with steps": (Dataset(turns=False), {"epochs": 4, "steps_per_epoch": 2}),
    "dataset with class weights": (Dataset(), {"class_weight": {0: 0.5, 1: 2.0}}),
    "weighted dataset": (Dataset(True), {"epochs": 2}),
}
for name, (source, options) in sources.items():
    listener = Listener()
    model = small()
    history = model.fit(source, shuffle=False, verbose=0, callbacks=[listener], **options)
    found[name] = {"history": history.history, "weights": model.get_weights(), "told": listener.told}
    found[name]["steps"] = [history.params["steps"] or 0]
validations: dict[str, tuple[Any, dict[str, Any]]] = {
    "generator": (batches(0, 10**6), {"validation_steps": 2}),
    "dataset": (Dataset(), {}),
    "frames": ((pd.DataFrame(x), pd.Series(y[:, 0])), {"validation_batch_size": 8}),
    "list": ([x, y, counts], {"validation_steps": 3}),
}
for name, (source, options) in validations.items():
    listener = Listener()
    history = small().fit(
        x, y, epochs=2, shuffle=False, verbose=0, callbacks=[listener], validation_data=source, **options
    )
    found[f"validation by {name}"] = {"history": history.history, "told": listener.told}

# arrays: steps that do not fill an epoch, and calls batch by batch
arrays: list[dict[str, Any]] = [{"steps_per_epoch": 2}, {"steps_per_epoch": 5}, {"steps_per_epoch": 1}]
for options in arrays:
    history = small().fit(x, y, batch_size=8, epochs=4, shuffle=False, verbose=0, **options)
    found[f"arrays {options}"] = {"history": history.history, "steps": [history.params["steps"]]}
ways: list[dict[str, Any]] = [{"batch_size": 8}, {"batch_size": 8, "steps": 2}, {"steps": 3}]
model = small()
for options in ways:
    listener = Listener()
    found[f"ways {options}"] = {
        "evaluated": model.evaluate(x, y, verbose=0, sample_weight=counts, callbacks=[listener], **options),
        "predicted": model.predict(x, verbose=0, callbacks=[listener], **options),
        "told": listener.told,
        "alone": model.evaluate(x, y, verbose=0, sample_weight=counts, **options),
    }
found["pieces"] = {
    "evaluated": model.evaluate(Dataset(), verbose=0, return_dict=True),
    "evaluated some": model.evaluate(batches(), steps=2, verbose=0),
    "predicted": model.predict(Dataset(), verbose=0),
    "predicted some": model.predict(batches(), steps=2, verbose=0),
    "early": model.evaluate(Dataset(), verbose=0, callbacks=[Early()]),
    "early rows": model.predict(x, batch_size=8, verbose=0, callbacks=[Early()]),
}

# names
named: dict[str, Callable[[Any], Any]] = {
    "list": (lambda model: model.fit([x], [y], shuffle=False, verbose=0)),
    "dict": (lambda model: model.fit({"rows": x}, y, shuffle=False, verbose=0)),
}
for name, fit in named.items():
    found[f"named {name}"] = {"history": fit(small()).history, "predicted": small().predict({"rows": x}, verbose=0)}
begin = keras.Input((4,))
keyed = keras.Model({"a": begin}, small()(begin))
found["keyed"] = keyed.predict({"a": x}, verbose=0)

# frames
mixed = pd.get_dummies(
    pd.DataFrame({"size": x[:, 0].astype("float32"), "count": np.arange(22) % 5, "color": list("rg") * 11})
)
labels = pd.Series(y[:, 0] > 0)
model = small()
history = model.fit(mixed, labels, epochs=2, shuffle=False, verbose=0)
found["frame"] = {"history": history.history, "predicted": model.predict(mixed, verbose=0), "names": list(mixed)}

# adapting
adapted: dict[str, tuple[dict[str, Any], Any]] = {
    "one of many": ({"axis": None}, x[:, 0]),
    "one of all": ({"axis": None}, x),
    "columns": ({}, x),
    "frame": ({}, np.array(mixed, float)),
    "batches": ({}, [x[:8], x[8:]]),
    "pairs": ({}, ((each, None) for each in (x[:8], x[8:]))),
    "inverse": ({"invert": True}, x),
    "two axes": ({"axis": (1, 2)}, x.reshape(11, 2, 4)),
    "one of two axes": ({}, x.reshape(11, 2, 4)),
}
for name, (options, rows) in adapted.items():
    layer = keras.layers.Normalization(**options)
    layer.adapt(rows)
    found[f"adapted to {name}"] = {"mean": layer.mean.numpy(), "variance": layer.variance.numpy()}
givens: list[dict[str, Any]] = [
    {"axis": None, "mean": 1.0, "variance": 4.0},
    {"mean": 1.0, "variance": 4.0},
    {"mean": [1.0, 2, 3, 4], "variance": [4.0, 3, 2, 1], "invert": True},
]
for options in givens:
    layer = keras.layers.Normalization(**options)
    found[f"given {options}"] = {"called": np.asarray(layer(x)), "mean": layer.mean.numpy()}
normalizer = keras.layers.Normalization(input_shape=[1], axis=None)
normalizer.adapt(x[:, 0])
model = keras.Sequential([normalizer, keras.layers.Dense(1, kernel_initializer="ones")])
model.compile("sgd", "mse")
found["one feature"] = {"history": model.fit(x[:, 0], y, shuffle=False, verbose=0).history}
normalizer = keras.layers.Normalization()
model = keras.Sequential([keras.Input((4,)), normalizer, keras.layers.Dense(1, kernel_initializer="ones")])
model.compile("sgd", "mse")
before = model.predict(x, verbose=0)
normalizer.adapt(x)
found["adapted later"] = {"before": before, "history": model.fit(x, y, shuffle=False, verbose=0).history}

found["loss"] = small().fit(x, y, batch_size=4, epochs=40, shuffle=False, verbose=0).history["loss"]
