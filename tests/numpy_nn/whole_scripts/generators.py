"""Data that comes in batches: generators and a PyDataset."""

import math

import numpy as np
import keras

rng = np.random.default_rng(17)
x = rng.normal(size=(100, 4))
y = np.tanh(x[:, :1]) - 0.5 * x[:, 1:2]


class Batches(keras.utils.PyDataset):
    def __init__(self, x_set, y_set, batch_size, **kwargs):
        super().__init__(**kwargs)
        self.x, self.y = x_set, y_set
        self.batch_size = batch_size
        self.epochs_seen = 0

    def __len__(self):
        return math.ceil(len(self.x) / self.batch_size)

    def __getitem__(self, idx):
        low = idx * self.batch_size
        high = min(low + self.batch_size, len(self.x))
        return self.x[low:high], self.y[low:high]

    def on_epoch_end(self):
        self.epochs_seen += 1


def endless(batch_size=20):
    start = 0
    while True:
        yield x[start : start + batch_size], y[start : start + batch_size]
        start = (start + batch_size) % len(x)


def build():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.02), loss="mse", metrics=["mae"])
    return model


model = build()
data = Batches(x, y, 32)
print("batches", len(data), data[3][0].shape)
history = model.fit(data, epochs=5, verbose=0)
print("dataset", history.history["loss"][0], history.history["loss"][-1], data.epochs_seen)
print("evaluate", model.evaluate(data, verbose=0), model.evaluate(x, y, batch_size=32, verbose=0))
print("predict", model.predict(data, verbose=0).shape, model.predict(data, verbose=0)[-1])

arrays = build()
same = arrays.fit(x, y, epochs=5, batch_size=32, verbose=0)
print("arrays", same.history["loss"][0], same.history["loss"][-1])

model = build()
history = model.fit(endless(), steps_per_epoch=5, epochs=4, verbose=0)
print("generator", history.history["loss"])
history = model.fit(endless(25), steps_per_epoch=4, epochs=2, verbose=0, validation_data=Batches(x[:40], y[:40], 10))
print("validated by a dataset", history.history["val_loss"])
history = model.fit(endless(), steps_per_epoch=5, epochs=2, validation_data=endless(50), validation_steps=2, verbose=0)
print("validated by a generator", history.history["val_mae"])
history = model.fit(endless(), steps_per_epoch=5, epochs=2, validation_data=(x, y), verbose=0)
print("validated by arrays", history.history["val_mae"])
print("evaluate steps", model.evaluate(endless(), steps=5, verbose=0))
print("predict steps", model.predict(endless(), steps=2, verbose=0).shape)


def weighted():
    for _ in range(2):
        for start in range(0, 100, 50):
            yield x[start : start + 50], y[start : start + 50], np.linspace(0, 1, 50)


model = build()
history = model.fit(weighted(), steps_per_epoch=2, epochs=2, verbose=0)
print("with weights", history.history["loss"], history.history["mae"][-1])
model = build()
weights = np.tile(np.linspace(0, 1, 50), 2)
history = model.fit(x, y, sample_weight=weights, batch_size=50, epochs=2, verbose=0)
print("same as arrays", history.history["loss"], history.history["mae"][-1])

# arrays with a limit on the steps
history = build().fit(x, y, batch_size=10, steps_per_epoch=10, epochs=2, verbose=0)
print("steps of arrays", history.history["loss"])
