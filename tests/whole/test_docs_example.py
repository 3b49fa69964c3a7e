"""The example notebook runs from top to bottom and shows a run; the contender to start from passes the proof."""

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
    assert not any(cell.get("outputs") for cell in notebook.cells), "commit it without outputs: they go stale"
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [each for each in outputs if each.output_type == "error"]
    shown = [each["data"] for each in outputs if "data" in each]
    assert any("From the same start" in data.get("text/html", "") for data in shown)
    assert sum("image/png" in data for data in shown) == 3


def test_the_example_contender_equals_the_reference_and_refuses_unsupported_cases(example: str) -> None:
    spec = importlib.util.spec_from_file_location("example_contender", example)
    assert spec is not None
    assert spec.loader is not None
    contender = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(contender)
    supported = []
    for case in [*all_cases(), *cases_of([SCENARIOS["twins"]])]:
        try:
            found = transcript(contender, case)
        except NotImplementedError:
            continue
        assert compare(transcript(reference, case), found).first is None
        supported.append(case.name)
    assert supported == ["hidden relu", "twins"]
