# Handwritten digits (8 x 8): one-hot labels and integer labels give the same training
import numpy as np
import keras
from keras.utils import to_categorical
from keras.models import Sequential
from keras.layers import Activation, Dense, Flatten, Input
from keras.optimizers import Adam
from sklearn.datasets import load_digits

images, labels = load_digits(return_X_y=True)
images = images[:500].reshape(-1, 8, 8)
labels = labels[:500]
x_train, y_train = images[:400].astype("float32") / 16, labels[:400]
x_test, y_test = images[400:].astype("float32") / 16, labels[400:]
num_classes = 10
print("x_train shape:", x_train.shape)
print(x_test.shape[0], "test samples")

y_train_cat = to_categorical(y_train, num_classes)
y_test_cat = to_categorical(y_test, num_classes=10)
print(y_train_cat.shape, y_train_cat.dtype, y_train_cat[0])
print("of strings", np.unique(["a", "c", "b", "a"], return_inverse=True)[1])


def baseline_model():
    model = Sequential()
    model.add(Input(shape=(8, 8)))
    model.add(Flatten())
    model.add(Dense(32))
    model.add(Activation("relu"))
    model.add(Dense(num_classes, activation="softmax"))
    return model


model = baseline_model()
model.compile(loss="categorical_crossentropy", optimizer=Adam(learning_rate=0.005), metrics=["accuracy", keras.metrics.MeanSquaredError(name="brier")])
history = model.fit(x_train, y_train_cat, epochs=10, batch_size=50, validation_data=(x_test, y_test_cat), verbose=0)
for key in history.history:
    print(key, history.history[key][0], history.history[key][-1])
scores = model.evaluate(x_test, y_test_cat, verbose=0)
print("Baseline Error: %.10f%%" % (100 - scores[1] * 100))

probabilities = model.predict(x_test, verbose=0)
predicted_classes = np.argmax(probabilities, axis=1)
confusion = np.zeros((10, 10), dtype=int)
np.add.at(confusion, (y_test, predicted_classes), 1)
print(confusion)
for digit in range(10):
    recall = confusion[digit, digit] / confusion[digit].sum()
    precision = confusion[digit, digit] / max(1, confusion[:, digit].sum())
    print(f"{digit}: precision {precision:.10f} recall {recall:.10f}")
print("sums to one:", np.allclose(probabilities.sum(axis=-1), 1))

# integer labels, logits
weights = model.get_weights()
logits_model = Sequential([Input((8, 8)), Flatten(), Dense(32, activation="relu"), Dense(num_classes)])
logits_model.set_weights(weights)
logits_model.compile(
    optimizer="sgd",
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy", keras.metrics.SparseCategoricalCrossentropy(from_logits=True, name="xent")],
)
print("logits", logits_model.evaluate(x_test, y_test, verbose=0))
probability_model = Sequential([logits_model, keras.layers.Softmax()])
predictions = probability_model.predict(x_test[:5], verbose=0)
print("softmax", np.allclose(predictions, probabilities[:5], atol=1e-5), np.argmax(predictions, axis=-1), y_test[:5])
history = logits_model.fit(x_train, y_train.reshape(-1, 1), epochs=3, verbose=0)
print("sparse", history.history["loss"][0], history.history["loss"][-1], history.history["xent"][-1])
one = np.expand_dims(x_test[0], 0)
print("one", one.shape, probability_model.predict(one, verbose=0).argmax())
print("mean of predictions", float(np.mean(probability_model(x_test[:2]).numpy())))
