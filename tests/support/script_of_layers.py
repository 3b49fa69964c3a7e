"""One script for two libraries: ``answers(keras)`` trains small networks with `keras`, or with numpy_nn in its place.

It runs in tests/test_numpy_nn_beside_keras.py, once in a child process with Keras, once with numpy_nn, both in float64.
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 20


def networks(keras: Any) -> dict[str, Any]:
    """Return the layers of each network behind an input of four features, or with an input of their own."""
    layers = keras.layers
    regularizers = keras.regularizers
    half = 2.0**-6  # exact in float32, which Keras keeps some coefficients in
    return {
        "dense": [layers.Dense(5, "relu"), layers.Dense(1, "sigmoid")],
        "no bias": [layers.Dense(5, "tanh", use_bias=False), layers.Dense(1, use_bias=False)],
        "no bias above": [layers.Dense(5, "tanh"), layers.Dense(3, "relu", use_bias=False), layers.Dense(1)],
        "activation layers": [
            layers.Dense(5),
            layers.Activation("tanh"),
            layers.Dense(4),
            layers.ReLU(),
            layers.Activation("tanh"),
            layers.Dense(1),
            layers.Activation("sigmoid"),
        ],
        "relu layer": [layers.Dense(5), layers.ReLU(0.5, 0.25, 0.125), layers.Dense(1)],
        "leaky relu": [layers.Dense(5), layers.LeakyReLU(0.25), layers.Dense(1)],
        "elu": [layers.Dense(5), layers.ELU(0.5), layers.Dense(1)],
        "prelu": [layers.PReLU(), layers.Dense(5), layers.PReLU(shared_axes=[1]), layers.Dense(1)],
        "softmax layer": [layers.Dense(5), layers.Softmax(), layers.Dense(1)],
        "relu first": [layers.ReLU(), layers.Dense(1)],
        "batch normalization": [
            layers.Dense(5, "relu"),
            layers.BatchNormalization(momentum=0.75),
            layers.Dense(3),
            layers.BatchNormalization(center=False),
            layers.Activation("tanh"),
            layers.Dense(1, "sigmoid"),
        ],
        "batch normalization first": [layers.BatchNormalization(scale=False, momentum=0.5), layers.Dense(1)],
        "batch normalization frozen": [
            layers.Dense(5, "relu"),
            layers.BatchNormalization(trainable=False),
            layers.Dense(1),
        ],
        "layer normalization": [
            layers.Dense(5, "tanh"),
            layers.LayerNormalization(),
            layers.Dense(4),
            layers.LayerNormalization(center=False, scale=False, epsilon=0.25),
            layers.Dense(1),
        ],
        "group normalization": [layers.Dense(6, "tanh"), layers.GroupNormalization(2), layers.Dense(1)],
        "group normalization of channels": [
            layers.Dense(24, "tanh"),
            layers.Reshape((2, 4, 3)),
            layers.GroupNormalization(2, axis=2, epsilon=0.25),
            layers.GroupNormalization(-1, axis=-3, center=False),
            layers.GroupNormalization(1, scale=False),
            layers.Flatten(),
            layers.Dense(1, "sigmoid"),
        ],
        "rms normalization": [layers.Dense(5, "tanh"), layers.RMSNormalization(epsilon=0.125), layers.Dense(1)],
        "unit normalization": [layers.Dense(5, "tanh"), layers.UnitNormalization(), layers.Dense(1)],
        "idle noise": [
            layers.Dropout(0.0),
            layers.Dense(5, "tanh"),
            layers.GaussianNoise(0.0),
            layers.GaussianDropout(0.0),
            layers.AlphaDropout(0.0),
            layers.Dense(1),
            layers.Dropout(0.0),
        ],
        "flatten": [
            layers.Input((2, 3)),
            layers.Rescaling(0.5, offset=1.0),
            layers.Flatten(),
            layers.Dense(4, "relu"),
            layers.Reshape((2, -1)),
            layers.Flatten(),
            layers.Identity(),
            layers.Dense(1),
        ],
        "permuted": [
            layers.Dense(6, "tanh"),
            layers.Reshape((3, 2)),
            layers.Permute((2, 1)),
            layers.PReLU(shared_axes=[1]),
            layers.Flatten(),
            layers.Dense(1),
        ],
        "given normalization": [
            layers.Normalization(mean=[0.5, 0.0, -0.5, 1.0], variance=[1.0, 4.0, 0.25, 2.0]),
            layers.Dense(1),
        ],
        "inverted normalization": [
            layers.Normalization(mean=0.5, variance=4.0, invert=True, axis=None),
            layers.Dense(1),
        ],
        "regularizers": [
            layers.Dense(5, "relu", kernel_regularizer=regularizers.L2(half), bias_regularizer=regularizers.L1(half)),
            layers.Dense(4, "tanh", activity_regularizer=regularizers.L2(half)),
            layers.ActivityRegularization(l1=half, l2=half),
            layers.Dense(1, "sigmoid", kernel_regularizer=regularizers.L1L2(half, half)),
        ],
        "constraint": [
            layers.Dense(5, "relu", kernel_constraint="non_neg", bias_constraint="non_neg"),
            layers.Dense(1),
        ],
        "frozen below": [layers.Dense(5, "relu", trainable=False), layers.Dense(4, "tanh"), layers.Dense(1)],
        "frozen between": [
            layers.Dense(5, "relu"),
            layers.Dense(4, "tanh", trainable=False),
            layers.Dense(1, "sigmoid"),
        ],
    }


def shape_of(layer: Any) -> list[int]:
    """Return the shape of an output row."""
    return list(layer.output.shape[1:] if hasattr(layer, "output") else layer.output_shape[1:])


def data(shape: tuple[int, ...]) -> tuple[Any, Any]:
    """Return rows of a shape, and labels of two classes."""
    rng = np.random.default_rng(1)
    return rng.standard_normal((ROWS, *shape)), rng.integers(0, 2, (ROWS, 1)).astype(float)


def prepared(keras: Any, made: list[Any], loss: Any = None, optimizer: Any = None, **options: Any) -> Any:
    """Return a compiled network, its weights drawn by NumPy: moving variances and the like positive."""
    first = [] if made[0].__class__.__name__ in ("InputLayer", "KerasTensor") else [keras.Input((4,))]
    model = keras.Sequential([*first, *made])
    loss = loss or ("binary_crossentropy" if made[-1].get_config().get("activation") == "sigmoid" else "mse")
    options |= {"run_eagerly": True}  # what Keras would compile takes it longer than the training
    model.compile(optimizer or keras.optimizers.SGD(0.125), loss, **options)
    rng = np.random.default_rng(2)
    model.set_weights(
        [np.abs(rng.standard_normal(np.shape(each))) - 0.5 * (np.ndim(each) > 1) for each in model.get_weights()]
    )
    return model


def of_networks(keras: Any) -> dict[str, Any]:
    """Return what each network predicts, how it trains, and its layers' configurations."""
    found = {}
    for name, made in networks(keras).items():
        x, y = data((2, 3) if name == "flatten" else (4,))
        model = prepared(keras, made)
        weights = len(model.get_weights())
        found[name] = {
            "prediction": model.predict(x, verbose=0),
            "evaluation": model.evaluate(x, y, verbose=0),
            "history": model.fit(x, y, batch_size=8, epochs=3, shuffle=False, verbose=0).history["loss"],
            "weights": model.get_weights(),
            "later": model.predict(x, verbose=0),
            "counts": [weights, model.count_params(), len(model.trainable_weights), len(model.weights)],
            "shapes": [shape_of(layer) for layer in model.layers],
        }
    return found


