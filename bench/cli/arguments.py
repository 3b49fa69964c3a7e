"""Arguments that several verbs share, and options of `run` made from the fields of `Settings`."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.cli import complete
from bench.runs.settings import options

RunFolderPath = Annotated[
    Path, typer.Argument(metavar="RUN", help="The folder of a run.", autocompletion=complete.runs)
]
Animate = Annotated[
    bool, typer.Option("--animate", help="Add an animation of the decision boundaries as they form to the report.")
]

# How an option's value is called in --help, and what a shell offers for it, where the type does not tell.
_VALUES: dict[str, dict[str, Any]] = {
    "--contender": {"metavar": "NAME", "autocompletion": complete.contenders},
    "--threads": {"metavar": "N"},
    "--timeout": {"metavar": "SECONDS"},
    "--memory-limit": {"metavar": "GB"},
    "--task": {"metavar": "TASK", "autocompletion": complete.tasks},
}

_HELP = {option.flag: option.help for option in options()}


def _declared(flag: str) -> Any:
    return typer.Option(flag, help=_HELP[flag], **_VALUES.get(flag, {}))


Contenders = Annotated[list[str] | None, _declared("--contender")]
MemoryLimit = Annotated[float | None, _declared("--memory-limit")]


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command, in place of its ``**chosen``, an option for every field of `Settings` that a user sets."""
    signature = inspect.signature(command, eval_str=True)
    declared = [
        inspect.Parameter(
            option.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=option.default,
            annotation=Annotated[option.type, _declared(option.flag)],
        )
        for option in options()
    ]
    kept = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
    made: Any = command
    made.__signature__ = signature.replace(parameters=[*kept, *declared])
    made.__annotations__ = {each.name: each.annotation for each in made.__signature__.parameters.values()}
    return command
