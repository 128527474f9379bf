"""Build every notebook from its text source, or verify that what is committed is what they give."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tpmkit.authoring import leaks
from tpmkit.authoring.execute import FIELD, execute
from tpmkit.authoring.learner import learner_version
from tpmkit.authoring.lint import lint_assignment, lint_prose
from tpmkit.authoring.pictures import keep_pictures, stale_pictures
from tpmkit.authoring.repository import Repository
from tpmkit.authoring.source import read_source
from tpmkit.authoring.syllabus import Notebook
from tpmkit.dollars import DOLLAR, paired_dollars
from tpmkit.errors import TpmkitError

AT_ONCE = 2
BUILT_FOLDERS = ("notebooks", "casestudies", "solutions")
PRIVATE_SUFFIXES = (".md",)
# What a lesson can import and so what its outputs depend on, besides its own source.
TEACHING_CODE = ("checks.py", "data.py", "calls.py", "explore", "planning")
PACKAGE = Path(__file__).parent.parent
TOOLS = ("simulator", "interview")  # only the notebooks that name them depend on them


@dataclass
class Report:
    """What a build did or a check found."""

    executed: list[str] = field(default_factory=list)
    reused: list[str] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def build(
    repository: Repository,
    names: Iterable[str] = (),
    tick: Callable[[str], None] = lambda name: None,
) -> Report:
    """Execute the sources that changed and write every notebook made from them.

    Parameters
    ----------
    repository : Repository
    names : iterable of str, optional
        Notebooks to build; default all.
    tick : callable, optional
        Called with a notebook's name when it is done.

    Returns
    -------
    Report
        Its `problems` name orphans, sums of money that become formulas, and leaks; they do not
        undo the build.

    Raises
    ------
    TpmkitError
        If a source breaks the contract or a cell fails. Committed files are then untouched.
    """
    report = Report()
    notebooks = _select(repository, names)
    outputs: dict[Path, str] = {}
    for notebook, executed in zip(
        notebooks, _executed(repository, notebooks, report, tick), strict=True
    ):
        committed = _committed(repository, notebook)
        if committed is not None:
            keep_pictures(committed, executed)
        outputs |= _products(repository, notebook, executed)
    for path, text in outputs.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            _write(path, text)
            report.written.append(path)
    for notebook in notebooks:
        _copy_public_files(repository, notebook)
    report.problems += _orphans(repository)
    report.problems += _formulas(repository)
    report.problems += map(str, scan_leaks(repository))
    return report


def check(
    repository: Repository,
    names: Iterable[str] = (),
    sources_only: bool = False,
    tick: Callable[[str], None] = lambda name: None,
) -> Report:
    """Compare the committed notebooks with what their sources give, without writing any.

    Everything but outputs is compared byte for byte, pictures by what they show; text outputs are
    nbval's business. With `sources_only` nothing is executed: computed values in prose and
    pictures are taken as committed.
    """
    report = Report()
    notebooks = _select(repository, names)
    if sources_only:
        candidates: Iterator[NotebookNode] = (
            _adopt_committed(repository, notebook, tick) for notebook in notebooks
        )
    else:
        candidates = iter(_executed(repository, notebooks, report, tick))
    for notebook, executed in zip(notebooks, candidates, strict=True):
        for path, text in _products(repository, notebook, executed).items():
            if path == repository.graded_source(notebook):
                continue  # not committed
            name, source = _named(repository, path), repository.source(notebook).name
            if not path.is_file():
                report.problems.append(f"{name} is missing{_remedy(notebook)}")
                continue
            committed, fresh = nbformat.read(path, as_version=4), nbformat.reads(text, as_version=4)
            stale = stale_pictures(committed, fresh)
            if _bare(committed) != _bare(fresh):
                report.problems.append(f"{name} is not what {source} gives{_remedy(notebook)}")
            elif stale:
                report.problems.append(
                    f"{name} does not hold the pictures that {source} draws in cell "
                    f"{', '.join(stale)}{_remedy(notebook)}"
                )
    if not names:
        report.problems += _orphans(repository)
    report.problems += _formulas(repository)
    report.problems += map(str, scan_leaks(repository))
    return report


def scan_leaks(repository: Repository) -> list[leaks.Leak]:
    """Answers found in what learners are given."""
    sources = [
        _full(repository, notebook)
        for notebook in repository.syllabus.notebooks()
        if repository.source(notebook).is_file()
    ]
    private = [
        path.read_text(encoding="utf-8")
        for path in sorted((repository.root / "solutions").rglob("*"))
        if path.suffix in PRIVATE_SUFFIXES
    ]
    secret = leaks.secrets(sources, private)
    return [
        leak
        for folder in ("notebooks", "casestudies")
        for leak in leaks.scan_folder(repository.root / folder, secret)
    ]


def _select(repository: Repository, names: Iterable[str]) -> list[Notebook]:
    syllabus = repository.syllabus
    chosen = [syllabus.notebook(name) for name in names] or list(syllabus.notebooks())
    problems = []
    for notebook in chosen:
        source = _full(repository, notebook)
        found = lint_prose(source)
        if notebook.is_assignment:
            found += lint_assignment(source, notebook)
        problems += [f"{notebook.name}, {problem}" for problem in found]
    if problems:
        raise TpmkitError("\n".join(problems))
    return chosen


def _full(repository: Repository, notebook: Notebook) -> NotebookNode:
    return read_source(
        repository.source(notebook),
        repository.syllabus,
        notebook,
        repository.rubric(notebook),
    )


def _executed(
    repository: Repository,
    notebooks: list[Notebook],
    report: Report,
    tick: Callable[[str], None],
) -> list[NotebookNode]:
    """The executed notebooks, two at a time; cached where nothing they depend on changed."""
    context = _context(repository)
    tools = {tool: _digest((PACKAGE / tool).rglob("*")) for tool in TOOLS}

    def run(notebook: Notebook) -> NotebookNode:
        nb = _full(repository, notebook)
        text = nbformat.writes(nb)
        text += context + "".join(tools[tool] for tool in TOOLS if f"tpmkit.{tool}" in text)
        key = hashlib.sha256(text.encode()).hexdigest()
        cached = repository.cache / f"{notebook.name}-{key[:24]}.ipynb"
        if cached.is_file():
            nb = nbformat.read(cached, as_version=4)
            report.reused.append(notebook.name)
        else:
            folder = repository.learner(notebook).parent
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory() as scratch:
                place = Path(scratch, folder.name)
                shutil.copytree(
                    folder, place, ignore=shutil.ignore_patterns("*.ipynb", ".ipynb_checkpoints")
                )
                execute(nb, notebook.name, place, repository.root / "datasets")
            _write(cached, nbformat.writes(nb) + "\n")
            for old in repository.cache.glob(f"{notebook.name}-*.ipynb"):
                if (
                    re.fullmatch(re.escape(notebook.name) + r"-[0-9a-f]{24}\.ipynb", old.name)
                    and old != cached
                ):
                    old.unlink()
            report.executed.append(notebook.name)
        tick(notebook.name)
        return nb

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, notebooks))


def _context(repository: Repository) -> str:
    """A digest of everything but its source that an executed notebook depends on."""
    files = [
        repository.root / "requirements.lock",
        repository.root / "datasets" / "datapackage.json",
        Path(__file__).with_name("execute.py"),
    ]
    for entry in TEACHING_CODE:
        files += [PACKAGE / entry] if entry.endswith(".py") else (PACKAGE / entry).rglob("*.py")
    return _digest(files)


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _products(
    repository: Repository, notebook: Notebook, executed: NotebookNode
) -> dict[Path, str]:
    """The files made from one executed notebook, as text by path."""
    text = nbformat.writes(executed) + "\n"
    if not notebook.is_assignment:
        return {repository.learner(notebook): text}
    learner = learner_version(executed, repository.root / "grading")
    return {
        repository.solved(notebook): text,
        repository.graded_source(notebook): text,
        repository.learner(notebook): nbformat.writes(learner) + "\n",
    }


def _committed(repository: Repository, notebook: Notebook) -> NotebookNode | None:
    """What was built from a source before, executed; None if nothing was."""
    path = repository.solved(notebook) if notebook.is_assignment else repository.learner(notebook)
    return nbformat.read(path, as_version=4) if path.is_file() else None


def _adopt_committed(
    repository: Repository, notebook: Notebook, tick: Callable[[str], None]
) -> NotebookNode:
    """The source as it would be after execution, its prose filled with the committed values."""
    nb = _full(repository, notebook)
    committed = _committed(repository, notebook)
    cells = {cell.id: cell for cell in committed.cells} if committed else {}
    for cell in nb.cells:
        other = cells.get(cell.id)
        if other is None:
            continue
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = other.outputs, other.execution_count
            if "nbval-ignore-output" in other.metadata.get("tags", []):
                tags = {*cell.metadata.get("tags", []), "nbval-ignore-output"}
                cell.metadata["tags"] = sorted(tags)
        elif FIELD.search(cell.source):
            pattern = ".+?".join(map(re.escape, FIELD.sub("\0", cell.source).split("\0")))
            if re.fullmatch(pattern, other.source, re.DOTALL):
                cell.source = other.source
    tick(notebook.name)
    return nb


def _bare(nb: NotebookNode) -> str:
    """A notebook as text, its outputs dropped, whatever they are."""
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    return nbformat.writes(nb)


def _copy_public_files(repository: Repository, notebook: Notebook) -> None:
    """A case's brief, inbox and roles go to nbgrader's source folder beside the notebook."""
    if notebook.kind != "case":
        return
    public = repository.learner(notebook).parent
    shutil.copytree(
        public,
        repository.graded_source(notebook).parent,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("*.ipynb", ".ipynb_checkpoints"),
    )


def _orphans(repository: Repository) -> list[str]:
    """Notebooks that no source makes, and sources that the syllabus does not list."""
    expected: set[Path] = set()
    sources: set[Path] = set()
    for notebook in repository.syllabus.notebooks():
        expected |= {repository.learner(notebook), repository.solved(notebook)}
        sources.add(repository.source(notebook))
    found = {
        path
        for folder in BUILT_FOLDERS
        for path in (repository.root / folder).rglob("*.ipynb")
        if ".ipynb_checkpoints" not in path.parts
    }
    strays = [
        f"{_named(repository, path)} is an orphan: no source makes it; "
        "delete it or list it in course.yaml"
        for path in sorted(found - expected)
    ]
    listed = set((repository.root / "solutions").rglob("*.py"))
    return strays + [
        f"{_named(repository, path)} is not listed in course.yaml"
        for path in sorted(listed - sources)
    ]


def _formulas(repository: Repository) -> list[str]:
    """Sums of money in Markdown files, which no build mends, that become formulas when read."""
    return [
        f"{_named(repository, path)}: two $ in {paragraph[:50]!r} become a formula; write {DOLLAR}"
        for folder in ("casestudies", "datasets", "solutions")
        for path in sorted((repository.root / folder).rglob("*.md"))
        for paragraph in paired_dollars(path.read_text(encoding="utf-8"))
    ]


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _named(repository: Repository, path: Path) -> str:
    return path.relative_to(repository.root).as_posix()


def _remedy(notebook: Notebook) -> str:
    return f"; run: tpmkit build {notebook.name}"
