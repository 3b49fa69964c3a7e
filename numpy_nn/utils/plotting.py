"""A picture of a network's layers, drawn by Graphviz's program ``dot``."""

from __future__ import annotations  # evaluating annotations would take a third of the import time

import shutil
import subprocess  # starts Graphviz's program alone
from os import PathLike
from pathlib import Path
from typing import Any


def plot_model(
    model: Any,  # a `Sequential`, which is defined above this module
    to_file: str | PathLike[str] = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,  # noqa: ARG001 - accepted as in Keras; a network in a network is one box
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
) -> None:
    """Draw a network as a chain of boxes into a file. Matches ``keras.utils.plot_model``.

    Args:
        model: a built network.
        to_file: the file; its ending is the format, ``.png`` by default. ``.dot`` is the text that Graphviz reads,
            and needs no other program.
        show_shapes: whether to write the shapes of each layer's output.
        show_dtype: whether to write the number type.
        show_layer_names: whether to write the layers' names.
        rankdir: ``"TB"`` from top to bottom, ``"LR"`` from left to right.
        expand_nested: accepted and ignored.
        dpi: dots per inch.
        show_layer_activations: whether to write the activations.
        show_trainable: whether to write which layers learn.

    Raises:
        ValueError: if the network is not built.
        ImportError: if Graphviz is needed and not installed, as in Keras.
    """
    if not model.built:
        raise ValueError(f"plot_model needs a built network: begin {model.name} with Input((features,))")
    boxes = []
    for layer in model.layers:
        name = f"{layer.name} ({type(layer).__name__})" if show_layer_names else type(layer).__name__
        activation = (
            f"\nactivation: {layer.activation.name}" if show_layer_activations and _has_activation(layer) else ""
        )
        dtype = f"\ndtype: {model.dtype.name}" if show_dtype else ""
        learns = f"\ntrainable: {getattr(layer, 'trainable', False)}" if show_trainable else ""
        boxes.append(f"{name}{activation}{_shape(layer.output_shape, show_shapes)}{dtype}{learns}")
    lines = [f'graph [rankdir="{_quoted(rankdir)}", dpi={int(dpi)}]', "node [shape=box]"]
    lines += [f'{index} [label="{_quoted(box)}"]' for index, box in enumerate(boxes)]
    lines += [f"{index} -> {index + 1}" for index in range(len(boxes) - 1)]
    _write("digraph {\n" + "\n".join(lines) + "\n}\n", Path(to_file))


def _has_activation(layer: Any) -> bool:
    return "activation" in getattr(layer, "arguments", ())  # neither inputs nor networks have arguments


def _shape(shape: Any, show: bool) -> str:
    return f"\noutput shape: {shape}" if show else ""


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _write(graph: str, path: Path) -> None:
    if path.suffix == ".dot":
        path.write_text(graph, encoding="utf-8")
        return
    program = shutil.which("dot")
    if program is None:
        raise ImportError(
            "plot_model needs Graphviz's program dot (https://graphviz.org/download/); a file ending in .dot needs none"
        )
    form = path.suffix[1:] or "png"
    done = subprocess.run([program, f"-T{form}"], input=graph.encode(), capture_output=True, check=False)  # noqa: S603 - Graphviz, on a graph without names of files
    if done.returncode:
        raise ValueError(
            f"Graphviz drew no picture in the format {form!r}: {done.stderr.decode(errors='replace')[:200]}"
        )
    path.write_bytes(done.stdout)
