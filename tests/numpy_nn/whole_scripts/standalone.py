# Losses and metrics without a model
import numpy as np
import keras

y_true = np.array([[0.0, 1.0], [0.0, 0.0]])
y_pred = np.array([[0.6, 0.4], [0.4, 0.6]])

print(keras.losses.MeanSquaredError()(y_true, y_pred).numpy())
print(keras.losses.MeanSquaredError()(y_true, y_pred, sample_weight=[0.7, 0.3]).numpy())
print(keras.losses.MeanSquaredError(reduction="sum")(y_true, y_pred).numpy())
print(keras.losses.MeanSquaredError(reduction=None)(y_true, y_pred).numpy())
print(keras.losses.MeanSquaredError(reduction="sum_over_batch_size")(y_true, y_pred).numpy())

bce = keras.losses.BinaryCrossentropy(from_logits=True)
print("bce", bce(np.array([0, 1, 0, 0]), np.array([-18.6, 0.51, 2.94, -12.8])).numpy())
print("smoothed", keras.losses.BinaryCrossentropy(label_smoothing=0.1)(y_true, y_pred).numpy())
cce = keras.losses.CategoricalCrossentropy()
print("cce", float(cce([[0, 1, 0], [0, 0, 1]], [[0.05, 0.95, 0], [0.1, 0.8, 0.1]])))
scce = keras.losses.SparseCategoricalCrossentropy(reduction=None)
print("scce", scce(np.array([1, 2]), np.array([[0.05, 0.95, 0], [0.1, 0.8, 0.1]])).numpy())
for cls in ("MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "Huber", "LogCosh", "Hinge", "SquaredHinge",
            "Poisson", "KLDivergence", "CosineSimilarity", "BinaryFocalCrossentropy", "CategoricalHinge"):
    loss = getattr(keras.losses, cls)()
    print(cls, loss.name, f"{float(loss(y_true, y_pred)):.12g}")

# as functions and by name
print(keras.losses.mean_squared_error(y_true, y_pred).numpy())
print(keras.losses.binary_crossentropy(y_true, y_pred).numpy().shape)
mse = keras.losses.get("mse")
print("get", mse(y_true, y_pred).numpy(), mse.__name__)
print("get", type(keras.losses.get("MeanAbsoluteError")).__name__)
print(keras.losses.serialize(keras.losses.Huber(delta=2.0))["class_name"])

# metrics
m = keras.metrics.BinaryAccuracy()
m.update_state([[1], [1], [0], [0]], [[0.98], [1], [0], [0.6]])
print(m.result().numpy())
m.reset_state()
m.update_state([[1], [1], [0], [0]], [[0.98], [1], [0], [0.6]], sample_weight=[1, 0, 0, 1])
print(m.result().numpy())

for metric, truth, guess in [
    (keras.metrics.CategoricalAccuracy(), [[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]]),
    (keras.metrics.SparseCategoricalAccuracy(), [[2], [1]], [[0.1, 0.6, 0.3], [0.05, 0.95, 0]]),
    (keras.metrics.Precision(), [0, 1, 1, 1], [1, 0, 1, 1]),
    (keras.metrics.Precision(top_k=3), [0, 1, 1, 0, 0], [0.2, 0.1, 0.5, 0, 0.3]),
    (keras.metrics.Recall(top_k=2), [0, 1, 1, 0, 0], [0.2, 0.1, 0.5, 0, 0.3]),
    (keras.metrics.Recall(thresholds=[0.3, 0.7]), [0, 1, 1, 1], [0.9, 0.4, 0.8, 0.1]),
    (keras.metrics.AUC(num_thresholds=3), [0, 0, 1, 1], [0, 0.5, 0.3, 0.9]),
    (keras.metrics.F1Score(average="macro"), np.eye(3), [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]]),
    (keras.metrics.FBetaScore(beta=2.0), np.eye(3), [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]]),
    (keras.metrics.R2Score(), [[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]]),
    (keras.metrics.RootMeanSquaredError(), [[0, 1], [0, 0]], [[1, 1], [0, 0]]),
    (keras.metrics.CosineSimilarity(axis=1), [[0.0, 1.0], [1.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]]),
    (keras.metrics.MeanAbsolutePercentageError(), [[2.0, 1.0]], [[1.0, 1.0]]),
]:
    metric.update_state(np.array(truth), np.array(guess))
    print(metric.name, np.round(np.asarray(metric.result()), 12).tolist())

mean = keras.metrics.Mean("train_loss")
for value in (2.0, 4.0, 9.0):
    mean(value)
print(mean.name, mean.result().numpy(), [tuple(v.shape) for v in mean.variables])
total = keras.metrics.Sum()
total.update_state([1, 3, 5, 7])
print(total.result().numpy())
