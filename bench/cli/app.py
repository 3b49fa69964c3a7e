"""The command line: verbs, printing, exit codes. Errors are one sentence; a traceback only with ``--debug``."""

import contextlib
import signal
import traceback
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.core.errors import BenchError, NotTwinsError, UsageError, unknown

if TYPE_CHECKING:
    from bench.runs.session import Run
    from bench.trials.schedule import PlannedTrial

app = typer.Typer(
    name="bench",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="David vs Goliath: what does a deep-learning framework buy over plain NumPy, and what does it cost? "
    "Twins are proven equal, then timed.",
    epilog="Begin with: bench run --quick. Exit codes: 0 done or passed, 1 a rule that failed or a twin that is none, "
    "2 wrong usage or bad input, 3 inconclusive (check), 4 the harness itself failed, 130 interrupted.",
)

_debug = False

# The run that is committed, and the texts that quote it.
_BASELINE = Path("results/baseline")
_TEXTS = (Path("README.md"), Path("README.zh-CN.md"))

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


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGTERM, _terminated)
    app()


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("david-vs-goliath"))
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Keep what holds for every verb."""
    global _debug
    _debug = debug


@app.command()
def run(
    suites: Annotated[
        list[str] | None,
        typer.Argument(
            help="Suites to run, or scenarios of your own, as ./mine.toml (bench show NAME prints one to start from).",
            show_default="published and twins",
        ),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            help="How many seeds; 2 comes first, as in the article, then 0, 1, 3, …", show_default="the suite's own"
        ),
    ] = None,
    seed: Annotated[list[int] | None, typer.Option(help="This seed. Repeatable; instead of --seeds.")] = None,
    contender: Contenders = None,
    threads: Annotated[int, typer.Option(help="Threads that each trial may use: enforced, and read back.")] = 1,
    out: Annotated[Path, typer.Option(help="The folder that the run's own folder is made in.")] = Path("results"),
    quick: Annotated[
        bool, typer.Option("--quick", help="Few seeds, a fraction of the epochs: to see everything work.")
    ] = False,
    rigorous: Annotated[bool, typer.Option("--rigorous", help="Many seeds, for narrow intervals.")] = False,
    resample_data: Annotated[
        bool, typer.Option("--resample-data", help="Draw new data and a new split for each seed.")
    ] = False,
    keep_environment: Annotated[
        bool,
        typer.Option(
            "--keep-environment", help="Keep variables that pin one library's kernels, such as OPENBLAS_CORETYPE."
        ),
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            help="A table of your own to train on: CSV, Parquet or .npz. Categories become one-hot, numbers "
            "are standardized by the training rows, a fifth of each class is held out."
        ),
    ] = None,
    target: Annotated[str | None, typer.Option(help="The column of --data whose values are the classes.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the plan and an estimate of its time; run nothing.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(help="Seconds after which a trial is killed and recorded as timed_out.")
    ] = 900.0,
    resume: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Do what is missing of an interrupted run.")
    ] = None,
    animate: Animate = False,
) -> None:
    """Prove the contenders equal, train them, and leave tables and a report.

    Examples: `bench run`, `bench run twins --seeds 10`, `bench run explain`, `bench run ./mine.toml`,
    `bench run twins --contender ./mine.py`.
    """
    with _sentences():
        from bench.cli.display import Display, console
        from bench.runs import plan as planning
        from bench.runs import session

        if (data is None) != (target is None):
            raise UsageError("--data and --target belong together: a file, and the column to tell from the others")
        if seeds is not None and seed:
            raise UsageError("give --seeds (how many) or --seed (which), not both")
        if resume is not None:
            if (
                suites
                or seeds is not None
                or seed
                or contender
                or quick
                or rigorous
                or resample_data
                or keep_environment
                or dry_run
                or data is not None
            ):
                raise UsageError("--resume takes everything from the run's own folder; give it alone")
            with Display(console()).showing() as display:
                made = session.resume(resume, observer=display, animate=animate)
        else:
            settings = planning.make_settings(
                suites or [],
                seeds=list(seed) if seed else seeds,
                contenders=contender or [],
                threads=threads,
                quick=quick,
                rigorous=rigorous,
                resample_data=resample_data,
                keep_environment=keep_environment,
                timeout_seconds=timeout,
                data=None if data is None or target is None else (data, target),
            )
            if dry_run:
                _print_plan(planning.plan_trials(settings))
                return
            with Display(console()).showing() as display:
                made = session.start(settings, out, display, animate=animate)
        _print_run(made)


@app.command()
def verify(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CONTENDER]...", help="Contenders, or files such as ./mine.py.", show_default="all"),
    ] = None,
    contender: Contenders = None,
    timeout: Annotated[float, typer.Option(help="Seconds after which a contender's proof is killed.")] = 900.0,
    every: Annotated[
        bool, typer.Option("--all", help="Hold every public name of Keras against numpy_nn's of the same name instead.")
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
    """Prove every layer, loss and optimizer of every contender; exit 1 if one is no twin.

    Of one that differs it says which quantity is the first, and what the difference looks like.

    With --all: a row for every public name of Keras, its largest difference, or why it is missing; exit 1 if one
    differs, or is missing without a reason.
    """
    with _sentences():
        import tempfile

        if every:
            if files or contender:
                raise UsageError("--all holds numpy_nn against Keras; give no contenders beside it")
            _parity(only, form, write, timeout)
            return
        if only != "*" or form != "text" or write is not None:
            raise UsageError("--only, --format and --write belong to --all")
        from bench.cli.display import Display, console, show_table
        from bench.contenders import registry
        from bench.experiments.scenarios import SCENARIOS
        from bench.proof.cases import all_cases, cases_of
        from bench.proof.prove import prove
        from bench.report.content import PROOF_WORDS, proof_table

        named = [registry.find(name) for name in dict.fromkeys([*(files or []), *(contender or [])])]
        infos = named or [info for info in registry.CONTENDERS.values() if info.is_twin and not info.is_guest]
        if not all(info.is_twin for info in infos):
            raise UsageError("keras_plain takes an order of rows of its own, so there is nothing to hold it against")
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
        show_table(out, proof_table(shown))
        out.print(PROOF_WORDS)
        wrong = [verdict for verdict in shown if verdict.status not in ("equal", "skipped")]
        idle = [info.name for info in infos if not any(each.contender == info.name for each in shown)]
        if wrong or idle or not any(verdict.status == "equal" for verdict in shown):
            unproven = [*(f"{each.contender} in {each.case}" for each in wrong), *idle]
            names = ", ".join(dict.fromkeys(unproven)) or "no contender"
            raise NotTwinsError(f"not proven: {names}")
        out.print(f"proven: {sum(verdict.status == 'equal' for verdict in shown)} cases")


@app.command()
def report(path: RunFolderPath, animate: Animate = False) -> None:
    """Make a run's tables, pictures and report again, from its trials."""
    with _sentences():
        from bench.cli.display import Display, console
        from bench.runs import session

        with Display(console()).showing() as display:
            page = session.load(path).derive(animate=animate, observer=display)
        typer.echo(page)


