"""Batch normalization, dropout and penalties; sample weights and validation_split."""
import numpy as np
from keras import layers, models, regularizers, constraints, initializers
import keras

rng = np.random.default_rng(30)
x = rng.normal(loc=2.0, scale=3.0, size=(200, 6))
y = (x[:, 0] + x[:, 1] ** 2 / 4 - x[:, 2] > 2).astype("float32")

network = models.Sequential()
network.add(layers.Dense(24, kernel_regularizer=regularizers.l2(0.001), input_shape=(6,)))
network.add(layers.BatchNormalization())
network.add(layers.Activation("relu"))
network.add(layers.Dropout(0))
network.add(layers.Dense(12, kernel_regularizer=regularizers.l1_l2(l1=1e-4, l2=1e-4), bias_regularizer="l2", activity_regularizer=regularizers.l1(1e-5)))
network.add(layers.BatchNormalization(momentum=0.9, epsilon=1e-4))
network.add(layers.LeakyReLU(negative_slope=0.1))
network.add(layers.Dense(6, activation="elu", kernel_constraint=constraints.MaxNorm(1.5), bias_initializer=initializers.Constant(0.1)))
network.add(layers.Dense(1, activation="sigmoid"))
network.compile(optimizer=keras.optimizers.RMSprop(learning_rate=0.005), loss="binary_crossentropy", metrics=["accuracy"], weighted_metrics=["mse"])
print("losses", len(network.losses), [float(value) > 0 for value in network.losses[:2]])

history = network.fit(x, y, epochs=12, batch_size=32, validation_split=0.25, verbose=0)
for name, values in history.history.items():
    print(name, values[0], values[-1])
print("penalty", float(network.layers[0].losses[0]))
norm = network.layers[1]
print("moving mean", norm.moving_mean.numpy()[:3], "moving variance", norm.moving_variance.numpy()[:3])
print("gamma", norm.gamma.numpy().mean(), "beta", norm.beta.numpy().mean())
print("weights", [len(layer.weights) for layer in network.layers])
print("column norms at most 1.5:", bool((np.linalg.norm(network.layers[7].kernel.numpy(), axis=0) <= 1.5 + 1e-9).all()))

# training and inference differ
batch = x[:32]
print("training", float(np.mean(network(batch, training=True))))
print("inference", float(np.mean(network(batch, training=False))))
print("predict", float(network.predict(batch, verbose=0).mean()))

# sample weights, also for the validation data
sample_weight = np.where(y == 1, 2.0, 0.5)
sample_weight[:10] = 0
history = network.fit(
    x[:150], y[:150], sample_weight=sample_weight[:150], epochs=4, verbose=0,
    validation_data=(x[150:], y[150:], sample_weight[150:]),
)
for name, values in history.history.items():
    print(name, values[0], values[-1])
print("weighted", network.evaluate(x, y, sample_weight=sample_weight, verbose=0, return_dict=True))
print("plain", network.evaluate(x, y, verbose=0, return_dict=True))
history = network.fit(x, y, sample_weight=sample_weight, validation_split=0.1, epochs=2, batch_size=20, verbose=0)
print("split", history.history["loss"], history.history["val_loss"])

# dropout is off at inference; layers called on their own
dropout = layers.Dropout(0.5, seed=1)
data = np.arange(10).reshape(5, 2).astype("float64")
print("inference", np.array_equal(dropout(data, training=False), data))
print("rate", dropout.rate, layers.GaussianNoise(0.1)(data).numpy().sum())
standardized = layers.BatchNormalization()(data, training=True).numpy()
print("standardized", standardized.mean(axis=0).round(9) + 0.0, standardized.std(axis=0))
print("layer norm", layers.LayerNormalization()(data).numpy()[0])
print(regularizers.L2(0.1)(np.array([1.0, 2.0])).numpy(), float(regularizers.L1(0.1)(np.array([1.0, -2.0]))))
