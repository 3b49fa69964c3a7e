"""Pass networks between Keras and numpy_nn through files; print the results as JSON.

This runs in a separate process, so that Keras and TensorFlow are loaded only there:

python saving_beside_keras.py FOLDER
"""

import json
import sys
import warnings
from collections.abc import Callable
from difflib import unified_diff
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import numpy_nn
from numpy_nn.saving import from_keras, load_model, save_model
from numpy_nn.saving.slots import read_slots

FOLDER = Path(sys.argv[1])
ROWS = np.random.default_rng(0).standard_normal((40, 4))
LABELS = (ROWS.sum(axis=1) > 0).astype(float)
optimizers, layers = keras.optimizers, keras.layers

OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "SGD": lambda: optimizers.SGD(0.1),
    "SGD with momentum": lambda: optimizers.SGD(0.1, momentum=0.5, nesterov=True),
    "RMSprop": lambda: optimizers.RMSprop(0.01),
    "RMSprop with all": lambda: optimizers.RMSprop(0.01, momentum=0.5, centered=True),
    "Adam": lambda: optimizers.Adam(0.01),
    "Adam with amsgrad": lambda: optimizers.Adam(0.01, amsgrad=True),
    "AdamW": lambda: optimizers.AdamW(0.01, weight_decay=0.125),
    "Adagrad": lambda: optimizers.Adagrad(0.01),
    "Adadelta": lambda: optimizers.Adadelta(0.5),
    "Adamax": lambda: optimizers.Adamax(0.01),
    "Nadam": lambda: optimizers.Nadam(0.01),
    "Lion": lambda: optimizers.Lion(0.01),
    "Ftrl": lambda: optimizers.Ftrl(0.01),
    "Lamb": lambda: optimizers.Lamb(0.01),
    "Adafactor": lambda: optimizers.Adafactor(0.01),
    "Muon": lambda: optimizers.Muon(0.01, weight_decay=0.125, adam_weight_decay=0.125),
    "averages and accumulation": lambda: optimizers.Adam(0.01, use_ema=True, gradient_accumulation_steps=2),
    "schedule and clipping": lambda: optimizers.SGD(optimizers.schedules.CosineDecay(0.5, 20), 0.5, clipnorm=0.125),
}

# State does not depend on the number type, so float64 takes the optimizers with the most state.
OF_FLOAT64 = ("RMSprop with all", "Adam with amsgrad", "averages and accumulation", "schedule and clipping")


