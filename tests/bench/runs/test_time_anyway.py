"""`--time-anyway`: a contender that failed the proof is timed, and marked wherever it is named."""

import re
from pathlib import Path

import pytest
from made_up import drawers, verdict, write_run
from matplotlib.text import Text

import bench
from bench.cli.display import Display, console, print_run
from bench.core.errors import NotTwinsError
from bench.drawing.picture import colors, dashes
from bench.report.content import content_of
from bench.report.explorer import explorer
from bench.report.markdown import render
from bench.report.reported import ReportedRun

NAME = "wobbly"
DIFFERS = verdict(NAME, status="differs", first="gradient: kernel of layer 1", first_difference=0.5)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> ReportedRun:
    """Return a run in which one of three contenders failed the proof, goes another way and was timed all the same."""
    return write_run(
        tmp_path_factory.mktemp("run") / "run",
        twins=["numpy", "keras", NAME],
        verdicts=[verdict("numpy"), verdict("keras"), DIFFERS],
        shift=lambda contender, _seed: 0.5 * (contender == NAME),
        settings={"seeds": {"twins": [2, 0, 1, 3, 4, 5]}, "contenders": ["numpy", "keras", f"./{NAME}.py"]},
    )


def unmarked(text: str) -> list[str]:
    """Return the places of a text that name the contender without its mark."""
    return re.findall(rf".{{,40}}{NAME}(?! \(not equal\)).{{,40}}", text)


def test_its_trials_neither_fail_by_their_curve_nor_speak_against_the_others(run: ReportedRun) -> None:
    assert set(run.trials["status"]) == {"ok"}
    assert list(dict.fromkeys(run.trials["contender"])) == ["numpy", "keras", f"{NAME} (not equal)"]


def test_a_twin_that_parts_beside_it_fails_as_it_would_without_it(tmp_path: Path) -> None:
    others = ["numpy", "keras", "keras_tuned"]
    shift = {"keras_tuned": 0.1, NAME: 0.1}  # two go the same way, and one of them is a twin
    made = write_run(
        tmp_path / "run",
        twins=[*others, NAME],
        verdicts=[*map(verdict, others), DIFFERS],
        shift=lambda contender, _seed: shift.get(contender, 0.0),
    )
    failed = made.trials[made.trials["status"] == "failed"]
    assert set(failed["contender"]) == {"keras_tuned"}


def test_every_table_sentence_and_note_marks_it(run: ReportedRun, capsys: pytest.CaptureFixture[str]) -> None:
    (finding,) = run.findings
    assert f"{NAME} (not equal) takes" in finding.sentence
    assert any(f"{NAME} (not equal)" in sentence for sentence in content_of(run).warnings)
    content = content_of(run)
    words = [render(content).partition("# Proof of equality")[0], run._repr_html_(), str(finding.to_json())]
    words += [table.to_csv() for table in (run.trials, run.curves, run.summary())]
    print_run(run)
    words.append(" ".join(capsys.readouterr().out.split()))
    for text in words:
        assert f"{NAME} (not equal)" in text
        assert unmarked(text) == []
    assert all(NAME not in sentence for sentence in content.may)


def test_nothing_may_be_concluded_from_its_times_alone(tmp_path: Path) -> None:
    made = write_run(tmp_path / "run", twins=["numpy", NAME], verdicts=[verdict("numpy"), DIFFERS])
    assert made.findings[0].sentence.startswith("From the same start")
    assert made.findings[0].may == ()


def test_every_picture_marks_it_in_legends_axes_and_words(run: ReportedRun) -> None:
    named = 0
    for draw in drawers(run).values():
        picture = draw()
        words = [text.get_text() for text in picture.figure.findobj(Text)]
        for text in (picture.title, picture.caption, picture.alt, *words):
            named += NAME in text
            assert unmarked(text) == []
    assert named >= 8
    shown = explorer("twins", run.curves)
    assert shown is not None
    assert f"{NAME} (not equal)" in [label for label, *_ in shown.contenders]
    assert unmarked(shown.script) == []


def test_its_weights_are_found_by_the_name_in_the_tables(run: ReportedRun) -> None:
    assert run.weights("twins", "twins", f"{NAME} (not equal)") is not None
    assert run.frames("twins", "twins", f"{NAME} (not equal)") is not None
    assert run.part("twins").missing() == ""


def test_a_contender_of_the_harness_keeps_its_look() -> None:
    palette = colors(["keras_tuned (not equal)", "mine"])
    assert palette["keras_tuned (not equal)"] == palette["keras_tuned"]
    assert dashes("keras_tuned (not equal)") == dashes("keras_tuned") != "solid"
    assert palette["mine"] == colors(["mine"])["mine"]


def wrong(folder: Path, example: str, old: str, new: str) -> str:
    source = Path(example).read_text(encoding="utf-8")
    assert source.count(old) == 1
    (folder / f"{NAME}.py").write_text(source.replace(old, new), encoding="utf-8")
    return str(folder / f"{NAME}.py")


@pytest.mark.usefixtures("without_pictures")
def test_a_run_times_it_if_asked_to_and_says_so_as_it_goes(
    tmp_path: Path, example: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = wrong(tmp_path, example, " / len(rows)", " / (2 * len(rows))")
    asked = {"seeds": 2, "contenders": ["numpy", path], "quick": True, "out": tmp_path / "out"}
    with pytest.raises(NotTwinsError, match=f"not proven: {NAME} in twins: "):
        bench.run("twins", **asked)  # type: ignore[arg-type]
    made = bench.run("twins", **asked, time_anyway=True, observer=Display(console()))  # type: ignore[arg-type]
    assert made.status == "complete"
    assert list(made.trials["status"]) == ["ok"] * 6
    assert "--time-anyway" in made.command
    assert f"] twins {NAME} (not equal) seed 2: ok, trained in" in capsys.readouterr().out


@pytest.mark.usefixtures("without_pictures")
def test_what_is_broken_is_not_timed(tmp_path: Path, example: str) -> None:
    path = wrong(tmp_path, example, "return self.forward(x)[-1]", "return self.no_such(x)")
    with pytest.raises(NotTwinsError, match="AttributeError"):
        bench.run("twins", seeds=2, contenders=["numpy", path], quick=True, out=tmp_path / "out", time_anyway=True)
