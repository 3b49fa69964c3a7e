"""The promises of the whole: who may import whom, what is exported, what starting up costs."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import bench
import keras_nn
import numpy_nn
from bench.experiments import EXPERIMENTS

ROOT = Path(__file__).parents[2]

# Floor by floor, the highest first: a file may import from its own place and from the floors below. A place is a folder
# or a file, by its name in the package; the longest name that fits decides.
FLOORS = {
    "bench": [
        {"__main__"},
        {"cli"},
        {"verdicts"},
        {"report"},
        {"runs"},
        {"doctor"},
        {"trials"},
        {"parity", "proof"},
        {"contenders", "experiments", "process"},
        {"drawing"},
        {"datasets"},
        {"store"},
        {"statistics"},
        {"core"},
    ],
    "numpy_nn": [
        {"testing", "models.__init__", "saving.__init__", "backend", "random"},
        {"saving.load"},
        {"saving.restore"},  # the one file of saving that builds a network
        {"models"},
        {"callbacks"},
        {"saving"},
        {"data"},
        {"layers"},
        {"metrics"},
        {"losses"},
        {"activations", "constraints", "initializers", "optimizers", "regularizers", "utils"},
        {"article", "config", "gaussian", "names", "progress", "randomness"},
        {"arrays", "frames", "missing", "registration"},
    ],
}

# Longer than 500 lines for a reason: none so far.
LONG_FILES: set[str] = set()

# What each package may import from outside itself and the standard library.
OUTSIDE = {
    "numpy_nn": {"numpy", "h5py"},
    "keras_nn": {"keras", "tensorflow", "jax", "torch", "numpy"},
}


def imports(path: Path) -> Iterator[str]:
    """Yield the full names that a file imports: anywhere, inside functions and under TYPE_CHECKING too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files(package: str, root: Path = ROOT) -> list[Path]:
    """Return a package's own files: what `bench new` copies is code of the user's."""
    return sorted(path for path in (root / package).rglob("*.py") if "templates" not in path.relative_to(root).parts)


def import_graph(root: Path, package: str) -> dict[str, set[str]]:
    """Return which files of a package each of its files imports, by their dotted names."""
    modules = {}
    for path in files(package, root):
        parts = path.relative_to(root).with_suffix("").parts
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path

    def file_of(name: str) -> str | None:
        """Return the longest beginning of a full name that is a file."""
        while name and name not in modules:
            name = name.rpartition(".")[0]
        return name or None

    return {
        module: {found for name in imports(path) if (found := file_of(name)) is not None and found != module}
        for module, path in modules.items()
    }


def cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of files that import each other in a circle: strongly connected components (Tarjan, 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = stack[stack.index(node) :]
            del stack[-len(group) :]
            if len(group) > 1:
                found.append(sorted(group))

    for node in graph:
        if node not in index:
            visit(node)
    return found


@pytest.mark.parametrize("package", FLOORS)
def test_no_files_import_each_other_in_a_circle(package: str) -> None:
    graph = import_graph(ROOT, package)
    assert sum(map(len, graph.values())) > 100
    assert cycles(graph) == []


@pytest.mark.parametrize(
    "planted",
    [
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from house.upper import x\n",
        "def f():\n    import house.upper\n",
    ],
    ids=["under TYPE_CHECKING", "inside a function"],
)
def test_a_planted_circle_is_found(planted: str, tmp_path: Path) -> None:
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "__init__.py").write_text("")
    (tmp_path / "house" / "upper.py").write_text("from house.lower import y\n")
    (tmp_path / "house" / "lower.py").write_text("y = 1\n")
    assert cycles(import_graph(tmp_path, "house")) == []
    (tmp_path / "house" / "lower.py").write_text(planted)
    assert cycles(import_graph(tmp_path, "house")) == [["house.lower", "house.upper"]]


def place_of(module: str, places: Iterable[str]) -> str | None:
    """Return the longest of the places that a file, by its dotted name in the package, belongs to."""
    return max((each for each in places if f"{module}.".startswith(f"{each}.")), key=len, default=None)


@pytest.mark.parametrize("package", FLOORS)
def test_imports_go_down_only(package: str) -> None:
    floors = {place: number for number, places in enumerate(FLOORS[package]) for place in places}
    graph = import_graph(ROOT, package)
    packages = {module for module in graph if (ROOT / module.replace(".", "/") / "__init__.py").exists()}
    used = set()

    def place(module: str) -> str | None:
        name = (f"{module}.__init__" if module in packages else module).removeprefix(f"{package}.")
        return place_of(name, floors)

    for module, imported in graph.items():
        own = place(module)
        if own is None:
            assert module == package, f"{module} has no floor"
            continue
        used.add(own)
        for other in imported:
            lower = place(other)
            assert lower is not None
            if own != lower:
                assert floors[own] < floors[lower], f"{module} imports {other}, which is not on a floor below"
    assert used == set(floors)


