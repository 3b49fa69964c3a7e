"""What `compile` chooses for a network, and what follows from it: its objective, its gradients, its metrics."""

from __future__ import annotations  # evaluated, they would take a third of the import

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from numpy_nn import data, optimizers
from numpy_nn.arrays import FloatArray, Variable, scalar
from numpy_nn.data import Prepared
from numpy_nn.frames import array_of_numbers
from numpy_nn.layers.input import InputLayer
from numpy_nn.layers.layer import serialized
from numpy_nn.layers.symbols import Part
from numpy_nn.losses import FunctionLoss, Loss
from numpy_nn.metrics import Metric
from numpy_nn.models.backprop import Backprop, forward
from numpy_nn.models.evaluation import Metrics
from numpy_nn.models.layout import undisturbed
from numpy_nn.models.objective import Objective, loss_to_train_with
from numpy_nn.models.predictor import Predictor
from numpy_nn.models.workspace import Workspace
from numpy_nn.names import described_function
from numpy_nn.optimizers import Optimizer

_NOT_COMPILED = "compile the network first, as in compile(optimizer='sgd', loss='binary_crossentropy')"


class Compiled(Predictor):
    """A network with an optimizer, a loss and metrics; see `Model`, which trains it."""

    def _begin(
        self, first: InputLayer | None, parts: Sequence[Part], name: str, seed: int | None, dtype: str | None
    ) -> None:
        self._loss: Loss | None = None
        self._optimizer: Optimizer | None = None
        self._metrics = Metrics(None, None)
        self._may_change = False
        super()._begin(first, parts, name, seed, dtype)

    # Compiling

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,  # noqa: ARG002 - there is no other way here
        steps_per_execution: int = 1,  # noqa: ARG002 - nothing is gained by it here
        jit_compile: Any = "auto",  # noqa: ARG002 - nothing is compiled here
        auto_scale_loss: bool = True,  # noqa: ARG002 - for number types that are not here
    ) -> None:
        """Choose the optimizer, the loss, and metrics to report with it (``["accuracy"]``).

        ``run_eagerly``, ``steps_per_execution``, ``jit_compile`` and ``auto_scale_loss`` are accepted and ignored.
        Changes of a layer's ``trainable`` take effect when training begins after it.

        Raises:
            ValueError: if a name is unknown, or for ``loss_weights``, which need several outputs.
        """
        if not self._parts:
            raise ValueError("a network needs at least one layer before it is compiled")
        if loss_weights not in (None, 1, 1.0, [1], [1.0]):
            raise ValueError(f"loss_weights need several outputs, this network has one, got {loss_weights!r}")
        chosen = loss_to_train_with(loss, self._layout if self.built else None, self._parts[-1].name)
        if metrics or weighted_metrics or not self._metrics:  # as in Keras, without new metrics the old ones stay
            self._metrics = Metrics(metrics, weighted_metrics)
        self._loss, self._optimizer = chosen, optimizers.get(optimizer)
        self._may_change = True
        if self.built:
            self._link()

    def _lay_out(self) -> None:
        super()._lay_out()
        self._link()

    def _link(self) -> None:
        """Join layout, loss and optimizer, as far as they are known, for `backprop`."""
        if self._optimizer is not None:
            self._layout.hold()
            self._optimizer.build(self._layout.parameters, self.split, self._layout.paths(self.name))
            if self._loss is not None:
                objective = Objective(self._loss, self._layout.last)
                self._backprop = Backprop(self._layout, objective, self._optimizer)

    def _hold(self) -> None:
        """Move the weights into this network's vectors, to train those layers that are trainable now."""
        if self._may_change and self._layout.learning != self.learning:
            self._lay_out()
        self._layout.hold()

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile as `get_compile_config` describes it."""
        self.compile(**config)

    def get_compile_config(self) -> dict[str, Any]:
        """Return what `compile` was given, as Keras's ``get_compile_config`` does: names as names, objects described.

        Raises:
            ValueError: if the network is not compiled.
        """
        plain, weighted = ([_described(each) for each in some] or None for some in self._metrics.given)
        given = {"optimizer": _described(self.optimizer), "loss": _described(self._loss), "loss_weights": None}
        unused = {"run_eagerly": False, "steps_per_execution": 1, "jit_compile": False}
        return {**given, "metrics": plain, "weighted_metrics": weighted, **unused}

    @property
    def is_compiled(self) -> bool:
        """Whether `compile` has been called."""
        return self._optimizer is not None

    compiled = is_compiled

    @property
    def loss(self) -> Loss | None:
        """The loss given to `compile`; None before."""
        return self._loss

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer given to `compile`; an AttributeError before."""
        if self._optimizer is None:
            raise AttributeError(_NOT_COMPILED)
        return self._optimizer

    def _require_compiled(self) -> None:
        """Raise a ValueError, as Keras does, unless `compile` was called with a loss."""
        if self._loss is None:
            raise ValueError(_NOT_COMPILED)

    @property
    def metrics(self) -> list[Metric | Metrics]:
        """The mean loss, and those given to `compile`, together, as in Keras; empty before."""
        if self._optimizer is None:
            return []
        return [self._metrics.loss, self._metrics] if self._metrics else [self._metrics.loss]

    @property
    def metrics_names(self) -> list[str]:
        """The names of `metrics`: ``["loss", "compile_metrics"]``, as in Keras 3; `evaluate` returns more values."""
        return [metric.name for metric in self.metrics]

    @property
    def metrics_variables(self) -> list[Variable]:
        """The variables of `metrics`."""
        return [variable for metric in self.metrics for variable in metric.variables]

    def reset_metrics(self) -> None:
        """Discard what the loss and the metrics have seen."""
        for metric in self.metrics:
            metric.reset_state()

    def get_metrics_result(self) -> dict[str, Any]:
        """Return the loss and the metrics, by name, of what was last trained or evaluated."""
        results = self._metrics.result() if self._metrics else {}
        return {"loss": scalar(self._metrics.loss.result()), **results} if self.is_compiled else {}

    # Gradients

    def gradients(
        self, x: npt.ArrayLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> list[FloatArray]:
        """Return the gradient that an update on all rows would descend, for each weight that learns.

        Nothing is changed: the next noise is the same, and moving statistics stay.
        """
        rows, targets, _, weights = self._examples(x, y, sample_weight)
        self._hold()
        with undisturbed(self.leaves):
            workspace, logits = self._looked_at(rows)
            self._backprop.backward(workspace, rows, targets, weights, logits)
        return [np.array(array) for array in self.split(self._layout.gradient)]

    def objective(self, x: npt.ArrayLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None) -> float:
        """Return the loss that an update on all rows would descend: as in training, with noise and penalties.

        Nothing is changed: the next noise is the same, and moving statistics stay.
        """
        rows, targets, _, weights = self._examples(x, y, sample_weight)
        objective = self._backprop.objective
        self._hold()
        with undisturbed(self.leaves):
            workspace, logits = self._looked_at(rows)
            losses = objective.per_row(logits, targets)
            return objective.reduced(losses, targets, weights, len(losses)) + self._layout.penalties(workspace)

    def _looked_at(self, rows: FloatArray) -> tuple[Workspace, FloatArray]:
        """Return buffers after a forward pass as in training, and a copy of the logits, (rows, outputs)."""
        workspace = self._layout.workspace(len(rows), training=True)
        return workspace, forward(workspace, rows.T if workspace.reads_ones else rows.T[:-1]).T.copy()

    # Data

    def _examples(
        self,
        x: Any,
        y: Any,
        sample_weight: npt.ArrayLike | None = None,
        class_weight: Mapping[int, float] | None = None,
    ) -> Prepared:
        """Return rows with their column of ones, targets, labels and weights, checked."""
        self._require_compiled()
        x = self._input_of(x)
        rows = data.rows_with_ones(self._numbers(x), self.dtype)
        data.check_finite(rows, getattr(x, "columns", None))
        y = array_of_numbers(self._output_of(y, len(rows)), "y")
        targets = self._backprop.objective.form.prepare(y, self._layout.outputs, self.dtype)
        data.check_length(rows, targets)
        labels = data.labels(y)
        self._metrics.settle(labels, self._layout.outputs, self.dtype)
        return Prepared(rows, targets, labels, data.row_weights(sample_weight, class_weight, y, rows))

    def _output_of(self, y: Any, rows: int | None) -> Any:
        """Return the labels of the one output, for so many rows."""
        if y is None:
            raise ValueError("y must be given with rows: only data that comes in batches has labels of its own")
        return data.only(y, self._keys[1] or self._parts[-1].name, "y", column=rows != 1)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a copy, whose optimizer keeps its state."""
        optimizer = state["_optimizer"]
        super().__setstate__(state | {"_optimizer": None})
        self._optimizer = optimizer
        if self.built and optimizer is not None:
            batches, slots = optimizer.batches, [np.array(slot) for slot in optimizer.slots()]
            self._link()
            for slot, kept in zip(optimizer.slots(), slots, strict=True):
                slot[...] = kept
            optimizer.batches = batches


def _described(part: Any) -> Any:
    """Return an optimizer, a loss or a metric as Keras writes it; a name, or None, stays as it is."""
    part = part.fn if isinstance(part, FunctionLoss) else part
    if callable(part) and not hasattr(part, "get_config"):
        return described_function(part)
    module = type(part).__module__.split(".")[1] if type(part).__module__.startswith("numpy_nn.") else None
    return part if module is None else serialized(module, part)
