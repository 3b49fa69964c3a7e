"""Initializers: bounds and spreads from the formulas of the papers."""

import math
from typing import Any

import numpy as np
import pytest

from numpy_nn import Dense, initializers
from numpy_nn.initializers import Initializer, RandomNormal, VarianceScaling

SHAPE = (300, 200)


@pytest.mark.parametrize(
    ("initializer", "deviation", "limit"),
    [
        ("glorot_uniform", math.sqrt(2 / 500), math.sqrt(6 / 500)),
        ("he_uniform", math.sqrt(2 / 300), math.sqrt(6 / 300)),
        ("lecun_uniform", math.sqrt(1 / 300), math.sqrt(3 / 300)),
        ("random_uniform", 0.05 / math.sqrt(3), 0.05),
        ("glorot_normal", math.sqrt(2 / 500), 2 * math.sqrt(2 / 500) / 0.8796),
        ("he_normal", math.sqrt(2 / 300), 2 * math.sqrt(2 / 300) / 0.8796),
        ("lecun_normal", math.sqrt(1 / 300), 2 * math.sqrt(1 / 300) / 0.8796),
        (RandomNormal(stddev=0.1), 0.1, math.inf),
        (VarianceScaling(1.0, "fan_in", "untruncated_normal"), math.sqrt(1 / 300), math.inf),
    ],
)
def test_draws_have_their_spread_and_fill_their_bounds(
    initializer: str | Initializer, deviation: float, limit: float
) -> None:
    found = initializers.get(initializer)(SHAPE, np.random.default_rng(0))
    assert found.std() == pytest.approx(deviation, rel=0.01)
    assert found.mean() == pytest.approx(0.0, abs=0.02 * deviation)
    if limit == math.inf:
        assert np.abs(found).max() > 3 * deviation
    else:
        assert 0.999 * limit < np.abs(found).max() <= limit + 1e-12


def test_an_own_seed_gives_the_same_draws_with_any_generator() -> None:
    plain = initializers.HeNormal()
    np.testing.assert_array_equal(plain((4, 2), np.random.default_rng(7)), plain((4, 2), np.random.default_rng(7)))
    seeded = initializers.HeNormal(seed=3)
    np.testing.assert_array_equal(seeded((4, 2), dtype="float64"), seeded((4, 2), np.random.default_rng(7)))
    assert (initializers.HeNormal(seed=4)((4, 2)) != seeded((4, 2))).any()


def test_an_orthogonal_kernel_is_orthogonal_by_its_shorter_side() -> None:
    for shape in ((5, 3), (3, 5), (4, 4)):
        kernel = initializers.Orthogonal(2.0)(shape, np.random.default_rng(0))
        product = kernel.T @ kernel if shape[0] >= shape[1] else kernel @ kernel.T
        np.testing.assert_allclose(product, 4.0 * np.eye(min(shape)), atol=1e-12)


class Ramp(Initializer):
    """The initializer of the example in `Initializer`."""

    def __call__(self, shape: Any, dtype: Any = None) -> Any:  # type: ignore[override] # as in Keras
        return np.linspace(-1, 1, math.prod(shape)).reshape(shape)


def test_an_initializer_of_ones_own_may_be_a_class_a_function_or_an_array() -> None:
    def ramp(shape: Any, dtype: Any = None) -> Any:
        return np.linspace(-1, 1, math.prod(shape)).reshape(shape).astype(dtype)

    for initializer in (Ramp(), Ramp, ramp, ramp((2, 3), "float32")):
        layer: Any = Dense(3, kernel_initializer=initializer)  # type: ignore[arg-type]
        layer.build((None, 2))
        np.testing.assert_allclose(layer.kernel, [[-1, -0.6, -0.2], [0.2, 0.6, 1]], rtol=1e-6)
    with pytest.raises(ValueError, match=r"FunctionInitializer must return the shape \(4, 3\), got \(2, 3\)"):
        Dense(3, kernel_initializer=np.ones((2, 3))).build((None, 4))  # type: ignore[arg-type]
    assert initializers.Ones()((2,), "float32").dtype == initializers.Ones()((2,), dtype="float32").dtype == "float32"
