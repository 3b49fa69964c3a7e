"""Put the pictures of the committed baseline into the documentation site.

Pages link to them as ``../results/baseline/...``, so that the same link works in a repository browser. The site cannot
reach above its own folder: each picture that git tracks becomes a file of the site, and links are rewritten to it.
A link to a picture that is missing stays broken, and the strict build fails.
"""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

_ABOVE = re.compile(r"\]\(((?:\.\./)+)(results/baseline/[^)]+\.png)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add every picture of the baseline to the files of the site."""
    root = Path(config.config_file_path).parent
    for picture in sorted((root / "results" / "baseline").rglob("plots/*.png")):
        files.append(File.generated(config, picture.relative_to(root).as_posix(), abs_src_path=str(picture)))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Point links to the baseline's pictures at their copies in the site."""
    return _ABOVE.sub(lambda link: f"]({link[1].removesuffix('../')}{link[2]})", markdown)
