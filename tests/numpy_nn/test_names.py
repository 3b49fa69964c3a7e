"""Finding things by name; bench/parity compares every name, and what `get` finds, with Keras."""

from types import ModuleType

import pytest

from numpy_nn import activations, constraints, initializers, losses, metrics, regularizers


@pytest.mark.parametrize(
    ("module", "kind", "given", "nearest"),
    [
        (activations, "activation", "sigmiod", "sigmoid"),
        (constraints, "constraint", "max_nrm", "max_norm"),
        (initializers, "initializer", "glorot_unifrom", "glorot_uniform"),
        (losses, "loss", "mean_sqared_error", "mean_squared_error"),
        (metrics, "metric", "acuracy", "accuracy"),
        (regularizers, "regularizer", "l1_l3", "l1_l2"),
    ],
)
def test_the_nearest_name_is_suggested(module: ModuleType, kind: str, given: str, nearest: str) -> None:
    with pytest.raises(ValueError, match=f"no {kind} named {given!r}; did you mean {nearest!r}"):
        module.get(given)


def test_none_is_no_constraint_and_no_regularizer() -> None:
    assert constraints.get(None) is None
    assert regularizers.get(None) is None
