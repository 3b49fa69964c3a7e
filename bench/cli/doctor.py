"""`bench doctor`: whether timings of this machine can be published, and what to change."""

from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.errors import one_sentence
from bench.cli.formats import TextOrJson, print_json

if TYPE_CHECKING:
    from bench.doctor.examine import Examination
    from bench.doctor.judge import Judgement


def doctor(
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Two seconds, without the A/A race; what every run does before its trials."),
    ] = False,
    form: TextOrJson = "text",
) -> None:
    """Examine this machine for a minute: whether its timings can be published, and from which difference on.

    Exits with 0 if they can, with --quick if nothing speaks against it; with 3 if not, or if it cannot be told.

    Example: bench doctor --format json
    """
    with one_sentence():
        from bench.cli.display import Display, console
        from bench.doctor.examine import examine, look
        from bench.doctor.judge import Outcome, judge

        with Display(console(stderr=True)).showing() as display:
            found = look(display.looking) if quick else examine(display.looking, display.racing_itself)
        judgement = judge(found)
        _print(found, judgement, form)
        code = 0 if judgement.outcome is Outcome.FIT else 3
    raise typer.Exit(code)


def _print(found: "Examination", judgement: "Judgement", form: str) -> None:
    from bench.cli.display import console, show_table
    from bench.core.words import Table
    from bench.doctor.facts import machine_facts, measured_facts

    if form == "json":
        print_json(judgement.record() | {"environment": found.environment})
        return
    out = console()
    machine = found.environment
    named = (("processor", str(machine["processor"])), ("system", str(machine["system"])))
    rows = (*named, *machine_facts(machine))
    show_table(out, Table("This machine", ("what", "found"), rows))
    show_table(out, Table("Measured", ("what", "found"), tuple(measured_facts(judgement.figures))))
    out.print(f"{judgement.outcome}: {judgement.sentence}", style="bold")
