"""Pictures: each comes out whatever a run lacks, and says what is missing."""

import io
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from made_up import break_off, cut_off, drawers, edit_trials, over_the_edge, sign, write_run
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from odd_runs import RUNS
from PIL import Image

import bench
from bench.core.errors import UsageError
from bench.drawing.forming import Forming
from bench.drawing.panels import panels, phone
from bench.drawing.picture import CLASS_COLORS, Picture, colors, dashes, drawing, legend_of_contenders, new_figure
from bench.drawing.svg import relative_path
from bench.report.animations import animation
from bench.report.pictures import find_picture
from bench.report.reported import ReportedRun


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> ReportedRun:
    return write_run(tmp_path_factory.mktemp("whole") / "run", published=True)


def test_a_whole_run_has_every_picture(whole: ReportedRun) -> None:
    assert list(drawers(whole)) == [
        "duel",
        *("convergence-published-article", "wall-time-published", "accuracy-published", "boundaries-published-article"),
        *("convergence-twins", "wall-time-twins", "accuracy-twins", "boundaries-twins", "data-moons"),
    ]


def test_no_words_are_cut_off_on_a_page_or_on_a_phone(whole: ReportedRun) -> None:
    assert {name: cut_off(draw) for name, draw in drawers(whole).items()} == {name: [] for name in drawers(whole)}


def test_words_over_an_edge_are_found() -> None:
    figure = Figure(figsize=(4.0, 2.0))
    axes = figure.subplots()
    axes.set_title("inside")
    assert over_the_edge(figure) == []
    axes.annotate("over the edge", (0.99, 0.5), xycoords="figure fraction", annotation_clip=False)
    assert over_the_edge(figure) == ["over the edge"]


def test_panels_on_a_phone_keep_their_rows_axes_and_labels() -> None:
    with phone(), drawing():
        figure, (above, below) = panels(2, 3, (10.5, 5.8), sharex="col", sharey="row")
    assert tuple(figure.get_size_inches()) == (4.0, 3 * 5.8)
    places = [axes.get_position().y0 for pair in zip(above, below, strict=True) for axes in pair]
    assert places == sorted(places, reverse=True)  # each column from top to bottom, then the next
    above[0].set_ylim(0.0, 7.0)
    below[1].set_xlim(0.0, 5.0)
    assert [axes.get_ylim()[1] for axes in (*above, *below)] == [7.0] * 3 + [1.0] * 3
    assert [axes.get_xlim()[1] for axes in above] == [1.0, 5.0, 1.0]
    assert all(label.get_visible() for axes in above for label in axes.get_xticklabels())
    with drawing():
        figure, (above, below) = panels(2, 3, (10.5, 5.8), sharex="col", sharey="row")
    assert tuple(figure.get_size_inches()) == (10.5, 5.8)
    assert above[2].get_position().x0 > above[1].get_position().x1


def test_a_legend_has_as_many_columns_as_fit() -> None:
    with drawing():
        for width, rows in ((10.0, 1), (4.0, 2), (1.5, 4)):
            figure = new_figure(width, 3.0)
            legend_of_contenders(figure, ["numpy", "keras", "keras_tuned", "keras_plain"])
            figure.draw_without_rendering()
            lines = {round(text.get_window_extent().y0) for text in figure.legends[0].get_texts()}
            assert len(lines) == rows, width


def check(picture: Picture) -> None:
    """Check that a picture can be read: as SVG, as PNG and as words."""
    svg = ET.fromstring(picture.svg())  # noqa: S314 - we wrote it
    assert svg.tag.endswith("svg")
    assert picture.png().startswith(b"\x89PNG")
    assert picture.title
    assert picture.alt
    assert picture.caption


