"""`bench new`: a contender, a scenario or an experiment of the user's own, to start from."""

import shlex
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from bench.cli import complete
from bench.cli.errors import one_sentence
from bench.core.errors import UsageError, unknown
from bench.core.words import listed

_TEMPLATES = Path(__file__).parent / "templates"


def contender(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, such as mine.py.")],
    like: Annotated[
        str,
        typer.Option(
            metavar="LIBRARY",
            help=f"What it is written with: {listed(complete.LIBRARIES, 'or')}.",
            autocompletion=complete.libraries,
        ),
    ] = complete.LIBRARIES[0],
) -> None:
    """Write a network of your own that joins the fair duel as it stands.

    Example: bench new contender mine.py --like torch
    """
    with one_sentence():
        from bench.contenders.registry import find

        if like not in complete.LIBRARIES:
            raise unknown("library to start with", like, complete.LIBRARIES)
        _write(path, _TEMPLATES / f"contender_{like}.py", lambda: find(str(path)))
        if find_spec(like) is None:
            typer.echo(f"{like} is not installed: pip install 'david-vs-goliath[bench,{like}]'")
        _print_next(path, f"verify {_argument(path)}")


def scenario(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, such as mine.toml.")],
) -> None:
    """Write a scenario file with every key and its meaning.

    Example: bench new scenario mine.toml
    """
    with one_sentence():
        from bench.runs.scenario_file import read_scenario

        _write(path, _TEMPLATES / "scenario.toml", lambda: read_scenario(path))
        _print_next(path, f"run {_argument(path)} --quick")


def experiment(
    path: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder to make, such as my_experiment/.")],
) -> None:
    """Make the folder of an experiment of your own: its plan, its finding and its picture.

    Example: bench new experiment my_experiment/
    """
    with one_sentence():
        import shutil

        from bench.runs.settings import make_settings
        from bench.store.files import safe_name, saying

        with saying(f"{path} must be a new folder in one that can be written"):
            shutil.copytree(_TEMPLATES / "experiment", path, ignore=shutil.ignore_patterns("__pycache__"))
            plan = path / "plan.py"
            text = plan.read_text(encoding="utf-8").replace('name="batch_size"', f'name="{safe_name(path.name)}"')
            plan.write_text(text, encoding="utf-8")
        try:
            make_settings([f"{path}/"])
        except UsageError:
            shutil.rmtree(path)
            raise
        _print_next(path, f"run {_argument(path)}/ --quick")


def _write(path: Path, template: Path, check: Callable[[], object]) -> None:
    """Write a template to a new file, and take it away again if the harness would not read it under this name."""
    from bench.store.files import saying

    suffix = template.suffix
    if path.suffix != suffix:
        raise UsageError(f"{path} must be the name of a file that ends in {suffix}, such as mine{suffix}")
    text = template.read_text(encoding="utf-8").replace(f"mine{suffix}", path.name)
    with saying(f"{path} must be a new file in a folder that can be written"), path.open("x", encoding="utf-8") as file:
        file.write(text)
    try:
        check()
    except UsageError:
        path.unlink()
        raise


def _print_next(path: Path, command: str) -> None:
    typer.echo(f"wrote {path}; to go on:")
    typer.echo(f"python -m bench {command}")


def _argument(path: Path) -> str:
    """Return a path as it is typed, with ./ before one below the working directory."""
    return shlex.quote(str(path) if path.is_absolute() or path.parts[0] == ".." else f"./{path}")
