"""Processes that measure instead of training: what they measure, by a fake clock; what is found, by hand arithmetic."""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_up import cut_off, drawers, find
from matplotlib.colors import to_rgb

import bench
from bench.core.spec import AnyArray, FloatArray, LayerSpec, MapPoint, NetworkSpec, OrdersOfRows
from bench.core.words import break_even_words
from bench.experiments.base import Tables
from bench.experiments.cost import figures as card
from bench.experiments.crossover import figures as update_map
from bench.experiments.crossover.update_map import Times, break_even_updates, cells, crossing_width, crossings
from bench.report import reported
from bench.runs.plan import expected, plan_trials
from bench.runs.settings import make_settings
from bench.store.tables import CURVES, GRADIENTS, LAPS, MEASUREMENTS, QUANTITIES, TRIALS, frame
from bench.trials import footprint, speed_of_light, update_time
from bench.trials.installed import installed
from bench.trials.readings import EnergyMeter, peak_rss_bytes, rss_bytes
from bench.trials.subject import Subject

FAMILY = NetworkSpec(
    layers=(LayerSpec(8, 8, "relu"), LayerSpec(8, 1, "sigmoid")),
    loss="binary_crossentropy",
    optimizer="sgd",
    learning_rate=0.01,
    optimizer_options=(),
    batch_size=32,
    dtype="float32",
)


