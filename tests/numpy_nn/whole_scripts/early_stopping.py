"""Overfit on purpose, then stop early and keep the best weights."""
import numpy as np
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split
from keras.models import Sequential
from keras.models import load_model
from keras.layers import Dense
from keras.callbacks import EarlyStopping
from keras.callbacks import ModelCheckpoint

# generate 2d classification dataset
X, y = make_moons(n_samples=150, noise=0.35, random_state=1)
trainX, testX, trainy, testy = train_test_split(X, y, test_size=0.5, random_state=3)
print(trainX.shape, testX.shape)


def define_model():
    model = Sequential()
    model.add(Dense(60, input_dim=2, activation="relu"))
    model.add(Dense(30, activation="relu", kernel_initializer="he_uniform"))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


model = define_model()
history = model.fit(trainX, trainy, validation_data=(testX, testy), epochs=20, verbose=0)
_, train_acc = model.evaluate(trainX, trainy, verbose=0)
_, test_acc = model.evaluate(testX, testy, verbose=0)
print("Train: %.12g, Test: %.12g" % (train_acc, test_acc))
print("loss", history.history["loss"][0], "->", history.history["loss"][-1])

model = define_model()
es = EarlyStopping(monitor="val_loss", mode="min", verbose=1, patience=5, restore_best_weights=True)
mc = ModelCheckpoint("best_model.h5", monitor="val_accuracy", mode="max", verbose=0, save_best_only=True)
history = model.fit(trainX, trainy, validation_data=(testX, testy), epochs=60, verbose=0, callbacks=[es, mc])
val_losses = history.history["val_loss"]
print("stopped at", es.stopped_epoch, "best epoch", es.best_epoch, "best", f"{float(es.best):.12g}")
print("epochs run", len(val_losses), "minimum at", int(np.argmin(val_losses)))
restored = model.evaluate(testX, testy, verbose=0)
print("restored", restored, "equals the minimum:", bool(np.isclose(restored[0], min(val_losses))))

saved_model = load_model("best_model.h5")
_, test_acc = saved_model.evaluate(testX, testy, verbose=0)
print("Test: %.12g" % test_acc, "maximum", max(history.history["val_accuracy"]))

# without restoring; with a baseline; from a later epoch; by accuracy
for options in (
    dict(patience=2),
    dict(patience=3, baseline=0.4),
    dict(patience=1, start_from_epoch=5, restore_best_weights=True),
    dict(monitor="accuracy", mode="max", patience=3, min_delta=0.01),
    dict(monitor="val_accuracy", patience=2),
):
    model = define_model()
    stopping = EarlyStopping(**options)
    history = model.fit(trainX, trainy, validation_data=(testX, testy), epochs=15, batch_size=15, callbacks=stopping, verbose=0)
    print(sorted(options), len(history.epoch), stopping.best_epoch, model.evaluate(testX, testy, verbose=0)[0])

# continue where it stopped
history = model.fit(trainX, trainy, initial_epoch=len(history.epoch), epochs=len(history.epoch) + 3, verbose=0)
print("continued", history.epoch, f"{history.history['loss'][-1]:.12g}")
yhat = (model.predict(testX, verbose=0) > 0.5).astype("int32")
print("correct", int((yhat.ravel() == testy).sum()))
