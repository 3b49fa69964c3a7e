"""What each difference between the article's two set-ups is worth, by four clocks, and why one network never learns."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.core.spec import Scenario
from bench.core.words import Table, interval_words, listed, ratio_words
from bench.experiments.base import Finding, Number, Tables, updates_words
from bench.experiments.explain.plan import CELLS, EXPERIMENT, FACTORS
from bench.statistics.attribution import Attribution, attribute, incomplete
from bench.statistics.interval import Interval
from bench.statistics.summary import records

if TYPE_CHECKING:
    import pandas as pd

# This contender is proven equal to Keras, so its cells hold for both.
CONTENDER = "numpy"

_FACTORS = tuple(factor.name for factor in FACTORS)

_STARTS = {scenario.name: scenario for scenario in EXPERIMENT.starts}

INITIALIZERS = {"article_normal": "0.1 normal", "glorot_uniform": "Glorot uniform"}


# What is counted to the target: a name in the plural, and where `readings` finds it.
CLOCKS = {
    "updates": "updates_to_target",
    "epochs": "epochs_to_target",
    "sample gradients": "sample_gradients_to_target",
    "training seconds": "seconds_to_target",
}


@dataclass(frozen=True)
class Explained:
    """What was computed.

    Attributes:
        attributions: what each factor is worth, by the clock's name; empty without a seed that has every cell.
        left_out: the seeds of which a cell never reached its target, so that no attribution holds them.
        networks: the widths of each scenario's network in words, by the scenario of ``gradients``.
        norms: median norm of each layer's gradient before the first update, by scenario and layer.
    """

    attributions: Mapping[str, Attribution]
    left_out: list[int]
    networks: Mapping[str, str]
    norms: Mapping[str, Mapping[int, float]]


def find(tables: Tables) -> Finding[Explained]:
    """Return by what factor each difference shortens the way to the target."""
    trials = tables.trials
    found = attributions(trials)
    norms = _norms(tables.gradients)
    shown = [_share_table(*each) for each in found.items()]
    if norms:
        shown.append(_gradient_table(norms))
    return Finding(
        sentence=_sentence(found),
        result=Explained(found, left_out(trials), {name: network_words(_STARTS[name]) for name in norms}, norms),
        numbers=_numbers(found, tables.gradients),
        tables=tuple(shown),
        notes=(
            *_unreached_notes(trials),
            *_corner_notes(trials),
            *_gradient_notes(tables.gradients),
            *_method_notes(found),
        ),
    )


def _numbers(found: Mapping[str, Attribution], gradients: "pd.DataFrame") -> dict[str, Number]:
    """Return ``<clock>.<cause>`` and ``<clock>.whole``, and ``printed.<initializer>``: norms of the first gradients."""
    numbers: dict[str, Number] = {}
    for clock, attribution in found.items():
        ratios = {"whole": attribution.whole} | {share.factor: share.ratio for share in attribution.shares}
        for name, ratio in ratios.items():
            numbers[f"{clock}.{name}".replace(" ", "_")] = Number.of(ratio, "near one")
    for initializer, norm in _first_norms(gradients).items():
        numbers[f"printed.{initializer}"] = Number(norm, "tiny")
    return numbers


def attributions(trials: "pd.DataFrame") -> dict[str, Attribution]:
    """Return what each factor is worth by each clock, by the clock's name; nothing without a seed that has all cells.

    ``trials`` are those of the suite.
    """
    found = {}
    for clock, column in CLOCKS.items():
        every = readings(trials, column)
        lacking = incomplete(every, _FACTORS)
        whole = {seed: cells for seed, cells in every.items() if seed not in lacking}
        if whole:
            found[clock] = attribute(whole, _FACTORS)
    return found


def left_out(trials: "pd.DataFrame") -> list[int]:
    """Return the seeds of which a cell never reached its target, so no attribution includes them."""
    return list(incomplete(readings(trials, CLOCKS["updates"]), _FACTORS))


def readings(trials: "pd.DataFrame", column: str) -> dict[int, dict[frozenset[str], float | None]]:
    """Return a clock's reading at the target for every seed and cell; None where the target was not reached."""
    cells: dict[int, dict[frozenset[str], float | None]] = {}
    for row in records(_cells(trials)):
        value = row[column] if row["status"] == "ok" and row["reached_target"] else math.nan
        cells.setdefault(int(row["seed"]), {})[CELLS[row["scenario"]]] = None if math.isnan(value) else value
    return cells


