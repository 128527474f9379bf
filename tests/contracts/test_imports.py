"""Imports inside the package point one way: each part uses itself and the levels below it."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "src" / "tpmkit"
LEVELS = [
    {"errors", "bootstrap"},
    {"planning", "data", "checks", "calls", "dollars", "files", "loopback"},
    {"authoring", "autograde", "interview", "simulator", "explore"},
    {"start", "doctor"},
    {"cli"},
]
LEVEL = {part: level for level, parts in enumerate(LEVELS) for part in parts}


def part_of(path):
    """The part of the package a file belongs to: its folder, or its own name."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(source, path):
    """The parts of the package that `source` imports, wherever in the file it does so."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = ("tpmkit", *path.relative_to(PACKAGE).parts)[: -node.level]
                base = ".".join([*here, base]).rstrip(".")
            modules = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        for module in modules:
            top, _, rest = module.partition(".")
            if top == "tpmkit" and rest.partition(".")[0] in LEVEL:
                yield rest.partition(".")[0]


def upward(source, path):
    """Imports of `source` that do not point down."""
    here = part_of(path)
    return sorted({p for p in imported(source, path) if p != here and LEVEL[p] >= LEVEL[here]})


def modules():
    return [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"]


def test_every_part_has_its_level():
    assert {part_of(path) for path in modules()} <= set(LEVEL)


def test_imports_point_one_way():
    wrong = {
        str(p.relative_to(PACKAGE)): upward(p.read_text(encoding="utf-8"), p) for p in modules()
    }
    assert {path: parts for path, parts in wrong.items() if parts} == {}


def test_the_package_itself_imports_none_of_its_parts():
    init = PACKAGE / "__init__.py"
    assert list(imported(init.read_text(encoding="utf-8"), init)) == []


def test_an_import_that_points_up_or_sideways_would_be_found():
    autograde, checks = PACKAGE / "autograde" / "judge.py", PACKAGE / "checks.py"
    assert upward("from tpmkit.authoring import lint", autograde) == ["authoring"]
    assert upward("def f():\n    import tpmkit.explore.canvas as c", autograde) == ["explore"]
    assert upward("from ..cli import main", autograde) == ["cli"]
    assert upward("from .. import simulator", autograde) == ["simulator"]
    assert upward("from . import data", checks) == ["data"]
    assert upward("from tpmkit import data, errors\nfrom .judge import f", autograde) == []
