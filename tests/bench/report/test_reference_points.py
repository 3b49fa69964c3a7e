"""What others reach on the same rows: by hand where that can be, and in the order that one would expect."""

from pathlib import Path

import numpy as np
import pytest
from made_up import write_run

from bench.datasets import Data, load
from bench.report.reference_points import network_point, simple_points


def test_the_commonest_class_is_counted_by_hand() -> None:
    # class 1 is the commonest to train on, and a third of the test rows
    x = np.array([[0.0], [1.0], [2.0], [3.0], [4.0]])
    data = Data(x, np.array([[0.0], [0.0], [1.0], [1.0], [1.0]]), x[:3], np.array([[0.0], [1.0], [0.0]]), "", "")
    commonest, line = simple_points(data).values()
    assert commonest == 1 / 3
    assert line >= 1 / 3


def test_on_the_articles_moons_a_line_is_better_than_nothing_and_a_network_better_than_a_line() -> None:
    commonest, line = simple_points(load("moons")).values()
    (network,) = network_point(load("moons"), 0).values()
    assert commonest == 0.46  # the article's test rows have 46 ones, of which there are more to train on
    assert commonest < line < network
    assert network > 0.95


def test_several_classes_are_compared_too() -> None:
    commonest, line = simple_points(load("wine")).values()
    (network,) = network_point(load("wine"), 0).values()
    assert commonest < 0.5 < min(line, network)


def test_the_report_of_a_duel_has_them(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", twins=["numpy"], seeds=[2, 0], weights=False)
    run.report()
    report = (run.path / "report.md").read_text(encoding="utf-8")
    assert "what simple models reach on the same 100 test rows" in report
    assert "| the commonest class | 0.460 |" in report


def test_a_quantity_is_compared_by_its_r2() -> None:
    # y = 2 x without noise: the line explains all of it, the mean of the training rows less than nothing
    x = np.array([[0.0], [1.0], [2.0], [3.0]])
    data = Data(x, 2.0 * x, x + 4.0, 2.0 * (x + 4.0), "", "", target_scale=1.0)
    mean, line = simple_points(data).values()
    # the mean is 3; the tests' targets are 8, 10, 12, 14: 1 - (25 + 49 + 81 + 121) / 20
    assert mean == pytest.approx(1.0 - 276.0 / 20.0)
    assert line == pytest.approx(1.0)
