"""The ratio by batch size: a point with its interval for each."""

from functools import partial

from bench.core.words import interval_words, listed, three_digits
from bench.drawing.panels import panels
from bench.drawing.picture import INK, MUTED, Picture, drawing, empty, footnote
from bench.experiments.base import Finding, Pictures, Results

from .finding import Ratios


def pictures(results: Results, finding: Finding[Ratios]) -> Pictures:
    """Return the one picture, drawn from what the finding computed."""
    name = f"ratio-{results.suite}"
    return {name: partial(draw, name, finding.result, results.missing())}


def draw(name: str, ratios: Ratios, missing: str) -> Picture:
    """Return a panel with a point for each batch size; ``missing`` says which trials it lacks."""
    title = "Keras's training time over NumPy's, by batch size"
    if not ratios:
        return empty(name, title, f"No batch size has a pair to draw. {missing}".strip())
    with drawing():
        figure, ((axes,),) = panels(1, 1, (6.0, 3.6))
        for place, ratio in enumerate(ratios.values()):
            if ratio.low is not None and ratio.high is not None:
                axes.plot([place, place], [ratio.low, ratio.high], color=MUTED, linewidth=4)
            axes.plot(place, ratio.center, "o", color=INK)
            axes.annotate(three_digits(ratio.center), (place, ratio.center), xytext=(8, 0), textcoords="offset points")
        axes.axhline(1.0, color=MUTED, linestyle="dashed")
        axes.set_xticks(range(len(ratios)), map(str, ratios))
        axes.set_xlim(-0.5, len(ratios) - 0.5)
        axes.set_ylim(bottom=0.0)
        axes.set_xlabel("rows an update")
        axes.set_ylabel("Keras / NumPy")
        footnote(figure, missing)
    caption = f"A point is the geometric mean over the seeds, a bar its 95 % interval. Equal at 1. {missing}".strip()
    words = [f"{interval_words(ratio, of='pairs')} in batches of {rows}" for rows, ratio in ratios.items()]
    return Picture(name, title, caption, f"{title}: {listed(words)}.", figure)