def network_words(scenario: Scenario) -> str:
    """Return the widths of a scenario's network, from the inputs to the output."""
    layers = scenario.network.layers
    return "-".join(str(width) for width in (layers[0].inputs, *(layer.units for layer in layers)))


def _cells(trials: "pd.DataFrame") -> "pd.DataFrame":
    own = trials[(trials["contender"] == CONTENDER) & trials["scenario"].isin(CELLS)]
    return own.assign(
        **{column: own[column].astype("float64") for column in ("updates_to_target", "epochs_to_target")},
        sample_gradients_to_target=(own["train_rows"] * own["epochs_to_target"]).astype("float64"),
        reached_target=own["reached_target"].fillna(value=False),
    )


def _sentence(found: Mapping[str, Attribution]) -> str:
    if not found:
        return "There is nothing to report: no seed has every cell of the factorial at its target."
    parts = []
    for name in ("updates", "epochs", "training seconds"):
        attribution = found[name]
        largest = max(attribution.shares, key=lambda share: share.ratio.center)
        parts.append(
            f"{attribution.whole.center:.3g} times as many {name}{_span(attribution.whole)}, most of all for its "
            f"{largest.factor} ({largest.ratio.center:.3g} times{_span(largest.ratio, ', ', '')})"
        )
    seeds = found["updates"].whole.count
    return (
        f"The article is right that its NumPy set-up takes longer than its Keras set-up to 95 % training accuracy, "
        f"and wrong that an optimizer is missing, since both descend by the same rule: with both set-ups trained by "
        f"numpy_nn it takes {listed(parts)}; "
        f"{'one seed, so no interval' if seeds == 1 else f'{seeds} seeds, 95 % intervals'}."
    )


def _span(ratio: Interval, before: str = " (", after: str = ")") -> str:
    if ratio.low is None or ratio.high is None:
        return ""
    return f"{before}{ratio_words(ratio.low)} to {ratio_words(ratio.high)}{after}"


def _share_table(clock: str, attribution: Attribution) -> Table:
    rows: list[tuple[str, ...]] = [
        (
            share.factor,
            f"{factor.numpys} → {factor.keras}",
            interval_words(share.ratio, write=ratio_words),
            ratio_words(share.alone),
            ratio_words(share.last),
            f"{share.p:.2g}",
            f"{share.adjusted_p:.2g}",
            share.verdict,
        )
        for factor, share in zip(FACTORS, attribution.shares, strict=True)
    ]
    rows.append(("all together", "", interval_words(attribution.whole, write=ratio_words), "", "", "", "", ""))
    title = (
        f"{clock.capitalize()} to 95 % training accuracy: by what factor each cause shortens the way from the "
        f"article's NumPy set-up to its Keras set-up, both on numpy_nn"
    )
    columns = ("cause", "from → to", "Shapley share", "switched first", "switched last", "p", "p (Holm)", "verdict")
    return Table(title, columns, tuple(rows))


def _unreached_notes(trials: "pd.DataFrame") -> list[str]:
    cells = _cells(trials)
    never = cells[(cells["status"] != "ok") | ~cells["reached_target"].astype(bool)]
    if never.empty:
        budget = int(cells["updates"].max()) if len(cells) else 0
        return [
            f"No cell was cut short: each of {len(cells)} reached its target, and none trained for more than "
            f"{budget:,} updates."
        ]
    words = [
        f"{scenario} at {'seeds' if len(group) > 1 else 'seed'} {listed([str(seed) for seed in group['seed']])}"
        for scenario, group in never.groupby("scenario", sort=False)
    ]
    return [
        f"{len(never)} of {len(cells)} cells never reached the target within their budget, and their seeds are left "
        f"out of every attribution: {'; '.join(words)}."
    ]


