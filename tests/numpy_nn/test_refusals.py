"""What numpy_nn refuses, and the message that says so; `test_saving` and `test_weights_files` have the files."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_networks import classifier, data

from numpy_nn import (
    Dense,
    Input,
    Model,
    Sequential,
    activations,
    callbacks,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    optimizers,
    regularizers,
)
from numpy_nn.losses import Loss

INPUTS = Input((4,))
HIDDEN = Dense(5)(INPUTS)
SHARED = Dense(5, name="shared")
SHARED(INPUTS)
FRAME = pd.DataFrame(np.ones((20, 4)), columns=list("abcd"))
BATCHES = [(np.ones((2, 4)), np.ones(2))]


def prepared(loss: Loss, labels: Any, outputs: int) -> np.ndarray:
    return loss.prepare(labels, outputs, np.dtype("float32"))


def fit(**options: Any) -> None:
    x, y = data()
    arguments: dict[str, Any] = {"x": x, "y": y, "verbose": 0} | options
    named = Sequential([Input((4,), name="rows"), classifier(), Dense(1, "sigmoid", name="end")])
    named.compile("sgd", "mse")
    named.fit(**arguments)


VALUE_ERRORS: list[tuple[Callable[[], object], str]] = [
    # Names
    (lambda: activations.get("sigmiod"), "no activation named 'sigmiod'; did you mean 'sigmoid'"),
    (lambda: constraints.get("max_nrm"), "no constraint named 'max_nrm'; did you mean 'max_norm'"),
    (
        lambda: initializers.get("glorot_unifrom"),
        "no initializer named 'glorot_unifrom'; did you mean 'glorot_uniform'",
    ),
    (lambda: losses.get("mean_sqared_error"), "no loss named 'mean_sqared_error'; did you mean 'mean_squared_error'"),
    (lambda: metrics.get("acuracy"), "no metric named 'acuracy'; did you mean 'accuracy'"),
    (lambda: optimizers.get("adan"), "no optimizer named 'adan'; did you mean 'adam'"),
    (lambda: regularizers.get("l1_l3"), "no regularizer named 'l1_l3'; did you mean 'l1_l2'"),
    # Activations
    (lambda: activations.get(math.sin), r"must be one of numpy_nn\.activations, which define"),
    (lambda: activations.glu(np.ones((2, 3))), r"got axis -1 of the shape \(2, 3\)"),
    (lambda: activations.glu.forward(np.ones((2, 3))), "glu halves the units"),
    # Initializers and regularizers
    (lambda: initializers.VarianceScaling(scale=0.0), "scale must be positive, got 0.0"),
    (lambda: initializers.VarianceScaling(mode="fan"), "no mode named 'fan'"),
    (lambda: initializers.Identity()((3,)), r"Identity takes the shape of a matrix, got \(3,\)"),
    (lambda: initializers.Orthogonal()((3,)), "at least two dimensions"),
    (lambda: regularizers.L2(-1), "l2 must be a finite number of at least 0, got -1"),
    # Layers
    (lambda: layers.Dropout(1.5), "rate must be between 0 and 1, got 1.5"),
    (lambda: layers.GaussianDropout(1), "rate of GaussianDropout must be less than 1"),
    (lambda: layers.GaussianNoise(-1), "stddev must be between 0 and 1, got -1"),
    (lambda: layers.ReLU(negative_slope=-1), "negative_slope must be a number of at least 0, got -1"),
    (lambda: layers.ReLU(max_value=-1), "max_value must be a number of at least 0, got -1"),
    (lambda: layers.LeakyReLU(None), "negative_slope must be a number of at least 0, got None"),  # type: ignore[arg-type]
    (lambda: layers.Softmax(axis=0), "axis must be -1"),
    (lambda: layers.BatchNormalization(momentum=2), "momentum must be between 0 and 1, got 2"),
    (lambda: layers.BatchNormalization(renorm=True), "batch renormalization is not supported"),
    (lambda: layers.LayerNormalization(epsilon=0), "epsilon must be positive, got 0"),
    (lambda: layers.LayerNormalization(rms_scaling=True), "use RMSNormalization"),
    (lambda: layers.GroupNormalization(0), "groups, unless -1 .*, must be a positive whole number, got 0"),
    (lambda: Sequential([Input((4,)), layers.GroupNormalization(3, name="g")]), "groups of g .* 4 channels, got 3"),
    (lambda: Sequential([Input((4,)), layers.GroupNormalization()]), "must divide its 4 channels, got 32"),
    (lambda: Sequential([Input((4,)), layers.GroupNormalization(2, axis=0)]), "an axis of a row, 1 to 1 or"),
    (lambda: layers.Normalization(mean=1.0), "mean and variance go together"),
    (lambda: layers.Normalization(mean=1.0, variance=[1.0]), r"must have one shape, got \(\) and \(1,\)"),
    (lambda: layers.Normalization(mean=[[1.0]], variance=[[1.0]]), r"at most 1 dimensions.*got \(1, 1\)"),
    (
        lambda: layers.Normalization(mean=[1.0] * 3, variance=[1.0] * 3).build((None, 2)),
        r"must have the shape \(2,\).*got \(3,\)",
    ),
    (lambda: layers.Normalization().adapt(FRAME.assign(b="x")), "column 'b' of data must be numbers, got 'x'"),
    (lambda: layers.Normalization(mean=1.0, variance=1.0).adapt(np.ones((2, 2))), "cannot adapt to data"),
    (lambda: layers.Normalization().adapt(np.ones((0, 2))), "at least one row"),
    (lambda: layers.Flatten("channels_first"), "channels_last"),
    (lambda: Dense(3, quantization_config={}), "quantization_config must be None"),  # type: ignore[arg-type]
    (lambda: Dense(3, kernel_regularizer="l3"), "there is no regularizer named 'l3'"),
    (lambda: Dense(3, dtype="float16"), "one of float32, float64, got 'float16'"),
    (lambda: Dense(3).count_params(), "has no weights yet"),
    (lambda: Dense(3).build((None,)), r"input_shape must be \(None, features, ...\), got \(None,\)"),
    (lambda: Sequential([Input((2, 3)), Dense(1, name="d")]), r"d takes rows .* shape \(2, 3\): put Flatten"),
    (lambda: Sequential([Input((5,)), layers.Reshape((2, -1), name="r")]), r"r cannot .*\(5,\) to \(2, -1\)"),
    (lambda: layers.Permute((0, 1)), r"dims must list each axis of a row once, counted from 1, got \(0, 1\)"),
    (lambda: Sequential([Input((5,)), layers.Permute((2, 1), name="p")]), r"p takes rows of 2 axes.*\(5,\)"),
    (lambda: Sequential([Input((5,)), layers.PReLU(shared_axes=[2])]), "shared_axes must lie between 1 and 1"),
    (lambda: Sequential([Input((4,)), layers.BatchNormalization(axis=0)]), "axis of .* must be -1"),
    (lambda: layers.Dropout(0.5, (3, 4))(np.ones((12, 4)), training=True), "noise_shape of .* 12 rows of 4 features"),
    (lambda: Sequential([Input((4,)), Dense(1, dtype="float64")], dtype="float32"), "one number type"),
    (lambda: Input((2,), sparse=True), "an input must be dense"),
    (lambda: Input(None), "shape must be"),
    (lambda: initializers.HeNormal(seed="0"), "seed must be a whole number or None, got '0'"),  # type: ignore[arg-type]
    # Losses
    (lambda: prepared(losses.BinaryCrossentropy(), ["a", "b"], 1), "labels must be numbers, got an array of type <U1"),
    (lambda: prepared(losses.BinaryCrossentropy(), [1.0, math.nan], 1), "labels must be finite"),
    (lambda: prepared(losses.BinaryCrossentropy(), [[1.0, 0.0]], 1), r"must have the shape \(rows, 1\), got \(1, 2\)"),
    (lambda: prepared(losses.SparseCategoricalCrossentropy(), [0, 3], 3), "between 0 and 2 for 3 outputs, got 0 to 3"),
    (lambda: prepared(losses.SparseCategoricalCrossentropy(), [0.5], 3), "integer labels, got .*0.5"),
    (lambda: losses.get(3), "a loss must be a name, a function or a Loss, got 3"),
    (lambda: metrics.get(3), "a metric must be a name, a function or a Metric, got 3"),
    (lambda: activations.get(3), "an activation must be one of numpy_nn.activations, which .*, got 3"),
    (
        lambda: classifier(loss=math.hypot),
        r"hypot has no gradient, .* add gradient\(y_true, y_pred\), .* or use .*numerical",
    ),
    (lambda: classifier(loss=type("Mine", (Loss,), {})), "Mine has no gradient, which .* does not derive: add"),
    (lambda: regularizers.get(math.fabs), r"fabs has no gradient, .* add gradient\(x\)"),
    (lambda: regularizers.get(type("Mine", (regularizers.Regularizer,), {})), "Mine has no gradient"),
    (lambda: classifier(loss={"out": "mse"}), r"loss must have one entry, for the output '\w+', got \['out'\]"),
    (lambda: classifier(metrics="acc"), "metrics must be a list, or a dictionary by output, got 'acc'"),
    (lambda: classifier(metrics=[None]), "a metric must be a name, a function or a Metric, got None"),
    (lambda: losses.object_of("crossentropy"), "depends on the number of outputs"),
    (lambda: losses.MeanSquaredError(reduction="average"), "must be one of sum_over_batch_size, .*, got 'average'"),
    (lambda: losses.CategoricalGeneralizedCrossEntropy(q=1), "q must lie between 0 and 1, got 1"),
    (lambda: losses.MeanSquaredError()([[1], [2]], [[1, 2], [3, 4]]), r"same shape, got \(2, 1\) and \(2, 2\)"),
    (lambda: losses.SparseCategoricalCrossentropy()([0, 1], [[0.5, 0.5]]), r"must have the shape \(1,\), got \(2,\)"),
    # Metrics
    (
        lambda: metrics.get({"class_name": "MeanMetricWrapper", "config": {"fn": {"config": "mine"}}}),
        "no metric function named 'mine'",
    ),
    (lambda: metrics.Precision(thresholds=[0.5, 1.5]), r"thresholds must lie between 0 and 1, got 1.5"),
    (lambda: metrics.AUC(curve="RCO"), "curve must be 'ROC', 'PR' or 'PRGAIN', got 'RCO'"),
    (lambda: metrics.AUC(summation_method="mean"), "must be 'interpolation', 'minoring' or 'majoring'"),
    (lambda: metrics.AUC(num_thresholds=1), "num_thresholds must be at least 2, got 1"),
    (lambda: metrics.AUC(num_labels=3), "num_labels requires multi_label=True"),
    (lambda: metrics.PrecisionAtRecall(2), "recall must lie between 0 and 1, got 2"),
    (lambda: metrics.F1Score("mean"), "average must be None, 'micro', 'macro' or 'weighted', got 'mean'"),
    (lambda: metrics.FBetaScore(beta=-1.0), "beta must be a float above 0, as in 2.0, got -1.0"),
    (lambda: metrics.FBetaScore(beta=2), "beta must be a float above 0, as in 2.0, got 2"),
    (lambda: metrics.F1Score(threshold=1), "threshold must be a float above 0 and at most 1, as in 0.5, got 1"),
    (lambda: metrics.AUC(curve=1), "curve must be 'ROC', 'PR' or 'PRGAIN', got 1"),  # type: ignore[arg-type]
    (lambda: metrics.Precision(top_k=3)([[1, 0]], [[0.5, 0.5]]), "between 0 and the 2 predictions of a row, got 3"),
    (lambda: metrics.Recall(class_id=2)([[1, 0]], [[0.5, 0.5]]), "class_id must be one of the 2 outputs, .* got 2"),
    (lambda: metrics.Recall()([[1], [0]], [[0.5, 0.5]]), r"same shape, got \(2, 1\) and \(1, 2\)"),
    (lambda: metrics.SparseCategoricalAccuracy()([0, 1], [[0.5, 0.5]]), r"the shape \(1,\), got \(2,\)"),
    (lambda: metrics.R2Score()([1.0, 2.0], [1.0, 2.0]), r"the shape \(rows, outputs\), got \(2,\)"),
    # Optimizers
    (lambda: optimizers.SGD(-0.1), "learning_rate must be a finite number of at least 0, got -0.1"),
    (lambda: optimizers.SGD(math.nan), "learning_rate must be a finite number"),
    (lambda: optimizers.SGD(momentum=1.5), "momentum must be between 0 and 1, got 1.5"),
    (lambda: optimizers.RMSprop(rho=-1.0), "rho must be between 0 and 1, got -1.0"),
    (lambda: optimizers.Adam(beta_2=1.0), "beta_2 must be between 0 and 1, got 1.0"),
    (lambda: optimizers.Adam(epsilon=-1.0), "epsilon must be at least 0, got -1.0"),
    (lambda: optimizers.SGD(clipnorm=1.0, clipvalue=1.0), "only one of clipnorm, clipvalue, global_clipnorm"),
    (
        lambda: optimizers.SGD(gradient_accumulation_steps=1),
        "accumulation_steps must be a whole number of at least 2, got 1",
    ),
    (lambda: optimizers.SGD(use_ema=True, ema_momentum=2.0), "ema_momentum must be between 0 and 1, got 2.0"),
    (lambda: optimizers.schedules.CosineDecay(0.1, decay_steps=0), "decay_steps must be positive, got 0"),
    (lambda: optimizers.schedules.PiecewiseConstantDecay([1], [1.0]), "one more element than boundaries, got 1 for 1"),
    (lambda: optimizers.Adam(learning_rate="high"), "learning_rate must be a finite number of at least 0, got 'high'"),  # type: ignore[arg-type]
    (lambda: optimizers.SGD(momentum="much"), "momentum must be between 0 and 1, got 'much'"),  # type: ignore[arg-type]
    (lambda: optimizers.Adafactor(clip_threshold=0.0), "clip_threshold must be positive, got 0.0"),
    # Networks and callbacks
    (lambda: classifier(loss_weights=[0.5]), "loss_weights need several outputs"),
    (lambda: classifier(metrics=["acuracy"]), "did you mean 'accuracy'"),
    (lambda: classifier(optimizer="sdg"), "did you mean 'sgd'"),
    (lambda: Sequential([Dense(1, name="a"), Dense(1, name="a")]), "'a' twice"),
    (lambda: optimizers.AdamW(weight_decay=None), "weight_decay must be at least 0, got None"),  # type: ignore[arg-type]
    (lambda: optimizers.Lion(beta_1=0), "beta_1 must be above 0, and at most 1, got 0"),
    (lambda: optimizers.SGD(lr=0.1), "SGD takes no argument 'lr'; Keras 3 has learning_rate"),  # type: ignore[call-arg]
    (lambda: optimizers.Adam(decay=0.1), "no argument 'decay'; Keras 3 has learning_rate=schedules.InverseTime"),  # type: ignore[call-arg]
    (lambda: optimizers.Adam(beta1=0.1), "Adam takes no argument 'beta1'; did you mean beta_1"),  # type: ignore[call-arg]
    (lambda: Dense(3, actvation="relu"), "Dense takes no argument 'actvation'; did you mean activation"),
    (lambda: Dense(3, init="normal"), "Dense takes no argument 'init'; Keras 3 has kernel_initializer"),
    (lambda: layers.GaussianNoise(1.5), "stddev must be between 0 and 1, got 1.5"),
    (lambda: layers.Dropout(0.5, noise_shape="x"), "noise_shape must be a tuple"),  # type: ignore[arg-type]
    (lambda: layers.Reshape((-2, 5)), "target_shape"),
    (lambda: Sequential([SHARED, SHARED]), "used once in a network, and shared was used before"),
    (lambda: Sequential([Sequential([SHARED]), Sequential([SHARED])]), "used once in a network, and sequential"),
    (lambda: SHARED(Input((3,))), r"shared was called with rows of the shape \(4,\), and now receives \(3,\)"),
    (lambda: Sequential([Input((3,)), Dense(1, input_shape=(2,))]), r"has the input_shape \(2,\) after an Input of"),
    (lambda: Sequential([Input((3,)), Dense(1)]).build((None, 2)), r"begins with an Input of the shape \(3,\), got"),
    (lambda: classifier().get_layer("dens"), "there is no layer named 'dens'"),
    (lambda: classifier().get_layer(index=5), "index must lie below 2, got 5"),
    (lambda: classifier().get_layer(), "give a name or an index"),
    (lambda: Sequential().pop(), "no layer to remove"),
    (lambda: Sequential().compile("sgd", "mse"), "at least one layer before it is compiled"),
    (lambda: classifier().save_weights("w.h5"), r"must end in .weights.h5 or .weights.npz, got 'w.h5'"),
    (lambda: Model(Input((4,)), HIDDEN), "must come from inputs, an Input, through a chain"),
    (lambda: Model(HIDDEN, HIDDEN), "at least one layer between inputs and outputs"),
    (lambda: layers.LayerNormalization()(Input((2, 2))), "put Flatten before it"),
    (lambda: Dense(-3), "units must be a positive whole number, got -3"),
    (lambda: Dense(True), "units must be a positive whole number, got True"),
    (lambda: Dense(3, "rellu"), "did you mean 'relu'"),
    (lambda: Input((2, 0)), r"shape must be \(features,\)"),
    (lambda: Sequential([Dense(1), Input((2,))]), "Input must be the first layer"),
    (lambda: Sequential([Dense(1)], dtype="float16"), "one of float32, float64, got 'float16'"),
    (lambda: callbacks.ModelCheckpoint("m.txt"), r"filepath must end in .keras or .h5 or .npz, got 'm.txt'"),
    (lambda: callbacks.ModelCheckpoint("m.npz", save_freq=0), "save_freq must be 'epoch' or a positive"),
    (lambda: callbacks.ReduceLROnPlateau(factor=1.0), "factor must be less than 1, got 1.0"),
    (lambda: callbacks.LambdaCallback(on_epoch=print), "no method named 'on_epoch'"),
    (lambda: callbacks.BackupAndRestore(""), "backup_dir"),
    (lambda: callbacks.BackupAndRestore("b", "often"), "got 'often'"),
    (
        lambda: classifier().evaluate(*data(), verbose=0, callbacks=callbacks.SwapEMAWeights()),
        "SwapEMAWeights needs an optimizer with use_ema=True",
    ),
    # Arguments of fit
    (lambda: fit(sample_weight=np.ones(3)), "x and sample_weight must have the same number of rows, got 20 and 3"),
    (lambda: fit(sample_weight=np.full(20, np.nan)), "sample_weight must be finite numbers"),
    (lambda: fit(sample_weight=["a"] * 20), "sample_weight must be numbers, got an array of type <U1"),
    (lambda: fit(sample_weight=np.ones(20), class_weight={0: 1.0}), "either sample_weight or class_weight, got both"),
    (lambda: fit(validation_split=1.5), "validation_split must be between 0 and 1, got 1.5"),
    (lambda: fit(validation_split=0.99), "must leave rows on both sides, got 0.99 for 20 rows"),
    (lambda: fit(batch_size=0), "batch_size must be at least 1"),
    (lambda: fit(epochs=-1), "epochs at least 0, got None and -1"),
    (lambda: fit(steps_per_epoch=0), "steps_per_epoch must be at least 1, got 0"),
    (lambda: fit(verbose=3), "verbose must be 0, 1, 2 or 'auto', got 3"),
    (lambda: fit(validation_data=(np.ones((2, 3)), [0, 1])), "x must have 4 features per row, got 3"),
    (lambda: fit(x=[[1.0, np.nan, 0, 0]], y=[1]), "x must be finite, got NaN or infinity"),
    (lambda: fit(x=pd.DataFrame([[1.0, "b", 0, 0]]), y=[1]), "column 1 of x must be numbers, got 'b' in row 0"),
    (lambda: fit(x=pd.DataFrame({"a": ["1"] * 20}), y=[1]), "column 'a' of x must be numbers, got '1' in row 0"),
    (
        lambda: fit(x=FRAME.assign(b=pd.array([None] * 20, "Int64"))),
        "column 'b' of x must be finite, got NaN or infinity",
    ),
    (
        lambda: fit(x=FRAME.assign(b=pd.Timestamp(0))),
        "column 'b' of x must be numbers, got an array of type datetime64",
    ),
    (lambda: fit(x=FRAME.assign(c=np.nan)), "column 'c' of x must be finite, got NaN or infinity"),
    (lambda: fit(y=pd.Series(["yes"] * 20)), "y must be numbers, got 'yes' in row 0: encode, fill or drop it"),
    (lambda: fit(x={"a": np.ones((20, 4)), "b": 1}), "x must have the key 'rows', got 'a', 'b'"),
    (lambda: fit(y={"label": 1}), "y must have the key 'end', got 'label'"),
    (lambda: fit(y=None), "y must be given with rows: only data that comes in batches has labels of its own"),
    (lambda: fit(x=BATCHES), r"x comes in batches \(x, y\) or \(x, y, sample_weight\), so y must not be given"),
    (lambda: fit(x=BATCHES, y=None, sample_weight=[1]), "so sample_weight must not be given"),
    (lambda: fit(x=iter([]), y=None), "must have at least one batch, got none"),
    (lambda: fit(x=iter([(1, 2, 3, 4)]), y=None), "a batch must be .*, got a tuple of 4"),
    (lambda: fit(x=BATCHES, y=None, validation_split=0.5), "validation_split needs arrays"),
    (lambda: fit(x=[1.0, 2.0], y=[1]), r"x must have the shape \(rows, features\), got \(2,\)"),
    (lambda: fit(x=[[1.0, 2.0]], y=[1]), "x must have 4 features per row, got 2"),
    (lambda: fit(x=np.empty((0, 4)), y=[]), "x must have at least one row"),
    (lambda: fit(x=[[1.0, 2.0, 3.0, 4.0]], y=[1, 0]), "the same number of rows, got 1 and 2"),
    (lambda: fit(orders=[np.arange(19)]), r"must be 20 integers, got the shape \(19,\)"),
    (lambda: fit(orders=[np.arange(20.0)]), "must be 20 integers"),
    (lambda: fit(orders=[np.zeros(20, int)]), "contain each row from 0 to 19 once, got another one for epoch 1"),
    (lambda: fit(orders=[np.arange(20) - 1]), "contain each row from 0 to 19 once"),
    (lambda: fit(orders=[]), "must have an order for every epoch, got none for epoch 1"),
]
TYPE_ERRORS: list[tuple[Callable[[], object], str]] = [
    (lambda: activations.elu.configured(beta=1.0), "elu takes alpha, got 'beta'"),
    (lambda: activations.elu([1.0], 0.5, 2), "elu takes x and alpha"),
    (lambda: losses.mean_squared_error([1], [[1]], 0.1), "mean_squared_error takes .* at most 0 more arguments"),
    (lambda: metrics.AUC(num_thresholds=2.5), "num_thresholds must be a whole number, got 2.5"),  # type: ignore[arg-type]
    (lambda: metrics.AUC(thresholds=0.5), "thresholds must be a list of numbers, got 0.5"),  # type: ignore[arg-type]
    (lambda: metrics.PrecisionAtRecall(0.5, 2.5), "num_thresholds must be a whole number, got 2.5"),  # type: ignore[arg-type]
    (lambda: metrics.TopKCategoricalAccuracy(k=1.5)([[1, 0]], [[1.0, 0.0]]), "k must be a whole number, got 1.5"),  # type: ignore[arg-type]
    (lambda: Sequential([optimizers.SGD()]), "a layer must be one of numpy_nn.layers"),  # type: ignore[list-item]
    (lambda: fit(callbacks=[1]), "a callback must be a Callback, got 1"),
    (lambda: Model([INPUTS], [HIDDEN, HIDDEN]), "outputs must be one Input or one output of a layer"),
    (lambda: type("Net", (Model,), {}), "Net cannot derive from Model"),
    (lambda: fit(callbacks=callbacks.LearningRateScheduler(lambda _: None)), "schedule must return a number"),
]


@pytest.mark.parametrize(("use", "message"), VALUE_ERRORS)
def test_a_value_out_of_range_is_named(use: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        use()


@pytest.mark.parametrize(("use", "message"), TYPE_ERRORS)
def test_a_wrong_type_is_named(use: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        use()
