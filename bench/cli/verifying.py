"""`bench verify`: the proof of every contender, and the parity of numpy_nn with Keras."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from bench.cli.arguments import Contenders
from bench.cli.errors import one_sentence
from bench.core.errors import NotTwinsError, UsageError, unknown


def verify(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CONTENDER]...", help="Contenders, or files such as ./mine.py.", show_default="all"),
    ] = None,
    contender: Contenders = None,
    timeout: Annotated[float, typer.Option(help="Seconds after which a contender's proof is killed.")] = 900.0,
    every: Annotated[
        bool, typer.Option("--all", help="Compare every public name of Keras with numpy_nn's of the same name instead.")
    ] = False,
    only: Annotated[
        str,
        typer.Option(metavar="PATTERN", help="With --all: these names alone, such as 'losses.*'.", show_default="all"),
    ] = "*",
    form: Annotated[str, typer.Option("--format", help="With --all: text, markdown or json.")] = "text",
    write: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --all: write the tables to this file too, as Markdown.")
    ] = None,
) -> None:
    """Prove every layer, loss and optimizer of every contender; exit 1 if one fails the proof.

    A failed proof names the first quantity that differs, and what the difference looks like.

    With --all: parity of numpy_nn with Keras, a row for every public name of Keras with its largest difference, or why
    it is missing; exit 1 if one differs, or is missing without a reason.
    """
    with one_sentence():
        import tempfile

        if every:
            if files or contender:
                raise UsageError("--all compares numpy_nn with Keras; give no contenders with it")
            _parity(only, form, write, timeout)
            return
        if only != "*" or form != "text" or write is not None:
            raise UsageError("--only, --format and --write belong to --all")
        from bench.cli.display import Display, console, show_table
        from bench.contenders import registry
        from bench.experiments import SCENARIOS
        from bench.proof.cases import all_cases, cases_of
        from bench.proof.prove import prove, tracebacks, unproven
        from bench.report.content import PROOF_WORDS, proof_table

        named = [registry.find(name) for name in dict.fromkeys([*(files or []), *(contender or [])])]
        infos = named or [info for info in registry.CONTENDERS.values() if info.is_twin and not info.is_guest]
        if not all(info.is_twin for info in infos):
            raise UsageError("keras_plain trains in its own order of rows, so it cannot be compared with the reference")
        cases = [*all_cases(), *cases_of(SCENARIOS.values())]
        out = console()
        with tempfile.TemporaryDirectory() as scratch, Display(out).showing() as display:
            verdicts = prove(
                [(info, cases) for info in infos],
                Path(scratch),
                timeout_seconds=timeout,
                on_progress=display.proving,
            )
        shown = [verdict for verdict in verdicts if verdict.status != "not offered"]
        for name, told in tracebacks(verdicts):
            display.contender_raised(name, told)
        show_table(out, proof_table(shown))
        out.print(PROOF_WORDS)
        wrong = [verdict for verdict in shown if verdict.status not in ("equal", "skipped")]
        idle = [info.name for info in infos if not any(each.contender == info.name for each in shown)]
        if wrong or idle or not any(verdict.status == "equal" for verdict in shown):
            why = [unproven(wrong)] if wrong else []
            why += [f"{name} supports none of the cases" for name in idle]
            raise NotTwinsError(f"not proven: {'; '.join(why) or unproven(shown)}")
        out.print(f"proven: {sum(verdict.status == 'equal' for verdict in shown)} cases")


def _parity(only: str, form: str, write: Path | None, timeout_seconds: float) -> None:
    """Compare every public name of Keras that matches ``only`` with numpy_nn's, and print the result."""
    import tempfile
    from fnmatch import fnmatchcase

    from bench.cli.display import Display, console, show_table
    from bench.parity.measure import compare_all
    from bench.parity.page import PAGES, PARITY_WORDS, parity_page, parity_sentence, parity_tables
    from bench.parity.processes import Processes

    if form not in ("text", *PAGES):
        raise unknown("format", form, ("text", *PAGES))
    if write is not None and only != "*":
        raise UsageError("--write writes the page of all names; leave --only out")
    with tempfile.TemporaryDirectory() as scratch, Display(console(stderr=True)).showing() as display:
        rows = compare_all(
            Processes(Path(scratch), timeout_seconds),
            only=lambda path: fnmatchcase(path, only),
            on_progress=display.comparing,
        )
    versions = {"Keras": version("keras"), "NumPy": version("numpy")}
    if write is not None:
        write.write_text(parity_page(rows, versions), encoding="utf-8")
    if form == "text":
        out = console()
        for table in parity_tables(rows):
            show_table(out, table)
        out.print(PARITY_WORDS)
        out.print(parity_sentence(rows))
    else:
        typer.echo(PAGES[form](rows, versions), nl=form == "json")
    wrong = [row.path for row in rows if not row.is_sound]
    if wrong:
        raise NotTwinsError(f"not equal to Keras: {', '.join(wrong)}")
