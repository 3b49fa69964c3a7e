"""A rare class, found: features adapted to, classes weighed, the counts that accuracy would hide."""

import keras
import numpy as np

rng = np.random.default_rng(1)
x = rng.normal(5.0, [1.0, 3.0, 0.5, 10.0], (800, 4))
rare = (x[:, 0] - 5.0 + (x[:, 1] - 5.0) / 3.0 + rng.normal(0.0, 0.5, 800) > 2.2).astype("float64")
x_train, rare_train, x_test, rare_test = x[:600], rare[:600], x[600:], rare[600:]

normalization = keras.layers.Normalization()
normalization.adapt(x_train)
model = keras.Sequential(
    [
        keras.Input(shape=(4,)),
        normalization,
        keras.layers.Dense(16, activation="relu", kernel_regularizer=keras.regularizers.L2(1e-3)),
        keras.layers.Dropout(0.0),
        keras.layers.Dense(8),
        keras.layers.LeakyReLU(negative_slope=0.25),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
start = [rng.normal(0.0, 0.3, w.shape) if w.ndim == 2 else w for w in model.get_weights()]
model.set_weights(start)

model.compile(
    optimizer=keras.optimizers.SGD(0.05, momentum=0.5, nesterov=True),
    loss="binary_crossentropy",
    metrics=[
        keras.metrics.FalseNegatives(name="missed"),
        keras.metrics.FalsePositives(name="false_alarms"),
        keras.metrics.Precision(name="precision"),
        keras.metrics.Recall(name="recall"),
        keras.metrics.AUC(name="auc"),
    ],
)
weights = {0: 1.0 / float((rare_train == 0).sum()), 1: 1.0 / float((rare_train == 1).sum())}
mean = sum(weights[int(label)] for label in rare_train) / len(rare_train)
history = model.fit(
    x_train,
    rare_train,
    batch_size=64,
    epochs=8,
    shuffle=False,
    verbose=0,
    class_weight={label: weight / mean for label, weight in weights.items()},
    validation_data=(x_test, rare_test),
)

found = dict(history.history)
found["evaluated"] = model.evaluate(x_test, rare_test, verbose=0, return_dict=True)
found["probabilities"] = model.predict(x_test[:5], verbose=0).tolist()