@app.command()
def view(
    path: Annotated[
        Path | None, typer.Argument(metavar="RUN", help="The folder of a run.", show_default="the latest in --out")
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder that holds the runs.")] = Path("results"),
) -> None:
    """Open a run's report in the browser, and print its path."""
    with _sentences():
        import webbrowser

        from bench.runs import session

        made = session.load(path or session.latest(out))
        page = made.path / session.PAGE
        if not page.exists():
            made.derive()
        with contextlib.suppress(webbrowser.Error):
            webbrowser.open(page.resolve().as_uri())
        typer.echo(page)


@app.command()
def check(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="RUN", help="The folder of a run of the suite twins.", show_default="makes one"),
    ] = None,
    seeds: Annotated[int | None, typer.Option(help="How many seeds, where a run is made.", show_default="10")] = None,
    contender: Contenders = None,
    baseline: Annotated[
        Path, typer.Option(help="The run whose ratio of training times this one is held against.")
    ] = _BASELINE,
    slower: Annotated[
        float, typer.Option(help="How many times the baseline's ratio NumPy / Keras may be.", show_default="1.5")
    ] = 1.5,
    form: Annotated[str, typer.Option("--format", help="text, markdown or json.")] = "text",
    threads: Annotated[
        int | None, typer.Option(help="Threads of each trial, where a run is made.", show_default="1")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The folder that a run is made in.", show_default="results")] = None,
) -> None:
    """Hold the twins to what is promised: proof, accuracy of 95 %, equal accuracy, equal curves, time.

    A line a finding: the rule, what was measured, what was expected. Exit codes: 0 pass, 1 fail, 3 inconclusive.

    Examples: `bench check`, `bench check results/RUN`, `bench check --format markdown`.
    """
    with _sentences():
        from bench.runs import session
        from bench.verdicts import check as gate

        if form not in gate.FORMATS:
            raise unknown("format", form, gate.FORMATS)
        if not 1.0 <= slower < float("inf"):
            raise UsageError(f"--slower must be a factor of at least 1, got {slower:g}")
        if path is None:
            made = _run_for_gate(
                10 if seeds is None else seeds,
                contender or [],
                1 if threads is None else threads,
                out or Path(session.DEFAULT_OUT),
            )
        elif contender or seeds is not None or threads is not None or out is not None:
            raise UsageError("give a RUN to judge, or --seeds, --contender, --threads and --out to make one, not both")
        else:
            made = session.load(path)
        held = session.load(baseline) if (baseline / "run.json").exists() or baseline != _BASELINE else None
        checks = gate.judge(made, held, slower)
        typer.echo(gate.FORMATS[form](checks))
        outcome = gate.outcome_of(checks)
    raise typer.Exit(gate.EXIT_CODES[outcome])


