"""Made-up rows and runs, for tests of what is derived from them."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.text import Text

import bench
from bench.contenders.registry import CONTENDERS
from bench.core import randomness
from bench.drawing.panels import PHONE_WIDTH, phone
from bench.drawing.picture import Picture
from bench.experiments import EXPERIMENTS, SCENARIOS
from bench.experiments.base import Finding, Tables
from bench.experiments.explain.plan import CELLS
from bench.experiments.optimizers.plan import SWEEP
from bench.report.pictures import drawers_of
from bench.report.reported import ReportedRun, load
from bench.statistics.pairs import SHARED
from bench.store.files import hash_of, write_json
from bench.store.folder import SCHEMA
from bench.store.tables import CURVES, GRADIENTS, TRIALS, frame

EPOCHS = 60


def trial_row(*, contender: str, seed: int, **values: Any) -> dict[str, Any]:
    """Return the row of a trial that went well, but for what ``values`` say."""
    return {
        "repetition": 0,
        "status": "ok",
        "parameters": 5226,
        "train_rows": 900,
        "updates": 5800,
        "epochs": 200,
        "startup_seconds": 0.03,
        "import_seconds": 0.1,
        "load_seconds": 0.01,
        "build_seconds": 0.01,
        "first_update_seconds": 0.1,
        "train_seconds": 1.0,
        "snapshot_seconds": 0.01,
        "predict_seconds": 0.2,
        "evaluate_seconds": 0.2,
        "process_seconds": 2.0,
        "predict_one_seconds": 1e-5,
        "predict_batch_seconds": 1e-4,
        "peak_rss_bytes": 40_000_000,
        "train_loss": 0.07,
        "train_accuracy": 0.97,
        "test_loss": 0.08,
        "test_accuracy": 0.96,
        "reached_target": True,
        "updates_to_target": 2500,
        "epochs_to_target": 87,
        "seconds_to_target": 0.5,
        "threads": 1,
        "data_hash": "d",
        "split_hash": "s",
        "weights_hash": f"w{seed}",
        "order_hash": f"o{seed}",
        "contender": contender,
        "seed": seed,
        **values,
    }


def curve_rows(contender: str, seed: int, losses: Sequence[float | None]) -> list[dict[str, Any]]:
    """Return the rows of a curve of the fair duel with these training losses."""
    return [
        {
            "suite": "twins",
            "scenario": "twins",
            "contender": contender,
            "seed": seed,
            "repetition": 0,
            "epoch": epoch,
            "updates": 29 * epoch,
            "train_loss": loss,
        }
        for epoch, loss in enumerate(losses)
    ]


def tables(trials: pd.DataFrame, curves: pd.DataFrame | None = None, gradients: pd.DataFrame | None = None) -> Tables:
    """Return the tables that a finding is drawn from; what is not given is empty."""
    return Tables(
        trials,
        frame(CURVES, []) if curves is None else curves,
        frame(GRADIENTS, []) if gradients is None else gradients,
    )


def find(suite: str, given: Tables) -> Finding[Any]:
    """Return what an experiment finds in the tables of a run."""
    return EXPERIMENTS[suite].find(given.of(suite))


def drawers(run: bench.Run) -> dict[str, Callable[[], Picture]]:
    """Return how to draw each picture of a run, in the report's order."""
    return {name: draw for group in drawers_of(run).values() for name, draw in group.items()}


def cut_off(draw: Callable[[], Picture]) -> list[str]:
    """Return the words of a picture that reach over its edge, on a page or on a phone."""
    with phone():
        narrow = draw().figure
    assert narrow.get_figwidth() <= PHONE_WIDTH
    return over_the_edge(draw().figure) + over_the_edge(narrow)


def over_the_edge(figure: Figure) -> list[str]:
    """Return the words of a figure that reach over its edge."""
    figure.draw_without_rendering()
    texts = [*figure.texts, *(text for legend in figure.legends for text in legend.get_texts())]
    for axes in figure.axes:
        of_ticks = {*axes.get_xticklabels(), *axes.get_yticklabels()}
        texts += [text for text in axes.findobj(Text) if text not in of_ticks]
        for axis, (low, high) in ((axes.xaxis, sorted(axes.get_xlim())), (axes.yaxis, sorted(axes.get_ylim()))):
            texts += [
                tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high
            ]  # others are hidden
    whole = figure.bbox.padded(2.0)
    boxes = {text: text.get_window_extent() for text in texts if text.get_visible() and text.get_text()}
    return [
        text.get_text() for text, box in boxes.items() if not (whole.contains(*box.min) and whole.contains(*box.max))
    ]


