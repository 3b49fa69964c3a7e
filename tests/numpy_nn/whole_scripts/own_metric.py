# Custom metrics: as a subclass with state, and as a function. Losses as a name, a class and a function.
import numpy as np
import keras


class SumOfErrors(keras.metrics.Metric):
    """Total absolute error and the count of rows."""

    def __init__(self, name="sum_of_errors", **kwargs):
        super().__init__(name=name, **kwargs)
        self.total = self.add_weight(name="total", initializer="zeros")
        self.count = self.add_variable(shape=(), initializer="zeros", name="count")

    def update_state(self, y_true, y_pred, sample_weight=None):
        error = np.abs(np.asarray(y_true) - np.asarray(y_pred))
        self.total.assign(self.total + error.sum())
        self.count.assign(self.count + len(error))

    def result(self):
        return self.total

    def reset_state(self):
        self.total.assign(0.0)
        self.count.assign(0.0)


metric = SumOfErrors()
metric.update_state(np.array([[1.0], [2.0]]), np.array([[1.5], [1.0]]))
print(metric.name, float(metric.result()), float(metric.count))
metric.update_state(np.array([[1.0]]), np.array([[0.0]]))
print(metric.name, float(metric.result()), float(metric.count))
print([v.name for v in metric.variables])
metric.reset_state()
print(metric.name, float(metric.result()), float(metric.count))


class Bias(keras.metrics.Mean):
    """Mean of prediction minus truth."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        return super().update_state(y_pred - y_true, sample_weight=sample_weight)


class LastEpochs(keras.metrics.MeanMetricWrapper):
    def __init__(self, name="squared", dtype=None):
        super().__init__(lambda a, b: (a - b) ** 2, name=name, dtype=dtype)


def worst_error(y_true, y_pred):
    return abs(y_true - y_pred)[:, 0]


rng = np.random.default_rng(9)
x = rng.normal(size=(96, 3))
y = (x[:, :1] ** 2 + x[:, 1:2]) / 2

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(10, activation="elu"), keras.layers.Dense(1)])
model.compile(optimizer="adam", loss=keras.losses.Huber(delta=0.5), metrics=[Bias(name="bias"), worst_error, LastEpochs(), "mae"])
history = model.fit(x, y, epochs=15, batch_size=32, verbose=0, validation_split=0.25)
for key, values in history.history.items():
    print(key, f"{values[0]:.12g} {values[-1]:.12g}")
print(model.evaluate(x, y, verbose=0))
print(model.get_metrics_result().keys())

model.compile(optimizer="adam", loss="mse", metrics=[SumOfErrors()], run_eagerly=True)
print(list(model.fit(x, y, epochs=2, verbose=0).history))
print("sum", model.evaluate(x, y, verbose=0)[1], "expected", float(np.abs(y - model.predict(x, verbose=0)).sum()))

# metrics with weights, and a metric's own config
m = keras.metrics.Mean()
m.update_state([1, 3, 5, 7], sample_weight=[1, 1, 0, 0])
print(m.result().numpy())
mae = keras.metrics.MeanAbsoluteError()
print(float(mae([[0.0], [1.0]], [[0.5], [1.0]])), float(mae([[0.0]], [[2.0]])))
print(mae.get_config())
print(Bias.from_config(Bias(name="b").get_config()).name)
