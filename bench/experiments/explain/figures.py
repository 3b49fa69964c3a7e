"""The pictures of the attribution: a waterfall by four clocks, and the gradients before the first update."""

from functools import partial

from bench.drawing.picture import Picture
from bench.experiments.base import Finding, Pictures, Results
from bench.experiments.explain import gradients, waterfall
from bench.experiments.explain.finding import INITIALIZERS, Explained


def pictures(results: Results, finding: Finding[Explained]) -> Pictures:
    """Return both pictures."""
    suite, found = results.suite, finding.result
    title = f"{suite}: the gradient at each layer before the first update"
    norms = (results.tables.gradients, found.norms, found.networks, INITIALIZERS)
    return {
        f"attribution-{suite}": partial(_attribution, results, found),
        f"gradients-{suite}": partial(gradients.draw, f"gradients-{suite}", title, *norms),
    }


def _attribution(results: Results, found: Explained) -> Picture:
    seeds = ", ".join(map(str, found.left_out))
    lacking = f"Seeds left out because a cell did not reach its target: {seeds}." if found.left_out else ""
    return waterfall.draw(
        f"attribution-{results.suite}",
        f"{results.suite}: what each cause is worth, by four clocks",
        found.attributions,
        ("the article's NumPy set-up", "its Keras set-up"),
        f"{lacking} {results.missing()}".strip(),
    )
