"""Three spirals, told apart: normalization between the layers, a decaying learning rate, stopping early."""

import keras
import numpy as np

rng = np.random.default_rng(0)
classes = rng.integers(0, 3, 600)
radius = rng.uniform(0.1, 1.0, 600)
angle = 4.0 * radius + classes * 2.1 + rng.normal(0.0, 0.4, 600)
x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)

model = keras.Sequential(
    [
        keras.Input(shape=(2,)),
        keras.layers.Dense(24, activation="relu", name="wide"),
        keras.layers.BatchNormalization(momentum=0.75),
        keras.layers.Dropout(0.0),
        keras.layers.Dense(16, activation="gelu"),
        keras.layers.BatchNormalization(momentum=0.75),
        keras.layers.Dense(3),
    ],
    name="spirals",
)
model.set_weights([rng.normal(0.0, 0.4, w.shape) if w.ndim == 2 else w for w in model.get_weights()])

rate = keras.optimizers.schedules.ExponentialDecay(0.01, decay_steps=50, decay_rate=0.8)
model.compile(
    optimizer=keras.optimizers.Adam(rate, beta_1=0.875, beta_2=0.9921875),  # float32, Keras's, holds these exactly
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy", keras.metrics.SparseCategoricalCrossentropy(from_logits=True, name="entropy")],
)
stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=3, restore_best_weights=True)
history = model.fit(
    x, classes, batch_size=32, epochs=25, validation_split=0.2, shuffle=False, callbacks=[stopping], verbose=0
)

found = dict(history.history)
found["evaluated"] = model.evaluate(x, classes, verbose=0)
found["logits"] = model.predict(x[:5], verbose=0).tolist()
found["class"] = keras.activations.softmax(model.predict(x[:5], verbose=0)).__array__().argmax(axis=1).tolist()
found["stopped"] = stopping.stopped_epoch