@app.command()
def baseline(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="RUN",
            help="The folder of a complete run: of the duels, or of one experiment.",
            show_default="makes one of the duels",
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(help="How many seeds, where a run is made.")] = 10,
    figures_only: Annotated[
        bool, typer.Option("--figures-only", help="Keep the baseline as it is; write its figures into the texts again.")
    ] = False,
) -> None:
    """Make a run the baseline in results/baseline, and write its figures into README.md and README.zh-CN.md.

    For whoever keeps this repository: run it in its root, look at what changed, and commit all of it together.
    """
    with _sentences():
        from bench.cli.display import Display, console
        from bench.runs import plan as planning
        from bench.runs import session
        from bench.verdicts import baseline as keeper

        if figures_only and path is not None:
            raise UsageError("--figures-only takes the figures of results/baseline; give no RUN beside it")
        if figures_only:
            kept = session.load(_BASELINE)
            keeper.write_figures(_BASELINE, _TEXTS)
        else:
            with Display(console()).showing() as display:
                if path is None:
                    made = session.start(planning.make_settings([], seeds=seeds), Path(session.DEFAULT_OUT), display)
                else:
                    made = session.load(path)
                kept = keeper.renew(made, _BASELINE, _TEXTS, display)
        typer.echo(kept.path / "report.md")


def _parity(only: str, form: str, write: Path | None, timeout_seconds: float) -> None:
    """Hold every public name of Keras that ``only`` wants against numpy_nn's, and print what was found."""
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


def _run_for_gate(seeds: int, chosen: list[str], threads: int, out: Path) -> "Run":
    """Make the run that the gate judges, telling of it on standard error; a refused one is judged too."""
    from bench.cli.display import Display, console
    from bench.runs import plan as planning
    from bench.runs import session
    from bench.verdicts import check as gate

    settings = planning.make_settings([gate.SUITE], seeds=seeds, contenders=gate.judged(chosen), threads=threads)
    with Display(console(stderr=True)).showing() as display:
        try:
            made = session.start(settings, out, display)
        except NotTwinsError as error:
            if error.run is None:
                raise
            made = session.load(error.run)
    typer.echo(made.path / session.PAGE, err=True)
    return made


