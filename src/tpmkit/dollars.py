"""Sums of money in Markdown, kept from being set as mathematics.

JupyterLab and the pages of nbgrader turn Markdown into HTML and then let MathJax take what lies
between two dollars of one text for a formula, whether they were written `$` or `\\$`. A dollar in
a tag of its own is no such edge, and as an entity no step before MathJax sees one either. (GitHub
recommends `<span>$</span>`; JupyterLab pairs those. `<span>\\$</span>` shows its backslash in a
`<summary>`, which is HTML, not Markdown.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

DOLLAR = "<span>&#36;</span>"
# Code, and the alternative text of a picture: there is no HTML in them.
LITERAL = r"""
    ^[\ >]*(?P<fence>```+|~~~+).*?(?:^[\ >]*(?P=fence)|\Z)
    | (?<![`\\])(?P<ticks>`+)(?!`)(?:(?!\n\s*\n).)+?(?<!`)(?P=ticks)(?!`)
    | !\[[^\]]*\]
"""
FLAGS = re.VERBOSE | re.DOTALL | re.MULTILINE
LITERALS = re.compile(LITERAL, FLAGS)
WRITTEN = re.compile(rf"{LITERAL} | (?P<dollar><span>\\?\$</span>|\\\$)", FLAGS)
BARE = re.compile(r"(?<!\\)\$")
PARAGRAPHS = re.compile(r"\n\s*\n")
TEXTS = re.compile(r"\||\n(?=\s*(?:[-*+]|\d+[.)])\s)")  # cells of a table, items of a list


def wrap_dollars(markdown: str) -> str:
    r"""Markdown with each `\$` outside code as a dollar that cannot open a formula."""
    return WRITTEN.sub(lambda found: DOLLAR if found["dollar"] else found[0], markdown)


def plain_dollars(text: str) -> str:
    """Text with its dollars written alike, to be compared."""
    return text.replace(DOLLAR, "$").replace("\\$", "$")


def paired_dollars(markdown: str) -> Iterator[str]:
    r"""The passages in which JupyterLab may see a formula between two dollars.

    Bare ones pair across the rows of a table and the items of a list; `\$` only within one.
    """
    for paragraph in PARAGRAPHS.split(LITERALS.sub("", markdown)):
        if len(BARE.findall(paragraph)) > 1:
            yield paragraph.strip()
        else:
            yield from (text.strip() for text in TEXTS.split(paragraph) if text.count("$") > 1)
