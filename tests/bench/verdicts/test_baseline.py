"""The baseline: what is committed, and that the READMEs' figures are its own."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from made_up import edit_trials, sign, write_explain_run, write_run

import bench
from bench.core.errors import UsageError
from bench.core.markdown import escape
from bench.drawing.picture import Picture
from bench.report.pictures import drawers_of
from bench.store.files import write_json
from bench.store.folder import PACKED, RunFolder
from bench.verdicts.baseline import (
    MOST_EPOCHS,
    MOST_EPOCHS_OF_EXPERIMENTS,
    figures,
    fill,
    kept_figures,
    renew,
    write_figures,
)

ROOT = Path(__file__).parents[3]
BASELINE = ROOT / "results" / "baseline"
EXPERIMENTS = sorted(path.parent for path in BASELINE.glob("*/run.json"))
README = (ROOT / "README.md", ROOT / "README.zh-CN.md")
TABLES = ("trials", "curves", "gradients", "measurements")


@pytest.fixture(autouse=True)
def one_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw the wall time only; the other pictures take longer than all these tests and are drawn elsewhere."""

    def drawers(run: bench.Run) -> dict[str, dict[str, Callable[[], Picture]]]:
        return {
            group: {name: draw for name, draw in each.items() if name == "wall-time-twins"}
            for group, each in drawers_of(run).items()
        }

    monkeypatch.setattr("bench.report.pictures.drawers_of", drawers)


@pytest.fixture(scope="module")
def committed() -> bench.Run:
    return bench.load(BASELINE)


@pytest.fixture(scope="module")
def committed_figures() -> dict[str, str]:
    return kept_figures(BASELINE)


