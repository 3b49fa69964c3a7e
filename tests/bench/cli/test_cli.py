"""The command line: one sentence for every mistake, and the exit code of its kind."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import bench, invoke
from made_up import write_run

from bench.experiments import EXPERIMENTS, SCENARIOS
from bench.runs.scenario_file import as_toml, read_scenario


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "twin"], "there is no suite named 'twin'; did you mean 'twins'?"),
        (["run", "twins", "--contender", "kera"], "did you mean 'keras' or 'keras_jax'?"),
        (["run", "--sedes", "3"], "--seeds"),
        (["runn"], "run"),
        (["run", "--seeds", "0"], "the number of seeds must be at least 1 and at most 10,000, got 0"),
        (["run", "--seeds", "1000000000"], "at least 1 and at most 10,000, got 1000000000"),
        (["run", "--seeds", "x"], "Invalid value for '--seeds'"),
        (["run", "--seed", "1", "--seed", "1"], "seeds must be different whole numbers"),
        (["run", "--seed", "-1"], "seeds must be different whole numbers"),
        (["run", "--seed", "1", "--seeds", "2"], "not both"),
        (["run", "--threads", "0"], "threads must be between 1 and"),
        (["run", "--threads", "4096"], "threads must be between 1 and"),
        (["run", "published", "--contender", "numpy", "--contender", "article"], "numpy takes no part in published"),
        (["run", "--timeout", "inf"], "the timeout must be a positive number of seconds, got inf"),
        (["run", "--timeout", "0"], "the timeout must be a positive number of seconds, got 0"),
        (["run", "--quick", "--rigorous"], "either quick or rigorous"),
        (["run", "published", "--contender", "numpy"], "numpy takes no part in published"),
        (["run", "twins", "--contender", "./none.py"], "none.py cannot be read: No such file or directory"),
        (["run", "none.toml"], "none.toml cannot be read: No such file"),
        (["run", "--resume", "results", "--quick"], "--resume takes everything from the run's own folder"),
        (["run", "--resume", "no_such_folder"], "is not the folder of a run"),
        (["report", "no_such_folder"], "is not the folder of a run"),
        (["show", "twinss"], "did you mean 'twins'?"),
        (
            ["show", "zzz"],
            "known are article_keras, article_numpy, cost, crossover, explain … and 142 more: bench list",
        ),
        (["show", "moons"], "moons is a data set (the article's two moons, noise 0.2), not a scenario"),
        (["show", "./mine.keras"], "got the model ./mine.keras; bench run ./mine.keras --data FILE --target COLUMN"),
        (
            ["run", "./old.h5"],
            "must be a .keras file, got ./old.h5; load it with keras or numpy_nn, and save it as old.keras",
        ),
        (["show", "none.toml"], "none.toml cannot be read: No such file"),
        (["show", "results/no_such_run"], "is not the folder of a run"),
        (["list", "--format", "yaml"], "there is no format named 'yaml'; known are json, text"),
        (["show", "twins", "--format", "markdown"], "there is no format named 'markdown'; known are json, text"),
        (["report", "results/baseline", "--format", "jsn"], "did you mean 'json'?"),
        (["verify", "--format", "jsn"], "did you mean 'json'?"),
        (["verify", "--timeout", "0"], "the timeout must be a positive number of seconds, got 0"),
        (["verify", "--memory-limit", "-1"], "the memory limit must be a positive number of gigabytes, got -1"),
        (["view", "no_such_folder"], "is not the folder of a run"),
        (["view", "--out", "no_such_folder"], "no_such_folder holds no run yet"),
        (["check", "no_such_folder"], "is not the folder of a run"),
        (["check", "results/baseline", "--baseline", "no_such_folder"], "is not the folder of a run"),
        (["check", "results/baseline", "--format", "markdwn"], "did you mean 'markdown'?"),
        (["check", "results/baseline", "--slower", "0.5"], "--slower must be a factor of at least 1, got 0.5"),
        (["check", "results/baseline", "--slower", "nan"], "--slower must be a factor of at least 1, got nan"),
        (["check", "--seeds", "0"], "the number of seeds must be at least 1 and at most 10,000, got 0"),
        (["check", "results/baseline", "--contender", "numpy"], "give a RUN to judge, or --seeds"),
        (["check", "results/baseline", "--seeds", "99"], "give a RUN to judge, or --seeds"),
        (["check", "--contender", "keras_plain"], "the gate judges twins, keras_plain is not one"),
        (["baseline", "no_such_folder"], "is not the folder of a run"),
        (["baseline", "results/baseline", "--figures-only"], "give no RUN beside it"),
        (["verify", "--contender", "keras_plain"], "trains in its own order of rows"),
    ],
)
def test_a_mistake_is_answered_in_a_sentence_with_exit_code_2(
    words: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.runs.execute.RunFolder.create", None)  # nothing begins before it is named
    done = invoke(*words)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("mine", "x = 1\n", "must define a function build(spec)"),
        ("mine", "def build(spec:\n", "is not Python"),
        ("mine", "\0", "is not Python"),
        ("keras", "def build(spec): ...\n", "must not have the name of a built-in contender"),
    ],
)
def test_a_file_that_is_no_contender_is_refused_before_anything_runs(
    tmp_path: Path, name: str, source: str, said: str
) -> None:
    path = tmp_path / f"{name}.py"
    path.write_text(source)
    done = invoke("run", "twins", "--contender", str(path), "--out", str(tmp_path / "out"))
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = invoke("run", "twins", "--contender", "numpy", "--out", str(tmp_path / "file" / "out"))
    assert done.exit_code == 2
    assert "must be writable" in done.stderr


@pytest.mark.usefixtures("without_pictures")  # the run, another process, has drawn them
def test_a_run_prints_its_tables_its_sentence_and_last_the_report(tmp_path: Path) -> None:
    done = bench("run", "twins", "--quick", "--contender", "numpy", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert any("proven equal in float64" in line for line in lines)
    assert any(line.startswith("[1/2] twins numpy seed 2: ok") for line in lines)
    assert any(line.startswith("contender") and "peak memory" in line for line in lines)
    assert Path(lines[-1]).is_file()
    assert Path(lines[-1]).name == "report.html"
    shown = invoke("show", str(Path(lines[-1]).parent))
    assert shown.stdout.splitlines()[-1] == lines[-1]
    again = invoke("report", str(Path(lines[-1]).parent))
    assert again.stdout.splitlines() == [lines[-1]]


@pytest.mark.usefixtures("without_pictures")
def test_view_opens_the_latest_run_and_makes_its_page_if_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    for name in ("20260101-000000-twins", "20260102-000000-twins"):
        write_run(tmp_path / name, twins=["numpy"], seeds=[2])
    done = invoke("view", "--out", str(tmp_path))
    page = tmp_path / "20260102-000000-twins" / "report.html"
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [str(page)]
    assert opened == [page.as_uri()]
    assert page.is_file()


def test_a_contender_that_is_no_twin_ends_with_exit_code_1(tmp_path: Path, example: str) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(Path(example).read_text().replace("/ len(rows)", ""))
    done = bench("run", "twins", "--contender", "numpy", "--contender", str(wrong), "--out", str(tmp_path / "out"))
    assert done.returncode == 1
    assert "not proven: wrong in twins: looks like a gradient summed over the batch" in done.stderr
    assert "the first quantity that differs is gradient: kernel of layer 1" in done.stderr
    assert "--time-anyway" in done.stderr
    assert "gradient: kernel of layer 1 differs by" in done.stdout


def test_a_contender_that_does_not_say_what_it_lacks_is_not_proven(tmp_path: Path, example: str) -> None:
    silent = tmp_path / "silent.py"
    silent.write_text(Path(example).read_text().replace("raise NotImplementedError", "str"))
    done = bench("verify", str(silent))
    assert done.returncode == 1
    (last,) = done.stderr.splitlines()
    assert last.startswith("not proven: silent in hidden sigmoid: the first quantity that differs is forward pass, by ")
    assert re.search(r"; no known mistake explains it; \d+ other cases alike; \d+ other cases for other reasons$", last)
    assert ", in train: delta = (output - y[rows]) / len(rows)" in " ".join(done.stdout.split())


def test_the_traceback_of_a_contender_is_shown_with_debug_alone(tmp_path: Path, example: str) -> None:
    raising = tmp_path / "raising.py"
    raising.write_text(Path(example).read_text().replace("return self.forward(x)[-1]", "return self.no_such(x)"))
    for words, shown in (([], False), (["--debug"], True)):
        done = bench(*words, "verify", str(raising))
        assert done.returncode == 1
        assert ("raising raised in its own process:\nTraceback" in done.stderr) is shown
        assert done.stderr.count("Traceback") == shown  # the harness raised nothing worth a second one
        assert done.stderr.count("AttributeError: ") == 1 + shown
        place = ", in predict: return self.no_such(x)); 5 other cases alike"
        assert done.stderr.splitlines()[-1].endswith(place)


def test_what_a_contender_prints_is_shown_where_it_fails_and_all_of_it_with_debug(tmp_path: Path, example: str) -> None:
    source = (
        Path(example)
        .read_text()
        .replace("    def forward(self, x):\n", "    def forward(self, x):\n        print('x')\n")
    )
    for name, text in (("right", source), ("wrong", source.replace(" / len(rows)", ""))):
        (tmp_path / f"{name}.py").write_text(text)
    for words, name, lines in (
        ([], "right", 0),
        ([], "wrong", 10),
        (["--debug"], "right", None),
        (["--debug"], "wrong", None),
    ):
        done = bench(*words, "verify", str(tmp_path / f"{name}.py"))
        shown = done.stderr.splitlines().count("x")
        assert shown == lines if lines is not None else shown > 320, (words, name, shown)
        assert (f"{name} printed" in done.stderr) is (shown > 0)
        assert ("; the last 10 of " in done.stderr) is (lines == 10)


def test_the_plan_is_printed_with_an_estimate_and_nothing_is_run(tmp_path: Path) -> None:
    done = invoke("run", "--dry-run", "--out", str(tmp_path / "out"))
    assert "twins: 2-25-50-50-25-1 (relu, sigmoid); sgd at 0.01; batches of 32; 200 epochs; moons, " in done.stdout
    assert done.exit_code == 0
    assert "37 trials, roughly" in done.stdout
    assert not (tmp_path / "out").exists()


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise ModuleNotFoundError(\"No module named 'typer'\", name='typer')\n")
    done = bench("list", PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.strip() == (
        "the harness needs the extra 'bench', and typer is missing: pip install 'david-vs-goliath[bench]'"
    )


def test_a_failure_of_the_harness_itself_ends_with_4_and_a_traceback_only_with_debug(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "from bench.store.folder import RunFolder\ndef fail(*_): return 1 / 0\nRunFolder.open = fail\n"
    )
    done = bench("report", "anywhere", PYTHONPATH=str(tmp_path))
    assert done.returncode == 4
    assert "the harness itself failed" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Traceback" in bench("--debug", "report", "anywhere", PYTHONPATH=str(tmp_path)).stderr


def test_version_and_list() -> None:
    assert bench("--version").stdout.strip() == "0.1.0"
    listed = invoke("list").stdout
    for name in ("published", "twins", "article_numpy", "keras_tuned", "more: bench list --scenarios"):
        assert name in listed
    assert "explain_glorot" not in listed
    every = invoke("list", "--scenarios").stdout
    assert all(name in every for name in SCENARIOS)


def test_show_prints_one_scenario_to_start_from_and_every_scenario_of_a_suite(tmp_path: Path) -> None:
    shown = invoke("show", "twins").stdout
    assert shown == as_toml(SCENARIOS["twins"])
    (tmp_path / "mine.toml").write_text(shown)
    assert replace(read_scenario(tmp_path / "mine.toml"), name="twins") == SCENARIOS["twins"]
    published = invoke("show", "published").stdout
    assert published == "\n".join(as_toml(each) for each in EXPERIMENTS["published"].scenarios.values())
    assert published.count("dataset = ") == 4


def test_show_prints_a_scenario_file_as_it_was_understood_with_what_it_comes_to(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    layers = 'layers = [2, 3, 1]\nactivations = ["tanh", "sigmoid"]\nbatch_size = 100\nepochs = 7\n'
    kept = [each for each in as_toml(SCENARIOS["twins"]).splitlines() if each.split()[0] not in layers]
    path.write_text("\n".join([*kept, layers]))
    shown = invoke("show", str(path))
    assert shown.exit_code == 0, shown.output
    assert tomllib.loads(shown.stdout) == tomllib.loads(path.read_text())
    # 2 · 3 + 3 and 3 · 1 + 1 parameters; the 900 training rows of the moons make 9 batches of 100
    last = shown.stdout.splitlines()[-1]
    assert last == "# 13 parameters; 9 updates an epoch from 900 training rows, 63 in 7 epochs"
    path.write_text(path.read_text().replace("tanh", "tahn"))
    assert "activations: there is no activation named 'tahn'; did you mean 'tanh'?" in invoke("show", str(path)).stderr
