"""Read, write and change weights by hand."""

import numpy as np
import keras
from keras.layers import Dense
from keras.models import Sequential

model = Sequential([keras.Input(shape=(2,)), Dense(3, activation="sigmoid", name="hidden"), Dense(1, name="output")])
for layer in model.layers:
    print(layer.name, [w.shape for w in layer.get_weights()])

# XOR, solved by hand
hidden, output = model.layers
hidden.set_weights([np.array([[20.0, -20.0, 1.0], [20.0, -20.0, -1.0]]), np.array([-10.0, 30.0, 0.0])])
output.kernel.assign(np.array([[20.0], [20.0], [0.0]]))
output.bias.assign([-30.0])
corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
print("xor", model.predict(corners, verbose=0).ravel())
print("call", model(corners).numpy().ravel())
print("call", np.asarray(model(corners.astype("float32"))).shape)

weights = model.get_weights()
print(len(weights), [w.dtype.name for w in weights], type(weights[0]).__name__)
weights[0][0, 0] = 99.0
print("a copy:", model.layers[0].kernel.numpy()[0, 0])
model.layers[0].kernel.assign_add(np.full((2, 3), 0.5))
model.layers[0].bias.assign_sub(np.array([1.0, 2.0, 3.0]))
print(model.layers[0].kernel.numpy())
print(hidden.bias.numpy())
try:
    model.layers[0].set_weights([np.zeros((3, 2)), np.zeros(3)])
except ValueError:
    print("wrong shape")
try:
    model.set_weights(model.get_weights()[:-1])
except ValueError:
    print("too few")

for variable in model.trainable_variables:
    print(variable.name, variable.path, tuple(variable.shape), float(np.linalg.norm(variable.numpy())))
print(len(model.variables), len(model.trainable_weights), len(model.non_trainable_variables))

# shrink all weights, prune the small ones
for variable in model.trainable_variables:
    variable.assign(variable * 0.01)
for variable in model.trainable_variables:
    value = variable.numpy()
    variable.assign(np.where(np.abs(value) < 0.05, 0.0, value))
print("zeros", [int((w == 0).sum()) for w in model.get_weights()])

rng = np.random.default_rng(4)
x = rng.uniform(-1, 1, (64, 2))
y = x[:, :1] - x[:, 1:]
model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
start = model.get_weights()
history = model.fit(x, y, epochs=20, verbose=0)
print("loss", history.history["loss"][0], history.history["loss"][-1])
print("moved", [float(np.abs(a - b).max()) for a, b in zip(start, model.get_weights())])
model.set_weights(start)
print("back", model.evaluate(x, y, verbose=0))

# average of two models, and a model in plain numpy
twin = keras.models.clone_model(model)
twin.set_weights([w + 0.2 for w in start])
averaged = [np.mean(pair, axis=0) for pair in zip(model.get_weights(), twin.get_weights())]
twin.set_weights(averaged)
w1, b1, w2, b2 = averaged
by_hand = 1 / (1 + np.exp(-(x @ w1 + b1))) @ w2 + b2
print("averaged", np.allclose(twin.predict(x, verbose=0), by_hand), by_hand.mean())

# a line fitted with one neuron
line = Sequential([keras.Input((1,)), Dense(1, kernel_initializer="ones", bias_initializer="zeros")])
line.compile(optimizer="sgd", loss="mean_squared_error")
xs = np.array([-1.0, 0.0, 1.0, 2.0, 3.0, 4.0])
ys = np.array([-3.0, -1.0, 1.0, 3.0, 5.0, 7.0])
line.fit(xs, ys, epochs=60, verbose=0)
print(line.predict(np.array([10.0]), verbose=0), line.get_weights())
kernel, bias = line.layers[0].weights
print(f"y = {float(kernel.numpy()[0, 0]):.10g} x + {float(bias.numpy()[0]):.10g}")
