"""Save, load, copy: every way there is."""

import json
import os

import numpy as np
import keras
from keras.models import clone_model, load_model, model_from_json

rng = np.random.default_rng(21)
x = rng.random((64, 5))
y = x.sum(axis=1, keepdims=True) ** 2 / 10


def get_model():
    inputs = keras.Input(shape=(5,), name="five")
    hidden = keras.layers.Dense(7, activation="relu", name="hidden", kernel_regularizer=keras.regularizers.L2(1e-3))(inputs)
    hidden = keras.layers.Dropout(0.0, name="drop")(hidden)
    outputs = keras.layers.Dense(1, name="out")(hidden)
    model = keras.Model(inputs, outputs, name="saved")
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mean_squared_error", metrics=["mae"])
    return model


model = get_model()
history = model.fit(x, y, epochs=8, verbose=0)
print("loss", history.history["loss"][0], "->", history.history["loss"][-1])
expected = model.predict(x, verbose=0)

# whole model
model.save("my_model.keras")
loaded = keras.models.load_model("my_model.keras")
np.testing.assert_allclose(loaded.predict(x, verbose=0), expected)
print("keras", loaded.name, loaded.evaluate(x, y, verbose=0), int(loaded.optimizer.iterations))
a = model.fit(x, y, epochs=2, verbose=0).history["loss"]
b = loaded.fit(x, y, epochs=2, verbose=0).history["loss"]
print("go on alike:", np.allclose(a, b), a[-1])
expected = model.predict(x, verbose=0)

# legacy file
model.save("my_model.h5")
legacy = load_model("my_model.h5")
print("h5", np.array_equal(legacy.predict(x, verbose=0), expected), legacy.evaluate(x, y, verbose=0))
print("compiled:", load_model("my_model.keras", compile=False).compiled, loaded.compiled)

# weights alone
model.save_weights("model.weights.h5")
other = get_model()
print("differs first:", not np.allclose(other.predict(x, verbose=0), expected))
other.load_weights("model.weights.h5")
print("weights", np.array_equal(other.predict(x, verbose=0), expected))
np.savez("weights.npz", *model.get_weights())
with np.load("weights.npz") as stored:
    other.set_weights([stored[name] for name in stored.files])
print("npz", [weight.shape for weight in other.get_weights()])

# architecture alone
json_config = model.to_json()
parsed = json.loads(json_config)
print(parsed["class_name"], parsed["config"]["name"], [layer["class_name"] for layer in parsed["config"]["layers"]])
with open("model.json", "w") as file:
    file.write(json_config)
reloaded = model_from_json(open("model.json").read())
reloaded.load_weights("model.weights.h5")
print("json", np.array_equal(reloaded.predict(x, verbose=0), expected))

config = model.get_config()
print(sorted(config))
rebuilt = keras.Model.from_config(config)
rebuilt.set_weights(model.get_weights())
print("config", np.array_equal(rebuilt.predict(x, verbose=0), expected))
sequential = keras.Sequential([keras.Input((5,)), keras.layers.Dense(2, "tanh", name="only")], name="stack")
again = keras.Sequential.from_config(sequential.get_config())
print(again.name, [layer.name for layer in again.layers], again.layers[0].get_config()["activation"])
layer_config = keras.layers.serialize(model.layers[1])
print(layer_config["class_name"], layer_config["config"]["units"], keras.layers.deserialize(layer_config).name)

clone = clone_model(model)
clone.set_weights(model.get_weights())
print("clone", clone.name, np.array_equal(clone.predict(x, verbose=0), expected), clone.get_layer("hidden") is model.get_layer("hidden"))
clone.compile("sgd", "mse")
print("clone trains", clone.fit(x, y, epochs=1, verbose=0).history["loss"])
print(sorted(os.listdir(".")))
