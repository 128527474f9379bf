"""What a graded page shows: nothing of the instructor's to a learner, and no script to anybody."""

from __future__ import annotations

import re
from html import escape
from typing import Any

import bleach
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_locked, is_solution, is_task

from tpmkit.autograde.outputs import ATTRIBUTES, DEPTH, STYLES, TAGS, depth
from tpmkit.dollars import wrap_dollars

Resources = dict[str, Any]
MEMO, LINE = 10_000, 2_000  # characters that are shown as what they are
LINK = re.compile(r"(https?://|mailto:|#)", re.IGNORECASE)
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,", re.IGNORECASE)


class HideInstructorParts(NbGraderPreprocessor):
    """Take hidden checks and mark schemes out of feedback, and tracebacks that quote them.

    The names of hidden checks, what they saw and their hints stay: they are outputs. Only the
    instructor's own cells are touched, so a learner who types one of the markers loses nothing.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, cell_index: int
    ) -> tuple[NotebookNode, Resources]:
        if is_task(cell):
            return ClearMarkScheme().preprocess_cell(cell, resources, cell_index)
        if is_grade(cell) and not is_solution(cell):
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    output.traceback = [f"{output.ename}: {output.evalue}"]
            return ClearHiddenTests().preprocess_cell(cell, resources, cell_index)
        return cell, resources


class HarmlessMarkdown(NbGraderPreprocessor):
    """Show what learners can write in Markdown without running it.

    Formgrader is a page of the instructor's own Jupyter server: a script in a memo could do there
    whatever the instructor can. Outputs are cleaned when they leave the sandbox.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, cell_index: int
    ) -> tuple[NotebookNode, Resources]:
        if cell.cell_type == "raw":
            cell.cell_type, cell.source = "markdown", f"```\n{cell.source}\n```"
        if cell.cell_type == "markdown" and not is_locked(cell) and not is_task(cell):
            cell.source = harmless_html(cell.source, cell.get("attachments", {}))
        if cell.cell_type == "code" and not is_locked(cell):
            # what colours code takes the square of a line's length
            lines = cell.source.split("\n")
            cell.source = "\n".join(x if len(x) <= LINE else x[:LINE] + " …" for x in lines)
        return cell, resources


def harmless_html(markdown: str, attachments: dict[str, dict[str, str]]) -> str:
    """Markdown as one block of HTML, pasted pictures included, that runs and loads nothing."""
    if len(markdown) > MEMO or depth(markdown) > DEPTH:  # what reads it takes the square of that
        return f"<pre>{escape(markdown)}</pre>".replace("\n\n", "\n&#8203;\n")
    markdown = wrap_dollars(markdown)
    try:
        html = _rendered(markdown, attachments)
    except InvalidNotebook:  # a picture is named that was not pasted
        html = _rendered(markdown.replace("attachment:", "#"), {})
    html = bleach.clean(
        html,
        tags=TAGS | {"img"},
        attributes=_is_allowed,
        protocols={"http", "https", "mailto", "data"},
        css_sanitizer=STYLES,
        strip=True,
    )
    # The exporter renders Markdown once more: HTML passes as it is up to the first blank line.
    lines = (line if line.strip() else "<!-- -->" for line in html.splitlines())
    return "\n".join(["<div>", *lines, "</div>"])


def _rendered(markdown: str, attachments: dict[str, dict[str, str]]) -> str:
    return MarkdownWithMath(IPythonRenderer(escape=False, attachments=attachments)).render(markdown)


def _is_allowed(tag: str, attribute: str, value: str) -> bool:
    match tag, attribute:
        case "a", "href":
            return bool(LINK.match(value))
        case "img", "src":
            return bool(PICTURE.match(value))
        case "img", "alt":
            return True
    return attribute in ATTRIBUTES