class Clock:
    """Goes on only when it is told to, and by a thousandth of a microsecond when it is read."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 1e-9
        return self.now


class Fake:
    """A contender that computes nothing, and takes the time that it is told to take."""

    def __init__(self, clock: Clock, **seconds: float) -> None:
        self.clock = clock
        self.seconds = {"build": 0.0, "first_build": 0.0, "fit": 0.0, "update": 0.001, "predict": 0.001} | seconds
        self.built = 0
        self.updates = 0
        self.change: Callable[[AnyArray], AnyArray] = lambda array: array + 1
        self.first_epoch = 0

    def build(self, spec: NetworkSpec) -> "Fake":
        self.clock.now += self.seconds["build"] + (0 if self.built else self.seconds["first_build"])
        self.built += 1
        self.spec = spec
        return self

    def get_weights(self) -> list[FloatArray]:
        return [array.copy() for array in self.weights]

    def set_weights(self, weights: Sequence[FloatArray]) -> None:
        self.weights = list(weights)

    def train(self, x: FloatArray, y: FloatArray, orders: OrdersOfRows, on_epoch_end: Callable[[], None]) -> None:
        self.clock.now += self.seconds["fit"]
        assert self.spec.batch_size is not None
        for _ in list(orders)[self.first_epoch :]:
            updates = len(x) // self.spec.batch_size
            self.updates += updates
            self.clock.now += updates * self.seconds["update"]
            on_epoch_end()
        self.weights = [self.change(array) for array in self.weights]

    def predict(self, x: FloatArray) -> FloatArray:
        self.clock.now += self.seconds["predict"] * len(x)
        return np.zeros((len(x), 1), np.float32)


def subject(fake: Fake, tmp_path: Path, *cases: MapPoint) -> Subject:
    return Subject(
        contender=fake,
        network=FAMILY,
        cases=cases,
        seed=3,
        distributions=("numpy",),
        spawned=90.0,
        scratch=tmp_path,
        clock=fake.clock,
    )


def by_name(measurements: list[dict[str, Any]]) -> dict[tuple[str, int | None], float]:
    return {(each["quantity"], each["batch"]): each["value"] for each in measurements}


def test_an_update_is_timed_without_what_a_call_of_train_costs_by_itself(tmp_path: Path) -> None:
    fake = Fake(Clock(), fit=7.0, update=0.002, build=0.5, first_build=1.25)
    told: list[int] = []
    whole = replace(subject(fake, tmp_path, MapPoint(8, 1, 4), MapPoint(8, 2, 32)), on_case=told.append)
    found = by_name(update_time.measure(whole))
    for batch in (4, 32):
        for name in ("update_seconds", "update_seconds_low_quartile", "update_seconds_high_quartile"):
            assert found[name, batch] == pytest.approx(0.002, rel=1e-5)
        assert found["build_seconds", batch] == pytest.approx(0.5, rel=1e-5)
    assert found["once_seconds", None] == pytest.approx(1.25, rel=1e-5)
    assert fake.built == 3
    assert told == [1, 2]


def test_the_network_of_a_case_has_its_width_depth_and_batch() -> None:
    network = update_time.network_of(FAMILY, MapPoint(16, 3, 4))
    assert network.weight_shapes == ((16, 16), (16,), (16, 16), (16,), (16, 16), (16,), (16, 1), (1,))
    assert [layer.activation for layer in network.layers] == ["relu", "relu", "relu", "sigmoid"]
    assert network.batch_size == 4


def test_a_large_update_has_a_short_epoch_and_a_small_one_a_long() -> None:
    # 6 · 256 · 2048² · 3 operations are 19 thousand million; 6 · 4 · 32² are 24 thousand
    assert update_time.updates_per_epoch(MapPoint(2048, 3, 256)) == 2
    assert update_time.updates_per_epoch(MapPoint(32, 1, 4)) == 32


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("first_epoch", 1, "must call on_epoch_end 2 times, it did 1 times"),
        ("change", lambda array: array, "must change every layer's kernel"),
        ("change", lambda array: array * np.nan, "must stay finite"),
    ],
)
def test_a_contender_that_does_not_train_is_found_out(tmp_path: Path, name: str, value: object, said: str) -> None:
    fake = Fake(Clock())
    setattr(fake, name, value)
    with pytest.raises(RuntimeError, match=said):
        update_time.measure(subject(fake, tmp_path, MapPoint(8, 1, 4)))


def test_light_has_every_product_of_backpropagation_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    products = speed_of_light.Products(update_time.network_of(FAMILY, MapPoint(5, 2, 7)), 7, seed=0)
    shapes = []
    matmul = np.matmul

    def counted(a: AnyArray, b: AnyArray, out: AnyArray) -> AnyArray:
        shapes.append((*a.shape, b.shape[1]))
        result: AnyArray = matmul(a, b, out=out)
        return result

    monkeypatch.setattr(np, "matmul", counted)
    products.update()
    # three layers 5-5-5-1 at 7 rows: three forward; then from the last, kernel and input; the first has no input's
    assert shapes == [(7, 5, 5), (7, 5, 5), (7, 5, 1), (5, 7, 1), (7, 1, 5), (5, 7, 5), (7, 5, 5), (5, 7, 5)]
    expected = np.einsum("ri,ru->iu", products.values[0], products.gradients[1])
    np.testing.assert_allclose(products.kernel_gradients[0], expected, rtol=1e-4)


def test_a_footprint_is_measured_by_the_clock_from_the_spawn(tmp_path: Path) -> None:
    fake = Fake(Clock(), build=0.75, predict=0.001)
    found = by_name(footprint.measure(subject(fake, tmp_path)))
    assert found["cold_start_seconds", None] == pytest.approx(10.751, rel=1e-6)  # 90 to 100, build, a row
    assert found["predict_p50_seconds", 1] == pytest.approx(0.001, rel=1e-5)
    assert found["predict_p99_seconds", 1] == pytest.approx(0.001, rel=1e-5)
    for size in footprint.SIZES:
        assert found["rows_per_second", size] == pytest.approx(1000.0, rel=1e-5)
    assert found["installed_distributions", None] == 1
    assert ("saved_bytes", None) not in found
    assert {name for name, _ in found} <= set(QUANTITIES)


def test_the_tail_of_latency_is_its_99th_percentile() -> None:
    clock = Clock()
    calls: Iterator[int] = iter(range(1000))

    def call() -> None:
        clock.now += 1.0 if next(calls) % 50 == 49 else 0.001

    times = footprint._call_seconds(clock, call, 0.0, 100, 2000)
    assert len(times) == 100
    assert float(np.quantile(times, 0.5)) == pytest.approx(0.001, rel=1e-3)
    assert float(np.quantile(times, 0.99)) == pytest.approx(1.0, rel=1e-3)  # two of a hundred


def write_package(folder: Path, name: str, content: bytes, *requires: str) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "code.py").write_bytes(content)
    (folder / name / "code.pyc").write_bytes(b"compiled" * 100)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {each}" for each in requires)]
    (info / "METADATA").write_text("\n".join(lines) + "\n")
    (info / "RECORD").write_text(f"{name}/code.py,,\n{name}/code.pyc,,\n{name}/gone.py,,\n")


def test_installed_counts_what_is_required_once_and_what_is_not_never(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_package(tmp_path, "aa", b"x" * 10, "bb[more]>=1", "cc; extra == 'test'", "absent", "dd; python_version < '3'")
    write_package(tmp_path, "bb", b"x" * 200, "aa", "ee; extra == 'more'", "cc; extra == 'less'")
    write_package(tmp_path, "cc", b"x" * 3000)
    write_package(tmp_path, "dd", b"x" * 40000)
    write_package(tmp_path, "ee", b"x" * 500000)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert installed(["aa"]) == (["aa", "bb", "ee"], 500210)


def write_counter(folder: Path, name: str, microjoules: int) -> None:
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "energy_uj").write_text(f"{microjoules}\n")
    (folder / name / "max_energy_range_uj").write_text("5000000\n")


def test_energy_is_that_of_the_packages_and_survives_a_counter_that_begins_again(tmp_path: Path) -> None:
    write_counter(tmp_path, "intel-rapl:0", 1_000_000)
    write_counter(tmp_path, "intel-rapl:0:0", 1_000_000)
    write_counter(tmp_path, "intel-rapl:1", 4_000_000)
    meter = EnergyMeter(tmp_path)
    write_counter(tmp_path, "intel-rapl:0", 3_500_000)
    write_counter(tmp_path, "intel-rapl:0:0", 2_000_000)
    write_counter(tmp_path, "intel-rapl:1", 500_000)
    assert meter.joules() == pytest.approx(2.5 + 1.5)


def test_memory_is_read_from_the_systems_own_words(tmp_path: Path) -> None:
    status = tmp_path / "status"
    status.write_text("Name:\tpython\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n")
    assert (rss_bytes(status), peak_rss_bytes(status)) == (1024 * 1024, 2048 * 1024)


def test_what_the_machine_does_not_report_is_none(tmp_path: Path) -> None:
    assert rss_bytes(tmp_path / "nothing") is None
    assert EnergyMeter(tmp_path / "nothing").joules() is None


@pytest.mark.parametrize(
    ("ratios", "width"),
    [((4.0, 2.0, 0.5), 128.0), ((4.0, 0.25, 4.0), 32.0), ((0.9, 0.5, 0.2), 0.0), ((3.0, 2.0, 1.5), math.inf)],
)
def test_the_crossing_lies_between_the_logarithms(ratios: tuple[float, ...], width: float) -> None:
    assert crossing_width((16, 64, 256), ratios) == pytest.approx(width)


def test_a_start_is_paid_for_by_what_each_update_saves() -> None:
    framework, plain = Times(5.0, 1.0, 0.001), Times(0.5, 0.5, 0.002)
    assert break_even_updates(framework, plain) == pytest.approx(5000)
    assert framework.job_seconds(5000) == pytest.approx(plain.job_seconds(5000))
    assert break_even_updates(Times(5.0, 1.0, 0.003), plain) == math.inf
    assert break_even_updates(Times(0.1, 0.1, 0.001), plain) == 0.0


@pytest.mark.parametrize(
    ("updates", "words"),
    [(math.inf, "never"), (0.0, "at once"), (7.0, "7"), (4123.0, "4,100"), (1.26e6, "1.3 million"), (2e9, "2 billion")],
)
def test_a_break_even_is_told_with_two_digits(updates: float, words: str) -> None:
    assert break_even_words(updates) == words


WIDTHS, BATCHES, SEEDS = (32, 128, 512), (4, 32, 256), (2, 0, 1, 3, 4, 5)


def crossover(
    ratio: Callable[[int, int, int], float],
    *,
    seeds: Sequence[int] = SEEDS,
    threads: int = 1,
    rival: str = "keras_tuned",
) -> Tables:
    """Return a run where the rival takes ``ratio(width, batch, seed)`` times numpy's millisecond, 4 s to start."""
    trials, measured = [], []
    for contender, start in (("numpy", 0.25), (rival, 4.0)):
        for seed in seeds:
            of = {"suite": "crossover", "scenario": "crossover", "contender": contender, "seed": seed, "repetition": 0}
            half = {"startup_seconds": start / 2, "import_seconds": start / 4}
            trials.append({**of, "status": "ok", "pair": "1 thread", "threads": threads, **half})
            of["threads"] = threads
            measured.append({**of, "quantity": "once_seconds", "value": start / 4, "unit": "s"})
            for width in WIDTHS:
                for batch in BATCHES:
                    update = 1e-3 * (1.0 if contender == "numpy" else ratio(width, batch, seed))
                    values = {"update_seconds": update, "build_seconds": start / 8}
                    values |= {"products_seconds": 5e-4} if contender == "numpy" else {}
                    place = {**of, "width": width, "depth": 3, "batch": batch, "unit": "s"}
                    measured += [{**place, "quantity": name, "value": value} for name, value in values.items()]
    return tables(trials, measured)


