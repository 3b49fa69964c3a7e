"""The report: the same in Markdown and in HTML, in one file, with nothing of a name obeyed."""

import itertools
import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from machines import QUIET_SERVER
from made_up import write_run
from odd_runs import HOSTILE, RUNS

from bench.core.errors import UsageError
from bench.report.animations import Animation
from bench.report.content import Drawn, content_of
from bench.report.explorer import explorer
from bench.report.page import render, render_summary, sort_key
from bench.report.reported import ReportedRun


class Page(HTMLParser):
    """Reads a page's tags, attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style")
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def reports(run: ReportedRun) -> tuple[str, str]:
    """Write a run's report, and return it as HTML and as Markdown."""
    run.report()
    return (run.path / "report.html").read_text(encoding="utf-8"), (run.path / "report.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> ReportedRun:
    run = write_run(tmp_path_factory.mktemp("whole") / "run", published=True)
    run.report(animate=True)
    return run


@pytest.fixture(scope="module")
def page(whole: ReportedRun) -> Page:
    return Page((whole.path / "report.html").read_text(encoding="utf-8"))


def test_deriving_leaves_every_file_of_the_contract(whole: ReportedRun) -> None:
    left = {path.name for path in whole.path.iterdir()}
    assert {
        "report.html",
        "report.md",
        "plots",
        "trials.parquet",
        "curves.parquet",
        "summary.csv",
        "columns.md",
        "findings.json",
    } <= left
    plots = {path.name for path in (whole.path / "plots").iterdir()}
    assert {"duel.svg", "duel.png", "convergence-twins.svg", "forming-twins.gif"} <= plots
    assert not list(whole.path.rglob("*.partial"))


def test_the_page_is_one_file_that_asks_for_nothing(whole: ReportedRun, page: Page) -> None:
    assert (whole.path / "report.html").stat().st_size < 5_000_000
    for tag, attributes in page.tags:
        for name in ("src", "href", "data", "action"):
            if name in attributes:
                assert attributes[name].startswith(("data:", "#")), f"{tag} asks for {attributes[name][:60]}"
    (policy,) = (each for each in page.all("meta") if each.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"].startswith("default-src 'none'")


def test_findings_come_first_and_are_the_same_in_both_reports(whole: ReportedRun, page: Page) -> None:
    words = " ".join(" ".join(page.text).split())
    markdown = (whole.path / "report.md").read_text(encoding="utf-8").replace("\\", "")
    for finding in whole.findings:
        assert finding.sentence in words
        assert finding.sentence in markdown
        assert words.index(finding.sentence) < words.index("The published duel beside the fair one")
        for note in finding.notes:
            assert note in words
            assert note in markdown
    for section in ("What may and may not be concluded", "Proof of equality", "How to make it again"):
        assert section in words
        assert f"# {section}" in markdown


def test_an_animation_is_in_both_reports_and_in_the_command_that_makes_it_again(
    whole: ReportedRun, tmp_path: Path
) -> None:
    markdown = (whole.path / "report.md").read_text(encoding="utf-8")
    assert "(plots/forming-twins.gif)" in markdown
    assert "(plots/forming-published.gif)" in markdown
    assert markdown.count(" --animate\n") == 1
    assert " --animate" not in reports(write_run(tmp_path / "run"))[1]


def test_every_picture_has_words_for_who_does_not_see_it(page: Page) -> None:
    pictures = page.all("img")
    assert len(pictures) == 2 * 10 + 2  # each for a page and for a phone, and two animations
    assert all(len(each["alt"]) > 30 for each in pictures)


def test_headings_descend_step_by_step(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_link_leads_somewhere(page: Page) -> None:
    places = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    for link in page.all("a"):
        assert link["href"].removeprefix("#") in places


def test_the_page_says_how_to_make_it_again_and_on_what_it_was_made(whole: ReportedRun, page: Page) -> None:
    words = " ".join(page.text)
    assert whole.command in words
    assert "a processor" in words


@pytest.mark.parametrize("kind", RUNS)
def test_both_reports_come_out_whatever_a_run_lacks(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.report.write.draw_all", lambda *_: [])  # test_bench_figures draws them
    run = write_run(tmp_path / "run", **RUNS[kind])
    html, markdown = reports(run)
    assert "What was found" in html
    assert "<b>$x" not in html
    assert "<b>$x" not in markdown
    if run.status == "interrupted":
        assert "This run is incomplete" in html
        assert "This run is incomplete" in markdown
    if (run.trials["status"] != "ok").any():
        assert "did not end well" in html


def test_a_hostile_name_is_text_in_the_page_its_controls_and_its_data(tmp_path: Path) -> None:
    name = "</script><script>document.title='broken'</script>"
    html, _ = reports(write_run(tmp_path / "run", twins=["numpy", name]))
    assert "<script>document.title" not in html
    assert name in " ".join(Page(html).text)


def test_a_run_of_an_earlier_version_has_no_facts_that_it_did_not_record(tmp_path: Path) -> None:
    earlier = write_run(tmp_path / "earlier")
    facts = dict(content_of(earlier).facts)
    assert not {"governor", "code", "load", "canary, a fixed piece of work"} & set(facts)
    assert facts["machine"].startswith("a processor, 2 processors")
    recorded = write_run(tmp_path / "recorded", environment=QUIET_SERVER | {"canary_before": 0.2})
    facts = dict(content_of(recorded).facts)
    assert facts["governor"] == "performance"
    assert facts["canary, a fixed piece of work"] == "200 ms before the trials"


def test_a_run_of_few_seeds_says_what_cannot_be_concluded(tmp_path: Path) -> None:
    few = content_of(write_run(tmp_path / "few", seeds=[2, 0]))
    many = content_of(write_run(tmp_path / "many"))
    assert any("how far another choice of seeds" in sentence for sentence in few.may_not)
    assert not any("how far another choice of seeds" in sentence for sentence in many.may_not)


def test_a_run_shows_itself_in_a_notebook(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", twins=["numpy", HOSTILE])
    shown = run._repr_html_()
    assert shown == render_summary(content_of(run))
    assert run.findings[0].sentence.split("<")[0] in shown
    assert "<table>" in shown
    assert "<b>$x" not in shown


def test_an_animation_that_is_too_large_stays_beside_the_page(tmp_path: Path) -> None:
    content = content_of(write_run(tmp_path / "run"))
    small, large = (
        render(content, [], {"twins": Animation(b"GIF89a" + bytes(size), "it moves")}) for size in (1_000, 4_000_000)
    )
    assert "data:image/gif" in small
    assert "data:image/gif" not in large
    assert "plots/forming-twins.gif" in large
    assert len(large.encode()) < 5_000_000


def test_pictures_for_phones_that_would_make_the_page_too_large_are_left_out(whole: ReportedRun) -> None:
    drawn = [Drawn(name, None, name, "caption", "alt", "<svg/>") for name in ("first", "second", "third")]
    content = replace(content_of(whole), headline=tuple(drawn))
    html = render(content, [], {}, {"first": "1" * 1_000, "second": "2" * 4_000_000, "third": "3" * 1_000})
    figures = [each.get("class") for each in Page(html).all("figure")]
    assert figures == ["stacked", None, "stacked"]
    assert [each["class"] for each in Page(html).all("img")] == ["wide", "narrow", "wide", "wide", "narrow"]
    assert len(html.encode()) < 5_000_000


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("12.3 ms (11 ms to 13 ms)", 0.0123),
        ("1.5 s", 1.5),
        ("800 ns", 8e-07),
        ("5,800", 5800.0),
        ("40 MB", 40000000.0),
        ("1.2e-05", 1.2e-05),
        ("-0.01 (-0.02 to 0)", -0.01),
        ("never", math.inf),
        ("not reached", math.inf),
        ("10 ok, 2 failed", 10.0),
    ],
)
def test_cells_sort_by_what_they_mean(words: str, number: float) -> None:
    assert float(sort_key(words)) == pytest.approx(number)


def test_cells_without_a_number_sort_by_their_words() -> None:
    assert sort_key("numpy") == "numpy"


def test_a_command_cannot_leave_its_block_of_code(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", command="python -m bench run\n```\n<script>alert(1)</script>\r\n")
    _, markdown = reports(run)
    (line,) = (line for line in markdown.splitlines() if "<script>" in line)
    assert line.startswith("python -m bench run")
    assert "\n````\n" in markdown


def test_nothing_is_concluded_where_nothing_was_measured(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", change=lambda row: {**row, "status": "failed"}, verdicts=[])
    content = content_of(run)
    assert content.may == ()
    assert any("No proof of equality is kept" in warning for warning in content.warnings)


def test_the_page_stays_small_at_any_number_of_seeds(tmp_path: Path) -> None:
    few, many = (
        explorer("twins", write_run(tmp_path / str(count), seeds=range(count), weights=False).curves)
        for count in (30, 90)
    )
    assert few is not None
    assert many is not None
    assert few.note == "The first 26 of 30 seeds."
    assert len(many.script) == pytest.approx(len(few.script), rel=0.02)


def test_the_articles_david_has_another_line_than_numpy_in_the_explorer(whole: ReportedRun) -> None:
    published, twins = (explorer(suite, whole.curves) for suite in ("published", "twins"))
    assert published is not None
    assert twins is not None
    looks = {name: look for each in (published, twins) for name, *look in each.contenders}
    (color, dashes), (numpy_color, numpy_dashes) = looks["article"], looks["numpy"]
    assert color != numpy_color
    assert (bool(dashes), bool(numpy_dashes)) == (True, False)
    assert '"line_dash":[12,2,3,2]' in published.script
    assert '"line_dash":[6,2]' in twins.script  # keras_tuned


def test_an_unknown_suite_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no suite named 'gone'"):
        write_run(tmp_path / "run", settings={"seeds": {"gone": [2]}, "contenders": []})


def test_a_trial_that_was_called_ok_without_an_accuracy_is_diverged(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", change=lambda row: {**row, "test_accuracy": None} if row["seed"] == 1 else row)
    assert set(run.trials[run.trials["seed"] == 1]["status"]) == {"diverged"}
    assert "diverged" in run._repr_html_()


def test_a_row_of_another_kind_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="threads must be a number, got 'many'"):
        _ = write_run(tmp_path / "run", change=lambda row: {**row, "threads": "many"}).trials
