"""Arguments that several verbs share, and options of `run` made from the fields of `Settings`."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from bench.runs.settings import Settings, default_of, options

RunFolderPath = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")]
Animate = Annotated[
    bool, typer.Option("--animate", help="Add an animation of the decision boundaries as they form to the report.")
]
Contenders = Annotated[
    list[str] | None,
    typer.Option(
        "--contender",
        help="Only this contender, or, for a guest or a file such as ./mine.py, this one too. Repeatable.",
    ),
]


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command, in place of its ``**chosen``, an option for every field of `Settings` that a user sets."""
    signature = inspect.signature(command, eval_str=True)
    types = get_type_hints(Settings)
    declared = [
        inspect.Parameter(
            option.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=default_of(option),
            annotation=Annotated[
                types[option.name], typer.Option(option.metadata["flag"], help=option.metadata["help"])
            ],
        )
        for option in options()
    ]
    kept = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
    made: Any = command
    made.__signature__ = signature.replace(parameters=[*kept, *declared])
    made.__annotations__ = {each.name: each.annotation for each in made.__signature__.parameters.values()}
    return command