def tables(trials: list[dict[str, Any]], measured: list[dict[str, Any]]) -> Tables:
    return Tables(frame(TRIALS, trials), frame(CURVES, []), frame(GRADIENTS, []), frame(MEASUREMENTS, measured))


def halving(width: int, _batch: int, seed: int) -> float:
    return 4.0 * (32 / width) * (1.0 + 0.01 * seed)  # 4, 1 and a quarter times, and a little more


def test_a_cell_holds_steady_ratio_whole_job_and_break_even() -> None:
    made = crossover(halving)
    found = cells(made.trials, made.measured())
    (cell,) = (cell for cell in found if (cell.width, cell.batch, cell.depth) == (512, 32, 3))
    spread = [1.0 + 0.01 * seed for seed in SEEDS]
    center = 0.25 * math.exp(sum(map(math.log, spread)) / 6)
    assert cell.steady.center == pytest.approx(center)
    # 4 s and a half for start and build against 0.28125 s, and ten thousand updates
    job = [(4.5 + 10 * 0.25 * each) / (0.28125 + 10) for each in spread]
    assert cell.whole.center == pytest.approx(math.exp(sum(map(math.log, job)) / 6))
    assert cell.faster == "keras_tuned"
    # (4.5 - 0.28125) s over what an update saves at the median spread of 2.5 %
    assert cell.break_even_updates == pytest.approx(4.21875 / (0.001 - 0.001 * 0.25 * 1.025))
    assert cell.products_seconds == 5e-4


