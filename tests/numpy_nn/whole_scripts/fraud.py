# Rare positives: many metrics, an initial bias, and class weights.
import numpy as np
import keras
from keras import layers
from sklearn.metrics import confusion_matrix
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(7)
n = 600
features = rng.normal(size=(n, 8))
score = features[:, 0] + 0.8 * features[:, 1] - features[:, 2] * features[:, 3] + 0.5 * rng.normal(size=n)
targets = (score > np.quantile(score, 0.93)).astype("uint8")[:, np.newaxis]

num_val_samples = int(n * 0.25)
train_features, val_features = features[:-num_val_samples], features[-num_val_samples:]
train_targets, val_targets = targets[:-num_val_samples], targets[-num_val_samples:]
print("Number of training samples:", len(train_features))
counts = np.bincount(train_targets[:, 0])
print("Positive samples: {} ({:.2f}% of total)".format(counts[1], 100 * float(counts[1]) / len(train_targets)))
weight_for_0 = 1.0 / counts[0]
weight_for_1 = 1.0 / counts[1]

scaler = StandardScaler()
train_features = np.clip(scaler.fit_transform(train_features), -5, 5)
val_features = np.clip(scaler.transform(val_features), -5, 5)

METRICS = [
    keras.metrics.BinaryCrossentropy(name="cross entropy"),
    keras.metrics.MeanSquaredError(name="Brier score"),
    keras.metrics.FalseNegatives(name="fn"),
    keras.metrics.FalsePositives(name="fp"),
    keras.metrics.TrueNegatives(name="tn"),
    keras.metrics.TruePositives(name="tp"),
    keras.metrics.BinaryAccuracy(name="accuracy"),
    keras.metrics.Precision(name="precision"),
    keras.metrics.Recall(name="recall"),
    keras.metrics.AUC(name="auc"),
    keras.metrics.AUC(name="prc", curve="PR"),
    keras.metrics.F1Score(threshold=0.5, name="f1"),
    keras.metrics.PrecisionAtRecall(0.75, name="p at r"),
    keras.metrics.SensitivityAtSpecificity(0.9, name="s at s"),
]


def make_model(metrics, output_bias=None):
    if output_bias is not None:
        output_bias = keras.initializers.Constant(output_bias)
    model = keras.Sequential(
        [
            keras.Input(shape=(train_features.shape[-1],)),
            layers.Dense(16, activation="relu"),
            layers.Dense(8, activation="relu"),
            layers.Dense(1, activation="sigmoid", bias_initializer=output_bias or "zeros"),
        ]
    )
    model.compile(keras.optimizers.Adam(1e-2), loss=keras.losses.BinaryCrossentropy(), metrics=metrics)
    return model


initial_bias = np.log([counts[1] / counts[0]])
model = make_model(METRICS, output_bias=initial_bias[0])
results = model.evaluate(train_features, train_targets, batch_size=64, verbose=0)
print("Loss: {:0.12g}".format(results[0]))
print(model.metrics_names)

history = model.fit(
    train_features,
    train_targets,
    batch_size=64,
    epochs=8,
    verbose=0,
    validation_data=(val_features, val_targets),
    class_weight={0: weight_for_0 * len(train_targets) / 2, 1: weight_for_1 * len(train_targets) / 2},
)
for name, values in history.history.items():
    print(name, values[0], values[-1])

results = model.evaluate(val_features, val_targets, batch_size=64, verbose=0, return_dict=True)
for name, value in sorted(results.items()):
    print(name, ": ", value)
predicted = model.predict(val_features, batch_size=64, verbose=0)
cm = confusion_matrix(val_targets, predicted > 0.5)
print(cm)
print("Total fraud:", np.sum(cm[1]))
