"""The option ``--format``: text to read, or JSON for programs, which is then all that standard output holds."""

import json
import math
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from bench.cli.errors import one_sentence
from bench.core.errors import unknown
from bench.core.words import listed


def _option(*formats: str) -> Any:
    """Return the option whose value is one of these formats."""

    def check(context: typer.Context, value: str) -> str:
        if value not in formats and not context.resilient_parsing:  # a shell that completes a line hears no error
            with one_sentence():
                raise unknown("format", value, formats)
        return value

    def complete(incomplete: str) -> list[str]:
        return [each for each in formats if each.startswith(incomplete)]

    return typer.Option(
        "--format", metavar="FORMAT", help=f"{listed(formats, 'or')}.", callback=check, autocompletion=complete
    )


TextOrJson = Annotated[str, _option("text", "json")]
AnyFormat = Annotated[str, _option("text", "markdown", "json")]


def print_json(value: Any) -> None:
    """Print a value as JSON; a number that is not finite becomes null."""
    typer.echo(json.dumps(_plain(value), indent=1, allow_nan=False))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
