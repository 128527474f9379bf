"""A text source becomes a full notebook: short keys expanded, header and rubric put in."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from tpmkit.authoring.syllabus import LEVEL_SHARE, Criterion, Notebook, Syllabus, Unit
from tpmkit.dollars import wrap_dollars
from tpmkit.errors import TpmkitError

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
BEGIN_SCHEME = "=== BEGIN MARK SCHEME ==="
END_SCHEME = "=== END MARK SCHEME ==="
COURSE_MAP = "<!-- course map -->"
KEPT = {"tags", "nbgrader", "tpmkit"}
OF_JUPYTEXT = {"lines_to_next_cell", "lines_to_end_of_cell_marker"}
OWN = ("alt", "prompt", "in_sandbox")


def read_source(
    path: Path, syllabus: Syllabus, notebook: Notebook, rubric: dict[str, list[Criterion]]
) -> NotebookNode:
    """The full, unexecuted notebook of a source, answers and hidden checks included.

    Raises
    ------
    TpmkitError
        Naming the source and the cell, for a key that is unknown or an item that is graded in
        the source but not listed in the syllabus or the rubric.
    """
    if not path.is_file():
        raise TpmkitError(f"{path} does not exist, but course.yaml lists {notebook.name}.")
    unit = syllabus.unit(notebook.slug)
    nb = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    for cell in nb.cells:
        if cell.source == COURSE_MAP:
            cell.source = course_map(syllabus)
        try:
            _expand(cell, notebook, rubric)
        except TpmkitError as error:
            raise TpmkitError(f"{path.name}, cell {_first_line(cell)!r}: {error}") from error
    _add_samples(nb.cells)
    nb.cells.insert(0, new_markdown_cell(header(unit, notebook)))
    _identify(nb.cells)
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = wrap_dollars(cell.source)
    nb.metadata = nbformat.from_dict(
        {
            "kernelspec": KERNELSPEC,
            "language_info": {"name": "python"},
            "tpmkit": {
                "unit": unit.slug,
                "kind": notebook.kind,
                "version": notebook.version,
                "seed": list(unit.seed),
            },
        }
    )
    nb.nbformat, nb.nbformat_minor = 4, 5
    nbformat.validate(nb)
    return nb


def header(unit: Unit, notebook: Notebook) -> str:
    """The first cell, as Markdown."""
    name = {"practice": " · practice", "case": " · case study"}.get(notebook.kind, "")
    lines = [f"# {unit.number}{name} · {unit.title}", "", f"*{unit.promise}*", ""]
    facts = [f"**Time** about {notebook.minutes} minutes"]
    up = "../../notebooks/" if notebook.kind == "case" else ""
    if notebook.kind == "practice":
        facts.append(f"**Before this** [{unit.slug}]({unit.slug}.ipynb)")
    elif unit.prerequisites:
        links = ", ".join(f"[{slug}]({up}{slug}.ipynb)" for slug in unit.prerequisites)
        facts.append(f"**Before this** {links}")
    if unit.datasets:
        facts.append("**Data** " + ", ".join(f"`{name}`" for name in unit.datasets))
    lines += [" · ".join(facts), ""]
    if notebook.is_assignment:
        lines += _points_table(notebook)
    else:
        lines += ["Afterwards you can:", ""]
        lines += [f"- {outcome.text}" for outcome in unit.outcomes]
    return "\n".join(lines).strip()


def course_map(syllabus: Syllabus) -> str:
    """The modules and case studies as a Markdown table, those in preparation last."""
    lines = ["| | | minutes |", "|---|---|---|"]
    for unit in syllabus.built:
        links = [
            f"[{notebook.kind.replace('case', 'case study')}](../{notebook.folder.as_posix()}/"
            f"{notebook.name}.ipynb)"
            for notebook in unit.notebooks
        ]
        minutes = " + ".join(str(notebook.minutes) for notebook in unit.notebooks)
        title = f"**{unit.title}** ({', '.join(links)})"
        lines.append(f"| **{unit.number}** | {title}. {unit.promise} | {minutes} |")
    planned = [f"{unit.number} {unit.title}" for unit in syllabus.units if unit.planned]
    if planned:
        lines += ["", "In preparation: " + "; ".join(planned) + "."]
    return "\n".join(lines)


def _points_table(notebook: Notebook) -> list[str]:
    automatic = sum(item.points for item in notebook.exercises)
    written = sum(item.points for item in notebook.memos)
    rows = [f"| {item.title} | {item.points:g} | checks |" for item in notebook.exercises]
    rows += [f"| {item.title} | {item.points:g} | a person, by rubric |" for item in notebook.memos]
    return [
        f"{automatic + written:g} points: {automatic:g} by checks, {written:g} read by a person. "
        "Some checks stand below each exercise and answer at once; the others run when your work "
        "is graded, on other data, and test nothing the text does not state. "
        f"To hand in, save, then run `tpmkit submit {notebook.name}` in a terminal.",
        "",
        "| exercise | points | graded by |",
        "|---|---|---|",
        *rows,
    ]


def _expand(cell: NotebookNode, notebook: Notebook, rubric: dict[str, list[Criterion]]) -> None:
    meta = cell.metadata
    for key in OF_JUPYTEXT & set(meta):
        del meta[key]
    own = {key: meta.pop(key) for key in OWN if key in meta}
    if own:
        meta["tpmkit"] = own

    def graded(grade_id: str, points: float | None = None, **role: bool) -> None:
        meta["nbgrader"] = {
            "schema_version": 3,
            "grade_id": grade_id,
            "grade": False,
            "solution": False,
            "locked": False,
            "task": False,
            **role,
            **({} if points is None else {"points": points}),
        }

    if "solution" in meta:
        graded(meta.pop("solution"), solution=True)
    elif "test" in meta:
        name = meta.pop("test")
        graded(f"test_{name}", notebook.points_of(name), grade=True, locked=True)
    elif "task" in meta:
        name = meta.pop("task")
        graded(f"{name}_task", 0, task=True, locked=True)
        if name not in rubric:
            raise TpmkitError(f"the rubric of {notebook.name} has no memo {name!r}.")
        _add_rubric(cell, notebook.points_of(name), rubric[name])
    elif "written" in meta:
        name = meta.pop("written")
        graded(name, notebook.points_of(name), grade=True, solution=True)
    elif "readonly" in meta:
        graded(meta.pop("readonly"), locked=True)
    unknown = sorted(set(meta) - KEPT)
    if unknown:
        raise TpmkitError(f"unknown keys {unknown} in the cell's header.")


def _add_rubric(cell: NotebookNode, points: float, criteria: list[Criterion]) -> None:
    total = sum(criterion.points for criterion in criteria)
    if total != points:
        raise TpmkitError(
            f"the rubric's criteria sum to {total:g} points, course.yaml says {points:g}."
        )
    visible = ["", "| criterion | points | what earns 80 %; more earns the rest |", "|---|---|---|"]
    visible += [f"| {c.title} | {c.points:g} | {c.levels[3]} |" for c in criteria]
    anchors = []
    for c in criteria:
        anchors += ["", f"**{c.title}** ({c.points:g} points)", ""]
        anchors += [
            f"- {level} ({LEVEL_SHARE[level]:.0%}): {c.levels[level]}" for level in c.levels
        ]
    prompt, begin, rest = cell.source.partition(BEGIN_SCHEME)
    notes, end, after = rest.partition(END_SCHEME)
    if not (begin and end):
        raise TpmkitError(f"a task cell needs {BEGIN_SCHEME!r} and {END_SCHEME!r}.")
    cell.source = "\n".join(
        [prompt.rstrip(), *visible, "", begin, *anchors, "", notes.strip(), "", end + after]
    )


def _add_samples(cells: list[NotebookNode]) -> None:
    """Put each memo's sample answer into its mark scheme: the marker sees the learner's text."""
    samples = {
        cell.metadata["nbgrader"]["grade_id"]: cell.source
        for cell in cells
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("grade")
    }
    for cell in cells:
        meta = cell.metadata.get("nbgrader", {})
        sample = samples.get(meta.get("grade_id", "").removesuffix("_task"))
        if meta.get("task") and sample:
            quoted = "\n".join(f"> {line}".rstrip() for line in sample.strip().splitlines())
            before, end, after = cell.source.partition(END_SCHEME)
            cell.source = (
                f"{before.rstrip()}\n\n**Sample answer, level 4**\n\n{quoted}\n\n{end}{after}"
            )


def _identify(cells: list[NotebookNode]) -> None:
    """Ids that follow content, so that an inserted cell changes no other cell's id."""
    seen: dict[str, int] = {}
    for cell in cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id:
            cell.id = re.sub(r"[^A-Za-z0-9_-]", "-", grade_id)[:64]
            continue
        digest = hashlib.sha256(f"{cell.cell_type}\0{cell.source}".encode()).hexdigest()[:12]
        seen[digest] = count = seen.get(digest, 0) + 1
        cell.id = digest if count == 1 else f"{digest}-{count}"


def _first_line(cell: NotebookNode) -> str:
    return cell.source.strip().split("\n")[0][:60]