def of_fit(keras: Any) -> dict[str, Any]:
    """Return what the arguments of ``fit``, ``evaluate`` and so on do."""
    x, y = data((4,))
    counts = np.arange(ROWS) % 3 / 2.0
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
    found: dict[str, Any] = {}
    for name, options in arguments.items():
        model = small(keras, metrics=["accuracy"], weighted_metrics=["accuracy"] if "weights" in name else None)
        default = {"batch_size": None if name == "steps" else 8, "epochs": 2, "shuffle": False, "verbose": 0}
        history = model.fit(x, y, **default | options)
        found[name] = {"history": history.history, "epochs": history.epoch, "weights": model.get_weights()}
    for name in ("sum_over_batch_size", "sum", "mean_with_sample_weight", "mean"):
        for weighted in (False, True):
            loss = keras.losses.BinaryCrossentropy()
            loss.reduction = name
            model = small(keras, loss=loss)
            weights = {"sample_weight": counts} if weighted else {}
            history = model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0, **weights)
            found[f"{name} {weighted}"] = {
                "history": history.history,
                "weights": model.get_weights(),
                "evaluation": model.evaluate(x, y, verbose=0, **weights),
            }
    model = small(keras, metrics=["accuracy"])
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
    }
    found["alone"] = small(keras).evaluate(x, y, verbose=0)
    return found


def small(keras: Any, **options: Any) -> Any:
    """Return a small classifier, always of the same weights."""
    made = [keras.layers.Dense(5, "tanh"), keras.layers.Dense(1, "sigmoid")]
    return prepared(keras, made, **{"loss": "binary_crossentropy"} | options)


