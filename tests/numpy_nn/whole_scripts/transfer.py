"""Transfer learning and fine-tuning with dense layers."""

import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
x = rng.normal(size=(300, 10))
hidden = np.tanh(x @ rng.normal(size=(10, 3)))
y_old = (hidden @ [1.0, -2.0, 0.5]).reshape(-1, 1)
y_new = (hidden[:, 0] * hidden[:, 1] > 0).astype(int)
x_small, y_small = x[:80], y_new[:80]
x_test, y_test = x[80:], y_new[80:]

# a frozen layer
layer = layers.Dense(3)
layer.build((None, 4))
layer.trainable = False
print("weights:", len(layer.weights))
print("trainable_weights:", len(layer.trainable_weights))
print("non_trainable_weights:", len(layer.non_trainable_weights))

# the base is trained on the old task
base_model = keras.Sequential(
    [
        keras.Input(shape=(10,)),
        layers.Dense(16, activation="tanh", name="features_1"),
        layers.BatchNormalization(name="norm"),
        layers.Dense(8, activation="tanh", name="features_2"),
    ],
    name="base",
)
pretraining = keras.Sequential([base_model, layers.Dense(1, name="old_head")])
pretraining.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
history = pretraining.fit(x, y_old, epochs=10, batch_size=50, verbose=0)
print("old task", history.history["loss"][0], "->", history.history["loss"][-1])

# the frozen base with a new head
base_model.trainable = False
inputs = keras.Input(shape=(10,))
features = base_model(inputs, training=False)
outputs = layers.Dense(1, activation="sigmoid", name="new_head")(features)
model = keras.Model(inputs, outputs)
print("layers:", [type(each).__name__ for each in model.layers])
print("trainable:", len(model.trainable_weights), "of", len(model.weights))
before = [w.copy() for w in base_model.get_weights()]
model.compile(optimizer=keras.optimizers.Adam(0.05), loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(x_small, y_small, epochs=8, verbose=0)
print("head", history.history["loss"][0], "->", history.history["loss"][-1])
print("base unchanged:", all(np.array_equal(a, b) for a, b in zip(before, base_model.get_weights())))
print("test", model.evaluate(x_test, y_test, verbose=0))

# fine-tuning with a low rate
base_model.trainable = True
model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="binary_crossentropy", metrics=["accuracy"])
print("trainable:", len(model.trainable_weights), "of", len(model.weights))
history = model.fit(x_small, y_small, epochs=8, verbose=0)
print("all", history.history["loss"][0], "->", history.history["loss"][-1])
print("base unchanged:", all(np.array_equal(a, b) for a, b in zip(before, base_model.get_weights())))
print("test", model.evaluate(x_test, y_test, verbose=0))

# partial: only the last block of the base
for each in base_model.layers[:-1]:
    each.trainable = False
model.compile(optimizer="sgd", loss="binary_crossentropy")
print("trainable:", len(model.trainable_weights), "of", len(model.weights))
first = base_model.get_layer("features_1").get_weights()[0].copy()
model.fit(x_small, y_small, epochs=2, verbose=0)
print("first layer unchanged:", np.array_equal(first, base_model.get_layer("features_1").get_weights()[0]))
print("loss", model.evaluate(x_test, y_test, verbose=0))

# the trained layers in a new stack
new_model = keras.Sequential(pretraining.layers[:-1])
new_model.add(layers.Dense(2, activation="softmax"))
new_model.layers[0].trainable = False
new_model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
print("stack", new_model.fit(x_small, y_small, epochs=3, verbose=0).history["loss"])
