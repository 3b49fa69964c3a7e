"""The promises of the whole: who may import whom, what is exported, what starting up costs."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import bench
import keras_nn
import numpy_nn

ROOT = Path(__file__).parents[2]

# Floor by floor: a module may import from its own floor and from those below it, never from one above.
FLOORS = [
    {"__main__"},
    {"cli"},
    {"verdicts"},
    {"report", "runs", "experiments"},
    {"trials"},
    {"proof", "parity"},
    {"drawing", "statistics", "contenders", "process", "datasets", "store"},
    {"core"},
]

# What each package may import from outside itself and the standard library.
OUTSIDE = {
    "numpy_nn": {"numpy", "h5py"},
    "keras_nn": {"keras", "tensorflow", "jax", "torch", "numpy"},
}


def imports(path: Path, *, at_run_time: bool = True) -> Iterator[str]:
    """Yield the full names that a file imports, wherever in the file; without those for type checkers only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            skipped |= {each for statement in node.body for each in ast.walk(statement)}
    for node in ast.walk(tree):
        if at_run_time and node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def floor(module: str) -> int:
    return next(index for index, names in enumerate(FLOORS) if module in names)


@pytest.mark.parametrize("package", ["numpy_nn", "keras_nn"])
def test_a_twin_knows_nobody(package: str) -> None:
    for path in files(package):
        for name in imports(path, at_run_time=False):
            top = name.partition(".")[0]
            assert top in {package, *OUTSIDE[package]} or top in sys.stdlib_module_names, f"{path} imports {name}"


def test_one_function_of_numpy_nn_imports_h5py() -> None:
    assert [path.name for path in files("numpy_nn") if "h5py" in imports(path, at_run_time=False)] == ["hdf5.py"]
    module = ast.parse((ROOT / "numpy_nn" / "saving" / "hdf5.py").read_text(encoding="utf-8"))
    assert not any(isinstance(node, ast.Import) and node.names[0].name == "h5py" for node in module.body)


def test_imports_within_bench_go_down_only() -> None:
    found = 0
    for path in files("bench"):
        own = path.relative_to(ROOT / "bench").parts[0].removesuffix(".py")
        if own == "__init__":
            continue
        for name in imports(path):
            if name.startswith("bench."):
                other = name.split(".")[1]
                if other in {"run", "load", "Run"}:
                    continue
                found += 1
                assert floor(own) <= floor(other), f"{path} imports {name}, which lies above it"
    assert found > 50


def test_analysis_findings_and_figures_derive_from_tables_alone() -> None:
    for package in ("statistics", "drawing"):
        for path in files(f"bench/{package}"):
            for name in imports(path):
                for forbidden in ("trial", "proof", "contenders", "store"):
                    assert not name.startswith(f"bench.{forbidden}"), f"{path} imports {name}"


def test_an_adapter_imports_its_twin_and_the_spec_alone() -> None:
    adapters = [path for path in files("bench/contenders") if path.stem.endswith("_adapter")]
    assert len(adapters) == 8
    for path in adapters:
        for name in imports(path):
            if name.startswith("bench."):
                assert name.startswith(("bench.core.", "bench.contenders.keras_adapter.")), f"{path} imports {name}"


def test_only_adapters_import_a_twin() -> None:
    for path in files("bench"):
        if not path.stem.endswith("_adapter"):
            assert not any(name.startswith(("numpy_nn", "keras_nn")) for name in imports(path)), path


@pytest.mark.parametrize("module", [numpy_nn, keras_nn, bench], ids=lambda each: str(each.__name__))
def test_what_a_package_lists_is_there(module: object) -> None:
    listed = module.__all__  # type: ignore[attr-defined] # each has one
    assert sorted(listed) == sorted(set(listed))
    for name in listed:
        assert getattr(module, name) is not None


def modules_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split("\n")[-2].split())


HEAVY = {"tensorflow", "keras", "jax", "torch", "pandas", "matplotlib", "scipy", "sklearn", "bokeh", "jinja2"}


def test_the_command_line_starts_without_anything_heavy() -> None:
    after = modules_after("from bench.cli import app; app.list_names()")
    assert not after & HEAVY
    assert "bench.cli.app" in after


@pytest.mark.parametrize(
    "module", ["bench.trials.child", "bench.trials.probe", "bench.proof.child", "bench.parity.child"]
)
def test_a_child_starts_with_the_standard_library_alone(module: str) -> None:
    after = modules_after(f"import {module}")
    assert not after & (HEAVY | {"numpy", "typer", "rich", "psutil"})


def test_importing_numpy_nn_needs_numpy_alone() -> None:
    after = modules_after("import numpy_nn")
    assert not after & (HEAVY | {"h5py", "bench", "keras_nn"})


def test_no_test_file_defines_a_name_twice() -> None:
    for path in files("tests"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        assert len(names) == len(set(names)), path