def sequential() -> Any:
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(5, activation="relu", kernel_initializer="he_normal"),
            layers.Dense(3, activation="tanh"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def functional() -> Any:
    x = keras.Input((4,), name="features")
    return keras.Model(x, layers.Dense(1, activation="sigmoid")(layers.Dense(3, activation="tanh", name="first")(x)))


def every_layer() -> Any:
    """Return a model of all kinds of layers; the noise layers are idle."""
    return keras.Sequential(
        [
            keras.Input((2, 2)),
            layers.Rescaling(0.5, offset=1.0),
            layers.Permute((2, 1)),
            layers.Flatten(),
            layers.Normalization(mean=[1.0, 0.5, 0.5, 1.0], variance=[1.0, 2.0, 1.0, 1.0]),
            layers.Dense(5, activation="softplus", kernel_regularizer="l2", bias_regularizer="l1"),
            layers.BatchNormalization(momentum=0.75),
            layers.Dropout(0.0, seed=3),
            layers.PReLU(),
            layers.Dense(4, use_bias=False, kernel_constraint=keras.constraints.MaxNorm(0.75), name="constrained"),
            layers.LayerNormalization(),
            layers.Activation("tanh"),
            layers.Dense(6, trainable=False, kernel_initializer=keras.initializers.HeNormal(seed=3)),
            layers.BatchNormalization(trainable=False, scale=False),
            layers.LeakyReLU(negative_slope=0.25),
            layers.GaussianNoise(0.0),
            layers.RMSNormalization(),
            layers.ELU(),
            layers.ActivityRegularization(l2=0.1),
            layers.Reshape((3, 2)),
            layers.GroupNormalization(2, epsilon=1.0),
            layers.Flatten(),
            layers.Dense(3, bias_initializer=keras.initializers.Constant(0.5)),
            layers.UnitNormalization(),
            layers.ReLU(max_value=0.5),
            layers.Dense(1, activation="sigmoid"),
        ],
        name="all_kinds",
    )


def nested() -> Any:
    """Return a model of models: a functional one with a frozen layer, and a Sequential."""
    x = keras.Input((4,), name="features")
    hidden = layers.Dense(3, activation="tanh", trainable=False)(layers.Dense(3)(x))
    head = keras.Sequential([keras.Input((3,)), layers.BatchNormalization(), layers.Dense(2, activation="relu")])
    return keras.Sequential([keras.Model(x, hidden), head, layers.Dense(1, activation="sigmoid")], name="outer")


def adapted() -> Any:
    normalization = layers.Normalization()
    normalization.adapt(ROWS)
    return keras.Sequential([keras.Input((4,)), normalization, layers.Dense(1, activation="sigmoid")])


def without_input() -> Any:
    model = keras.Sequential([layers.Dense(3), layers.Dense(1, activation="sigmoid")])
    model.build((None, 4))
    return model


def rows(model: Any) -> Any:
    return ROWS.reshape(-1, *model.input_shape[1:])


def fit(model: Any, epochs: int) -> list[float]:
    done = model.fit(rows(model), LABELS, batch_size=16, epochs=epochs, shuffle=False, verbose=0)
    return [float(loss) for loss in done.history["loss"]]


def predicted(model: Any) -> Any:
    return np.asarray(model.predict(rows(model), verbose=0))


def arrays(model: Any) -> list[Any]:
    """Return all weights of a Keras model and its optimizer's state."""
    return [each.numpy() for each in (*model.weights, *model.optimizer.variables)]


def largest(left: Any, right: Any) -> float:
    return float(np.abs(np.asarray(left) - np.asarray(right)).max())


def unlike(left: list[Any], right: list[Any]) -> int:
    """Return how many of the arrays are not identical."""
    return sum(not np.array_equal(mine, other) for mine, other in zip(left, right, strict=True))


def config_of(model: Any) -> list[str]:
    """Return the lines of a Keras model's config, without the parts that differ between equal models."""
    config = plain({"model": model.get_config(), "compiled": model.get_compile_config()})
    return json.dumps(config, indent=1, sort_keys=True).splitlines()


def plain(config: Any) -> Any:
    if isinstance(config, dict):
        left_out = {"shared_object_id", "build_config"}  # the object's id, and the number of rows it first saw
        return {key: plain(value) for key, value in config.items() if key not in left_out}
    return [plain(each) for each in config] if isinstance(config, list | tuple) else config


def there_and_back(model: Any, optimizer: Any, **metrics: Any) -> dict[str, Any]:
    """Pass a Keras model to numpy_nn and back, then a numpy_nn network to Keras and back."""
    model.compile(optimizer, keras.losses.BinaryCrossentropy(label_smoothing=0.125), **metrics)
    fit(model, epochs=2)
    by_keras, by_numpy = FOLDER / "keras.keras", FOLDER / "numpy.keras"
    model.save(by_keras)
    network, live = load_model(by_keras), from_keras(model)
    save_model(network, by_numpy)
    again = keras.saving.load_model(by_numpy)
    expected = predicted(model)
    told: dict[str, Any] = {
        "prediction": largest(predicted(network), expected),
        "live prediction": largest(predicted(live), expected),
        "dtypes": sorted({each.dtype.name for each in (*network.get_weights(), *live.get_weights())}),
        "iterations": [network.optimizer.iterations, live.optimizer.iterations],
        "arrays differ": unlike(arrays(model), arrays(again)),
    }
    told["configs"] = list(unified_diff(config_of(model), config_of(again), lineterm=""))
    if metrics and not any(hasattr(layer, "layers") for layer in model.layers):  # Keras cannot write all optimizers
        told |= in_the_older_format(model, network)
    save_model(live, FOLDER / "live.keras")
    told["live differs"] = unlike(arrays(model), arrays(keras.saving.load_model(FOLDER / "live.keras")))
    told["keras goes on"] = [fit(model, epochs=2), fit(again, epochs=2)]
    told["numpy goes on"] = largest(fit(network, epochs=2), told["keras goes on"][0])
    told["live is apart"] = largest(predicted(live), expected)  # although the model has been trained since

    fit(again, epochs=1)
    again.save(by_keras)
    save_model(load_model(by_keras), by_numpy)
    first, second = load_model(by_keras), load_model(by_numpy)
    told["numpy again"] = [fit(first, epochs=2), fit(second, epochs=2)]
    told["numpy weights differ"] = unlike(first.get_weights(), second.get_weights())
    return told


def in_the_older_format(model: Any, network: Any) -> dict[str, Any]:
    """Pass a Keras model and its twin to each other in ``.h5`` files; Keras itself does not restore all state."""
    by_keras, by_numpy = FOLDER / "keras.h5", FOLDER / "numpy.h5"
    model.save(by_keras)
    network.save(by_numpy)
    loaded, again = load_model(by_keras), keras.saving.load_model(by_numpy, compile=False)
    state = [*loaded.get_weights(), *read_slots(loaded.optimizer)]
    own = keras.models.clone_model(model)
    own.load_weights(by_numpy)
    network.load_weights(by_keras)  # unchanged, as both are equal
    return {
        "older differs": max(largest(*pair) for pair in zip(arrays(model), state, strict=True)),
        "older returns": [unlike(model.get_weights(), each.get_weights()) for each in (again, own, network)],
    }


def of_numpy(dtype: str) -> dict[str, Any]:
    """Pass a network created and trained by numpy_nn to Keras, and then its weights alone in both directions."""
    network = numpy_nn.Sequential(
        [numpy_nn.Input((4,)), numpy_nn.Dense(3, "relu"), numpy_nn.Dense(1, "sigmoid")], seed=0, dtype=dtype
    )
    network.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    network.fit(ROWS, LABELS, epochs=2, verbose=0)
    save_model(network, FOLDER / "made.keras")
    model = keras.saving.load_model(FOLDER / "made.keras")
    told = {"prediction": largest(predicted(network), predicted(model)), "class": type(model).__name__}
    mine, theirs = FOLDER / "mine.weights.h5", FOLDER / "theirs.weights.h5"
    network.save_weights(mine)
    first = [fit(network, epochs=3), fit(model, epochs=3)]
    model.save_weights(theirs)
    model.load_weights(mine)
    again = fit(model, epochs=3)
    network.load_weights(theirs)
    after = [fit(network, epochs=3), fit(model, epochs=3)]
    told["going on"] = max(largest(*first), largest(again, first[0]), largest(*after))
    told["iterations"] = int(model.optimizer.iterations) - network.optimizer.iterations
    network.save(FOLDER / "made.h5")
    older = keras.saving.load_model(FOLDER / "made.h5")
    told["older"] = [type(older.loss).__name__, older.optimizer.get_config() == model.optimizer.get_config()]
    return told


def refusals() -> dict[str, str]:
    """Return the errors for models that are not chains of known layers, from a file and from memory."""

    @keras.saving.register_keras_serializable(package="mine")
    class Twice(keras.layers.Layer):  # type: ignore[misc] # keras has no types
        def call(self, x: Any) -> Any:
            return 2 * x

    class Mine(keras.Sequential):  # type: ignore[misc] # keras has no types
        pass

    x = keras.Input((4,))
    two = layers.Dense(2)(x)
    shared = layers.Dense(4)
    models = {
        "lambda": keras.Sequential([x, layers.Lambda(lambda x: x + 1)]),
        "custom": keras.Sequential([x, Twice()]),
        "nested": keras.Sequential([x, keras.Sequential([layers.Dense(2), Twice()])]),
        "branched": keras.Model(x, layers.Add()([two, two])),
        "skipping": keras.Model(x, layers.Concatenate()([x, layers.Dense(2)(x)])),
        "shared": keras.Model(x, shared(shared(x))),
        "two outputs": keras.Model(x, [layers.Dense(1)(two), two]),
        "embedding": keras.Sequential([x, layers.Embedding(10, 2)]),
        "mixed types": keras.Sequential([x, layers.Dense(2, dtype="float32"), layers.Dense(1, dtype="float64")]),
        "half": keras.Sequential([x, layers.Dense(2, dtype="mixed_float16")]),
    }
    told = {"own class, live": said(lambda: from_keras(Mine([x, layers.Dense(1)])))}
    told["not built, live"] = said(lambda: from_keras(keras.Sequential([layers.Dense(1)])))
    told["no model, live"] = said(lambda: from_keras([1, 2]))
    for name, model in models.items():
        live, path = partial(from_keras, model), FOLDER / "refused.keras"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras warns of the lambda
            model.save(path)
            told[f"{name}, live"] = said(live)
        told[name] = said(partial(load_model, path))
    return told


def said(act: Callable[[], object]) -> str:
    try:
        act()
    except (TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return "nothing"


def not_trained() -> dict[str, Any]:
    """Load models that are compiled and untrained, not compiled, and compiled with lists and a function."""
    model = sequential()
    model.compile("adam", "mse")
    model.save(FOLDER / "new.keras")
    sequential().save(FOLDER / "plain.keras")
    with_lists = sequential()
    with_lists.compile("sgd", [keras.losses.mean_squared_error], metrics=[["accuracy"]])
    with_lists.save(FOLDER / "lists.keras")
    return {
        "iterations": load_model(FOLDER / "new.keras").optimizer.iterations,
        "plain is compiled": load_model(FOLDER / "plain.keras").is_compiled,
        "lists": type(load_model(FOLDER / "lists.keras").loss).__name__,
    }


def main() -> None:
    tf.config.run_functions_eagerly(True)  # building a graph costs more than a few updates
    cases: dict[str, Any] = {}
    told: dict[str, Any] = {"cases": cases}
    for dtype in ("float32", "float64"):
        keras.config.set_floatx(dtype)
        keras.config.set_dtype_policy(dtype)
        keras.utils.set_random_seed(0)
        for name in OPTIMIZERS if dtype == "float32" else OF_FLOAT64:
            cases[f"{dtype}, {name}"] = there_and_back(sequential(), OPTIMIZERS[name]())
        others = {
            "functional": (functional(), "adam"),
            "every layer": (every_layer(), optimizers.SGD(0.125, momentum=0.5)),
            "adapted": (adapted(), "rmsprop"),
            "without input": (without_input(), "adam"),
            "network in a network": (nested(), "adam"),
        }
        for name, (model, optimizer) in others.items():
            cases[f"{dtype}, {name}"] = there_and_back(
                model,
                optimizer,
                metrics=["accuracy", keras.metrics.AUC(num_thresholds=50)],
                weighted_metrics=[keras.metrics.Recall(name="found")],
            )
        told[f"{dtype}, of numpy"] = of_numpy(dtype)
    told["not trained"] = not_trained()
    told["refusals"] = refusals()
    names = [name for name, each in vars(layers).items() if isinstance(each, type)]
    told["names"] = {name: keras.src.utils.naming.to_snake_case(name) for name in names}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