def curve(seed: int, seconds: float = 1.0, shift: float = 0.0) -> dict[str, list[Any]]:
    """Return the columns of a curve that goes down, as a trial keeps them; ``shift`` is added to the training loss."""
    epochs = list(range(EPOCHS + 1))
    losses = [0.05 + 0.64 * math.exp(-epoch / (15 + seed)) for epoch in epochs]
    accuracies = [0.5 + 0.47 * (1 - math.exp(-epoch / (9 + seed))) for epoch in epochs]
    return {
        "epoch": epochs,
        "updates": [29 * epoch for epoch in epochs],
        "train_seconds": [seconds * epoch / EPOCHS for epoch in epochs],
        "train_loss": [loss + shift for loss in losses],
        "train_accuracy": accuracies,
        "test_loss": losses,
        "test_accuracy": accuracies,
    }


def verdict(contender: str, case: str = "twins", **values: Any) -> dict[str, Any]:
    """Return what a proof found equal, but for what ``values`` say."""
    return {
        "contender": contender,
        "case": case,
        "status": "equal",
        "quantities": 40,
        "largest": 1e-15,
        "default_update": 1e-16,
        "first": None,
        "first_difference": None,
        "drift": [1e-8],
        "detail": "",
        **values,
    }


# Training seconds of each side of the suites, roughly as they are.
TWINS = {"numpy": 0.2, "keras": 3.0, "keras_tuned": 0.8}
PUBLISHED = {("article_numpy", "article", "article"): 4.0, ("article_keras", "keras", "article"): 3.0}

Change = Callable[[dict[str, Any]], dict[str, Any] | None]

# The row of a trial and the columns of its curve, if it left one.
Left = tuple[Mapping[str, Any], dict[str, list[Any]] | None]


def write_folder(
    folder: Path,
    trials: Mapping[str, Left | None],
    verdicts: Sequence[Mapping[str, Any]],
    run: Mapping[str, Any],
) -> ReportedRun:
    """Write the folder of a run, and load it.

    Args:
        folder: where.
        trials: what each planned trial left, by its key; None for a trial that was not made.
        verdicts: of the proof.
        run: the settings and other values of ``run.json``.
    """
    (folder / "trials").mkdir(parents=True, exist_ok=True)
    for key, left in trials.items():
        if left is not None:
            _write_trial(folder, key, *left)
    described = {
        "schema": SCHEMA,
        "run_id": folder.name,
        "status": "complete",
        "command": "python -m bench run",
        "environment": {"processor": "a processor", "processors": 2, "versions": {"numpy": "2"}},
        "trials": list(trials),
        "files": {},
    }
    write_json(folder / "proof.json", {"verdicts": list(verdicts)})
    write_json(folder / "run.json", described | dict(run))
    sign(folder)
    return load(folder)


def _write_trial(folder: Path, key: str, row: Mapping[str, Any], kept: dict[str, list[Any]] | None) -> None:
    """Write a trial, its curve ending as its row says."""
    if kept is not None:
        row = {**row, "epochs": kept["epoch"][-1], "updates": kept["updates"][-1]}
        for name in kept.keys() & {"train_loss", "train_accuracy", "test_loss", "test_accuracy"}:
            kept[name] = [*kept[name][:-1], row[name]]
    trial = {"schema": SCHEMA, "key": key, "row": row, "curve": kept, "thread_pools": []}
    write_json(folder / "trials" / f"{key}.json", trial)