@pytest.mark.parametrize("path", README, ids=lambda path: str(path.name))
def test_every_figure_of_the_readme_is_the_baselines(path: Path, committed_figures: dict[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    assert "<!--=" in text
    assert fill(text, committed_figures) == text, "run: python -m bench baseline --figures-only"


def test_both_readmes_quote_the_same_figures() -> None:
    english, chinese = (set(re.findall(r"<!--=([\w.]+)-->", path.read_text(encoding="utf-8"))) for path in README)
    assert english == chinese


def test_the_report_of_the_baseline_names_the_run_that_it_was_made_of(committed: bench.Run) -> None:
    assert f"run {committed.run_id}" in (BASELINE / "report.md").read_text(encoding="utf-8")


def test_the_pictures_of_the_readme_are_in_the_baseline() -> None:
    for path in README:
        pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", path.read_text(encoding="utf-8"))
        assert pictures
        for picture in pictures:
            assert picture.startswith("results/baseline/")
            assert (ROOT / picture).is_file()


def test_the_baseline_is_small_and_names_no_path_of_a_machine() -> None:
    # report.html and the SVG files are derived when needed and not committed
    derived = {"report.html", "columns.md", "summary.csv"} | {f"{name}.parquet" for name in TABLES}
    files = [
        path for path in BASELINE.rglob("*") if path.is_file() and path.name not in derived and path.suffix != ".svg"
    ]
    assert 40 < len(files) <= 60
    assert sum(path.stat().st_size for path in files) <= 4_000_000
    trials = [text for folder in (BASELINE, *EXPERIMENTS) for text in pd.read_parquet(folder / PACKED)["trial"]]
    documents = [path.read_text(encoding="utf-8") for path in files if path.suffix in (".json", ".md")]
    for text in [*documents, *trials]:
        assert not re.search(r"(?<![\w.<])/(home|root|tmp|work|Users|usr)/", text), text[:200]


@pytest.mark.parametrize("folder", [BASELINE, *EXPERIMENTS], ids=lambda path: str(path.name))
def test_the_baseline_is_whole_and_its_report_is_that_of_its_trials(folder: Path) -> None:
    run = bench.load(folder)
    assert (run.status, run.missing) == ("complete", 0)
    assert set(run.trials["status"]) <= ({"ok"} if folder == BASELINE else {"ok", "diverged"})
    report = (folder / "report.md").read_text(encoding="utf-8")
    assert all(escape(finding.sentence) in report for finding in run.findings)
    kept = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
    assert (kept["run_id"], len(kept["findings"])) == (run.run_id, len(run.findings))
    assert [finding["sentence"] for finding in kept["findings"]] == [finding.sentence for finding in run.findings]


@pytest.mark.parametrize("folder", [BASELINE, *EXPERIMENTS], ids=lambda path: str(path.name))
def test_a_packed_run_has_the_tables_of_its_json_files(folder: Path, tmp_path: Path) -> None:
    trials = RunFolder.open(folder).trials()
    unpacked = tmp_path / "unpacked"
    (unpacked / "trials").mkdir(parents=True)
    for name in ("run.json", "proof.json"):
        shutil.copyfile(folder / name, unpacked / name)
    for key, trial in trials.items():
        (unpacked / "trials" / f"{key}.json").write_text(json.dumps(trial), encoding="utf-8")
    packed, read = bench.load(folder), bench.load(unpacked)
    assert RunFolder.open(unpacked).trials() == trials
    assert len(packed.trials) == len(trials) > 0
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(packed, name), getattr(read, name))
    assert packed.summary().to_csv() == read.summary().to_csv()
    assert [finding.sentence for finding in packed.findings] == [finding.sentence for finding in read.findings]


@pytest.mark.parametrize(
    "torn",
    [b"no Parquet", b"", {"key": ["one"]}, {"key": ["one"], "trial": ["{"]}, {"key": ["one"], "trial": ["1" * 5000]}],
)
def test_a_torn_pack_is_named(torn: bytes | dict[str, list[str]], tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", twins=["numpy"], seeds=[2], weights=False)
    content = torn if isinstance(torn, bytes) else pd.DataFrame(torn).to_parquet()
    (run.path / PACKED).write_bytes(content)
    with pytest.raises(
        UsageError, match=r"trials\.packed\.parquet must hold trials that this version packed"
    ) as caught:
        _ = bench.load(run.path).trials
    assert "\n" not in str(caught.value)


def test_fill_writes_between_the_markers_and_nowhere_else() -> None:
    text = "took <!--=a.b-->old<!--/--> of 7, then <!--=c-->\nold\n<!--/-->."
    filled = fill(text, {"a.b": "3 s", "c": "4"})
    assert filled == "took <!--=a.b-->3 s<!--/--> of 7, then <!--=c-->4<!--/-->."
    assert fill(filled, {"a.b": "3 s", "c": "4"}) == filled


def test_a_figure_that_there_is_not_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"did you mean 'twins\.numpy\.updates'"):
        fill("<!--=twins.numpy.update-->?<!--/-->", {"twins.numpy.updates": "5,800"})


def test_figures_are_medians_means_and_paired_ratios(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", seeds=[2, 0, 1])
    found = kept_figures(run.path)
    seconds = sorted(run.trials[run.trials["contender"] == "keras"]["train_seconds"])
    assert found["twins.keras.train_seconds"] == f"{seconds[1]:.3g} s"
    assert found["twins.keras.test_accuracy"] == "98.0 %"  # 0.97, 0.98 and 0.99
    assert found["twins.numpy.peak_rss_bytes"] == "40 MB"
    there, back = (float(found[f"twins.ratio.{name}"]) for name in ("keras.numpy", "numpy.keras"))
    assert there == pytest.approx(1 / back, rel=0.01)
    assert found["run.seeds"] == found["twins.seeds"] == "3"
    of_its_experiment = figures(run)
    assert of_its_experiment["twins.ratio.keras.numpy"] == found["twins.ratio.keras.numpy"]
    assert "twins.keras.train_seconds" not in of_its_experiment


def test_a_renewal_changes_figures_pictures_and_tables_together(tmp_path: Path) -> None:
    text = tmp_path / "README.md"
    text.write_text("<!--=twins.ratio.keras.numpy-->?<!--/--> times")
    folder = tmp_path / "results" / "baseline"
    folder.parent.mkdir()

    def renewed(name: str, factor: float) -> dict[str, bytes]:
        run = write_run(
            tmp_path / name,
            change=lambda row: (
                {**row, "train_seconds": row["train_seconds"] * factor} if row["contender"] == "keras" else row
            ),
        )
        renew(run, folder, [text])
        shown = (PACKED, "findings.json", "report.md", "plots/wall-time-twins.png")
        return {"README.md": text.read_bytes(), **{each: (folder / each).read_bytes() for each in shown}}

    first, second = renewed("first", 1.0), renewed("second", 3.0)
    assert {name for name in first if first[name] != second[name]} == set(first)
    assert not list(folder.parent.glob(".*"))


def test_a_baseline_keeps_its_bands_of_rounding(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", seeds=[2, 0], spread=lambda _epoch: 1e-7)
    kept = renew(run, tmp_path / "results" / "baseline", [])
    assert kept.bands.keys() == run.bands.keys() != set()
    pd.testing.assert_series_equal(kept.curves["band"], run.curves["band"])


def test_long_curves_are_thinned_and_rows_are_kept_as_they_are(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", twins=["numpy"], seeds=[2, 0])

    def lengthen(curve: dict[str, list[float]]) -> None:
        for name in curve:
            scale = 1.0 if name in ("epoch", "updates", "train_loss", "test_loss") else 1e-4
            curve[name] = [scale * epoch for epoch in range(10_001)]

    edit_trials(run.path, "*numpy-2.json", lengthen)
    path = next((run.path / "trials").glob("*numpy-2.json"))
    trial = json.loads(path.read_text())
    kept = renew(bench.load(run.path), tmp_path / "baseline", [])
    assert not (kept.path / "trials").exists()
    thinned = RunFolder.open(kept.path).trials()[path.stem]
    assert thinned["row"] == trial["row"]
    epochs = thinned["curve"]["epoch"]
    assert len(epochs) <= MOST_EPOCHS
    assert epochs[:3] == [0, 1, 2]
    assert epochs[-1] == 10_000
    assert thinned["curve"]["train_loss"] == epochs


@pytest.mark.parametrize(
    "values",
    [
        {"status": "interrupted"},
        {"change": lambda row: row if row["seed"] else None},
        {"settings": {"seeds": {"twins": [2, 0, 1, 3, 4, 5]}, "contenders": [], "quick": True}},
        {"twins": ["numpy", "mine"]},
        {"change": lambda row: {**row, "status": "skipped"} if row["contender"] == "keras" else row},
        {"weights": False},
    ],
)
def test_a_run_that_is_no_baseline_is_refused_and_the_old_one_stays(values: dict[str, object], tmp_path: Path) -> None:
    folder = tmp_path / "baseline"
    folder.mkdir()
    (folder / "here").write_text("")
    with pytest.raises(UsageError, match="a baseline must"):
        renew(write_run(tmp_path / "run", **values), folder, [])  # type: ignore[arg-type] # each is one of its options
    assert (folder / "here").exists()


def test_a_run_that_lacks_a_figure_of_the_readme_changes_nothing(tmp_path: Path) -> None:
    text, folder = tmp_path / "README.md", tmp_path / "baseline"
    text.write_text("<!--=twins.keras.train_seconds-->1 s<!--/-->")
    folder.mkdir()
    (folder / "here").write_text("")
    with pytest.raises(UsageError, match=r"no figure named 'twins\.keras\.train_seconds'"):
        renew(write_run(tmp_path / "run", twins=["numpy"]), folder, [text])
    assert (folder / "here").exists()
    assert text.read_text() == "<!--=twins.keras.train_seconds-->1 s<!--/-->"


def test_writing_figures_changes_the_text_and_nothing_else(tmp_path: Path) -> None:
    text = tmp_path / "README.md"
    write_run(tmp_path / "baseline")
    text.write_text("x <!--=run.threads-->?<!--/--> y")
    write_figures(tmp_path / "baseline", [text])
    assert text.read_text() == "x <!--=run.threads-->1<!--/--> y"


def test_an_experiment_is_kept_beside_the_duels_and_stays_when_they_are_renewed(tmp_path: Path) -> None:
    root, text = tmp_path / "baseline", tmp_path / "README.md"
    text.write_text("<!--=run.seeds--><!--/-->, <!--=explain.seeds--><!--/-->, <!--=explain.updates.whole--><!--/-->")
    with pytest.raises(UsageError, match=r"no figure named 'explain\.seeds'"):
        renew(write_run(tmp_path / "duels"), root, [text])
    assert not root.exists()
    renew(bench.load(tmp_path / "duels"), root, [])
    kept = renew(write_explain_run(tmp_path / "experiment"), root, [text])
    assert kept.path == root / "explain"
    assert fill(text.read_text(), kept_figures(root)) == text.read_text()
    assert [part.split("-->")[1].split("<!--")[0] for part in text.read_text().split(", ")] == ["6", "8", "2"]
    assert kept_figures(root)["explain.sentence"] == kept.findings[0].sentence
    epochs = next(iter(RunFolder.open(kept.path).trials().values()))["curve"]["epoch"]
    assert len(epochs) <= MOST_EPOCHS_OF_EXPERIMENTS
    renew(bench.load(tmp_path / "duels"), root, [text])
    assert bench.load(root / "explain").findings[0].sentence == kept.findings[0].sentence
    assert not list(root.glob(".*"))


def test_a_baseline_is_of_the_duels_or_of_one_experiment(tmp_path: Path) -> None:
    settings = {"seeds": {"explain": [0], "twins": [0]}, "contenders": ["numpy"]}
    with pytest.raises(UsageError, match="must be of the usual suites or of one other"):
        renew(write_explain_run(tmp_path / "run", settings=settings), tmp_path / "baseline", [])


def test_divergence_is_a_result_of_an_experiment_and_a_fault_of_a_duel(tmp_path: Path) -> None:
    def diverged(row: dict[str, object]) -> dict[str, object]:
        return {**row, "status": "diverged"} if row["seed"] == 0 else row

    with pytest.raises(UsageError, match="a baseline must hold trials that are ok"):
        renew(write_run(tmp_path / "duels", change=diverged), tmp_path / "baseline", [])
    (tmp_path / "baseline").mkdir()
    made = write_explain_run(tmp_path / "experiment")
    path = next((made.path / "trials").glob("*-0.json"))
    trial = json.loads(path.read_text())
    write_json(path, {**trial, "row": diverged(trial["row"])})
    sign(made.path)
    assert renew(bench.load(made.path), tmp_path / "baseline", []).trials["status"].eq("diverged").sum() == 1
