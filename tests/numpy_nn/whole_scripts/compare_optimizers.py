"""Which optimizer is best here? By name, by instance, with settings changed on the way."""

import numpy as np
import keras
from keras import layers, optimizers

keras.utils.set_random_seed(0)
rng = np.random.default_rng(8)
x = rng.normal(size=(90, 5))
y = (x[:, 0] * x[:, 1] > 0).astype(int)


def create_model(optimizer):
    model = keras.Sequential([layers.Input(shape=(5,)), layers.Dense(14, activation="relu"), layers.Dense(1, activation="sigmoid")])
    model.compile(loss="binary_crossentropy", optimizer=optimizer, metrics=["accuracy"])
    return model


results = {}
for name in ["sgd", "rmsprop", "adam", "adamw", "adagrad", "adadelta", "adamax", "nadam", "ftrl", "lion"]:
    model = create_model(name)
    history = model.fit(x, y, epochs=3, batch_size=15, verbose=0)
    results[name] = history.history["loss"][-1]
    print(f"{name:10s} {type(model.optimizer).__name__:10s} {history.history['loss'][0]:.12g} {results[name]:.12g} {float(model.optimizer.learning_rate):.6g}")
print("best", min(results, key=results.get))

for optimizer in [
    optimizers.SGD(learning_rate=0.1),
    optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    optimizers.SGD(0.1, clipnorm=0.5),
    optimizers.Adam(0.01, clipvalue=0.1),
    optimizers.Adam(learning_rate=0.01, beta_1=0.8, beta_2=0.99, epsilon=1e-6, amsgrad=True),
    optimizers.AdamW(0.01, weight_decay=0.02),
    optimizers.RMSprop(0.01, rho=0.8, momentum=0.5, centered=True),
    optimizers.Adam(0.01, global_clipnorm=1.0),
    optimizers.Adam(0.01, use_ema=True, ema_momentum=0.9),
    optimizers.SGD(0.05, weight_decay=0.01),
]:
    history = create_model(optimizer).fit(x, y, epochs=3, batch_size=15, verbose=0)
    print(optimizer.name, int(optimizer.iterations.numpy()), f"{history.history['loss'][-1]:.12g}")

adam = optimizers.Adam(learning_rate=0.003)
config = adam.get_config()
for key in sorted(config):
    print(key, config[key])
copy = optimizers.Adam.from_config(config)
print(float(copy.learning_rate), copy.beta_1)
print(type(optimizers.get("adam")).__name__, type(optimizers.get({"class_name": "SGD", "config": {"learning_rate": 0.5}})).__name__)

model = create_model(adam)
model.fit(x, y, epochs=2, verbose=0)
adam.learning_rate.assign(0.03)
print("assigned", adam.learning_rate.numpy(), model.fit(x, y, epochs=2, verbose=0).history["loss"][-1])
adam.learning_rate = 0.3
print("set", float(model.optimizer.learning_rate), model.fit(x, y, epochs=2, verbose=0).history["loss"][-1])
print("variables", len(adam.variables), [tuple(v.shape) for v in adam.variables][:4])
try:
    create_model("adamm")
except ValueError as error:
    print("ValueError", "adamm" in str(error))
