"""The contenders by name, and the source code that identifies each.

An adapter imports its twin and `bench.core`, nothing else of the harness. Only the process that trains or proves a
contender imports its adapter. A user's own contender is a file that defines the same function, ``build(spec)``.
"""

import ast
import hashlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bench.core.errors import UsageError, unknown
from bench.store.files import read_bytes


@dataclass(frozen=True)
class ContenderInfo:
    """A contender's description, known without importing it.

    Attributes:
        name: its name in tables.
        title: a description in one line.
        module: the module to import; None for a user's file.
        file: the user's file.
        code: further packages and modules whose source determines its result; with ``module`` or ``file``, they are
            part of the trial's key.
        distributions: the installed packages whose versions are part of the trial's key.
        environment: variables for its process, as pairs.
        extra: the extra of this project that installs its imports; None if the harness's own extra does.
        is_guest: whether it is opt-in via ``--contender``, in addition to an experiment's own, like a user's file.
        is_twin: whether it follows the harness's order of rows, and so can be proven and compared.
        rough_start_seconds, rough_update_seconds, rough_row_seconds: the cost of a trial on one machine with two cores,
            for time estimates only: its start, each update of the article's network at batch 32, and each further row
            of a batch.
    """

    name: str
    title: str
    module: str | None = None
    file: Path | None = None
    code: tuple[str, ...] = ()
    distributions: tuple[str, ...] = ("numpy",)
    environment: tuple[tuple[str, str], ...] = ()
    extra: str | None = None
    is_guest: bool = False
    is_twin: bool = True
    rough_start_seconds: float = 1.0
    rough_update_seconds: float = 100e-6
    rough_row_seconds: float = 0.8e-6

    def reference(self) -> dict[str, str | None]:
        """Return as plain values where a child process finds the contender."""
        file = None if self.file is None else str(self.file)
        return {"module": self.module, "file": file, "extra": self.extra}


_KERAS = ContenderInfo(
    name="keras",
    title="Goliath: Keras on TensorFlow, fit with Keras's defaults",
    module="bench.contenders.keras_adapter",
    code=("keras_nn",),
    distributions=("numpy", "keras", "tensorflow"),
    rough_start_seconds=9.0,
    rough_update_seconds=0.0007,
)

_ALL = (
    ContenderInfo(
        name="numpy",
        title="David: numpy_nn",
        module="bench.contenders.numpy_adapter",
        code=("numpy_nn",),
        rough_start_seconds=0.6,
        rough_update_seconds=4.5e-05,
    ),
    ContenderInfo(
        name="article",
        title="the historical David: the published algorithm",
        module="bench.contenders.article_adapter",
        code=("numpy_nn",),
        rough_start_seconds=0.6,
        rough_update_seconds=0.0011,
        rough_row_seconds=0.0,
    ),
    _KERAS,
    replace(
        _KERAS,
        name="keras_tuned",
        title="Goliath at its best: one execution per epoch, compiled by XLA",
        module="bench.contenders.keras_tuned_adapter",
        code=("keras_nn", "bench.contenders.keras_adapter"),
        rough_start_seconds=10.5,
        rough_update_seconds=0.00025,
    ),
    replace(
        _KERAS,
        name="keras_plain",
        title="fit(x, y, shuffle=True), as most people write it: Keras orders the rows, so timed but not paired",
        module="bench.contenders.keras_plain_adapter",
        code=("keras_nn", "bench.contenders.keras_adapter"),
        is_twin=False,
        rough_update_seconds=0.0025,
    ),
    replace(
        _KERAS,
        name="keras_jax",
        title="Keras on JAX",
        distributions=("numpy", "keras", "jax", "jaxlib"),
        environment=(("KERAS_BACKEND", "jax"),),
        extra="jax",
        is_guest=True,
        rough_start_seconds=9.5,
        rough_update_seconds=0.0003,
    ),
    replace(
        _KERAS,
        name="keras_torch",
        title="Keras on PyTorch",
        distributions=("numpy", "keras", "torch"),
        environment=(("KERAS_BACKEND", "torch"),),
        extra="torch",
        is_guest=True,
        rough_start_seconds=7.5,
        rough_update_seconds=0.0036,
    ),
    ContenderInfo(
        name="torch",
        title="plain PyTorch, eager",
        module="bench.contenders.torch_adapter",
        distributions=("numpy", "torch"),
        extra="torch",
        is_guest=True,
        rough_start_seconds=2.5,
        rough_update_seconds=0.00055,
    ),
    ContenderInfo(
        name="jax",
        title="plain JAX: an epoch is one compiled scan over its batches",
        module="bench.contenders.jax_adapter",
        distributions=("numpy", "jax", "jaxlib"),
        extra="jax",
        is_guest=True,
        rough_start_seconds=2.4,
        rough_update_seconds=6e-05,
    ),
    ContenderInfo(
        name="sklearn",
        title="scikit-learn's MLPClassifier, one partial_fit per epoch",
        module="bench.contenders.sklearn_adapter",
        distributions=("numpy", "scikit-learn", "scipy"),
        is_guest=True,
        rough_start_seconds=2.0,
        rough_update_seconds=0.0004,
    ),
)

CONTENDERS: dict[str, ContenderInfo] = {info.name: info for info in _ALL}


def is_guest(name: str) -> bool:
    """Return whether naming this contender adds it to an experiment's own instead of selecting among them."""
    return name not in CONTENDERS or CONTENDERS[name].is_guest


def find(name: str) -> ContenderInfo:
    """Return the contender with this name, or the one in this file.

    Raises:
        UsageError: if neither exists; the message suggests the nearest name.
    """
    if name in CONTENDERS:
        return CONTENDERS[name]
    if name.endswith(".py") or "/" in name:
        return _in_file(Path(name))
    raise unknown("contender (nor a file ending in .py)", name, CONTENDERS)


def _in_file(path: Path) -> ContenderInfo:
    """Describe a user's file. It is parsed to find a function ``build``, but not executed."""
    try:
        tree = ast.parse(read_bytes(path), filename=str(path))
    except FileNotFoundError as error:
        raise UsageError(f"contender file {path} cannot be read: {error.strerror}") from error
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UsageError(f"contender file {path} is not Python: {error}") from error
    if "build" not in _top_level_names(tree):
        raise UsageError(f"contender file {path} must define a function build(spec), but has none of that name")
    if path.stem in CONTENDERS:
        raise UsageError(f"contender file {path} must not have the name of a built-in contender; rename it")
    return ContenderInfo(name=path.stem, title=f"your own contender: {path.name}", file=path.resolve(), is_guest=True)


def _top_level_names(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.ImportFrom(names=aliases):
                yield from (alias.asname or alias.name for alias in aliases)
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))


def code_hash(info: ContenderInfo) -> str:
    """Return the sha256 of all source files that determine the contender's result; for a user's file, of that file."""
    digest = hashlib.sha256()
    for path in sorted(_sources(info)):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources(info: ContenderInfo) -> Iterator[Path]:
    if info.file is not None:
        yield info.file
    for name in filter(None, (info.module, *info.code)):
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            raise UsageError(f"the package {name} of contender {info.name!r} is not installed")
        origin = Path(found.origin)
        yield from origin.parent.rglob("*.py") if origin.name == "__init__.py" else [origin]
