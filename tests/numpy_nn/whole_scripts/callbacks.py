"""Every callback at once, and some of our own."""

import csv
import os

import numpy as np
import keras
from keras.callbacks import Callback, CSVLogger, EarlyStopping, LambdaCallback, LearningRateScheduler, ModelCheckpoint
from keras.callbacks import ReduceLROnPlateau, TerminateOnNaN

rng = np.random.default_rng(5)
x = rng.normal(size=(120, 4))
y = x @ np.array([[1.0], [-2.0], [0.5], [0.0]]) + 0.1 * rng.normal(size=(120, 1))


def get_model():
    model = keras.Sequential([keras.Input(shape=(4,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.RMSprop(learning_rate=0.02), loss="mean_squared_error", metrics=["mae"])
    return model


class CustomCallback(Callback):
    def __init__(self):
        super().__init__()
        self.calls = []

    def on_train_begin(self, logs=None):
        print("Starting training; got log keys:", list(logs.keys()))

    def on_train_end(self, logs=None):
        print("Stop training; got log keys:", list(logs.keys()))

    def on_epoch_begin(self, epoch, logs=None):
        print("Start epoch {} of training".format(epoch))

    def on_epoch_end(self, epoch, logs=None):
        print("End epoch {}; loss {:.12g}, {}".format(epoch, logs["loss"], sorted(logs)))

    def on_test_begin(self, logs=None):
        print("Start testing", self.params["steps"] if "steps" in self.params else None)

    def on_test_end(self, logs=None):
        print("Stop testing; got log keys:", sorted(logs.keys()))

    def on_predict_begin(self, logs=None):
        print("Start predicting", list(logs.keys()))

    def on_predict_end(self, logs=None):
        print("Stop predicting", list(logs.keys()))

    def on_train_batch_begin(self, batch, logs=None):
        self.calls.append(("train begin", batch))

    def on_train_batch_end(self, batch, logs=None):
        print("...Training: end of batch {}; loss {:.12g}".format(batch, logs["loss"]))

    def on_test_batch_begin(self, batch, logs=None):
        print("...Evaluating: start of batch {}".format(batch))

    def on_test_batch_end(self, batch, logs=None):
        print("...Evaluating: end of batch {}; mae {:.12g}".format(batch, logs["mae"]))

    def on_predict_batch_begin(self, batch, logs=None):
        print("...Predicting: start of batch {}".format(batch))

    def on_predict_batch_end(self, batch, logs=None):
        print("...Predicting: end of batch {}; {} {}".format(batch, list(logs), np.shape(logs["outputs"])))


model = get_model()
mine = CustomCallback()
model.fit(x, y, batch_size=48, epochs=1, verbose=0, validation_split=0.5, callbacks=[mine])
model.evaluate(x, y, batch_size=64, verbose=0, callbacks=[mine])
model.predict(x, batch_size=64, verbose=0, callbacks=[mine])
print(mine.calls, mine.params["epochs"], mine.model is model)


class StopAtLoss(Callback):
    def on_epoch_end(self, epoch, logs=None):
        if logs["loss"] < 0.5:
            print("reached at", epoch)
            self.model.stop_training = True


model = get_model()
rates = []
callbacks = [
    ModelCheckpoint("best.keras", monitor="val_loss", save_best_only=True),
    ModelCheckpoint("weights.{epoch:02d}-{val_loss:.2f}.weights.h5", save_weights_only=True),
    EarlyStopping(monitor="val_loss", patience=4, restore_best_weights=True, min_delta=0.001),
    ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=1, min_lr=1e-4),
    CSVLogger("log.csv", separator=",", append=False),
    LambdaCallback(on_epoch_end=lambda epoch, logs: rates.append(float(model.optimizer.learning_rate))),
    TerminateOnNaN(),
]
history = model.fit(x, y, validation_split=0.25, epochs=30, batch_size=16, callbacks=callbacks, verbose=0)
print("epochs", len(history.epoch), "keys", list(history.history))
print("rates", rates)
print("lr", [float(value) for value in history.history["learning_rate"]])
print("files", sorted(os.listdir("."))[:4], len(os.listdir(".")))
rows = list(csv.DictReader(open("log.csv")))
print(len(rows), list(rows[0]))
print("csv", float(rows[-1]["loss"]), float(rows[-1]["val_mae"]))
best = keras.models.load_model("best.keras")
print("best", best.evaluate(x[90:], y[90:], verbose=0), min(history.history["val_loss"]))


def scheduler(epoch, lr):
    return lr if epoch < 3 else float(lr * np.exp(-0.1))


model = get_model()
history = model.fit(x, y, epochs=6, callbacks=[LearningRateScheduler(scheduler)], verbose=0)
print("scheduler", [float(value) for value in history.history["learning_rate"]])
model.fit(x, y, epochs=50, callbacks=[StopAtLoss()], verbose=0)

model = get_model()
model.compile(optimizer=keras.optimizers.SGD(learning_rate=1e60), loss="mse")
history = model.fit(x, y, epochs=5, batch_size=60, verbose=0, callbacks=[TerminateOnNaN()])
print("stopped after", len(history.epoch), "epochs")