def write_run(
    folder: Path,
    *,
    twins: Sequence[str] = tuple(TWINS),
    seeds: Sequence[int] = (2, 0, 1, 3, 4, 5),
    published: bool = False,
    change: Change = dict,
    shift: Callable[[str, int], float] = lambda _contender, _seed: 0.0,
    verdicts: Sequence[dict[str, Any]] | None = None,
    weights: bool = True,
    spread: Callable[[int], float] | None = None,
    raced: int = EPOCHS,
    **run: Any,
) -> ReportedRun:
    """Write the folder of a run with made-up trials, and load it.

    Args:
        folder: where.
        twins: who takes part in the fair duel; empty for none.
        seeds: of every suite.
        published: whether the run holds that suite too.
        change: makes a trial's row another, or None for a trial that was not made.
        shift: of a contender's training loss at a seed.
        verdicts: of the proof; one of equality for each twin unless told.
        weights: whether each contender's last weights and frames are kept.
        spread: how far a copy of the reference is from it in the fair duel, by epoch; None for a run without bands.
        raced: the epochs of the bands.
        run: other values of ``run.json``.
    """
    sides = [("published", *side, seconds) for side, seconds in PUBLISHED.items()] if published else []
    sides += [("twins", "twins", name, "twins", TWINS.get(name, 1.0)) for name in twins]
    trials: dict[str, Left | None] = {}
    for suite, scenario, contender, pair, seconds in sides:
        for seed in seeds:
            factor = 1.0 + 0.02 * ((seed * 7 + len(contender)) % 5)
            made = change(
                trial_row(
                    suite=suite,
                    scenario=scenario,
                    contender=contender,
                    pair=pair,
                    seed=seed,
                    train_seconds=seconds * factor,
                    test_accuracy=0.97 + 0.01 * (seed % 3),
                )
            )
            kept = None
            if made is not None and made["status"] in ("ok", "diverged"):
                kept = curve(seed, min(seconds, made["train_seconds"]), shift(contender, seed))
            key = f"{suite}-{scenario}-{contender}-{seed}".replace("/", "_")
            trials[key] = None if made is None else (made, kept)
        if weights:
            _write_weights(folder, suite, scenario, contender, seeds[0])
    if spread is not None:
        _write_bands(folder, seeds, [spread(epoch) for epoch in range(raced + 1)])
    suites = [*(["published"] if published else []), *(["twins"] if twins else [])]
    known = [name for _, _, name, _, _ in sides if name in CONTENDERS]
    settings = {"seeds": {suite: list(seeds) for suite in suites}, "contenders": list(dict.fromkeys(known))}
    proven = [verdict(name) for name in twins] if verdicts is None else verdicts
    return write_folder(folder, trials, proven, {"settings": settings, **run})


def _write_bands(folder: Path, seeds: Sequence[int], spread: Sequence[float]) -> None:
    """Write the bands of the fair duel: around the curve that no shift moves."""
    arrays: dict[str, Any] = {"last_bit": np.array(2.0**-23)}
    for seed in seeds:
        row = trial_row(contender="reference", seed=seed)
        reference = np.array([*curve(seed)["train_loss"][:-1], row["train_loss"]])[: len(spread)]
        arrays[f"epochs_{seed}"] = np.arange(len(spread))
        arrays[f"losses_{seed}"] = np.stack([reference, reference + np.array(spread)])
        arrays[f"hashes_{seed}"] = np.array([row[name] for name in SHARED])
    (folder / "bands").mkdir(parents=True, exist_ok=True)
    np.savez(folder / "bands" / "twins-twins.npz", allow_pickle=False, **arrays)


def same_but_for_time(run: bench.Run) -> tuple[str, str]:
    """Return a run's trials and curves as text, without what differs between two runs of one command."""
    timed = ["run_id", "peak_rss_bytes", *(column.name for column in TRIALS if column.unit == "s")]
    timed += ["place", "padding_bytes", "switches", "disturbed"]
    return run.trials.drop(columns=timed).to_csv(), run.curves.drop(columns=["run_id", "train_seconds"]).to_csv()


def edit_trials(folder: Path, pattern: str, edit: Callable[[dict[str, list[Any]]], object]) -> None:
    """Change the curves of some of a run's trials, and their rows with them, as if they had been made so."""
    for path in (folder / "trials").glob(pattern):
        trial = json.loads(path.read_text())
        edit(trial["curve"])
        ends = {name: values[-1] for name, values in trial["curve"].items()}
        ends["train_seconds"] = max(ends["train_seconds"], trial["row"]["train_seconds"])
        trial["row"] |= {"epochs": ends.pop("epoch"), **ends}
        write_json(path, trial)
    sign(folder)


def break_off(curve: dict[str, list[Any]], epoch: int) -> None:
    """Let the figures of a curve be missing from an epoch on."""
    for name in ("train_loss", "train_accuracy", "test_loss", "test_accuracy"):
        curve[name][epoch:] = [None] * (len(curve[name]) - epoch)


def sign(folder: Path) -> None:
    """Write the hashes of a run's files, as they are now, into its ``run.json``."""
    run = json.loads((folder / "run.json").read_text())
    kept = [path for pattern in ("trials/*.json", "proof.json", "*/*.npz") for path in folder.glob(pattern)]
    run["files"] = {path.relative_to(folder).as_posix(): hash_of(path.read_bytes()) for path in kept}
    write_json(folder / "run.json", run)


