"""Predict house prices from a table: pandas, a Normalization layer adapted to the training set, three models."""

import numpy as np
import pandas as pd
import keras
from keras import layers

rng = np.random.default_rng(42)
n = 240
df = pd.DataFrame(
    {
        "area": rng.uniform(40, 220, n),
        "rooms": rng.integers(1, 7, n),
        "age": rng.uniform(0, 90, n),
        "distance": rng.exponential(6.0, n),
    }
)
df["price"] = (2.1 * df["area"] + 11 * df["rooms"] - 0.7 * df["age"] - 5 * df["distance"] + rng.normal(0, 9, n)) / 100

train_dataset = df.sample(frac=0.8, random_state=0)
test_dataset = df.drop(train_dataset.index)
print(len(train_dataset), len(test_dataset))

train_features = train_dataset.copy()
test_features = test_dataset.copy()
train_labels = train_features.pop("price")
test_labels = test_features.pop("price")

normalizer = layers.Normalization(axis=-1)
normalizer.adapt(np.array(train_features))
print("mean", normalizer.mean.numpy())
print("shape of the mean", normalizer.mean.shape)

first = np.array(train_features[:1])
with np.printoptions(precision=2, suppress=True):
    print("First example:", first)
    print("Normalized:", normalizer(first).numpy())

test_results = {}

# one variable
area = np.array(train_features["area"])
area_normalizer = layers.Normalization(input_shape=[1,], axis=None)
area_normalizer.adapt(area)
area_model = keras.Sequential([area_normalizer, layers.Dense(units=1)])
print(area_model.predict(area[:10], verbose=0).shape)
area_model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.1), loss="mean_absolute_error")
history = area_model.fit(train_features["area"], train_labels, epochs=10, verbose=0, validation_split=0.2)
hist = pd.DataFrame(history.history)
hist["epoch"] = history.epoch
print(list(hist.columns))
for value in hist["val_loss"]:
    print(f"  val_loss {value:.12g}")
test_results["area_model"] = area_model.evaluate(test_features["area"], test_labels, verbose=0)

# all variables, then a deep network
linear_model = keras.Sequential([normalizer, layers.Dense(units=1)])
linear_model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.1), loss="mean_absolute_error")
linear_model.fit(train_features, train_labels, epochs=10, verbose=0, validation_split=0.2)
print("kernel shape", linear_model.layers[1].kernel.shape)
test_results["linear_model"] = linear_model.evaluate(test_features, test_labels, verbose=0)


def build_and_compile_model(norm):
    model = keras.Sequential([norm, layers.Dense(16, activation="relu"), layers.Dense(16, activation="relu"), layers.Dense(1)])
    model.compile(loss="mean_absolute_error", optimizer=keras.optimizers.Adam(0.01), metrics=["mse", "mape"])
    return model


dnn_model = build_and_compile_model(normalizer)
history = dnn_model.fit(train_features, train_labels, validation_split=0.2, verbose=0, epochs=10)
print("loss", history.history["loss"][0], history.history["loss"][-1])
test_results["dnn_model"] = dnn_model.evaluate(test_features, test_labels, verbose=0)[0]

print(pd.DataFrame(test_results, index=["Mean absolute error [price]"]).T.to_string(float_format="%.12g"))
test_predictions = dnn_model.predict(test_features, verbose=0).flatten()
error = test_predictions - test_labels
print(error.describe().to_string(float_format="%.12g"))
