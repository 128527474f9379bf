"""What a notebook's cells are to the judge, and which names it takes from the learner."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tpmkit.errors import TpmkitError

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = [
    "JudgeError", "TestCell", "bound_names", "code_tree", "is_test", "test_cells", "used_names",
]  # fmt: skip


class JudgeError(TpmkitError):
    """The solved notebook cannot serve as a reference. The message names cell and error."""


@dataclass(frozen=True)
class TestCell:
    """A test cell of the solved notebook."""

    grade_id: str
    points: float
    source: str
    in_sandbox: bool
    takes: tuple[str, ...]  # names it needs that solution cells bind


def is_test(cell: NotebookNode) -> bool:
    """Whether a cell is decided by running it: a graded code cell that is not an answer."""
    nbgrader = cell.metadata.get("nbgrader", {})
    return (
        cell.cell_type == "code"
        and bool(nbgrader.get("grade", False))
        and not nbgrader.get("solution", False)
    )


def is_solution(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and bool(cell.metadata.get("nbgrader", {}).get("solution"))


def test_cells(solved: NotebookNode) -> dict[str, TestCell]:
    """The test cells of a solved notebook by grade_id.

    Raises
    ------
    JudgeError
        If a cell is not Python.
    """
    answers: set[str] = set()
    used: set[str] = set()
    found = {}
    for number, cell in enumerate(solved.cells):
        if cell.cell_type != "code":
            continue
        try:
            tree = code_tree(cell.source)
        except SyntaxError as error:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", number)
            raise JudgeError(
                f"Cell {name} of the solved notebook is not Python (line {error.lineno}:"
                f" {error.msg}): mend its source, then run tpmkit build."
            ) from None
        if is_solution(cell):
            answers |= bound_names(tree)
        else:
            # a helper in an earlier cell may call the learner's function for a test
            used |= used_names(tree)
        if is_test(cell):
            nbgrader = cell.metadata.nbgrader
            found[nbgrader.grade_id] = TestCell(
                nbgrader.grade_id,
                float(nbgrader.points),
                cell.source,
                bool(cell.metadata.get("tpmkit", {}).get("in_sandbox", False)),
                tuple(sorted(answers & used)),
            )
    return found


def code_tree(source: str) -> ast.Module:
    """Parse a cell; lines for IPython (``%``, ``!``) are left out."""
    try:
        return ast.parse(source)
    except SyntaxError:
        lines = source.splitlines()
        kept = ["" if line.lstrip().startswith(("%", "!", "?")) else line for line in lines]
        return ast.parse("\n".join(kept))


def bound_names(tree: ast.Module) -> set[str]:
    """Names that a cell binds or changes at its top level (not inside functions and classes)."""
    names = set()
    for node in _top_level(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.Name(ctx=ast.Store() | ast.Del()):
                names.add(node.id)
            case ast.Subscript(ctx=ast.Store()) | ast.Attribute(ctx=ast.Store()):
                root = node.value
                while isinstance(root, (ast.Subscript, ast.Attribute)):
                    root = root.value
                if isinstance(root, ast.Name):
                    names.add(root.id)
            case ast.alias():
                names.add((node.asname or node.name).split(".")[0])
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                names.add(name)
    return names


def used_names(tree: ast.Module) -> set[str]:
    """Every name that a cell reads, anywhere."""
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def _top_level(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(
            child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        ) and not isinstance(child, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            yield from _top_level(child)
