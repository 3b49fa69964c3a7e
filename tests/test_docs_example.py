"""The example notebook runs from top to bottom, and shows what it promises."""

from pathlib import Path

import nbclient
import nbformat

NOTEBOOK = Path(__file__).parents[1] / "docs" / "example.ipynb"


def test_the_example_notebook_runs_and_shows_a_run_and_its_pictures() -> None:
    notebook = nbformat.reads(NOTEBOOK.read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    assert not any(cell.get("outputs") for cell in notebook.cells), "keep it without outputs: they would grow old"
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOK.parent)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [each for each in outputs if each.output_type == "error"]
    shown = [each["data"] for each in outputs if "data" in each]
    assert any("From the same start" in data.get("text/html", "") for data in shown)
    assert sum("image/png" in data for data in shown) == 3