@app.command("list")
def list_names(
    scenarios: Annotated[bool, typer.Option("--scenarios", help="The scenarios alone, and all of them.")] = False,
) -> None:
    """List the suites, scenarios, data sets and contenders."""
    from bench.contenders.registry import CONTENDERS
    from bench.datasets import DATASETS
    from bench.experiments.scenarios import SCENARIOS
    from bench.experiments.suites import SUITES

    usual = {entry.scenario.name for suite in SUITES.values() if suite.by_default for entry in suite.entries}
    shown = [name for name in SCENARIOS if scenarios or name in usual]
    width = max(map(len, shown))
    if not scenarios:
        typer.echo("suites (bench run NAME)")
        for suite in SUITES.values():
            when = "" if suite.by_default else ", only where it is named"
            typer.echo(f"  {suite.name:{width}} {suite.title}; {suite.seeds} seeds{when}")
    typer.echo("scenarios (bench show NAME; one of your own: bench run ./mine.toml)")
    for name in shown:
        network = SCENARIOS[name].network
        widths = "-".join(map(str, [network.layers[0].inputs, *(layer.units for layer in network.layers)]))
        batch = network.batch_size or "all rows"
        epochs = SCENARIOS[name].epochs
        typer.echo(f"  {name:{width}} {widths}, {epochs:,} epochs, batches of {batch}, {network.dtype}")
    if scenarios:
        return
    if len(shown) < len(SCENARIOS):
        typer.echo(f"  and {len(SCENARIOS) - len(shown)} more: bench list --scenarios")
    typer.echo("data sets (dataset = NAME in a scenario of your own)")
    for dataset in DATASETS.values():
        words = f"{dataset.title}; {dataset.features} features, {dataset.classes} classes"
        typer.echo(f"  {dataset.name:{width}} {words}")
    typer.echo("contenders (bench run --contender NAME, or ./a_file.py of your own)")
    for info in CONTENDERS.values():
        typer.echo(f"  {info.name:{width}} {info.title}{'; a guest: takes part where named' if info.is_guest else ''}")


@app.command()
def show(name: Annotated[str, typer.Argument(metavar="NAME", help="A scenario, or the folder of a run.")]) -> None:
    """Show a scenario, or the tables and findings of a run."""
    with _sentences():
        from bench.experiments.scenarios import SCENARIOS, as_toml

        if name in SCENARIOS:
            typer.echo(as_toml(SCENARIOS[name]), nl=False)
        elif Path(name).is_dir():
            from bench.runs import session

            _print_run(session.load(name))
        else:
            raise unknown("scenario (nor the folder of a run)", name, SCENARIOS)


def _print_plan(trials: "list[PlannedTrial]") -> None:
    from bench.experiments.finding import seconds_words

    for number, trial in enumerate(trials, start=1):
        work = f"{trial.scenario.epochs:6,} epochs" if trial.probe is None else f"measures {trial.probe.name}"
        at = "" if trial.probe is None else f" of {len(trial.probe.cases) or 1} cases at {trial.threads} threads"
        typer.echo(
            f"{number:3} {trial.suite:10} {trial.scenario.name:14} {trial.contender.name:12} seed {trial.seed:<4} "
            f"{work}{at}, roughly {seconds_words(trial.rough_seconds)}"
        )
    total = sum(trial.rough_seconds for trial in trials)
    typer.echo(
        f"{len(trials)} trials, roughly {total / 60:.1f} minutes by what they cost on one machine of two cores, "
        f"and the proof of equality before them"
    )


def _print_run(made: "Run") -> None:
    """Print what a run found: by contender, in pairs, in one sentence; last the report's path."""
    from bench.cli.display import console, show_table
    from bench.report.contenders import contender_tables
    from bench.report.content import QUICK_WARNING
    from bench.runs.session import PAGE

    out = console()
    out.print()
    for suite, table in contender_tables(made.summary()).items():
        if made.suites[suite].is_duel:
            show_table(out, table)
    for finding in made.findings:
        for table in finding.tables:
            show_table(out, table)
        for note in finding.notes:
            out.print(f"{finding.suite}: {note}")
        out.print()
    for finding in made.findings:
        out.print(f"{finding.suite}: {finding.sentence}", style="bold")
    if made.settings.quick:
        out.print(QUICK_WARNING)
    typer.echo(made.path / PAGE)


@contextlib.contextmanager
def _sentences() -> Iterator[None]:
    """Turn whatever goes wrong into one sentence and the exit code of its kind."""
    try:
        yield
    except BenchError as error:
        _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        _fail("interrupted", 130)
    except BrokenPipeError:
        raise
    except Exception as error:
        _fail(f"the harness itself failed, which should not happen: {type(error).__name__}: {error} (see --debug)", 4)


def _fail(sentence: str, code: int) -> None:
    if _debug:
        traceback.print_exc()
    typer.echo(sentence, err=True)
    raise typer.Exit(code)


def _terminated(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
