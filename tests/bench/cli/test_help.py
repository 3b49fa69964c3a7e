"""What the command line says about itself: help, shell completion, and the page of the documentation."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from command_line import bench, invoke
from made_up import write_run

from bench.cli import app as cli
from bench.contenders.registry import CONTENDERS
from bench.experiments import EXPERIMENTS, SCENARIOS

PAGE = (Path(__file__).parents[3] / "docs" / "command-line.md").read_text(encoding="utf-8")


def verbs(group: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every verb's words, with its command."""
    for name, command in group.commands.items():
        words = (*above, name)
        yield from verbs(command, words) if hasattr(command, "commands") else [(words, command)]


VERBS = dict(verbs(typer.main.get_command(cli.app)))


def test_the_verbs_are_those_of_the_page() -> None:
    linked = re.findall(r"^\| \[`([\w ]+)`\]\(#", PAGE, re.MULTILINE)
    assert sorted(linked) == sorted({words[0] for words in VERBS})
    assert len(VERBS) == 14


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_every_verbs_help_has_an_example_and_the_exit_codes(words: tuple[str, ...]) -> None:
    shown = invoke(*words, "--help").stdout
    assert f"Example: bench {' '.join(words)}" in shown
    assert " ".join(shown.split()).endswith(cli.EXIT_CODES)


@pytest.mark.parametrize("verb", dict.fromkeys(words[0] for words in VERBS))
def test_the_page_has_every_option_of_a_verb_and_no_other(verb: str) -> None:
    _, _, part = PAGE.partition(f"\n## {verb}\n")
    cells = re.findall(r"^\| ([^|]+) \|", part.partition("\n## ")[0], re.MULTILINE)
    documented = {flag for cell in cells for flag in re.findall(r"`(--[\w-]+)", cell)}
    declared = [parameter.opts for words, each in VERBS.items() if words[0] == verb for parameter in each.params]
    assert documented == {flag for flags in declared for flag in flags if flag.startswith("--")} - {"--help"}


@pytest.mark.parametrize("code", re.findall(r"(\d+) \w", cli.EXIT_CODES))
def test_the_page_has_every_exit_code(code: str) -> None:
    assert re.search(rf"^\| {code} \|", PAGE, re.MULTILINE)


# Shell completion


def completed(*words: str) -> list[str]:
    """Return what bash offers for the last word."""
    asked = {"_BENCH_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
    done = invoke(**asked)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["bench", "ru"], ["run"]),
        (["bench", "new", "con"], ["contender"]),
        (["bench", "run", ""], list(EXPERIMENTS)),
        (["bench", "run", "twins", "--contender", "keras_t"], ["keras_tuned", "keras_torch"]),
        (["bench", "verify", ""], list(CONTENDERS)),
        (["bench", "show", "optimizers_wi"], [name for name in SCENARIOS if name.startswith("optimizers_wi")]),
        (["bench", "run", "--task", "r"], ["regression"]),
        (["bench", "list", "--format", ""], ["text", "json"]),
        (["bench", "check", "--format", "m"], ["markdown"]),
        (["bench", "new", "contender", "mine.py", "--like", ""], ["numpy", "torch", "jax"]),
        (["bench", "list", "--format", "jsn", "--scen"], ["--scenarios"]),  # without a word on the mistake before it
    ],
    ids=lambda words: " ".join(words)[:30],
)
def test_a_shell_is_offered_what_fits(words: list[str], offered: list[str]) -> None:
    assert completed(*words) == offered


@pytest.mark.parametrize("verb", ["report", "show", "view", "check", "baseline"])
def test_a_shell_is_offered_the_folders_of_runs(verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("20260101-000000-twins", "20260102-000000-twins"):
        write_run(tmp_path / "results" / name, twins=["numpy"], seeds=[2])
    (tmp_path / "results" / "other").mkdir()
    latest, first = "results/20260102-000000-twins", "results/20260101-000000-twins"
    assert completed("bench", verb, "res") == [latest, first]
    assert completed("bench", verb, first[:-8]) == [first]
    assert completed("bench", "run", "--resume", "results/") == [latest, first]


def test_the_completion_that_is_installed_is_that_of_the_command_bench() -> None:
    named = bench("--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")  # the shell, not found
    assert named.returncode == 0, named.stderr
    assert "_BENCH_COMPLETE=complete_bash" in named.stdout
    assert named.stdout.rstrip().endswith("-F _bench_completion bench")
