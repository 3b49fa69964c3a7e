"""The data set: both classes, and which rows are held out."""

from matplotlib.lines import Line2D

from bench.datasets import Data
from bench.drawing.panels import panels
from bench.drawing.picture import CLASS_COLORS, CLASS_MARKERS, INK, PAPER, Picture, drawing, empty, legend


def draw(name: str, words: str, data: Data, drawn_anew_at: int | None = None) -> Picture:
    """Return a scatter of the rows: filled for training, ringed for testing.

    ``words`` describe the data; ``drawn_anew_at`` is the seed of this data if every seed draws its own.
    """
    title = f"The data: {name}"
    if not data.is_planar:
        return empty(f"data-{name}", title, f"{name} does not have two features and two classes, so it has no scatter.")
    with drawing():
        figure, ((axes,),) = panels(1, 1, (6.4, 4.2))
        handles = []
        for label, (color, marker) in enumerate(zip(CLASS_COLORS, CLASS_MARKERS, strict=True)):
            train = data.x_train[data.y_train[:, 0] == label]
            test = data.x_test[data.y_test[:, 0] == label]
            axes.scatter(
                train[:, 0], train[:, 1], s=9, c=color, marker=marker, alpha=0.45, linewidths=0, rasterized=True
            )
            axes.scatter(test[:, 0], test[:, 1], s=30, c=color, marker=marker, edgecolors=INK, linewidths=1.1)
            handles.append(_marker(marker, color, PAPER, f"class {label}, {len(train)} training rows"))
            handles.append(_marker(marker, color, INK, f"{len(test)} test rows, ringed"))
        axes.set_aspect("equal")
        axes.set_xlabel("first feature")
        axes.set_ylabel("second feature")
        legend(figure, handles, [str(handle.get_label()) for handle in handles], fontsize=9.0)
    rows = f"{len(data.x_train)} rows to train on, {len(data.x_test)} held out"
    if drawn_anew_at is not None:
        rows += f"; drawn with seed {drawn_anew_at}, since every seed draws its own"
    return Picture(
        f"data-{name}",
        title,
        f"{rows}. Circles are class 0, triangles class 1; ringed rows are held out for the test.",
        f"Scatter of {words}: {rows}.",
        figure,
    )


def _marker(marker: str, color: str, edge: str, label: str) -> Line2D:
    return Line2D([], [], linestyle="", marker=marker, color=color, markeredgecolor=edge, label=label)