def test_where_both_take_as_long_a_map_names_anyone_faster_in_at_most_one_run_of_twenty() -> None:
    rng = np.random.default_rng(0)
    wrong = 0
    for _ in range(100):
        made = crossover(lambda _width, _batch, _seed: float(rng.lognormal(0.0, 0.1)))
        wrong += any(cell.faster is not None for cell in cells(made.trials, made.measured()))
    assert wrong <= 8  # 5 are expected at most; each of 9 places by itself would give 37


def test_the_crossing_has_an_interval_over_processes() -> None:
    made = crossover(lambda width, _batch, seed: 4.0 * (32 / width) * 2.0 ** (-1 if seed % 2 else 1))
    for line in crossings(made.trials, made.measured()):
        # the ratio is 1 at 128 · 2 in three processes and at 128 / 2 in three
        assert line.width is not None
        assert line.width.center == pytest.approx(128.0)
        # mean and t interval of ±log 2, three each: log 2 · sqrt(6 / 5) / sqrt(6) · t(0.975, 5) = 2.5706
        assert line.width.high == pytest.approx(128.0 * 2.0 ** (2.570582 * math.sqrt(1 / 5)), rel=1e-5)


def test_a_crossing_is_told_with_its_interval_and_the_counts_of_the_map() -> None:
    found = find("crossover", crossover(halving))
    assert found.sentence.startswith("Goliath with XLA overtakes David at a width of 13")
    assert "6 processes) (3 hidden layers, batches of 32, 1 thread); of 9 cases on the map" in found.sentence
    assert "David's update is faster in 3, Goliath's in 3, and 3 stay open" in found.sentence
    assert len(found.tables) == 3
    assert "keras_tuned has made up for its slow start after 5,700 updates" in " ".join(found.notes)
    words = found.words()
    assert {name: words[f"1.{name}"] for name in ("cases", "david", "goliath", "open")} == {
        "cases": "9",
        "david": "3",
        "goliath": "3",
        "open": "3",  # 1.025 times, which a test of this place alone would decide
    }
    assert (words["1.narrow.width"], words["1.wide.width"]) == ("32", "512")
    assert (words["1.narrow"], words["1.wide"]) == ("4.1", "0.256")  # 4 and 0.25, times 1.025
    assert (words["processes"], words["soonest"]) == ("6", "5,700")
    at_512 = [f"512 units, 3 hidden layers, batches of {batch}" for batch in BATCHES]
    assert (words["1.faster"], words["1.faster.where"]) == ("3 of 9", "; ".join(at_512))


