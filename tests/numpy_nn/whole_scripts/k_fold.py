"""K-fold cross-validation of a small regression network, written as in the textbooks."""

import numpy as np
import keras
from keras import layers
from sklearn.datasets import load_diabetes

data, targets = load_diabetes(return_X_y=True)
data, targets = data[:200], targets[:200] / 100
train_data, test_data = data[:160], data[160:]
train_targets, test_targets = targets[:160], targets[160:]

mean = train_data.mean(axis=0)
train_data = train_data - mean
std = train_data.std(axis=0)
train_data /= std
test_data = (test_data - mean) / std


def get_model():
    model = keras.Sequential(
        [
            layers.Dense(16, activation="relu"),
            layers.Dense(16, activation="relu"),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer="rmsprop", loss="mean_squared_error", metrics=["mean_absolute_error"])
    return model


k = 4
num_val_samples = len(train_data) // k
num_epochs = 6
all_mae_histories = []
all_scores = []
for i in range(k):
    print(f"Processing fold #{i + 1}")
    val_data = train_data[i * num_val_samples : (i + 1) * num_val_samples]
    val_targets = train_targets[i * num_val_samples : (i + 1) * num_val_samples]
    partial_train_data = np.concatenate(
        [train_data[: i * num_val_samples], train_data[(i + 1) * num_val_samples :]], axis=0
    )
    partial_train_targets = np.concatenate(
        [train_targets[: i * num_val_samples], train_targets[(i + 1) * num_val_samples :]], axis=0
    )
    model = get_model()
    history = model.fit(
        partial_train_data,
        partial_train_targets,
        validation_data=(val_data, val_targets),
        epochs=num_epochs,
        batch_size=16,
        verbose=0,
    )
    all_mae_histories.append(history.history["val_mean_absolute_error"])
    val_mse, val_mae = model.evaluate(val_data, val_targets, verbose=0)
    all_scores.append(val_mae)
    print(f"loss {history.history['loss'][0]:.12g} -> {history.history['loss'][-1]:.12g}")
    print(f"mse {val_mse:.12g}, mae {val_mae:.12g}")

print([round(float(value), 11) for value in all_scores])
print(f"mean {np.mean(all_scores):.12g} +- {np.std(all_scores):.12g}")
average_mae_history = [np.mean([x[i] for x in all_mae_histories]) for i in range(num_epochs)]
print("best epoch", int(np.argmin(average_mae_history)) + 1)

model = get_model()
model.fit(train_data, train_targets, epochs=num_epochs, batch_size=16, verbose=0)
test_mean_squared_error, test_mean_absolute_error = model.evaluate(test_data, test_targets, verbose=0)
print(f"test mae {test_mean_absolute_error:.12g}")
predictions = model.predict(test_data, verbose=0)
print("prediction", predictions[0], predictions.shape, predictions.dtype)
