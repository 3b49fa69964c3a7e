"""The front door: its size, its links, its examples, and its language."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*(ROOT / name for name in (*READMES, "CONTRIBUTING.md")), *(ROOT / "docs").rglob("*.md")]
)

# Wordings of docs/style.md, and others that readers stumbled over. Patterns match across line breaks, in any case.
REFUSED = (
    r"twins? that (is|are) none",
    r"\bis no twin\b",
    r"\bhear how\b",
    r"\bwants? to know how\b",
    r"\b(is|are) nobody's\b",
    r"\bnobody (else|who|but|knows)\b",
    r"\bknow nobody\b",
    r"\bwhom a run\b",
    r"\bnobody's failure\b",
    r"\bwhat is not offered\b",
    r"\bif it is none\b",
    r"\bof which there is none\b",
    r"\bworth nothing by another\b",
    r"\btakes? part where (it is |they are )?named\b",
    r"\bsomething that wants\b",
    r"\bthere is none to be had\b",
    r"\bwhoever\b",
    r"\bwhomever\b",
)
_WORDING = re.compile("|".join(REFUSED), re.IGNORECASE)


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def words(text: str) -> list[str]:
    """Return the words of a page as a reader sees it: without code blocks, comments, and targets of links."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return [word for word in re.split(r"[\s|]+", text) if re.search(r"\w", word)]


def texts(source: str) -> Iterator[tuple[int, str]]:
    """Yield each comment block and each string of Python source, docstrings included, with its line."""
    tree = ast.parse(source)
    formatted = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    parts = {id(part) for node in formatted for part in node.values}
    for each in formatted:
        yield each.lineno, "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in each.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.lineno, node.value
    block: list[tuple[int, str]] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            if block and token.start[0] > block[-1][0] + 1:
                yield block[0][0], " ".join(text for _, text in block)
                block = []
            block.append((token.start[0], token.string.lstrip("# ")))
    if block:
        yield block[0][0], " ".join(text for _, text in block)


def refused(text: str) -> list[str]:
    """Return the refused wordings of a text."""
    return [found[0] for found in _WORDING.finditer(re.sub(r"\s+", " ", text))]


def test_the_readme_has_at_most_900_words() -> None:
    assert 300 < len(words(read("README.md"))) <= 900


@pytest.mark.parametrize("page", READMES)
def test_a_readme_has_at_most_40_figures(page: str) -> None:
    assert 0 < len(re.findall(r"<!--=[\w.]+-->", read(page))) <= 40


def test_code_comments_and_targets_of_links_do_not_count_as_words() -> None:
    assert words("a [b](c d.md) <!--=x.y-->5,226<!--/-->\n\n```\ncode\n```\n| e | f |\n") == [
        "a",
        "[b]",
        "5,226",
        "e",
        "f",
    ]


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_links_to_is_there(page: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", read(page)):
        path, _, anchor = target.partition("#")
        linked = (ROOT / page).parent / path if path else ROOT / page
        assert linked.exists(), target
        if anchor and linked.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in [re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/")])
def test_a_page_of_the_docs_is_in_the_navigation(page: str) -> None:
    assert f": {page.removeprefix('docs/')}\n" in read("mkdocs.yml")


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md", "docs/glossary.md", "docs/numpy_nn.md"])
def test_the_files_that_a_page_names_are_there(page: str) -> None:
    named = re.findall(r"`((?:bench|numpy_nn|keras_nn|tests|benchmarks|docs)/[\w./-]*)`", read(page))
    assert named
    assert [path for path in named if "NAME" not in path and not (ROOT / path).exists()] == []


def test_the_examples_of_the_guide_run_one_after_the_other(tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", read("docs/numpy_nn.md"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 5
    code = "\n".join([*blocks, "import sys", "print(sorted({'keras', 'tensorflow', 'bench'} & set(sys.modules)))"])
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[]\n"
    assert {path.name for path in tmp_path.iterdir()} == {"model.keras", "model.npz"}


def test_the_example_of_the_readme_runs(tmp_path: Path) -> None:
    (block,) = re.findall(r"^```python\n(.*?)^```", read("README.md"), re.MULTILINE | re.DOTALL)
    data = "import numpy as np\nx = np.random.default_rng(0).normal(size=(100, 2))\ny = x[:, 0] > 0\n"
    done = subprocess.run(
        [sys.executable, "-c", data + block], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["model.npz"]


@pytest.mark.parametrize("page", [page for page in PAGES if page != "docs/style.md"])
def test_a_page_has_none_of_the_refused_wordings(page: str) -> None:
    assert refused(read(page)) == []


@pytest.mark.parametrize("package", ["bench", "numpy_nn", "keras_nn", "docs"])
def test_docstrings_comments_and_messages_have_none_of_the_refused_wordings(package: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {wording}"
        for path in sorted((ROOT / package).rglob("*.py"))
        for line, text in texts(path.read_text(encoding="utf-8"))
        for wording in refused(text)
    ]
    assert found == []


def test_every_row_of_the_style_page_is_refused() -> None:
    _, _, table = read("docs/style.md").partition("## Not, but")
    wordings = re.findall(r"^\| `([^`]+)` \|", table.partition("\n## ")[0], re.MULTILINE)
    assert len(wordings) > 10
    assert [wording for wording in wordings if not refused(wording)] == []


def test_wordings_are_found_in_docstrings_comments_and_messages_across_lines() -> None:
    source = '"""A twin that\n    is none."""\n# so that it is\n# nobody\'s\nraise E(f"{x} is no twin")\n'
    assert sorted(wording for _, text in texts(source) for wording in refused(text)) == [
        "is no twin",
        "is nobody's",
        "twin that is none",
    ]