def test_where_keras_without_xla_is_faster_is_told_case_by_case() -> None:
    (note,) = (note for note in find("crossover", crossover(halving, rival="keras")).notes if "without XLA" in note)
    assert "faster than David's in 3 of 9 cases: 512 units, 3 hidden layers, batches of 4, 1 thread; 512" in note
    slower = find("crossover", crossover(lambda _width, _batch, seed: 2.0 + 0.01 * seed, rival="keras"))
    assert any(note.endswith("faster than David's in 0 of 9 cases.") for note in slower.notes)


def test_no_crossing_is_told_with_the_ratio_at_the_map_s_end() -> None:
    found = find("crossover", crossover(lambda _width, _batch, seed: 2.0 + 0.01 * seed))
    assert "overtakes David nowhere up to a width of 512, where its update takes 2.0" in found.sentence
    assert "keras_tuned never makes up for its slow start" in " ".join(found.notes)
    assert (found.labels["1.faster"], found.labels["1.faster.where"]) == ("0 of 9", "nowhere")


def test_a_crossing_in_some_processes_only_has_no_interval() -> None:
    found = find("crossover", crossover(lambda _width, _batch, seed: 0.5 if seed == 2 else 2.0))
    assert "is ahead of David somewhere on the line in 1 of 6 processes only" in found.sentence
    assert "below the map in 1 and beyond it in 5 of 6 processes" in found.tables[0].rows[0][-1]


def test_one_process_alone_decides_nothing() -> None:
    found = find("crossover", crossover(halving, seeds=[2]))
    assert "one process: no interval" in found.sentence
    assert "and 9 stay open" in found.sentence


@pytest.mark.parametrize("suite", ["crossover", "cost"])
def test_nothing_measured_is_told(suite: str) -> None:
    failed = {"suite": suite, "contender": "keras", "seed": 2, "status": "failed", "status_detail": "ImportError: no"}
    found = find(suite, tables([failed], []))
    assert found.sentence.startswith("There is nothing to compare: ")
    assert found.tables == ()
    assert "keras: 1 of 1 trials failed: ImportError: no" in found.notes


