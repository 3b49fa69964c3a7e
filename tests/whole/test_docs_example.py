"""The example notebook runs from top to bottom, and shows what it promises."""

import importlib.util
from pathlib import Path

import nbclient
import nbformat

from bench.experiments import SCENARIOS
from bench.proof import reference
from bench.proof.cases import all_cases, cases_of
from bench.proof.compare import compare
from bench.proof.transcript import transcript

NOTEBOOK = Path(__file__).parents[2] / "docs" / "example.ipynb"


def test_the_example_notebook_runs_and_shows_a_run_and_its_pictures() -> None:
    notebook = nbformat.reads(NOTEBOOK.read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    assert not any(cell.get("outputs") for cell in notebook.cells), "keep it without outputs: they would grow old"
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [each for each in outputs if each.output_type == "error"]
    shown = [each["data"] for each in outputs if "data" in each]
    assert any("From the same start" in data.get("text/html", "") for data in shown)
    assert sum("image/png" in data for data in shown) == 3


def test_the_example_contender_is_a_twin_in_what_it_offers_and_says_what_it_does_not() -> None:
    spec = importlib.util.spec_from_file_location("example_contender", NOTEBOOK.with_name("example_contender.py"))
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    offered = []
    for case in [*all_cases(), *cases_of([SCENARIOS["twins"]])]:
        try:
            found = transcript(example, case)
        except NotImplementedError:
            continue
        assert compare(transcript(reference, case), found).first is None
        offered.append(case.name)
    assert offered == ["hidden relu", "twins"]