def _corner_notes(trials: "pd.DataFrame") -> list[str]:
    ok = trials[trials["status"] == "ok"]
    notes = []
    for other in records(ok[ok["contender"] != CONTENDER]):
        same = (ok["scenario"] == other["scenario"]) & (ok["seed"] == other["seed"]) & (ok["contender"] == CONTENDER)
        for own in records(ok[same]):
            notes.append(
                f"Checked on {other['contender']}, seed {other['seed']}, {other['scenario']}: target after "
                f"{updates_words(other)} updates, {CONTENDER} after {updates_words(own)}; "
                f"final training loss {other['train_loss']:.6f} and {own['train_loss']:.6f}."
            )
    return notes


def _gradient_notes(gradients: "pd.DataFrame") -> list[str]:
    norms = _first_norms(gradients)
    if not norms:
        return []
    normal, glorot = (norms[name] for name in INITIALIZERS)
    first = gradients[(gradients["layer"] == 1) & (gradients["scenario"] == "printed_numpy")]["gradient_norm"]
    dead = int((first == 0.0).sum())
    smaller = f"{glorot / normal:,.0f} times smaller than" if normal > 0.0 else "against"
    silent = f"; at {dead} of {len(first)} seeds it is zero, since no row passes every ReLU" if dead else ""
    return [
        f"Why the network that the article prints never learns: with 0.1-normal weights the gradient that reaches its "
        f"first layer before the first update has the norm {normal:.1e} (median over seeds), {smaller} {glorot:.1e} "
        f"with Glorot's weights{silent}. In a network this narrow each layer of small weights shrinks it further, and "
        f"ten thousand steps of 0.01 along it would move the layer by {100 * normal:.1g}."
    ]


def _first_norms(gradients: "pd.DataFrame") -> dict[str, float]:
    """Return the median norm at the first layer of the printed network, by how its weights are drawn."""
    first = gradients[(gradients["layer"] == 1) & gradients["scenario"].isin(["printed_numpy", "printed_keras"])]
    return {str(name): float(group["gradient_norm"].median()) for name, group in first.groupby("initializer")}


def _norms(gradients: "pd.DataFrame") -> dict[str, dict[int, float]]:
    """Return the median norm of each layer's gradient, by scenario and layer."""
    return {
        str(scenario): {int(layer): float(group[group["layer"] == layer]["gradient_norm"].median()) for layer in layers}
        for scenario, group in gradients.groupby("scenario", sort=False)
        if (layers := sorted(set(group["layer"])))
    }


def _gradient_table(norms: Mapping[str, Mapping[int, float]]) -> Table:
    layers = sorted({layer for own in norms.values() for layer in own})
    rows = [
        (
            network_words(_STARTS[scenario]),
            INITIALIZERS[_STARTS[scenario].initializer],
            *(f"{own[layer]:.1e}" if layer in own else "–" for layer in layers),
        )
        for scenario, own in norms.items()
    ]
    title = "Norm of the gradient of each layer's kernel before the first update, over all rows: median over seeds"
    return Table(title, ("network", "initial weights", *(f"layer {layer}" for layer in layers)), tuple(rows))


def _method_notes(found: Mapping[str, Attribution]) -> list[str]:
    if not found:
        return []
    return [
        "A share is a Shapley value: the mean over all orders in which the causes could be switched, on the logarithm "
        "of the clock, seed by seed; shares multiply to the whole. Switched first and switched last show how much the "
        "order matters. p is of the exact sign-flip test over seeds, corrected by Holm for the five causes. Every cell "
        "is judged after every 29 updates. Epochs and sample gradients have one attribution, since every epoch goes "
        "through the same rows."
    ]
