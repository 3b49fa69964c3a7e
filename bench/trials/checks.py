"""What a finished trial is held to: a training time that is possible, and answers of the trained weights."""

import numpy as np

from bench.core.evaluate import activate, forward
from bench.core.spec import FloatArray, NetworkSpec
from bench.trials.speed_of_light import epoch_seconds_at_best

# How far predictions may be from the evaluator's: this share of the largest, and a hundred times what rounding the
# weights by a few bits of float32 changes, which is much for weights that have grown large.
_SAME_ANSWERS = 1e-3
_ROUNDING = 1e-6

# Beyond logits of this size float32 may overflow.
_MOST = 1e30


def refuse_the_impossible(spec: NetworkSpec, rows: int, epochs: int, seconds: float) -> None:
    """Raise a RuntimeError if training took less time than its matrix products at this machine's best rate."""
    least = 0.8 * epochs * epoch_seconds_at_best(spec, rows)  # another library may multiply somewhat faster
    if seconds < least:
        raise RuntimeError(
            f"training took {seconds:.3g} s, which is impossible: its matrix products alone take {least:.3g} s, "
            f"so work was left out or done while the clock stood still"
        )


def hold_to_the_evaluator(spec: NetworkSpec, weights: list[FloatArray], x: FloatArray, answers: FloatArray) -> None:
    """Raise a RuntimeError if timed predictions are not those of the trained weights, within float32's rounding."""
    shape, wanted = np.shape(answers), (len(x), spec.layers[-1].units)
    if shape != wanted:
        raise RuntimeError(f"predict must return an array of shape {wanted}, got {shape}")
    rng = np.random.default_rng(0)
    rounded = [array * (1.0 + _ROUNDING * rng.choice((-1.0, 1.0), array.shape)) for array in weights]
    with np.errstate(over="ignore", invalid="ignore"):
        logits = forward(spec, weights, x)
        if not all(np.abs(z).max() < _MOST for z in logits):  # also NaN: it diverged, and so may the answers
            return
        expected, nearby = (
            activate(spec.layers[-1].activation, z) for z in (logits[-1], forward(spec, rounded, x)[-1])
        )
        apart = float(np.abs(np.asarray(answers, np.float64) - expected).max())
    allowed = _SAME_ANSWERS * np.abs(expected).max() + 100.0 * np.abs(nearby - expected).max()
    if not apart <= allowed:
        raise RuntimeError(
            f"predict must return what the trained weights give, got {apart:.1e} apart, {allowed:.1e} allowed"
        )