@pytest.mark.parametrize("kind", RUNS)
def test_every_picture_comes_out_whatever_a_run_lacks(kind: str, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", **RUNS[kind])
    found = drawers(run)
    assert found
    for draw in found.values():
        check(draw())


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        ("no Keras at all", "convergence-twins", "keras: 6 skipped of 6 trials"),
        ("no Keras at all", "wall-time-twins", "keras_tuned: 6 skipped of 6 trials"),
        ("diverged", "accuracy-twins", "numpy: 1 diverged of 6 trials"),
        ("diverged", "convergence-twins", "Diverged, and drawn up to that point: numpy 1 of 6"),
        ("interrupted halfway", "wall-time-twins", "keras: 4 not made of 6 trials"),
        ("nothing made", "convergence-twins", "keras_tuned: 6 not made of 6 trials"),
        ("everything failed", "convergence-twins", "No trial has a curve to draw."),
        ("everything failed", "wall-time-twins", "No trial finished."),
        ("everything failed", "boundaries-twins", "No weights of a network with two inputs were kept."),
        ("everything failed", "duel", "Neither the published duel nor the fair one left a curve"),
        ("numpy alone", "boundaries-twins", "There is no second contender to compare with."),
    ],
)
def test_a_picture_says_what_is_missing(kind: str, name: str, words: str, tmp_path: Path) -> None:
    picture = find_picture(write_run(tmp_path / "run", **RUNS[kind]), name)
    assert words in picture.caption


