"""The pictures of `explain`: bars as long as their factors, lines where gradients are, words for what is missing."""

import math
import xml.etree.ElementTree as ET
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from made_up import cut_off, explain_trials, find, first_gradients_table, tables
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from bench.drawing.picture import Picture
from bench.experiments.explain import finding as explain
from bench.experiments.explain import gradients, waterfall

ENDS = ("the first", "the second")


def drawn() -> Picture:
    return waterfall.draw("attribution", "what it is worth", explain.attributions(explain_trials()), ENDS)


def bars(axes: Axes) -> list[float]:
    """Return each bar's length on its logarithmic axis, as a factor: above one to the left."""
    boxes = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    return [box.get_x() / (box.get_x() + box.get_width()) for box in boxes]


def test_a_bar_is_as_long_as_its_factor_and_begins_where_the_last_one_ended() -> None:
    updates, epochs, samples, seconds = drawn().figure.axes
    assert bars(updates) == pytest.approx([2.0, 1.0, 1.0, 1.0, 1.0], rel=1e-3)
    assert bars(epochs) == pytest.approx([2.0, 1.0, 29.0, 1.0, 1.0], rel=2e-3)
    assert bars(samples) == pytest.approx(bars(epochs))
    assert bars(seconds) == pytest.approx([2.0, 1.0, 20.0, 1.0, 2.0], rel=1e-3)
    for axes in (updates, epochs, samples, seconds):
        boxes = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
        for above, below in pairwise(boxes):
            assert above.get_x() + above.get_width() == pytest.approx(below.get_x())


def test_all_panels_have_one_scale() -> None:
    axes = drawn().figure.axes
    decades = [math.log10(each.get_xlim()[1] / each.get_xlim()[0]) for each in axes]
    assert decades == pytest.approx([decades[0]] * 4)


def test_the_words_for_who_does_not_see_it_hold_the_figures() -> None:
    picture = drawn()
    assert "In training seconds the causes divide by initial weights 2, initial biases 1, batches 20" in picture.alt
    assert "together 80" in picture.alt
    assert ET.fromstring(picture.svg()).tag.endswith("svg")  # noqa: S314 - we wrote it
    assert cut_off(drawn) == []


def test_without_a_whole_seed_the_picture_says_so() -> None:
    never = [(frozenset[str](), seed) for seed in range(2)]
    trials = explain_trials(seeds=(0, 1), never=never)
    assert explain.left_out(trials) == [0, 1]
    picture = waterfall.draw("attribution", "title", explain.attributions(trials), ENDS, "Seeds left out: 0, 1.")
    assert picture.alt == "No seed has every cell of the factorial at its target. Seeds left out: 0, 1."


def test_gradients_are_drawn_where_they_are() -> None:
    table = first_gradients_table()
    found = find("explain", tables(explain_trials(), gradients=table)).result
    draw = partial(gradients.draw, "gradients", "title", table, found.norms, found.networks, explain.INITIALIZERS)
    picture = draw()
    assert cut_off(draw) == []
    panels = {axes.get_title(loc="left"): axes for axes in picture.figure.axes}
    assert set(panels) == {"2-25-50-50-25-1", "2-4-6-6-4-1"}
    lines = {str(line.get_label()): np.asarray(line.get_ydata()) for line in panels["2-4-6-6-4-1"].lines}
    assert lines["0.1 normal"][0] == pytest.approx(2e-4)
    assert lines["Glorot uniform"][0] == pytest.approx(0.2)
    assert "2-4-6-6-4-1, 0.1 normal: 2.0e-04 at layer 1, 2.0e-01 at the last" in picture.alt


def test_without_gradients_the_picture_says_so() -> None:
    empty = first_gradients_table(seeds=())
    assert "No gradients" in gradients.draw("gradients", "title", empty, {}, {}, explain.INITIALIZERS).alt
