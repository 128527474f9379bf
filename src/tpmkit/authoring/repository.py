"""Where things lie in a checkout of the course."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tpmkit.authoring.syllabus import Criterion, Notebook, Syllabus, load_rubric, load_syllabus
from tpmkit.errors import TpmkitError


@dataclass(frozen=True)
class Repository:
    """A checkout: its root, and the place of each kind of file in it."""

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Repository:
        """The checkout that holds `start` (default: the current folder).

        Raises
        ------
        TpmkitError
            If no parent folder holds `solutions/course.yaml`.
        """
        start = (start or Path.cwd()).resolve()
        for folder in (start, *start.parents):
            if (folder / "solutions" / "course.yaml").is_file():
                return cls(folder)
        raise TpmkitError(
            f"{start} is not inside a checkout of the course; change into the folder that holds "
            "README.md and solutions/, then try again."
        )

    @property
    def syllabus(self) -> Syllabus:
        return load_syllabus(self.root / "solutions" / "course.yaml")

    @property
    def cache(self) -> Path:
        return self.root / ".cache" / "build"

    def source(self, notebook: Notebook) -> Path:
        """The text that is edited by hand."""
        return self.root / "solutions" / notebook.folder / f"{notebook.name}.py"

    def learner(self, notebook: Notebook) -> Path:
        """What a learner opens."""
        return self.root / notebook.folder / f"{notebook.name}.ipynb"

    def solved(self, notebook: Notebook) -> Path:
        """An assignment with its answers, executed."""
        return self.root / "solutions" / notebook.folder / f"{notebook.name}.ipynb"

    def graded_source(self, notebook: Notebook) -> Path:
        """What nbgrader's own commands start from."""
        return self.root / "grading" / "source" / notebook.name / f"{notebook.name}.ipynb"

    def rubric(self, notebook: Notebook) -> dict[str, list[Criterion]]:
        """The rubric of an assignment; empty when it has no memo."""
        if not notebook.memos:
            return {}
        return load_rubric(self.root / "grading" / "rubrics" / f"{notebook.name}.yaml")