def test_a_curve_that_breaks_off_is_drawn_to_where_it_does(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", **RUNS["diverged"])
    edit_trials(run.path, "*-1.json", lambda curve: break_off(curve, 20))
    for draw in drawers(bench.load(run.path)).values():
        check(draw())


@pytest.mark.parametrize(("shift", "verdict"), [(0.0, "Every curve stays inside"), (1e-4, "A curve leaves its band")])
def test_curves_are_drawn_in_the_band_of_rounding_if_there_is_one(tmp_path: Path, shift: float, verdict: str) -> None:
    run = write_run(
        tmp_path / "run",
        seeds=range(8),
        spread=lambda epoch: 1e-7 * epoch,
        shift=lambda name, _: shift * (name == "keras"),
    )
    assert "rounding-twins" in drawers(run)
    picture = find_picture(run, "rounding-twins")
    check(picture)
    assert verdict in picture.alt
    assert "The first 6 of 8 seeds." in picture.caption
    numpy, keras, _ = picture.figure.axes[0].lines
    assert max(data_of(keras)[1]) == pytest.approx(max(data_of(numpy)[1][0], shift))


def data_of(line: Line2D) -> tuple[list[float], list[float]]:
    x, y = line.get_data()
    return list(np.asarray(x, dtype=float)), list(np.asarray(y, dtype=float))


def drawn_text(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.findobj(Text))


def test_what_is_missing_stands_in_the_picture_too(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", **RUNS["no Keras at all"])
    assert "keras: 6 skipped of 6 trials" in drawn_text(run.plot("convergence"))
    assert "keras: 6 skipped of 6 trials" in drawn_text(run.plot("wall-time"))


def test_the_target_is_marked_where_the_median_trial_crosses_it(whole: ReportedRun) -> None:
    words = drawn_text(whole.plot("convergence-twins"))
    assert "all: 87" in words
    assert "all: 2,500" in words
    assert "all: 500 ms" in words


def test_a_target_that_is_held_at_the_start_is_marked_there(tmp_path: Path) -> None:
    at_once = {"updates_to_target": 0, "epochs_to_target": 0, "seconds_to_target": 0.0}
    run = write_run(tmp_path / "run", change=lambda row: {**row, **at_once})
    assert "all: 0" in drawn_text(run.plot("convergence-twins"))


def test_a_median_trial_that_never_arrives_is_not_marked(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", **RUNS["never at the target"])
    assert "all:" not in drawn_text(run.plot("convergence-twins"))
    assert "numpy reaches 95 % training accuracy in 0 of 6 trials" in find_picture(run, "convergence-twins").alt


def test_david_and_goliath_differ_for_colour_blind_eyes_and_in_grey() -> None:
    palette = colors(["numpy", "keras"])
    for first, second in ((palette["numpy"], palette["keras"]), CLASS_COLORS):
        # luminance by Rec. 709, which is about what a grey print leaves
        grey = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (to_rgb(first), to_rgb(second))]
        assert abs(grey[0] - grey[1]) > 0.2


# What dichromats see of linear RGB: G. M. Machado et al., "A physiologically-based model for simulation of color vision
# deficiency" (2009), severity 1.
SEEN_BY = {
    "most": np.eye(3),
    "protanopes": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopes": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopes": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def lab(color: str, eyes: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return CIELAB coordinates of what these eyes see of a colour; 2 apart is just noticeable."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(SEEN_BY[eyes]) @ linear, 0.0, 1.0)
    xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]] @ seen / [0.9505, 1.0, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eyes", SEEN_BY)
def test_the_articles_david_differs_from_numpy_and_from_keras(eyes: str) -> None:
    palette = colors(["article", "numpy", "keras"])
    for other in ("numpy", "keras"):
        assert np.linalg.norm(lab(palette["article"], eyes) - lab(palette[other], eyes)) > 25
    assert dashes("article") not in (dashes("numpy"), dashes("keras"))


def test_contenders_keep_their_colours_whoever_else_takes_part() -> None:
    assert colors(["keras", "mine", "numpy"])["keras"] == colors(["keras"])["keras"]
    assert len({colors(["a", "b", "c"])[name] for name in ("a", "b", "c", "numpy", "keras")}) == 5


def test_the_same_run_gives_the_same_bytes(whole: ReportedRun) -> None:
    first, second = (find_picture(whole, "wall-time-twins") for _ in range(2))
    assert first.svg() == second.svg()
    assert first.png() == second.png()


def test_a_picture_is_found_by_its_kind_and_the_fair_duel_comes_first(whole: ReportedRun) -> None:
    assert find_picture(whole, "convergence").name == "convergence-twins"
    assert isinstance(whole.plot("data"), Figure)


def test_an_unknown_picture_is_answered_with_the_nearest(whole: ReportedRun) -> None:
    with pytest.raises(UsageError, match="did you mean 'convergence-twins'"):
        whole.plot("convergense-twins")


def test_the_animation_shows_every_frame_and_both_twins(whole: ReportedRun) -> None:
    made = animation(whole, "twins")
    assert made.gif is not None
    film = Image.open(io.BytesIO(made.gif))
    assert film.format == "GIF"
    assert getattr(film, "n_frames", 1) >= 3
    assert "numpy ends after 1,740 updates" in made.words
    assert "keras ends after 1,740 updates" in made.words


def test_a_side_with_fewer_updates_is_animated_in_step_and_then_holds_its_last_frame(whole: ReportedRun) -> None:
    # the article's side keeps epochs 0, 30 and 60 of one update each, Keras's the same epochs of 29
    made = animation(whole, "published")
    assert made.gif is not None
    assert "article ends after 60 updates" in made.words
    assert "keras ends after 1,740 updates" in made.words
    shown = Forming(np.array([0, 30, 60]), np.zeros((3, 2, 2)))
    assert [shown.frame_at(updates) for updates in (0, 29, 30, 59, 60, 870, 1740)] == [0, 0, 1, 1, 2, 2, 2]


def test_without_kept_frames_there_is_no_animation(tmp_path: Path) -> None:
    made = animation(write_run(tmp_path / "run", weights=False), "twins")
    assert made.gif is None
    assert "kept no weights" in made.words


@pytest.mark.parametrize("content", [b"no zip", b""])
def test_weights_that_are_no_weights_are_named(content: bytes, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    (run.path / "weights" / "twins-twins-numpy.npz").write_bytes(content)
    with pytest.raises(UsageError, match=r"twins-twins-numpy\.npz cannot be read as an \.npz of plain arrays"):
        run.plot("boundaries")


def test_weights_are_never_unpickled(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    pickled = np.array([{"a": 1}], dtype=object)
    np.savez(run.path / "weights" / "twins-twins-numpy.npz", weight_0=pickled)
    with pytest.raises(UsageError, match=r"cannot be read as an \.npz of plain arrays"):
        run.plot("boundaries")


def test_weights_of_another_network_are_named(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    np.savez(run.path / "weights" / "twins-twins-numpy.npz", weight_0=np.zeros((2, 3)))
    sign(run.path)
    with pytest.raises(UsageError, match="weights of numpy"):
        bench.load(run.path).plot("boundaries")


def test_the_users_own_settings_of_matplotlib_change_nothing(whole: ReportedRun) -> None:
    before = find_picture(whole, "accuracy-twins").png()
    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 30}):
        assert find_picture(whole, "accuracy-twins").png() == before


# What each picture shows, against the made-up numbers it was given.


def test_the_duel_shows_the_published_side_left_and_the_fair_side_right(whole: ReportedRun) -> None:
    left, right = whole.plot("duel").axes[:2]
    assert left.get_title(loc="left") == "as published"
    assert right.get_title(loc="left").startswith("fair")
    ends = [max(max(data_of(line)[0]) for line in axes.lines) for axes in whole.plot("duel").axes[2:4]]
    assert ends == pytest.approx([4.0, 3.0])  # seconds of the article's NumPy, and of Keras in the fair duel
    caption = find_picture(whole, "duel").caption
    assert "the fair curves lie on each other, at most 0.0e+00 apart" in caption


def test_the_duel_says_when_the_fair_curves_part(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", published=True, shift=lambda contender, _: 0.3 * (contender == "keras"))
    assert "the fair curves are up to 0.3 apart" in find_picture(run, "duel").caption


def test_convergence_has_a_line_a_seed_a_band_and_a_broad_first_line(whole: ReportedRun) -> None:
    axes = whole.plot("convergence-twins").axes[0]
    for name in ("numpy", "keras", "keras_tuned"):
        own = [line for line in axes.lines if line.get_color() == colors([])[name]]
        assert sorted(line.get_linewidth() for line in own)[:6] == [0.5] * 6
        assert len(own) == 7
    assert len(axes.collections) == 3  # the bands
    bold = {line.get_color(): line.get_linewidth() for line in axes.lines if line.get_linewidth() > 1}
    assert bold[colors([])["numpy"]] > 2 * bold[colors([])["keras"]]


def test_bars_are_as_long_as_the_contenders_phases_without_the_harness(tmp_path: Path) -> None:
    at_work = {"snapshot_seconds": 30.0, "predict_seconds": 5.0, "evaluate_seconds": 40.0, "process_seconds": 80.0}
    run = write_run(tmp_path / "run", twins=["keras"], seeds=[2], change=lambda row: {**row, **at_work})
    picture = find_picture(run, "wall-time")
    whole, training = picture.figure.axes
    row = run.trials.iloc[0]
    widths = [bar.get_width() for bar in whole.patches if isinstance(bar, Rectangle)]
    assert widths == pytest.approx([0.03, 0.1, 0.02, 0.1, row["train_seconds"]])
    assert [text.get_text() for text in whole.texts] == [f"{0.25 + row['train_seconds']:.3g} s"]
    assert "copies weights and times predictions, for 35 s, and in its own process it evaluates" in picture.caption
    assert data_of(training.lines[0])[0] == pytest.approx([row["train_seconds"]])


def test_dots_are_the_trials_and_lines_their_pairs(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", twins=["numpy", "keras"], seeds=[2, 0])
    axes = run.plot("accuracy").axes[0]
    dots = sorted(data_of(line)[1][0] for line in axes.lines if line.get_marker() == "o")
    assert dots == pytest.approx([0.97, 0.97, 0.99, 0.99])
    joined = [line for line in axes.lines if line.get_linewidth() == 0.7]
    assert sorted(data_of(line)[1] for line in joined) == [[0.97, 0.97], [0.99, 0.99]]
    dashed = [line for line in axes.lines if data_of(line)[1] == [0.95, 0.95]]
    assert len(dashed) == 1


def test_an_interval_of_accuracies_ends_at_100_percent_and_below_its_label(tmp_path: Path) -> None:
    def accuracy(row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "test_accuracy": {2: 1.0, 0: 0.99}[row["seed"]]}  # the t interval of both reaches to 1.06

    figure = write_run(tmp_path / "run", twins=["numpy", "keras"], seeds=[2, 0], change=accuracy).plot("accuracy")
    figure.draw_without_rendering()
    axes = figure.axes[0]
    bars = [line for line in axes.lines if line.get_linewidth() == 4]
    labels = [text for text in axes.texts if text.get_text() == "99.5 %"]
    assert [max(data_of(bar)[1]) for bar in bars] == [1.0, 1.0]
    for bar, label in zip(bars, labels, strict=True):
        assert label.get_window_extent().y0 > bar.get_window_extent().y1
        assert label.get_window_extent().y1 <= axes.bbox.y1
    assert max(axes.get_yticks()) <= 1.0


def test_a_network_that_differs_is_shown_where_it_does(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", twins=["numpy", "keras"])
    path = run.path / "weights" / "twins-twins-keras.npz"
    with np.load(path) as kept:
        weights = dict(kept)
    weights["weight_9"] = weights["weight_9"] + 100.0  # the last bias: everything is class 1
    np.savez(path, **weights)
    sign(run.path)
    picture = find_picture(bench.load(run.path), "boundaries")
    surface = picture.figure.axes[0]
    assert surface.get_title(loc="left") == "numpy"
    assert "keras predicts class 1 everywhere" in picture.alt
    assert "(red)" in picture.figure.axes[2].get_title(loc="left")
    assert "they predict different classes at 0 of" not in picture.caption


def test_weights_that_are_not_finite_are_left_out_and_said(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", twins=["numpy", "keras"])
    path = run.path / "weights" / "twins-twins-keras.npz"
    with np.load(path) as kept:
        np.savez(path, **{name: array * np.nan for name, array in kept.items()})
    sign(run.path)
    assert "No finite weights are kept of keras." in find_picture(bench.load(run.path), "boundaries").caption


def test_the_scatter_tells_training_from_test_rows(whole: ReportedRun) -> None:
    sizes = [len(np.asarray(drawn.get_offsets())) for drawn in whole.plot("data").axes[0].collections]
    assert sizes == [446, 54, 454, 46]


def test_a_svg_turns_its_ink_around_on_a_dark_page(whole: ReportedRun) -> None:
    svg = find_picture(whole, "accuracy-twins").svg()
    (name,) = re.findall(r"\.(\w+)\{fill:#222222\}", svg)
    assert f'class="{name}"' in svg
    dark = svg.partition("@media (prefers-color-scheme: dark){")[2].partition("</style>")[0]
    assert f".{name}{{fill:#e6e6e6}}" in dark
    assert colors([])["numpy"] not in dark  # the data keep their colours


def test_a_path_keeps_its_places_in_relative_coordinates() -> None:
    # a line of 2.1 to the right, a curve, two lines, back to the start, and a line that begins at (1, 1)
    path = "M 1 2 \nL 3.14159 2 \nQ 4 4 5 5 \nL 5.5 6 \nL 5 7 \nz\nM 1 1 \nL 12.5 -0.04 \n"
    assert relative_path(path) == "m1 2l2.1 0q.9 2 1.9 3l.5 1-.5 1zm0-1l11.5-1"
    # rounding does not add up: a thousand steps of 0.04 end within a tenth of 40
    steps = "".join(f"L {0.04 * step:g} 0 \n" for step in range(1, 1001))
    moved = relative_path(f"M 0 0 \n{steps}").partition("l")[2]
    assert sum(float(each) for each in moved.split()[::2]) == pytest.approx(40.0)


def test_a_svg_keeps_its_words_size_and_loses_what_is_not_seen(whole: ReportedRun) -> None:
    svg = find_picture(whole, "accuracy-twins").svg()
    assert "scale(0.015625)" in svg  # of a letter's outline
    assert not re.search(r"<metadata|<!--|>\s+<", svg)


def test_a_scenario_that_is_no_more_leaves_its_pictures_out(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", change=lambda row: {**row, "scenario": "gone"})
    for draw in drawers(run).values():
        check(draw())