def _write_weights(folder: Path, suite: str, scenario: str, contender: str, seed: int) -> None:
    name = f"{suite}-{scenario}-{contender}.npz".replace("/", "_")
    start = randomness.initial_weights(SCENARIOS[scenario], seed)
    for kind in ("weights", "frames"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    np.savez(folder / "weights" / name, allow_pickle=False, **{f"weight_{i}": each for i, each in enumerate(start)})
    flat = np.concatenate([array.ravel() for array in start])
    frames = np.stack([flat * scale for scale in (0.5, 1.0, 2.0)])
    np.savez(folder / "frames" / name, allow_pickle=False, epochs=np.array([0, 30, 60]), weights=frames)


def explain_trials(
    seeds: Sequence[int] = tuple(range(8)), never: Sequence[tuple[frozenset[str], int]] = ()
) -> pd.DataFrame:
    """Return trials of the suite `explain` in which weights divide updates by 2, and batches make epochs, no more.

    In seconds an update of all rows takes 1 ms, of a batch 0.05 ms, and float32 halves both. ``never`` are cells, by
    what is switched, and seeds that do not reach their target.
    """
    rows = []
    for seed in seeds:
        for name, switched in CELLS.items():
            updates = 8000 * (1 + 0.01 * seed) / (2 if "initial weights" in switched else 1)
            seconds = updates * (5e-5 if "batches" in switched else 1e-3) / (2 if "number type" in switched else 1)
            reached = (switched, seed) not in never
            to_target = {
                "updates_to_target": round(updates),
                "epochs_to_target": round(updates / (29 if "batches" in switched else 1)),
                "seconds_to_target": seconds,
            }
            rows.append(
                trial_row(
                    suite="explain",
                    scenario=name,
                    pair="explain",
                    contender="numpy",
                    seed=seed,
                    reached_target=reached,
                    **(to_target if reached else dict.fromkeys(to_target)),
                )
            )
    return frame(TRIALS, rows)


def first_gradients_table(seeds: Sequence[int] = (0, 1, 2)) -> pd.DataFrame:
    """Return gradients before the first update: of the printed network with small weights a thousandth at layer 1."""
    rows = []
    starts = (("numpy", "article_normal"), ("keras", "glorot_uniform"))
    for network, (side, initializer), seed, layer in product(("article", "printed"), starts, seeds, range(1, 6)):
        small = network == "printed" and side == "numpy"
        norm = 0.1 * (1 + seed) * (10.0 ** (-3 * (5 - layer) / 4) if small else 1.0)
        shared = {"scenario": f"{network}_{side}", "initializer": initializer, "layers": 5}
        rows.append({**shared, "seed": seed, "layer": layer, "gradient_norm": norm})
    return frame(GRADIENTS, rows)


def write_explain_run(folder: Path, seeds: Sequence[int] = tuple(range(8)), **run: Any) -> ReportedRun:
    """Write the folder of a made-up run of `explain`, with the trials of `explain_trials`, and load it."""
    rows = json.loads(explain_trials(seeds).drop(columns="run_id").to_json(orient="records"))
    trials = {f"{row['scenario']}-{row['seed']}": (row, curve(row["seed"])) for row in rows}
    settings = {"seeds": {"explain": list(seeds)}, "contenders": ["numpy"]}
    return write_folder(folder, trials, [verdict("numpy")], {"settings": settings, **run})


# Updates to the target on moons, by solver and rate, of made-up trials; at any other rate it is never reached.
SWEPT = {
    ("sgd", 0.01): 2900,
    ("sgd", 0.1): 290,
    ("momentum", 0.01): 580,
    ("adam", 0.001): 300,
    ("adam", 0.003): 145,
    ("rmsprop", 0.003): 290,
}


def sweep_trials(seeds: Sequence[int] = tuple(range(6))) -> pd.DataFrame:
    """Return trials of the suite `optimizers`, on moons alone, in which every update takes 50 µs and Adam's 100 µs."""
    rows = []
    for seed in seeds:
        for name, cell in SWEEP.items():
            if cell.dataset != "moons":
                continue
            updates = SWEPT.get((cell.solver, cell.rate))
            reached = updates is not None
            taken = None if updates is None else updates + 29 * (seed % 2)
            rows.append(
                trial_row(
                    suite="optimizers",
                    scenario=name,
                    pair="moons",
                    contender="numpy",
                    seed=seed,
                    reached_target=reached,
                    updates_to_target=taken,
                    epochs_to_target=None if taken is None else taken // 29,
                    seconds_to_target=None if taken is None else taken * (1e-4 if cell.solver == "adam" else 5e-5),
                )
            )
    return frame(TRIALS, rows)
