"""An unknown name is answered in one sentence of bounded length."""

import pytest

from bench.core.errors import unknown
from bench.experiments import SCENARIOS

NAMES = [f"name_{number:03}" for number in range(140)]


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("twin", ["twins", "cost"], "did you mean 'twins'?"),
        ("kera", ["numpy", "keras", "keras_jax"], "did you mean 'keras' or 'keras_jax'?"),
        ("x", ["b", "a"], "known are a, b"),
        ("x", NAMES[:10], f"known are {', '.join(NAMES[:10])}"),
        ("x", NAMES, "known are name_000, name_001, name_002, name_003, name_004 … and 135 more: bench list"),
    ],
)
def test_the_nearest_names_are_suggested_or_else_the_known_ones_are_named(
    name: str, known: list[str], said: str
) -> None:
    assert str(unknown("thing", name, known, "bench list")) == f"there is no thing named {name!r}; {said}"


def test_at_most_five_of_many_near_names_are_suggested() -> None:
    said = str(unknown("thing", "name_0", NAMES))
    assert said.count("'name_") == 1 + 5
    assert said.endswith("?")


@pytest.mark.parametrize("name", ["zzz", "optimizers_moons_adam"])
def test_an_unknown_scenario_is_not_answered_with_all_of_them(name: str) -> None:
    said = str(unknown("scenario", name, SCENARIOS, "bench list --scenarios"))
    assert sum(each in said for each in SCENARIOS) < 12
    assert len(said) < 300