def cost(seeds: Sequence[int] = SEEDS, **keras: float) -> Tables:
    trials, measured = [], []
    for contender, factor in (("numpy", 1.0), ("keras", 20.0)):
        for seed in seeds:
            of = {"suite": "cost", "scenario": "cost", "contender": contender, "seed": seed, "repetition": 0}
            trials.append({**of, "status": "ok", "pair": "cost", "threads": 1, "import_seconds": 0.1 * factor})
            spread = 1.0 + 0.01 * seed
            values = {"cold_start_seconds": 0.2 * factor * spread, "installed_bytes": 5e7 * factor, **keras}
            rows: list[tuple[str, float, int | None]] = [(name, value, None) for name, value in values.items()]
            rows += [("predict_p50_seconds", 1e-5 * factor, 1), ("predict_p99_seconds", 2e-5 * factor, 1)]
            rows += [("rows_per_second", 1e5 * batch / factor, batch) for batch in footprint.SIZES]
            measured += [{**of, "quantity": name, "value": value, "batch": batch} for name, value, batch in rows]
    return tables(trials, measured)


def test_the_cost_of_a_start_is_told_with_its_interval() -> None:
    found = find("cost", cost())
    assert "keras needs 20 times (95 % interval 20 to 20, 6 pairs) as long as numpy" in found.sentence
    assert "takes 20 times the disk" in found.sentence
    assert found.tables[0].columns == ("cost", "numpy", "keras")
    assert ("installed, with all it requires", "50 MB", "1 GB") in found.tables[0].rows
    assert "Energy was not measured" in found.notes[0]


def test_energy_that_is_reported_is_not_called_not_measured() -> None:
    assert "not measured" not in " ".join(find("cost", cost(start_joules=3.0)).notes)


def texts(figure: Any) -> str:
    from matplotlib.text import Text

    return " ".join(text.get_text() for text in figure.findobj(Text))


@pytest.mark.parametrize("whole", [False, True])
def test_the_map_says_who_is_faster_in_words_colours_and_hatching(whole: bool) -> None:
    cells = find("crossover", crossover(halving)).result
    picture = update_map.draw("steady-crossover-1", "crossover", cells, 1, whole=whole)
    picture.svg()
    assert picture.png().startswith(b"\x89PNG")
    assert cut_off(lambda: update_map.draw("steady-crossover-1", "crossover", cells, 1, whole=whole)) == []
    shown = texts(picture.figure)
    assert "keras_tuned, 3 hidden layers" in shown
    assert ("never" in shown) is whole
    assert "less than it in 3 of 9 places" in picture.alt
    hatched = [patch for axes in picture.figure.axes for patch in axes.patches if patch.get_hatch()]
    assert len(hatched) == 3
    orange, blue = (to_rgb(update_map._shade(ratio)) for ratio in (10.0, 0.1))
    assert orange[0] > orange[2]
    assert blue[2] > blue[0]
    assert update_map._shade(1.0) == "#ffffff" or min(to_rgb(update_map._shade(1.0))) > 0.97


def test_a_picture_of_nothing_says_so() -> None:
    assert "No place of the map" in update_map.draw("x", "crossover", [], 2, "Not drawn: all.", whole=False).alt
    assert "Nothing was measured" in card.draw("x", "title", []).alt


@pytest.mark.parametrize("seeds", [[2], SEEDS])
def test_the_card_comes_out_with_every_contender(seeds: Sequence[int]) -> None:
    result = find("cost", cost(seeds)).result
    picture = card.draw("card-cost", "what it costs", result)
    picture.svg()
    assert cut_off(lambda: card.draw("card-cost", "what it costs", result)) == []
    shown = texts(picture.figure)
    for words in ("50 MB", "1 GB", "100 ms", "throughput", "Energy was not measured."):
        assert words in shown
    assert "numpy 50 MB and keras 1 GB" in picture.alt


def test_measuring_suites_run_only_where_they_are_named() -> None:
    assert not {"cost", "crossover"} & set(make_settings([]).suites)


