"""Put the pictures of the committed baseline, and what `bench new` writes, into the documentation site.

Pages link to them as ``../results/baseline/...`` and ``../bench/cli/templates/...``, so that the same link works in a
repository browser. The site cannot reach above its own folder: each of these files becomes a file of the site, and
links are rewritten to it. A link to a file that is missing stays broken, and the strict build fails.
"""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

_ABOVE = re.compile(r"\]\(((?:\.\./)+)((?:results/baseline/[^)]+\.png|bench/cli/templates/[^)]+))\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add every picture of the baseline and every template to the files of the site."""
    root = Path(config.config_file_path).parent
    templates = (root / "bench" / "cli" / "templates").rglob("*.*")
    for path in sorted([*(root / "results" / "baseline").rglob("plots/*.png"), *templates]):
        if "__pycache__" not in path.parts:
            files.append(File.generated(config, path.relative_to(root).as_posix(), abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Point links to these files at their copies in the site."""
    return _ABOVE.sub(lambda link: f"]({link[1].removesuffix('../')}{link[2]})", markdown)
