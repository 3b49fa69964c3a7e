from keras.layers import Input, Dense
from keras.models import Model, Sequential
import numpy as np

# Points on a curve in eight dimensions
rng = np.random.default_rng(3)
t = rng.uniform(0, 1, size=(256, 2))
basis = rng.normal(size=(2, 8))
x = 1 / (1 + np.exp(-(t - 0.5) @ basis * 3))
x_train, x_test = x[:200], x[200:]

# this is the size of our encoded representations
encoding_dim = 3
input_img = Input(shape=(8,))
encoded = Dense(encoding_dim, activation="relu")(input_img)
decoded = Dense(8, activation="sigmoid")(encoded)

autoencoder = Model(input_img, decoded)
encoder = Model(input_img, encoded)

encoded_input = Input(shape=(encoding_dim,))
decoder_layer = autoencoder.layers[-1]
decoder = Model(encoded_input, decoder_layer(encoded_input))

autoencoder.compile(optimizer="adam", loss="binary_crossentropy")
history = autoencoder.fit(x_train, x_train, epochs=12, batch_size=32, verbose=0, validation_data=(x_test, x_test))
print("simple", history.history["loss"][0], history.history["loss"][-1], history.history["val_loss"][-1])

encoded_imgs = encoder.predict(x_test, verbose=0)
decoded_imgs = decoder.predict(encoded_imgs, verbose=0)
print(encoded_imgs.shape, decoded_imgs.shape)
print("mean code", encoded_imgs.mean())
print("same as the autoencoder:", np.allclose(decoded_imgs, autoencoder.predict(x_test, verbose=0)))

# deep, with two nested models
deep_encoder = Sequential([Input((8,)), Dense(16, activation="selu", kernel_initializer="lecun_normal"), Dense(2)], name="encoder")
deep_decoder = Sequential([Input((2,)), Dense(16, activation="selu", kernel_initializer="lecun_normal"), Dense(8, activation="sigmoid")], name="decoder")
stacked_ae = Sequential([deep_encoder, deep_decoder])
stacked_ae.compile(loss="mse", optimizer="nadam")
history = stacked_ae.fit(x_train, x_train, epochs=8, validation_data=(x_test, x_test), verbose=0)
for epoch in (0, 3, 7):
    print(f"deep, epoch {epoch + 1}: {history.history['loss'][epoch]:.12g} {history.history['val_loss'][epoch]:.12g}")
codings = deep_encoder.predict(x_test, verbose=0)
print("codings", codings.mean(axis=0))
print("decoder", deep_decoder.predict(codings, verbose=0).mean())

# functional, from two models; denoising
inputs = Input(shape=(8,), name="noisy")
denoiser = Model(inputs, deep_decoder(deep_encoder(inputs)), name="denoiser")
denoiser.compile(optimizer="adam", loss="mae")
noisy = x_train + rng.normal(0, 0.05, x_train.shape)
losses = denoiser.fit(noisy, x_train, epochs=5, verbose=0).history["loss"]
print("denoiser", losses[0], losses[-1])
print([layer.name for layer in denoiser.layers])
print("parameters", denoiser.count_params(), deep_encoder.count_params() + deep_decoder.count_params())
errors = np.mean(np.square(denoiser.predict(x_test, verbose=0) - x_test), axis=1)
print("threshold", errors.mean() + 2 * errors.std(), "anomalies", int((errors > errors.mean() + 2 * errors.std()).sum()))