@pytest.mark.parametrize("package", ["bench", "numpy_nn", "keras_nn"])
def test_no_class_is_longer_than_350_lines_and_no_file_than_500(package: str) -> None:
    for path in files(package):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 500 or path.name in LONG_FILES, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef) and node.end_lineno is not None:
                assert node.end_lineno - node.lineno < 350, f"{path}: {node.name}"


STEPS = ["forward", "backward", "update"]


def test_backpropagation_can_be_read_in_one_sitting() -> None:
    lines = (ROOT / "numpy_nn" / "models" / "backprop.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 120
    assert [name for line in lines for name in re.findall(r"def (\w+)", line) if name in STEPS] == STEPS


def test_the_root_of_bench_holds_folders_and_its_two_doors() -> None:
    loose = {path.name for path in (ROOT / "bench").iterdir() if path.is_file()}
    assert loose == {"__init__.py", "__main__.py", "py.typed"}


def test_nothing_outside_its_folder_names_an_experiment() -> None:
    names = set(EXPERIMENTS)
    for path in files("bench"):
        if (ROOT / "bench" / "experiments") in path.parents and path.parent.name != "experiments":
            continue
        if path.is_relative_to(ROOT / "bench" / "parity"):
            continue  # it names Keras's modules, and one is keras.optimizers
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert node.value not in names, f"{path}:{node.lineno} names the experiment {node.value}"


@pytest.mark.parametrize("package", ["numpy_nn", "keras_nn"])
def test_a_twin_imports_nothing_else_of_this_repository(package: str) -> None:
    for path in files(package):
        for name in imports(path):
            top = name.partition(".")[0]
            assert top in {package, *OUTSIDE[package]} or top in sys.stdlib_module_names, f"{path} imports {name}"


def test_one_function_of_numpy_nn_imports_h5py() -> None:
    assert [path.name for path in files("numpy_nn") if "h5py" in imports(path)] == ["hdf5.py"]
    module = ast.parse((ROOT / "numpy_nn" / "saving" / "hdf5.py").read_text(encoding="utf-8"))
    assert not any(isinstance(node, ast.Import) and node.names[0].name == "h5py" for node in module.body)


def test_an_adapter_imports_its_twin_and_the_spec_alone() -> None:
    adapters = [path for path in files("bench/contenders") if path.stem.endswith("_adapter")]
    assert len(adapters) == 8
    for path in adapters:
        for name in imports(path):
            if name.startswith("bench."):
                assert name.startswith(("bench.core.", "bench.contenders.keras_adapter.")), f"{path} imports {name}"


def test_only_adapters_import_a_twin_and_what_reads_its_files_and_the_reasons_of_its_gaps() -> None:
    for path in files("bench"):
        if not path.stem.endswith("_adapter") and path.stem not in ("model_file", "reasons"):
            assert not any(name.startswith(("numpy_nn", "keras_nn")) for name in imports(path)), path


@pytest.mark.parametrize("module", [numpy_nn, keras_nn, bench], ids=lambda each: str(each.__name__))
def test_what_a_package_lists_is_there(module: object) -> None:
    listed = module.__all__  # type: ignore[attr-defined] # each has one
    assert sorted(listed) == sorted(set(listed))
    for name in listed:
        assert getattr(module, name) is not None


def test_dir_shows_what_a_notebook_can_use_and_imports_nothing_heavy() -> None:
    assert {"Run", "load", "run"} <= set(dir(bench))
    assert not modules_after("import bench; dir(bench)") & (HEAVY | {"numpy"})


def modules_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split("\n")[-2].split())


HEAVY = {"tensorflow", "keras", "jax", "torch", "pandas", "matplotlib", "scipy", "sklearn", "bokeh", "jinja2"}


def test_the_command_line_starts_without_anything_heavy() -> None:
    after = modules_after("from bench.cli import app, listing; listing.list_names()")
    assert not after & HEAVY
    assert "bench.cli.app" in after


@pytest.mark.parametrize("work", ["bench.trials.life", "bench.trials.probe", "bench.proof.child", "bench.parity.child"])
def test_a_child_starts_with_the_standard_library_alone(work: str) -> None:
    after = modules_after(f"import bench.process.child, {work}")
    assert not after & (HEAVY | {"numpy", "typer", "rich", "psutil"})


def test_importing_numpy_nn_needs_numpy_alone() -> None:
    after = modules_after("import numpy_nn")
    assert not after & (HEAVY | {"h5py", "bench", "keras_nn"})


def test_no_test_file_defines_a_name_twice() -> None:
    for path in files("tests"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        assert len(names) == len(set(names)), path
