"""What graded pages show: nothing of the instructor's to a learner, and no script to anybody."""

from __future__ import annotations

import re

import pytest
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from traitlets.config import Config

from tpmkit.autograde.feedback import HideInstructorParts

ROLE = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
MEMO = ROLE | {"grade_id": "memo", "grade": True, "solution": True, "points": 10}
TEST = ROLE | {"grade_id": "test_recall", "grade": True, "locked": True, "points": 2}
TASK = ROLE | {"grade_id": "memo_task", "task": True, "locked": True, "points": 0}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAAElFTkSuQmCC"


def page(*cells: NotebookNode) -> str:
    """The cells as formgrader and feedback show them: the part of the page that is the notebook."""
    config = Config()
    config.HTMLExporter.preprocessors = ["tpmkit.autograde.feedback.HarmlessMarkdown"]
    config.HTMLExporter.template_name = "classic"
    html, _ = HTMLExporter(config=config).from_notebook_node(new_notebook(cells=list(cells)))
    return html[html.index("<body") :]


def memo(text: str, **attachments: dict[str, str]) -> str:
    cell = new_markdown_cell(text, metadata={"nbgrader": MEMO})
    if attachments:
        cell.attachments = {f"{name}.png": data for name, data in attachments.items()}
    return page(cell)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "text <img src=x onerror=alert(1)> text",
        "[click](javascript:alert(1))",
        "<a href='JaVaScRiPt:alert(1)'>x</a>",
        "```\na\n\n[click](javascript:alert(1))\n\n<script>alert(1)</script>\n```",
        "<div>\n\n<script>alert(1)</script>",
        "<svg onload=alert(1)>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<details open ontoggle=alert(1)>x</details>",
        "# <script>alert(1)</script>",
        "| a |\n|---|\n| <script>alert(1)</script> |",
        "$<script>alert(1)</script>$",
        "<form action='/api'><input id='memo' value='10'></form>",
        "</div></div><script>alert(1)</script>",
        "<!-- --><script>alert(1)</script>",
        "![x](https://example.org/spy.png)",
    ],
)
def test_nothing_a_learner_writes_runs_or_loads_in_the_instructor_s_browser(text: str) -> None:
    shown = memo(text)
    assert not re.search(r"<(script|svg|iframe|form|input)\b(?![^<]*mathjax)", shown, re.I)
    assert not re.search(r"<[^>]*\b(on\w+|src|srcdoc|action)\s*=", shown, re.I)
    assert not re.search(r"href\s*=\s*[\"']?\s*javascript", shown, re.I)


@pytest.mark.parametrize(
    "text", ["<div>" * 8000, "\\begin{a}" * 8000, "\\[" * 9000, "a.\n\n" * 6000, "<b>" * 101]
)
def test_a_memo_made_to_stop_the_reader_is_shown_as_it_is(text: str) -> None:
    shown = memo(text)
    assert "<pre>" in shown
    assert "<div><div><div><div>" not in shown


def test_an_endless_line_of_code_is_cut() -> None:
    shown = page(new_code_cell("x = 1\n" + "a." * 20_000))
    assert shown.count(">a</span>") == 1000


def test_the_sums_of_a_memo_are_no_formula() -> None:
    shown = memo("Hold \\$170,000, release \\$20,000: never `\\$5`.")
    assert "Hold <span>$</span>170,000, release <span>$</span>20,000" in shown
    assert "<code>\\$5</code>" in shown


def test_an_ordinary_memo_looks_as_it_was_written() -> None:
    shown = memo(
        "# Verdict\n\n**Sign**, because `a < b` and $x < y$.\n\n> quoted\n\n- one\n- two\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n[source](https://example.org)\n\n"
        "```\nx = 1\n\ny = 2\n```"
    )
    for part in (
        "Verdict", "<strong>Sign</strong>", "a &lt; b</code>", "<blockquote>", "<li>one</li>",
        "<td>1</td>", 'href="https://example.org"', "quoted",
    ):  # fmt: skip
        assert part in shown
    text = re.sub(r"<[^>]+>", "", shown)
    assert "x = 1" in text
    assert "y = 2" in text
    assert "**" not in text


def test_a_pasted_picture_is_shown_and_a_missing_one_breaks_nothing() -> None:
    assert f"data:image/png;base64,{PIXEL}" in memo(
        "![chart](attachment:a.png)", a={"image/png": PIXEL}
    )
    assert "still here" in memo("![chart](attachment:gone.png)\n\nstill here")


def test_a_raw_cell_is_shown_as_text() -> None:
    assert "<script>alert" not in page(new_raw_cell("<script>alert(1)</script>"))


def test_the_course_s_own_html_stays() -> None:
    hint = new_markdown_cell("<details><summary>Hint</summary>\n\nDivide.\n\n</details>")
    assert "<summary>Hint</summary>" in page(hint)


def feedback(cell: NotebookNode) -> NotebookNode:
    return HideInstructorParts().preprocess(new_notebook(cells=[cell]), {})[0].cells[0]


def test_a_hidden_check_leaves_its_outputs_and_takes_its_source_and_tracebacks_along() -> None:
    source = "check = Checks(2)\n### BEGIN HIDDEN TESTS\nsecret\n### END HIDDEN TESTS\ncheck"
    outputs = [
        new_output("execute_result", {"text/html": "<table>1 of 2</table>"}),
        new_output("error", ename="KeyboardInterrupt", evalue="", traceback=["---> secret"]),
    ]
    cell = feedback(new_code_cell(source, metadata={"nbgrader": TEST}, outputs=outputs))
    assert cell.source == "check = Checks(2)\ncheck"
    assert cell.outputs[0].data["text/html"] == "<table>1 of 2</table>"
    assert "secret" not in str(cell.outputs[1])


def test_a_mark_scheme_stays_with_the_instructor() -> None:
    source = "Prompt.\n=== BEGIN MARK SCHEME ===\nsecret\n=== END MARK SCHEME ==="
    assert feedback(new_markdown_cell(source, metadata={"nbgrader": TASK})).source == "Prompt."


@pytest.mark.parametrize("marker", ["### BEGIN HIDDEN TESTS", "=== BEGIN MARK SCHEME ==="])
def test_a_learner_who_types_a_marker_loses_nothing(marker: str) -> None:
    for cell in (
        new_code_cell(f"x = 1\n{marker}"),
        new_markdown_cell(f"Memo.\n{marker}", metadata={"nbgrader": MEMO}),
    ):
        assert feedback(cell).source == cell.source
