"""``report.md``: what was found, then pictures, tables, the proof, the machine, and how to make the run again."""

from collections.abc import Mapping
from types import MappingProxyType

from bench.core.markdown import code_block, escape, markdown_table
from bench.report.animations import Animation, film_name
from bench.report.content import PROOF_WORDS, Content, Drawn


def render(content: Content, animations: Mapping[str, Animation] = MappingProxyType({})) -> str:
    """Return the report of a run as Markdown, with its animations by experiment, if they were asked for."""
    sentences = [
        f"**{escape(sentence)}**"
        for section in content.sections
        for sentence in (section.finding.sentence, section.remark)
        if sentence
    ]
    warnings = [f"**{escape(warning)}**" for warning in content.warnings]
    # a refused run found nothing, so that comes first
    parts = [*warnings, *sentences] if content.refused else [*sentences, *warnings]
    trained = _list("What was trained:", tuple(f"{each.name}: {each.line}" for each in content.trained))
    who = _list("By whom:", tuple(f"{name}: {title}" for name, title in content.contenders))
    parts = [*parts, trained, who] if content.refused else [trained, who, *parts]
    parts += map(_picture, content.headline)
    for section in content.sections:
        parts.append(f"# {escape(section.suite)}: {escape(section.title.partition(':')[0])}")
        if section.finding.notes:
            parts.append("\n".join(f"- {escape(note)}" for note in section.finding.notes))
        parts += map(_picture, section.pictures)
        if (film := animations.get(section.suite)) is not None:
            parts.append(_film(section.suite, film))
        parts += map(markdown_table, section.tables)
    parts += ["# The data", *map(_picture, content.data)] if content.data else []
    parts.append("# What may and may not be concluded")
    parts += [_list("It may be concluded:", content.may)] if content.may else []
    parts.append(_list("It may not be concluded:", content.may_not))
    if content.proof is not None:
        parts += ["# Proof of equality", escape(PROOF_WORDS), markdown_table(content.proof)]
    parts += ["# How to make it again", code_block(content.command), "# How this was made"]
    parts.append("\n".join(f"- {escape(name)}: {escape(words)}" for name, words in content.facts))
    return "\n\n".join(parts) + "\n"


def _list(title: str, sentences: tuple[str, ...]) -> str:
    return "\n".join([title, "", *(f"- {escape(sentence)}" for sentence in sentences)])


def _film(suite: str, film: Animation) -> str:
    if film.gif is None:
        return f"There is no animation: {escape(film.words)}."
    return f"![{escape(film.words)}](plots/{film_name(suite)})"


def _picture(picture: Drawn) -> str:
    return f"![{escape(picture.alt)}](plots/{picture.name}.png)\n\n*{escape(picture.caption)}*"
