"""Trains one contender in a separate process, on request: ``python benchmarks/trainer.py NAME THREADS``.

It reads one JSON object per line. ``{"build": {...}}`` builds a network and trains it once, to compile everything;
``{"updates": N}`` makes N updates and answers with their seconds.
"""

import json
import sys
import time
from collections.abc import Callable
from types import ModuleType

from bench.core.spec import LayerSpec, Network, NetworkSpec
from bench.process.channel import bind_processors

# The name of the entry that computes only the matrix products of an update.
LIGHT = "products"

Train = Callable[[int], float]


def network_spec(widths: tuple[int, ...], batch_size: int, optimizer: str = "sgd") -> NetworkSpec:
    """Return ReLU layers with a sigmoid for one output, a softmax for more, in float32, at a rate that stays finite."""
    outputs = widths[-1]
    activations = ["relu"] * (len(widths) - 2) + ["sigmoid" if outputs == 1 else "softmax"]
    return NetworkSpec(
        layers=tuple(map(LayerSpec, widths, widths[1:], activations)),
        loss="binary_crossentropy" if outputs == 1 else "sparse_categorical_crossentropy",
        optimizer=optimizer,
        learning_rate=0.001,
        optimizer_options=(),
        batch_size=batch_size,
        dtype="float32",
    )


def contender(name: str, threads: int) -> ModuleType | None:
    """Return a contender's module, bound to this many threads; some libraries allow that only once per process."""
    from bench.contenders.registry import CONTENDERS
    from bench.process.channel import import_contender

    if name == LIGHT:
        return None
    module = import_contender(CONTENDERS[name].reference())
    if hasattr(module, "bind_threads"):
        module.bind_threads(threads)
    return module


def trainer(module: ModuleType | None, widths: tuple[int, ...], batch_size: int, rows: int, optimizer: str) -> Train:
    """Return a function that makes a number of updates, whole epochs of shuffled rows, and returns their seconds.

    Without a module, an update is only its matrix products.
    """
    import numpy as np

    from bench.core.randomness import Orders, glorot_uniform
    from bench.trials.speed_of_light import Products

    spec = network_spec(widths, batch_size, optimizer)
    if module is None:
        products = Products(spec, batch_size, 0)

        def multiply(updates: int) -> float:
            start = time.perf_counter()
            for _ in range(updates):
                products.update()
            return time.perf_counter() - start

        return multiply

    rng = np.random.default_rng(0)
    x = rng.standard_normal((rows, widths[0])).astype(np.float32)
    classes = rng.integers(0, max(2, widths[-1]), rows).astype(np.float32)
    y = classes[:, np.newaxis] if widths[-1] == 1 else classes
    network: Network = module.build(spec)
    network.set_weights([array.astype(np.float32) for array in glorot_uniform(spec, 0)])
    if hasattr(network, "warm_up"):
        network.warm_up(x, y)

    def train(updates: int) -> float:
        orders = Orders(rows, updates // -(-rows // batch_size), 0, shuffle=True)
        start = time.perf_counter()
        network.train(x, y, orders, lambda: None)
        return time.perf_counter() - start

    return train


def main() -> None:
    name, threads = sys.argv[1], int(sys.argv[2])
    bind_processors(threads)
    answers, sys.stdout = sys.stdout, sys.stderr  # a framework's own output must not mix with the answers
    module = contender(name, threads)
    train: Train | None = None
    for line in sys.stdin:
        asked = json.loads(line)
        if "build" in asked:
            train = None  # frees the last network's memory first
            given = asked["build"]
            train = trainer(module, tuple(given["widths"]), given["batch_size"], given["rows"], given["optimizer"])
            train(given["updates"])
            print("{}", file=answers, flush=True)
        else:
            assert train is not None
            print(json.dumps(train(asked["updates"])), file=answers, flush=True)


if __name__ == "__main__":
    main()
