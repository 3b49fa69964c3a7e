"""Networks that combine layers: frozen ones, shared axes, layers of several axes; predictions, training and counts."""

from typing import Any

import keras
import numpy as np

layers, regularizers = keras.layers, keras.regularizers
half = 2.0**-6  # exact in float32, to which Keras rounds some coefficients
networks: dict[str, list[Any]] = {
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
    "prelu": [layers.PReLU(), layers.Dense(5), layers.PReLU(shared_axes=[1]), layers.Dense(1)],
    "batch normalization first": [layers.BatchNormalization(scale=False, momentum=0.5), layers.Dense(1)],
    "batch normalization frozen": [
        layers.Dense(5, "relu"),
        layers.BatchNormalization(trainable=False),
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
    "idle ends": [layers.Dropout(0.0), layers.Dense(5, "tanh"), layers.Dense(1), layers.GaussianNoise(0.0)],
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
    "frozen below": [layers.Dense(5, "relu", trainable=False), layers.Dense(4, "tanh"), layers.Dense(1)],
    "frozen between": [
        layers.Dense(5, "relu"),
        layers.Dense(4, "tanh", trainable=False),
        layers.Dense(1, "sigmoid"),
    ],
}


def shape_of(layer: Any) -> Any:
    """Return the shape of an output."""
    return layer.output.shape if hasattr(layer, "output") else layer.output_shape


found: dict[str, Any] = {"loss": []}
for name, made in networks.items():
    rng = np.random.default_rng(1)
    shape = (2, 3) if name == "flatten" else (4,)
    x, y = rng.standard_normal((20, *shape)), rng.integers(0, 2, (20, 1)).astype(float)
    model = keras.Sequential(made if name == "flatten" else [keras.Input((4,)), *made])
    loss = "binary_crossentropy" if made[-1].get_config().get("activation") == "sigmoid" else "mse"
    model.compile(keras.optimizers.SGD(0.125), loss, run_eagerly=True)
    rng = np.random.default_rng(2)
    model.set_weights(
        [np.abs(rng.standard_normal(np.shape(each))) - 0.5 * (np.ndim(each) > 1) for each in model.get_weights()]
    )
    found[name] = {
        "prediction": model.predict(x, verbose=0),
        "evaluation": model.evaluate(x, y, verbose=0),
        "history": model.fit(x, y, batch_size=8, epochs=3, shuffle=False, verbose=0).history["loss"],
        "weights": model.get_weights(),
        "later": model.predict(x, verbose=0),
        "counts": [model.count_params(), len(model.get_weights()), len(model.trainable_weights), len(model.weights)],
        "shapes": [list(shape_of(each)[1:]) for each in model.layers],
    }
found["loss"] = found["no bias above"]["history"]