def test_a_map_is_planned_for_the_threads_that_the_machine_has(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = make_settings(["crossover"], seeds=1)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert {trial.threads for trial in plan_trials(settings)} == {1}
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    both = plan_trials(settings)
    assert {trial.threads for trial in both} == {1, 2}
    assert len({trial.key for trial in both}) == len(both) == 8
    assert expected(settings)["crossover", "2 threads"] == {"numpy": 1, "keras_tuned": 1, "keras": 1}


def test_a_process_that_measures_other_places_is_another_trial() -> None:
    whole, quick = (plan_trials(make_settings(["crossover"], seeds=[2], quick=quick)) for quick in (False, True))
    assert not {trial.key for trial in whole} & {trial.key for trial in quick}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory, example: str) -> bench.Run:
    folder = tmp_path_factory.mktemp("cost")
    broken = folder / "broken.py"
    predict = "    def predict(self, x):\n"
    # only in a prediction of 32 rows, which no proof asks for
    fails = f"{predict}        assert len(x) != 32, 'no luck'\n"
    broken.write_text(Path(example).read_text(encoding="utf-8").replace(predict, fails))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bench.report.write.draw_all", lambda *_: [])
        return bench.run("cost", contenders=["numpy", example, str(broken)], seeds=2, out=folder / "out")


def test_a_measuring_run_leaves_rows_and_measurements(measured: bench.Run) -> None:
    rows = dict(list(measured.trials.groupby("contender")))
    assert list(rows["numpy"]["status"]) == list(rows["example_contender"]["status"]) == ["ok", "ok"]
    assert list(rows["broken"]["status"]) == ["failed", "failed"]
    assert "AssertionError: no luck" in rows["broken"]["status_detail"].iloc[0]
    assert measured.trials["train_seconds"].isna().all()
    assert measured.trials["data_hash"].isna().all()
    kept = pd.read_parquet(measured.path / "measurements.parquet")
    assert list(kept.columns) == [column.name for column in MEASUREMENTS]
    assert set(kept["contender"]) == {"numpy", "example_contender"}
    for quantity, group in kept.groupby("quantity"):
        assert set(group["unit"]) == {QUANTITIES[str(quantity)].unit}
        assert (group["value"] > 0).all()
    saved = kept[kept["quantity"] == "saved_bytes"]
    assert set(saved["contender"]) == {"numpy"}  # the documentation's contender has no format of its own
    # 5,226 parameters of four bytes, and the description of the network and of how it was compiled
    assert saved["value"].between(5226 * 4, 5226 * 4 + 10_000).all()


def test_a_measuring_run_draws_its_card_and_no_data_set(measured: bench.Run) -> None:
    assert list(drawers(measured)) == ["card-cost"]


def test_the_laps_of_a_measuring_process_add_up(measured: bench.Run) -> None:
    ok = measured.trials[measured.trials["status"] == "ok"]
    laps = ok[[f"{lap}_seconds" for lap in LAPS]].astype(float).sum(axis=1)
    np.testing.assert_allclose(laps, ok["process_seconds"], rtol=0.02, atol=0.05)  # a busy machine, as for trials


@pytest.mark.usefixtures("without_pictures")
def test_a_measuring_run_resumes_with_what_is_missing_alone(measured: bench.Run) -> None:
    gone = next(path for path in (measured.path / "trials").glob("*numpy-seed0*.json"))
    others = {path: path.read_bytes() for path in (measured.path / "trials").glob("*.json") if path != gone}
    before = len(measured.measurements)
    gone.unlink()
    again = reported.resume(measured.path, trust=True)
    assert gone.exists()
    assert {path: path.read_bytes() for path in others} == others
    assert len(again.measurements) == before


def test_a_report_of_a_measuring_run_has_its_card_and_no_accuracy(measured: bench.Run) -> None:
    report = (measured.path / "report.md").read_text()
    assert "The card: median" in report
    assert "test accuracy" not in report.partition("# What may")[0]
    assert (measured.path / "columns.md").read_text().count("| rows_per_second |") == 1
