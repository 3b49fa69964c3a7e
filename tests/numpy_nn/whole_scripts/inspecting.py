"""What is in a model: summary, layers, weights, shapes, and the outputs of hidden layers."""

import numpy as np
import keras
from keras import layers

model = keras.Sequential(name="my_sequential")
model.add(layers.Dense(2, activation="relu", name="layer1"))
print("built", model.built, len(model.layers))
try:
    model.weights
    print("weights before building:", len(model.weights))
except ValueError as error:
    print(type(error).__name__)
y = model(np.ones((1, 4)))
print("Number of weights after calling the model:", len(model.weights), tuple(y.shape))

inputs = keras.Input(shape=(8,), name="features")
x = layers.Dense(16, activation="relu", name="dense_a")(inputs)
x = layers.BatchNormalization(name="norm")(x)
x = layers.Dense(4, activation="tanh", name="dense_b", use_bias=False)(x)
outputs = layers.Dense(3, name="logits")(x)
print("symbols", inputs.shape, x.shape, outputs.shape, inputs.dtype)
model = keras.Model(inputs=inputs, outputs=outputs, name="toy")

lines = []
model.summary(print_fn=lambda text, line_break=False: lines.append(text))
for line in "\n".join(lines).splitlines():
    print(line.rstrip())

print(len(model.layers), model.count_params(), model.name, model.built)
for i, layer in enumerate(model.layers):
    print(i, layer.name, layer.__class__.__name__, layer.trainable, layer.count_params(), len(layer.weights))
for layer in model.layers[1:]:
    print(layer.name, layer.input.shape, layer.output.shape)
for weight in model.weights:
    print(weight.name, weight.path, tuple(weight.shape), weight.trainable, np.dtype(str(weight.dtype)))
print("input", model.input.shape, model.input_shape, model.inputs[0].name)
print("output", model.output.shape, model.output_shape, len(model.outputs))
print("trainable", sum(np.prod(w.shape) for w in model.trainable_weights), "frozen", sum(np.prod(w.shape) for w in model.non_trainable_weights))
print(model.get_layer("dense_b") is model.get_layer(index=3), model.get_layer("dense_b").units)
print(model.get_layer("dense_a").activation.__name__, model.get_layer("logits").activation.__name__)
try:
    model.get_layer("nowhere")
except ValueError as error:
    print("ValueError", "nowhere" in str(error))

# outputs of the hidden layers
data = np.random.default_rng(2).normal(size=(6, 8))
extractor = keras.Model(inputs=model.inputs, outputs=model.get_layer("dense_a").output)
activations = extractor(data)
print("hidden", tuple(activations.shape), float(np.sum(activations)))
intermediate_layer_model = keras.Model(inputs=model.input, outputs=model.get_layer("dense_b").output)
print("hidden", intermediate_layer_model.predict(data, verbose=0).sum(axis=0))
features_list = [layer.output.shape for layer in model.layers]
print(features_list)
by_hand = np.maximum(0, data @ model.layers[1].kernel.numpy() + model.layers[1].bias.numpy())
print("by hand:", np.allclose(by_hand, activations))

config = model.get_layer("dense_a").get_config()
print(config["name"], config["units"], config["activation"], config["use_bias"])
print(sorted(config))
stack = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.ReLU()])
print([layer.name for layer in stack.layers], stack.input_shape, stack.output_shape)
stack.pop()
stack.add(layers.Dense(1))
print([layer.name for layer in stack.layers], stack.count_params())
feature_extractor = keras.Sequential([layers.Input((3,)), layers.Dense(5, name="one"), layers.Dense(2, name="two")])
print(keras.Model(feature_extractor.inputs, feature_extractor.get_layer("one").output).output_shape)
