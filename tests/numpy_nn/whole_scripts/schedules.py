"""Learning-rate schedules: their values, and training with each."""

import math

import numpy as np
import keras
from keras import optimizers
from keras.optimizers import schedules
from keras.optimizers.schedules import ExponentialDecay

rng = np.random.default_rng(1)
X = rng.normal(size=(128, 6))
Y = np.eye(3)[np.argmax(X @ rng.normal(size=(6, 3)), axis=1)]


class WarmUp(schedules.LearningRateSchedule):
    def __init__(self, peak, warmup_steps):
        self.peak = peak
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        return self.peak * ((step + 1) / self.warmup_steps)

    def get_config(self):
        return {"peak": self.peak, "warmup_steps": self.warmup_steps}


all_schedules = {
    "exponential": ExponentialDecay(0.1, decay_steps=10, decay_rate=0.9),
    "staircase": ExponentialDecay(initial_learning_rate=0.1, decay_steps=10, decay_rate=0.5, staircase=True),
    "piecewise": schedules.PiecewiseConstantDecay(boundaries=[10, 20], values=[0.1, 0.05, 0.01]),
    "polynomial": schedules.PolynomialDecay(0.1, 30, end_learning_rate=0.001, power=2.0),
    "inverse": schedules.InverseTimeDecay(0.1, 1, 0.05),
    "cosine": schedules.CosineDecay(0.0, 25, warmup_target=0.1, warmup_steps=5),
    "restarts": schedules.CosineDecayRestarts(0.1, 8),
}
for name, schedule in all_schedules.items():
    print(name, [round(float(schedule(step)), 6) for step in (0, 5, 10, 11, 20, 40)])
    print(sorted(schedule.get_config()))


def build(learning_rate):
    model = keras.Sequential([keras.layers.Input((6,)), keras.layers.Dense(12, "relu"), keras.layers.Dense(3, "softmax")])
    model.compile(optimizers.SGD(learning_rate=learning_rate, momentum=0.9, nesterov=True), "categorical_crossentropy", metrics=["accuracy"])
    return model


for name, schedule in all_schedules.items():
    model = build(schedule)
    losses = model.fit(X, Y, epochs=5, batch_size=16, verbose=0).history["loss"]
    print(name, f"{losses[0]:.8g} {losses[-1]:.8g}", "rate now", round(float(model.optimizer.learning_rate), 6))

# by epoch, with a callback
model = build(0.1)
step_decay = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 * math.pow(0.5, math.floor((1 + epoch) / 2)))
history = model.fit(X, Y, epochs=5, batch_size=16, verbose=0, callbacks=[step_decay])
print("steps", [float(rate) for rate in history.history["learning_rate"]])
print("loss", history.history["loss"][-1])

# changed by hand between two calls of fit
model = build(0.1)
model.fit(X, Y, epochs=2, verbose=0)
model.optimizer.learning_rate = 0.01
loss = model.fit(X, Y, epochs=2, verbose=0).history["loss"][-1]
print("by hand", float(model.optimizer.learning_rate), f"{loss:.12g}")
model.optimizer.learning_rate.assign(0.001)
loss = model.fit(X, Y, epochs=1, verbose=0).history["loss"][-1]
print("assigned", float(model.optimizer.learning_rate.numpy()), f"{loss:.12g}")

# one of our own
model = build(WarmUp(0.05, 20))
losses = model.fit(X, Y, epochs=2, batch_size=16, verbose=0).history["loss"]
print("warm up", f"{losses[0]:.8g} {losses[-1]:.8g}")
config = schedules.serialize(all_schedules["exponential"])
print(config["class_name"], config["config"]["decay_rate"], float(schedules.deserialize(config)(0)))
