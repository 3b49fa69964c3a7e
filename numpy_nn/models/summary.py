"""The table that ``Sequential.summary`` prints, as Keras draws it."""

from __future__ import annotations  # evaluating annotations would take a third of the import time

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

_WIDTH = 88
# Where each column ends, as shares of the width.
_ENDS = (0.45, 0.80, 1.0)


def table(network: Any, width: int | None = None) -> str:
    """Return a network, a `LayerStack`, as a table of its layers with their number of parameters."""
    import shutil

    total = width or min(_WIDTH, shutil.get_terminal_size().columns - 4)
    ends = [int(end * total) for end in _ENDS]
    # spaces on both sides of a column, and the lines between, come off as in Keras's table
    widths = [end - begin - margin for begin, end, margin in zip([0, *ends], ends, (3, 4, 3), strict=False)]
    rows = [
        (
            f"{layer.name} ({type(layer).__name__})",
            str(layer.output_shape) if layer.built else "?",
            f"{layer.count_params():,}" if layer.built else "0 (unbuilt)",
        )
        for layer in network.layers
    ]
    lines = [_ruled(("┏", "━", "┳", "┓"), widths), *_cells(("Layer (type)", "Output Shape", "Param #"), widths, "┃")]
    for index, row in enumerate(rows):
        lines += [_ruled(("├", "─", "┼", "┤") if index else ("┡", "━", "╇", "┩"), widths), *_cells(row, widths, "│")]
    lines.append(_ruled(("└", "─", "┴", "┘"), widths))
    learned = sum(array.size for array in network.trainable_weights)
    fixed = sum(array.size for array in network.non_trainable_weights)
    itemsize = network.dtype.itemsize
    counts = [("Total", learned + fixed), ("Trainable", learned), ("Non-trainable", fixed)]
    optimizer = getattr(network, "optimizer", None)
    if optimizer is not None and optimizer.batches:  # Keras counts its state once it has trained
        state = sum(each.size for each in optimizer.variables)
        counts = [("Total", learned + fixed + state), *counts[1:], ("Optimizer", state)]
    return "\n".join(
        [
            f'Model: "{network.name}"',
            *lines,
            *(f" {kind} params: {number:,} ({_bytes(number * itemsize)})" for kind, number in counts),
        ]
    )


def _ruled(marks: tuple[str, str, str, str], widths: Sequence[int]) -> str:
    left, line, cross, right = marks
    return left + cross.join(line * (width + 2) for width in widths) + right


def _cells(row: Sequence[str], widths: Sequence[int], bar: str) -> list[str]:
    """Return the lines of one row; what is too wide goes on below, and the last column stands to the right."""
    columns = [wrap(text, width) or [""] for text, width in zip(row, widths, strict=True)]
    lines = []
    for number in range(max(map(len, columns))):
        texts = [column[number] if number < len(column) else "" for column in columns]
        *left, last = (text.ljust(width) for text, width in zip(texts, widths, strict=True))
        last = texts[-1].rjust(widths[-1])
        lines.append(f"{bar} " + f" {bar} ".join([*left, last]) + f" {bar}")
    return lines


def _bytes(size: int) -> str:
    """Return 804 as "804.00 B", 2048 as "2.00 KB"."""
    number, unit = float(size), "B"
    for larger in ("KB", "MB", "GB", "TB"):
        if number < 1024:
            break
        number, unit = number / 1024, larger
    return f"{number:.2f} {unit}"
