"""Arguments that several verbs share, and options of `run` made from the fields of `Settings`."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.runs.settings import CONTENDERS_HELP, options

RunFolderPath = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")]
Animate = Annotated[
    bool, typer.Option("--animate", help="Add an animation of the decision boundaries as they form to the report.")
]
Contenders = Annotated[list[str] | None, typer.Option("--contender", help=CONTENDERS_HELP)]


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command, in place of its ``**chosen``, an option for every field of `Settings` that a user sets."""
    signature = inspect.signature(command, eval_str=True)
    declared = [
        inspect.Parameter(
            option.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=option.default,
            annotation=Annotated[option.type, typer.Option(option.flag, help=option.help)],
        )
        for option in options()
    ]
    kept = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
    made: Any = command
    made.__signature__ = signature.replace(parameters=[*kept, *declared])
    made.__annotations__ = {each.name: each.annotation for each in made.__signature__.parameters.values()}
    return command
