"""The forest plot of `bench compare`."""

import numpy as np
from made_up import cut_off

from bench.drawing.forest import Line, draw

LINES = [
    Line("twins, numpy: training", 1.3, 1.2, 1.4, "worse"),
    Line("twins, keras_tuned: peak memory", 1.0, 0.99, 1.01, "no measurable difference"),
]


def test_each_change_is_a_dot_on_its_interval_and_decided_ones_are_filled() -> None:
    picture = draw("forest", "after against before", LINES, 0.05)
    (axes,) = picture.figure.axes
    assert [text.get_text() for text in axes.texts] == [line.label for line in LINES]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [list(np.asarray(dot.get_xdata())) for dot in dots] == [[1.3], [1.0]]
    assert [dot.get_markerfacecolor() for dot in dots][1] == "white"
    assert dots[0].get_markerfacecolor() != "white"
    assert "twins, numpy: training 1.3, worse" in picture.alt
    assert not cut_off(lambda: draw("forest", "after against before", LINES, 0.05))


def test_without_changes_it_says_so() -> None:
    assert "No change could be computed" in draw("forest", "after against before", [], 0.05).alt
