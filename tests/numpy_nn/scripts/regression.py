"""Numbers, predicted: rows of unlike weight, a learning rate that falls on a plateau, the best network kept."""

import tempfile
from pathlib import Path

import keras
import numpy as np

rng = np.random.default_rng(2)
x = rng.uniform(-1.0, 1.0, (500, 3))
y = np.sin(3.0 * x[:, :1]) + x[:, 1:2] * x[:, 2:] + rng.normal(0.0, 0.05, (500, 1))
importance = rng.choice([0.5, 1.0, 2.0], 400)

model = keras.models.Sequential()
model.add(keras.Input(shape=(3,)))
model.add(keras.layers.Dense(20))
model.add(keras.layers.Activation("tanh"))
model.add(keras.layers.LayerNormalization())
model.add(keras.layers.Dense(10, activation="elu", use_bias=False))
model.add(keras.layers.Dense(1))
model.set_weights([rng.normal(0.0, 0.4, w.shape) if w.ndim == 2 else w for w in model.get_weights()])

model.compile(optimizer=keras.optimizers.RMSprop(learning_rate=0.0078125), loss=keras.losses.Huber(), metrics=["mae"])
with tempfile.TemporaryDirectory() as folder:
    best = Path(folder) / "best.keras"
    history = model.fit(
        x[:400],
        y[:400],
        sample_weight=importance,
        batch_size=50,
        epochs=10,
        shuffle=False,
        verbose=0,
        validation_data=(x[400:], y[400:]),
        callbacks=[
            keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=1, min_delta=0.01),
            keras.callbacks.ModelCheckpoint(str(best), monitor="val_loss", save_best_only=True),
        ],
    )
    kept = keras.models.load_model(str(best))

found = dict(history.history)
found["evaluated"] = kept.evaluate(x[400:], y[400:], verbose=0)
found["predicted"] = kept.predict(x[:5], verbose=0).tolist()
found["parameters"] = kept.count_params()
