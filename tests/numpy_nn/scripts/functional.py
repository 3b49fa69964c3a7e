"""Three kinds of flowers, told apart by layers that are called one with the other."""

import keras
import numpy as np

rng = np.random.default_rng(5)
centres = rng.normal(0.0, 1.5, (3, 4))
kinds = rng.integers(0, 3, 600)
flowers = centres[kinds] + rng.normal(0.0, 1.0, (600, 4))

inputs = keras.Input(shape=(4,), name="petals")
x = keras.layers.Rescaling(0.5)(inputs)
x = keras.layers.Dense(16, activation="tanh", name="hidden")(x)
x = keras.layers.BatchNormalization()(x)
outputs = keras.layers.Dense(3, activation="softmax", name="kinds")(x)
model = keras.Model(inputs=inputs, outputs=outputs, name="flowers")

model.get_layer("hidden").set_weights([rng.normal(0.0, 0.3, (4, 16)), np.zeros(16)])
model.get_layer("kinds").set_weights([rng.normal(0.0, 0.3, (16, 3)), np.zeros(3)])
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.125, momentum=0.5),
    loss=keras.losses.SparseCategoricalCrossentropy(),
    metrics=[keras.metrics.SparseCategoricalAccuracy()],
)
history = model.fit(flowers, kinds, batch_size=60, epochs=8, shuffle=False, validation_split=0.25, verbose=0)

found = dict(history.history)
found["evaluated"] = model.evaluate(flowers, kinds, verbose=0)
found["predicted"] = model.predict(flowers[:5], verbose=0).tolist()
found["shapes"] = [x.shape[1], outputs.shape[1], model.count_params()]
found["named"] = float(model.name == "flowers")
