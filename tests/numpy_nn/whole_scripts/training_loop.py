"""A training loop written by hand with train_on_batch and test_on_batch."""

import numpy as np
import keras

rng = np.random.default_rng(11)
x = rng.uniform(-1, 1, size=(160, 5))
y = (np.sin(3 * x[:, :1]) + x[:, 1:2] * x[:, 2:3] > 0).astype("float64")
x_train, y_train, x_val, y_val = x[:120], y[:120], x[120:], y[120:]

model = keras.Sequential()
model.add(keras.Input(shape=(5,)))
model.add(keras.layers.Dense(12, activation="relu"))
model.add(keras.layers.Dense(1, activation="sigmoid"))
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.3, momentum=0.9),
    loss=keras.losses.BinaryCrossentropy(from_logits=False),
    metrics=[keras.metrics.BinaryAccuracy(), "mse"],
)
print("metrics", model.metrics_names)

epochs = 10
batch_size = 24
for epoch in range(epochs):
    model.reset_metrics()
    for start in range(0, len(x_train), batch_size):
        batch_x = x_train[start : start + batch_size]
        batch_y = y_train[start : start + batch_size]
        loss = model.train_on_batch(batch_x, batch_y, return_dict=True)
    print(f"epoch {epoch}: loss={loss['loss']:.12g} acc={loss['binary_accuracy']:.12g}")
    model.reset_metrics()
    for start in range(0, len(x_val), batch_size):
        val = model.test_on_batch(x_val[start : start + batch_size], y_val[start : start + batch_size])
    print("  val", [float(f"{value:.12g}") for value in val])
    if epoch == 4:
        model.optimizer.learning_rate = 0.1
        print("  lr is now", float(model.optimizer.learning_rate))

print("iterations", int(model.optimizer.iterations))
weights = np.where(y_train[:24, 0] > 0, 2.0, 1.0)
model.reset_metrics()
print("weighted", model.train_on_batch(x_train[:24], y_train[:24], sample_weight=weights))
model.reset_metrics()
print("classes", model.train_on_batch(x_train[:24], y_train[:24], class_weight={0: 1.0, 1: 3.0}))
print("predict_on_batch", model.predict_on_batch(x_val[:4]).ravel())

for metric in model.metrics:
    print(metric.name)

# metrics and losses as objects in the loop
loss_fn = keras.losses.BinaryCrossentropy()
mean_loss = keras.metrics.Mean(name="mean_loss")
accuracy = keras.metrics.BinaryAccuracy()
for start in range(0, len(x_val), batch_size):
    predictions = model(x_val[start : start + batch_size], training=False)
    mean_loss.update_state(loss_fn(y_val[start : start + batch_size], predictions))
    accuracy.update_state(y_val[start : start + batch_size], predictions)
print(f"mean loss {float(mean_loss.result()):.12g}, accuracy {float(accuracy.result()):.12g}")
accuracy.reset_state()
print("after reset", float(accuracy.result()))
