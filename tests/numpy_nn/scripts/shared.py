"""Networks that share layers: an autoencoder with its encoder, transfer to another task, a decoder cut off."""

from typing import Any

import keras
import numpy as np
from sklearn.datasets import make_moons

rng = np.random.default_rng(3)
x = rng.normal(size=(96, 4)) @ rng.normal(size=(4, 4))
labels = make_moons(96, noise=0.2, random_state=0)[1]


def start(model: keras.Model) -> None:
    draw = np.random.default_rng(1)
    model.set_weights([draw.normal(0, 0.5, each.shape) for each in model.get_weights()])


def fit(model: keras.Model, y: Any, epochs: int = 2) -> list[float]:
    losses: list[float] = model.fit(x, y, batch_size=32, epochs=epochs, shuffle=False, verbose=0).history["loss"]
    return losses


inputs = keras.Input((4,))
hidden = keras.layers.Dense(3, activation="tanh")
code = keras.layers.Dense(2, name="code")
autoencoder = keras.Model(inputs, keras.layers.Dense(4, name="back")(code(hidden(inputs))))
encoder = keras.Model(inputs, code.output)
start(autoencoder)
autoencoder.compile(keras.optimizers.SGD(0.25, momentum=0.5), "mse")
found = {"loss": fit(autoencoder, x, epochs=24), "code": encoder.predict(x, verbose=0)}

# one after the other trains the same weights, each with its own optimizer
encoder.compile(keras.optimizers.SGD(0.125, momentum=0.5), "mse")
found["in turn"] = [
    [fit(encoder, np.zeros((96, 2))), fit(autoencoder, x), encoder.predict(x[:3], verbose=0)] for _ in range(3)
]

# transfer: the encoder frozen below a new layer, then fine-tuned
encoder.trainable = False
classifier = keras.Sequential([encoder, keras.layers.Dense(1, activation="sigmoid", kernel_initializer="ones")])
classifier.compile(keras.optimizers.SGD(0.5), "binary_crossentropy", metrics=["accuracy"])
frozen = encoder.get_weights()
found["transfer"] = fit(classifier, labels, epochs=4)
found["untouched"] = str(all((a == b).all() for a, b in zip(frozen, encoder.get_weights(), strict=True)))
encoder.trainable = True
encoder.layers[1].trainable = False
classifier.compile(keras.optimizers.SGD(0.125), "binary_crossentropy")
found["fine-tuned"] = [fit(classifier, labels), classifier.predict(x[:5], verbose=0)]
found["counts"] = [len(classifier.trainable_weights), len(classifier.non_trainable_weights), len(classifier.weights)]
found["names"] = [type(each).__name__ for each in [*classifier.layers, *encoder.layers]]

# a decoder from the last layer, the layers below the last, and a network that begins in the middle
middle = keras.Input((2,))
decoder = keras.Model(middle, autoencoder.layers[-1](middle))
below = keras.Sequential(autoencoder.layers[:-1])
found["decoded"] = decoder.predict(below.predict(x[:4], verbose=0), verbose=0) - autoencoder.predict(x[:4], verbose=0)
tail = keras.Model(hidden.output, autoencoder.output)
found["tail"] = tail.predict(x[:4, :3], verbose=0)
found["shapes"] = [list(each.shape)[1:] for each in (*autoencoder.inputs, *classifier.outputs, code.input, code.output)]

# what is added to a frozen network stays frozen
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, kernel_initializer="ones")])
model.trainable = False
model.add(keras.layers.Dense(1))
found["added"] = [len(model.trainable_weights), str(model.layers[-1].trainable)]

# of two networks with the same layers, the one compiled before the freezing trains as it was when it first trained
gan_body = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, kernel_initializer="ones", activation="tanh")])
judge = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, kernel_initializer="ones", activation="sigmoid")])
judge.compile(keras.optimizers.SGD(0.125), "binary_crossentropy")
first = judge.train_on_batch(x[:8, :3], labels[:8].reshape(-1, 1))
judge.trainable = False
both = keras.Sequential([gan_body, judge])
both.compile(keras.optimizers.SGD(0.125), "binary_crossentropy")
found["adversarial"] = []
for _ in range(3):
    found["adversarial"].append(float(np.ravel(both.train_on_batch(x[:8], np.ones((8, 1))))[0]))
    found["adversarial"].append(judge.get_weights()[0])
    judge.train_on_batch(x[:8, :3], labels[:8].reshape(-1, 1))
    found["adversarial"].append(judge.get_weights()[0])
