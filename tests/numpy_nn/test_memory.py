"""The memory of numpy_nn with large data, measured in a separate process."""

import subprocess
import sys

MNIST = """
import numpy as np
import numpy_nn as keras
from bench.trials.readings import peak_rss_bytes

rng = np.random.default_rng(0)
x, y = rng.random((60_000, 784), np.float32), rng.integers(0, 10, 60_000)
hidden = [keras.layers.Dense(512, "relu"), keras.layers.Dense(512, "relu")]
model = keras.Sequential([keras.Input((784,)), *hidden, keras.layers.Dense(10, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
print(peak_rss_bytes())
history = model.fit(x, y, batch_size=128, epochs=1, verbose=0, validation_data=(x[:10_000], y[:10_000]))
print(peak_rss_bytes(), len(history.history["val_loss"]))
"""


def test_784_512_512_10_trains_on_60_000_rows_in_600_megabytes_with_the_data() -> None:
    done = subprocess.run([sys.executable, "-c", MNIST], capture_output=True, text=True, check=True)
    before, after, epochs = (int(word) for word in done.stdout.split())
    assert epochs == 1
    assert 60_000 * 784 * 4 < before < after < 600e6
