"""The syllabus: `solutions/course.yaml` as values, validated at the door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tpmkit.errors import TpmkitError

PRACTICE = "_practice"
LEVELS = (1, 2, 3, 4)
LEVEL_SHARE = {1: 0.0, 2: 0.5, 3: 0.8, 4: 1.0}


@dataclass(frozen=True)
class Item:
    """Something an outcome is served by: an exercise, a memo, or a prompt of a lesson."""

    id: str
    title: str
    outcome: str
    points: float


@dataclass(frozen=True)
class Outcome:
    """What a learner can do afterwards, with a measurable verb."""

    id: str
    text: str


@dataclass(frozen=True)
class Criterion:
    """One line of a rubric: what is judged, its points, and four anchored levels."""

    id: str
    title: str
    points: float
    levels: dict[int, str]


@dataclass(frozen=True)
class Notebook:
    """One notebook of the course.

    Attributes
    ----------
    name : str
        The stem of the file; for an assignment also nbgrader's assignment id.
    slug : str
        The unit it belongs to.
    kind : {"lesson", "practice", "case"}
    """

    name: str
    slug: str
    kind: str
    minutes: int
    exercises: tuple[Item, ...] = ()
    memos: tuple[Item, ...] = ()
    prompts: tuple[Item, ...] = ()
    version: int = 1

    @property
    def is_assignment(self) -> bool:
        return self.kind != "lesson"

    @property
    def folder(self) -> Path:
        """Where it lies below the repository, below `solutions/` and below a workspace."""
        return Path("casestudies", self.name) if self.kind == "case" else Path("notebooks")

    def points_of(self, item_id: str) -> float:
        """Points of an exercise or memo; raises TpmkitError when the syllabus lists none."""
        for item in (*self.exercises, *self.memos):
            if item.id == item_id:
                return item.points
        raise TpmkitError(
            f"{self.name}: {item_id!r} is graded in the source but not listed in course.yaml; "
            "add it there with its points and outcome."
        )


@dataclass(frozen=True)
class Unit:
    """A module or a case study."""

    slug: str
    kind: str
    title: str
    promise: str
    planned: bool
    prerequisites: tuple[str, ...]
    seed: tuple[str, ...]
    competencies: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    notebooks: tuple[Notebook, ...] = ()

    @property
    def number(self) -> str:
        """What stands before the title: `03`, `CS1`, `Capstone`."""
        head = self.slug.split("_")[0]
        return head.upper() if head[-1].isdigit() else head.capitalize()


@dataclass(frozen=True)
class Syllabus:
    """Every unit once, in teaching order."""

    units: tuple[Unit, ...]

    @property
    def built(self) -> tuple[Unit, ...]:
        return tuple(unit for unit in self.units if not unit.planned)

    def unit(self, slug: str) -> Unit:
        """The unit of that slug."""
        return next(unit for unit in self.units if unit.slug == slug)

    def notebooks(self) -> Iterator[Notebook]:
        """The notebooks of the units that are built, in teaching order."""
        for unit in self.built:
            yield from unit.notebooks

    def notebook(self, name: str) -> Notebook:
        """The notebook of that name; raises TpmkitError, listing the known ones."""
        known = {notebook.name: notebook for notebook in self.notebooks()}
        if name not in known:
            raise TpmkitError(f"No notebook is called {name!r}; there are: {', '.join(known)}.")
        return known[name]


def load_syllabus(path: Path) -> Syllabus:
    """Read the syllabus.

    Raises
    ------
    TpmkitError
        Naming the unit and the field, when something is missing, unknown or listed twice.
    """
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    units = tuple(_unit(entry) for entry in raw["units"])
    competencies = {entry["id"] for entry in raw["competencies"]}
    slugs = [unit.slug for unit in units]
    for slug in slugs:
        if slugs.count(slug) > 1:
            raise TpmkitError(f"course.yaml lists {slug} twice.")
    for unit in units:
        unknown = sorted(set(unit.competencies) - competencies)
        if unknown:
            raise TpmkitError(f"course.yaml: {unit.slug} names competencies {unknown}, not listed.")
        for needed in unit.prerequisites:
            if needed not in slugs:
                raise TpmkitError(f"course.yaml: {unit.slug} needs {needed!r}, which is no unit.")
    return Syllabus(units)


def load_rubric(path: Path) -> dict[str, list[Criterion]]:
    """Read a rubric file: memo id -> criteria, each with exactly the levels 1 to 4."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    rubric = {}
    for memo, entry in raw["memos"].items():
        criteria = [Criterion(**criterion) for criterion in entry["criteria"]]
        for criterion in criteria:
            if tuple(criterion.levels) != LEVELS:
                raise TpmkitError(
                    f"{path.name}: criterion {criterion.id!r} of {memo!r} has levels "
                    f"{list(criterion.levels)}; expected 1, 2, 3, 4."
                )
        rubric[memo] = criteria
    return rubric


def _unit(entry: dict[str, Any]) -> Unit:
    entry = dict(entry)
    slug = entry.get("slug", "?")
    parts = {kind: entry.pop(kind, None) for kind in ("lesson", "practice", "case")}
    planned = entry.pop("status", "built") == "planned"
    version = entry.pop("version", 1)
    try:
        entry["outcomes"] = tuple(Outcome(**outcome) for outcome in entry.get("outcomes", ()))
        for name in ("prerequisites", "seed", "competencies", "datasets"):
            entry[name] = tuple(entry.get(name, ()))
        entry["notebooks"] = tuple(
            _notebook(slug, kind, part, version) for kind, part in parts.items() if part
        )
        unit = Unit(planned=planned, **entry)
    except (TypeError, KeyError) as error:
        raise TpmkitError(f"course.yaml, unit {slug}: {error}.") from error
    outcomes = {outcome.id for outcome in unit.outcomes}
    for notebook in unit.notebooks:
        for item in (*notebook.exercises, *notebook.memos, *notebook.prompts):
            if item.outcome not in outcomes:
                raise TpmkitError(
                    f"course.yaml, unit {slug}: {item.id} serves {item.outcome!r}, "
                    f"which is not among its outcomes {sorted(outcomes)}."
                )
    return unit


def _notebook(slug: str, kind: str, part: dict[str, Any], version: int) -> Notebook:
    return Notebook(
        name=slug + (PRACTICE if kind == "practice" else ""),
        slug=slug,
        kind=kind,
        minutes=part["minutes"],
        exercises=tuple(Item(**item) for item in part.get("exercises", ())),
        memos=tuple(Item(**item) for item in part.get("memos", ())),
        prompts=tuple(
            Item(item["id"], item.get("title", ""), item["outcome"], 0)
            for item in part.get("prompts", ())
        ),
        version=version,
    )
