"""The gradient at each layer before the first update: why a network of small weights never learns."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from bench.core.words import listed
from bench.drawing.panels import left_of, panels
from bench.drawing.picture import Picture, drawing, empty, legend

if TYPE_CHECKING:
    import pandas as pd

# Neither contender's colour, since both can start from either.
_LOOKS = {"article_normal": ("#d55e00", "o", "solid"), "glorot_uniform": ("#009e73", "s", (0, (5, 2)))}


def draw(
    name: str,
    title: str,
    gradients: "pd.DataFrame",
    medians: Mapping[str, Mapping[int, float]],
    networks: Mapping[str, str],
    initializers: Mapping[str, str],
) -> Picture:
    """Return a panel for each network: the norm of each kernel's gradient, a line a seed and the median in bold.

    ``medians`` are by scenario and layer; ``networks`` names the network of each scenario, ``initializers`` each way
    to draw weights.
    """
    if gradients.empty:
        return empty(name, title, "No gradients before the first update are kept.")
    words = []
    shown = list(dict.fromkeys(networks.values()))
    with drawing():
        figure, (row,) = panels(1, len(shown), (8.4, 3.6), sharey="all")
        for axes, network in zip(row, shown, strict=True):
            own = gradients[[networks.get(scenario) == network for scenario in gradients["scenario"]]]
            for (scenario, initializer), group in own.groupby(["scenario", "initializer"], sort=False):
                color, marker, line = _LOOKS[str(initializer)]
                norms = group.pivot_table(index="layer", columns="seed", values="gradient_norm")
                axes.plot(norms.index, norms.to_numpy(), color=color, alpha=0.3, linewidth=0.6)
                layers, median = zip(*medians[str(scenario)].items(), strict=True)
                label = initializers[str(initializer)]
                axes.plot(layers, median, color=color, marker=marker, linestyle=line, linewidth=2.0, label=label)
                words.append(f"{network}, {label}: {median[0]:.1e} at layer 1, {median[-1]:.1e} at the last")
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter(lambda value, _position: f"{value:g}")
            axes.grid(visible=True, axis="y")
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.set_title(network)
            axes.set_xlabel("layer, from the input to the output")
        for axes in left_of(row):
            axes.set_ylabel("norm of the kernel's gradient")
        legend(figure, *row[0].get_legend_handles_labels())
    caption = (
        "Before the first update, over all training rows, in float64: a thin line for each seed, the median in bold. "
        "The panels share one logarithmic scale."
    )
    return Picture(name, title, caption, f"{title}. {listed(words)}.", figure)
