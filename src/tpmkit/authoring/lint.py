"""What a source must keep so that its grades can be trusted, found without running it."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

from nbformat import NotebookNode

from tpmkit.authoring.syllabus import Notebook
from tpmkit.dollars import paired_dollars

SOLUTION = re.compile(
    r"^(?P<indent>[ \t]*)### BEGIN SOLUTION[^\n]*\n.*?^[ \t]*### END SOLUTION[^\n]*$", re.S | re.M
)
HIDDEN = re.compile(
    r"^[ \t]*### BEGIN HIDDEN TESTS.*?^[ \t]*### END HIDDEN TESTS[^\n]*$", re.S | re.M
)
OUTSIDE_CONTRACT = {
    "get_ipython", "globals", "locals", "vars", "eval", "exec", "open", "input", "inspect",
    "In", "Out", "id", "plt",
}  # fmt: skip
VISIBLE_SHARE = 1 / 3


def role(cell: NotebookNode) -> dict:
    """The nbgrader metadata of a cell; empty for an ordinary one."""
    return cell.metadata.get("nbgrader", {})


def is_test(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and bool(role(cell).get("grade"))


def is_solution(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and bool(role(cell).get("solution"))


def stub(source: str) -> str:
    """A solution cell as the learner gets it."""
    return SOLUTION.sub(lambda match: f"{match['indent']}pass", source)


def names_bound(source: str) -> set[str]:
    """Names that a piece of code binds at its top level."""
    bound: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            bound.add(node.name)
        else:
            bound |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and _stores(n)}
            bound |= {
                (alias.asname or alias.name).split(".")[0]
                for n in ast.walk(node)
                if isinstance(n, (ast.Import, ast.ImportFrom))
                for alias in n.names
            }
    return bound


def lint_assignment(nb: NotebookNode, notebook: Notebook) -> list[str]:
    """Every way in which an assignment's source breaks the contract of exercises.

    Parameters
    ----------
    nb : NotebookNode
        The full notebook, unexecuted.
    notebook : Notebook
        Its entry in the syllabus.

    Returns
    -------
    list of str
        One sentence a problem, naming the cell; empty when the source keeps the contract.
    """
    problems: list[str] = []
    bound: set[str] = set()
    learners: set[str] = set()
    found: set[str] = set()
    for cell in nb.cells:
        if cell.cell_type != "code":
            if role(cell).get("grade"):
                found.add(role(cell)["grade_id"])
            continue
        if is_test(cell):
            found.add(role(cell)["grade_id"].removeprefix("test_"))
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            name = role(cell).get("grade_id", f"cell {cell.id}")
            problems.append(f"{name}: is not Python (line {error.lineno}: {error.msg})")
            continue
        if is_test(cell):
            name = role(cell)["grade_id"]
            problems += [f"{name}: {text}" for text in _lint_test(cell, bound | learners, learners)]
        elif is_solution(cell):
            name = role(cell)["grade_id"]
            if len(SOLUTION.findall(cell.source)) != 1:
                problems.append(
                    f"{name}: needs exactly one ### BEGIN SOLUTION ... ### END SOLUTION"
                )
            learners |= names_bound(stub(cell.source))
        else:
            bound |= names_bound(cell.source)
    listed = {item.id for item in (*notebook.exercises, *notebook.memos)}
    problems += [
        f"course.yaml lists {name}, the source has no such cell" for name in sorted(listed - found)
    ]
    return problems


def lint_prose(nb: NotebookNode) -> list[str]:
    """Paragraphs that JupyterLab would set as mathematics because they hold two bare dollars."""
    return [
        f"cell {cell.id}: two bare $ in {paragraph[:50]!r} become a formula; write \\$"
        for cell in nb.cells
        if cell.cell_type == "markdown"
        for paragraph in paired_dollars(cell.source)
    ]


def _lint_test(cell: NotebookNode, known: set[str], learners: set[str]) -> Iterator[str]:
    tree = ast.parse(cell.source)
    points = role(cell)["points"]
    first, last = tree.body[0], tree.body[-1]
    if ast.unparse(first) != f"check = Checks({points:g})":
        yield f"starts with {ast.unparse(first)!r}, expected 'check = Checks({points:g})'"
    if not (isinstance(last, ast.Expr) and ast.unparse(last) == "check"):
        yield "must end with a line 'check': nbgrader reads the score from it"
    blocks = [node for node in tree.body if _is_check(node)]
    if len(blocks) != sum(_is_check(node) for node in ast.walk(tree)):
        yield "a check stands inside a loop or function; every check must always run"
    worth = {block: block.items[0].context_expr.args[0].value for block in blocks}
    if abs(sum(worth.values()) - points) > 1e-9:
        yield f"its checks sum to {sum(worth.values()):g} points, the exercise has {points:g}"
    hidden = [
        range(
            cell.source[: match.start()].count("\n") + 1, cell.source[: match.end()].count("\n") + 2
        )
        for match in HIDDEN.finditer(cell.source)
    ]
    visible = sum(p for block, p in worth.items() if not any(block.lineno in h for h in hidden))
    if visible < points * VISIBLE_SHARE - 1e-9:
        yield f"only {visible:g} of {points:g} points are visible; a third must be"
    for block in blocks:
        title = block.items[0].context_expr.args[1].value
        sees = isinstance(block.items[0].optional_vars, ast.Name) and any(
            isinstance(n, ast.Call) and ast.unparse(n.func) == block.items[0].optional_vars.id
            for n in ast.walk(block)
        )
        if not sees:
            yield f"check {title!r} never calls see(...): an untouched stub could pass it"
        if not any(isinstance(n, ast.Name) and n.id in learners for n in ast.walk(tree)):
            yield f"check {title!r} reads no answer of the learner"
    if cell.metadata.get("tpmkit", {}).get("in_sandbox"):
        return
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and _stores(n)}
    stored |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    stored |= {
        n.name
        for n in ast.walk(tree)
        if isinstance(n, (ast.FunctionDef, ast.ExceptHandler)) and n.name
    }
    stored |= names_bound(cell.source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in OUTSIDE_CONTRACT - stored:
            yield f"uses {node.id!r}, which the judge does not share with the learner's process"
        elif isinstance(node, ast.Name) and not _stores(node) and node.id not in stored | known:
            if not hasattr(builtins, node.id):
                yield f"uses {node.id!r}, which neither a given cell nor a stub defines"
        elif isinstance(node, ast.Attribute) and node.attr.startswith("__"):
            yield f"reads {node.attr!r}: answers are plain values, they have no class or source"
        elif isinstance(node, ast.Compare) and any(
            isinstance(o, (ast.Is, ast.IsNot)) for o in node.ops
        ):
            yield f"compares identity in {ast.unparse(node)!r}; compare values"


def _is_check(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.With)
        and isinstance(node.items[0].context_expr, ast.Call)
        and ast.unparse(node.items[0].context_expr.func) == "check"
    )


def _stores(node: ast.Name) -> bool:
    return isinstance(node.ctx, (ast.Store, ast.Del))
