"""`bench verify`: the proof of every contender, and the parity of numpy_nn with Keras."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli import complete
from bench.cli.arguments import Contenders, MemoryLimit
from bench.cli.errors import one_sentence
from bench.cli.formats import AnyFormat, print_json
from bench.core.errors import NotTwinsError, UsageError

if TYPE_CHECKING:
    from bench.proof.prove import Verdict
    from bench.runs.settings import Settings


def verify(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CONTENDER",
            help="Contenders, or files such as ./mine.py.",
            show_default="all",
            autocompletion=complete.contenders,
        ),
    ] = None,
    contender: Contenders = None,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", help="Seconds after which a contender's proof is killed.")
    ] = 900.0,
    memory_limit: MemoryLimit = None,
    every: Annotated[
        bool, typer.Option("--all", help="Compare every public name of Keras with numpy_nn's of the same name instead.")
    ] = False,
    only: Annotated[
        str,
        typer.Option(metavar="PATTERN", help="With --all: these names alone, such as 'losses.*'.", show_default="all"),
    ] = "*",
    form: AnyFormat = "text",
    write: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --all: write the tables to this file too, as Markdown.")
    ] = None,
) -> None:
    """Prove every layer, loss and optimizer of every contender; exit 1 if one fails the proof.

    A failed proof names the first quantity that differs, and what the difference looks like.

    With --all: a row for every public name of Keras, with its difference to numpy_nn's or why it is missing.

    Example: bench verify ./mine.py
    """
    with one_sentence():
        import tempfile

        from bench.runs.settings import make_settings

        settings = make_settings([], timeout_seconds=timeout, memory_limit=memory_limit)  # checks both
        if every:
            if files or contender:
                raise UsageError("--all compares numpy_nn with Keras; give no contenders with it")
            _parity(only, form, write, settings)
            return
        if only != "*" or write is not None:
            raise UsageError("--only and --write belong to --all")
        from bench.cli.display import Display, console
        from bench.contenders import registry
        from bench.experiments import SCENARIOS
        from bench.proof.cases import all_cases, cases_of
        from bench.proof.prove import prove, tracebacks, unproven

        named = [registry.find(name) for name in dict.fromkeys([*(files or []), *(contender or [])])]
        infos = named or [info for info in registry.CONTENDERS.values() if info.is_twin and not info.is_guest]
        if not all(info.is_twin for info in infos):
            raise UsageError("keras_plain trains in its own order of rows, so it cannot be compared with the reference")
        cases = [*all_cases(), *cases_of(SCENARIOS.values())]
        with tempfile.TemporaryDirectory() as scratch, Display(console(stderr=True)).showing() as display:
            verdicts = prove(
                [(info, cases) for info in infos],
                Path(scratch),
                timeout_seconds=settings.timeout_seconds,
                memory_limit=settings.memory_limit_bytes,
                on_progress=display.proving,
                on_printed=lambda name, text, failed: display.contender_printed(name, text, failed=failed, log=None),
            )
        _print_verdicts(verdicts, form)
        shown = [verdict for verdict in verdicts if verdict.status != "not offered"]
        for name, told in tracebacks(verdicts):
            display.contender_raised(name, told)
        wrong = [verdict for verdict in shown if verdict.status not in ("equal", "skipped")]
        idle = [info.name for info in infos if not any(each.contender == info.name for each in shown)]
        if wrong or idle or not any(verdict.status == "equal" for verdict in shown):
            why = [unproven(wrong)] if wrong else []
            why += [f"{name} supports none of the cases" for name in idle]
            raise NotTwinsError(f"not proven: {'; '.join(why) or unproven(shown)}")
        if form == "text":
            refused = f"; {len(verdicts) - len(shown)} unsupported" if len(shown) < len(verdicts) else ""
            typer.echo(f"proven: {sum(verdict.status == 'equal' for verdict in shown)} cases{refused}")


def _print_verdicts(verdicts: "Sequence[Verdict]", form: str) -> None:
    """Print the verdicts: as JSON all of them, otherwise those of the cases that the contenders support."""
    from dataclasses import asdict

    from bench.cli.display import console, show_table
    from bench.core.markdown import markdown_table
    from bench.report.content import PROOF_WORDS, proof_table

    table = proof_table([verdict for verdict in verdicts if verdict.status != "not offered"])
    if form == "json":
        print_json({"verdicts": [asdict(verdict) for verdict in verdicts]})
    elif form == "markdown":
        typer.echo(markdown_table(table))
    else:
        out = console()
        show_table(out, table)
        out.print(PROOF_WORDS)


def _parity(only: str, form: str, write: Path | None, settings: "Settings") -> None:
    """Compare every public name of Keras that matches ``only`` with numpy_nn's, and print the result."""
    import tempfile
    from dataclasses import asdict
    from fnmatch import fnmatchcase

    from bench.cli.display import Display, console, show_table
    from bench.parity.measure import compare_all
    from bench.parity.page import PARITY_WORDS, parity_page, parity_sentence, parity_tables
    from bench.parity.processes import Processes

    if write is not None and only != "*":
        raise UsageError("--write writes the page of all names; leave --only out")
    with tempfile.TemporaryDirectory() as scratch, Display(console(stderr=True)).showing() as display:
        rows = compare_all(
            Processes(Path(scratch), settings.timeout_seconds, memory_limit=settings.memory_limit_bytes),
            only=lambda path: fnmatchcase(path, only),
            on_progress=display.comparing,
        )
    versions = {"Keras": version("keras"), "NumPy": version("numpy")}
    if write is not None:
        write.write_text(parity_page(rows, versions), encoding="utf-8")
    if form == "json":
        print_json({"versions": versions, "rows": [asdict(row) for row in rows]})
    elif form == "markdown":
        typer.echo(parity_page(rows, versions), nl=False)
    else:
        out = console()
        for table in parity_tables(rows):
            show_table(out, table)
        out.print(PARITY_WORDS)
        out.print(parity_sentence(rows))
    wrong = [row.path for row in rows if not row.is_sound]
    if wrong:
        raise NotTwinsError(f"not equal to Keras: {', '.join(wrong)}")