def of_callbacks(keras: Any) -> dict[str, Any]:
    """Return what callbacks do to the same training."""
    callbacks = keras.callbacks
    x, y = data((4,))
    told: list[str] = []
    names = ["train_begin", "train_end", "epoch_begin", "epoch_end", "train_batch_begin", "train_batch_end"]
    names += ["test_begin", "test_end"]

    class Listener(callbacks.Callback):  # type: ignore[misc, name-defined] # of either library
        pass

    def tell(name: str) -> Any:
        def heard(_self: Any, *arguments: Any, logs: Any = None) -> None:
            told.append(f"{name} {[each for each in arguments if isinstance(each, int)]}")

        return heard

    for name in names:
        setattr(Listener, f"on_{name}", tell(name))

    class Batches(callbacks.Callback):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.losses: list[float] = []

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.losses += [float(logs["loss"]), float(logs["accuracy"])]

    batches = Batches()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.csv"
        monitored: dict[str, list[Any]] = {
            "early": [callbacks.EarlyStopping(monitor="val_loss", patience=1)],
            "early min_delta": [callbacks.EarlyStopping(monitor="loss", min_delta=0.02, patience=2)],
            "early best": [callbacks.EarlyStopping(patience=2, restore_best_weights=True)],
            "early later": [callbacks.EarlyStopping(patience=0, start_from_epoch=4, baseline=0.1)],
            "early max": [callbacks.EarlyStopping(monitor="val_accuracy", patience=2)],
            # in mode "max" a loss that falls never improves
            "plateau": [callbacks.ReduceLROnPlateau("loss", 0.5, patience=1, mode="max", min_lr=0.375)],
            "plateau cooldown": [callbacks.ReduceLROnPlateau("loss", 0.5, patience=1, mode="max", cooldown=2)],
            "plateau min_delta": [callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=0.05)],
            "scheduler": [callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5 if epoch % 2 else rate)],
            "scheduler of epochs": [callbacks.LearningRateScheduler(lambda epoch: 1.0 / (epoch + 1))],
            "log": [callbacks.CSVLogger(log, separator=";")],
            "log more": [callbacks.CSVLogger(log, separator=";", append=True)],
            "listener": [Listener()],
            "batches": [batches],
            "stop": [callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: told.append(f"{epoch} {sorted(logs)}"))],
        }
        found: dict[str, Any] = {}
        for name, chosen in monitored.items():
            optimizer = keras.optimizers.SGD(2.0)
            model = small(keras, optimizer=optimizer, metrics=["accuracy"])
            held = {} if name.startswith("log") else {"validation_data": (x[:8] - 1, y[:8])}
            history = model.fit(x, y, batch_size=8, epochs=8, shuffle=False, verbose=0, callbacks=chosen, **held)
            found[name] = {
                "epochs": len(history.epoch),
                "history": history.history,
                "weights": model.get_weights(),
                "rate": float(np.asarray(optimizer.learning_rate)),
            }
        rows = [line.split(";") for line in log.read_text(encoding="utf-8").split()]
        found["log"]["names"] = rows[0]
        found["log"]["numbers"] = [[float(each) for each in row if each != "NA"] for row in rows[1:]]
    model = small(keras, optimizer=keras.optimizers.SGD(1.0), loss="mse")
    x = x.copy()
    model.set_weights([each * 1e200 for each in model.get_weights()])
    history = model.fit(x, y, epochs=3, batch_size=4, verbose=0, shuffle=False, callbacks=[callbacks.TerminateOnNaN()])
    found["nan"] = len(history.epoch)
    found["told"] = [each for each in told if not each.startswith("test")]
    found["tests"] = sum(each.startswith("test_end") for each in told)
    found["running"] = batches.losses
    return found


def of_configurations(keras: Any) -> dict[str, Any]:
    """Return the configuration of each layer, by the network it stands in."""
    return {
        f"{name} {index}": plain_configuration(layer.get_config())
        for name, made in networks(keras).items()
        for index, layer in enumerate(made)
        if hasattr(layer, "get_config")
    }


def plain_configuration(config: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration without its number in the name, lists for tuples."""
    config = dict(config)
    config["name"] = config["name"].rstrip("_0123456789")
    return config


def answers(keras: Any) -> dict[str, Any]:
    """Return everything."""
    return {
        "networks": of_networks(keras),
        "fit": of_fit(keras),
        "callbacks": of_callbacks(keras),
        "configurations": of_configurations(keras),
    }
