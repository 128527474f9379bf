"""The course keeps its own contract: layout, syllabus, points, outcomes, anatomy."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import jupytext
import nbformat
import pytest
import yaml

from tpmkit.authoring.lint import is_solution, is_test, role
from tpmkit.authoring.repository import Repository
from tpmkit.authoring.source import header
from tpmkit.authoring.syllabus import load_rubric
from tpmkit.dollars import plain_dollars, wrap_dollars

ROOT = Path(__file__).parents[2]
REPOSITORY = Repository(ROOT)
SYLLABUS = REPOSITORY.syllabus
NOTEBOOKS = list(SYLLABUS.notebooks())
LESSONS = [notebook for notebook in NOTEBOOKS if notebook.kind == "lesson"]
ASSIGNMENTS = [notebook for notebook in NOTEBOOKS if notebook.is_assignment]
SLUGS = (
    "00_start_here 01_role 02_workflow 03_metrics 04_decisions 05_framing 06_data 07_systems "
    "08_planning 09_uncertainty 10_risk 11_experiments 12_mlops 13_operations 14_responsible_ai "
    "15_stakeholders 16_career 17_simulator 18_interview cs1_inspection_queue cs2_need_for_ml "
    "cs3_launch_date cs4_fair_lending cs5_night_alarm cs6_build_or_buy cs7_pivot_or_persevere "
    "cs8_labels_on_trial capstone"
).split()
POINTS = {"practice": (20, 10), "case": (55, 45)}


def each(notebooks):
    return pytest.mark.parametrize("notebook", notebooks, ids=lambda notebook: notebook.name)


def cells(path: Path) -> list:
    return nbformat.read(path, as_version=4).cells


def source_cells(notebook) -> list:
    text = REPOSITORY.source(notebook).read_text(encoding="utf-8")
    return jupytext.reads(text, fmt="py:percent").cells


def test_the_top_level_is_what_the_readme_promises():
    for name in ("notebooks", "casestudies", "datasets", "solutions", "grading", "tests"):
        assert (ROOT / name).is_dir()
    for name in (
        "README.md", "environment.yml", "requirements.lock", "pyproject.toml", "Makefile",
        "LICENSE", "LICENSE-CONTENT", "CHANGELOG.md", "CONTRIBUTING.md", ".ci/run",
    ):  # fmt: skip
        assert (ROOT / name).is_file(), name


def test_the_syllabus_lists_every_unit_once_in_teaching_order():
    assert [unit.slug for unit in SYLLABUS.units] == SLUGS


def test_what_a_learner_needs_first_comes_first():
    order = {slug: place for place, slug in enumerate(SLUGS)}
    for unit in SYLLABUS.units:
        if unit.kind == "case":
            continue
        for needed in unit.prerequisites:
            assert order[needed] < order[unit.slug], f"{unit.slug} needs {needed}"


def test_no_built_unit_needs_one_that_is_only_planned():
    planned = {unit.slug for unit in SYLLABUS.units if unit.planned}
    for unit in SYLLABUS.built:
        assert not planned & set(unit.prerequisites), unit.slug


@each(NOTEBOOKS)
def test_every_notebook_is_built_and_carries_its_header_and_seed_items(notebook):
    unit = SYLLABUS.unit(notebook.slug)
    paths = [REPOSITORY.learner(notebook)]
    paths += [REPOSITORY.solved(notebook)] if notebook.is_assignment else []
    for path in paths:
        nb = nbformat.read(path, as_version=4)
        assert nb.cells[0].source == wrap_dollars(header(unit, notebook))
        assert nb.metadata["tpmkit"]["seed"] == list(unit.seed)
        assert nb.metadata["tpmkit"]["version"] == notebook.version


@each(ASSIGNMENTS)
def test_points_are_what_this_kind_of_assignment_has(notebook):
    automatic, written = POINTS[notebook.kind]
    assert sum(item.points for item in notebook.exercises) == automatic
    assert sum(item.points for item in notebook.memos) == written
    graded = {
        role(cell)["grade_id"]: role(cell)["points"]
        for cell in cells(REPOSITORY.solved(notebook))
        if role(cell).get("grade")
    }
    expected = {f"test_{item.id}": item.points for item in notebook.exercises}
    expected |= {item.id: item.points for item in notebook.memos}
    assert graded == expected


@each(LESSONS)
def test_lessons_carry_no_points(notebook):
    assert not any(role(cell) for cell in cells(REPOSITORY.learner(notebook)))


@pytest.mark.parametrize("unit", SYLLABUS.built, ids=lambda unit: unit.slug)
def test_every_outcome_is_served_by_an_exercise_a_memo_or_a_prompt(unit):
    served = {
        item.outcome
        for notebook in unit.notebooks
        for item in (*notebook.exercises, *notebook.memos, *notebook.prompts)
    }
    assert served == {outcome.id for outcome in unit.outcomes}
    assert unit.outcomes
    assert unit.competencies


@each(LESSONS)
def test_the_prompts_listed_are_the_prompts_asked(notebook):
    asked = [
        cell.metadata["prompt"] for cell in source_cells(notebook) if "prompt" in cell.metadata
    ]
    assert asked == [item.id for item in notebook.prompts]


@each([notebook for notebook in LESSONS if notebook.slug[:2] not in ("00", "18")])
def test_a_lesson_has_the_length_and_parts_of_a_lesson(notebook):
    lesson = cells(REPOSITORY.learner(notebook))
    prose = "\n".join(plain_dollars(cell.source) for cell in lesson if cell.cell_type == "markdown")
    assert 25 <= len(lesson) <= 45
    assert len(re.findall(r"[A-Za-z0-9’'-]+", prose)) <= 2000
    assert 2 <= len(notebook.prompts) <= 3
    for part in ("What a TPM does with this", "Sources"):
        assert re.search(rf"^#+ .*{part}", prose, re.MULTILINE), part


@each(LESSONS)
def test_every_code_cell_of_a_lesson_was_executed(notebook):
    code = [cell for cell in cells(REPOSITORY.learner(notebook)) if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))


@each(ASSIGNMENTS)
def test_every_code_cell_of_a_solution_was_executed(notebook):
    code = [cell for cell in cells(REPOSITORY.solved(notebook)) if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))


@each(ASSIGNMENTS)
def test_the_committed_solution_earns_every_automatic_point(notebook):
    for cell in cells(REPOSITORY.solved(notebook)):
        if is_test(cell):
            (result,) = [
                output for output in cell.outputs if output.output_type == "execute_result"
            ]
            assert float(result.data["text/plain"]) == role(cell)["points"], cell.id


@each(ASSIGNMENTS)
def test_an_answer_stands_before_its_checks(notebook):
    answered = set()
    for cell in cells(REPOSITORY.solved(notebook)):
        if is_solution(cell):
            answered.add(role(cell)["grade_id"])
        elif is_test(cell):
            assert role(cell)["grade_id"].removeprefix("test_") in answered


@each([notebook for notebook in ASSIGNMENTS if notebook.kind == "practice"])
def test_a_practice_has_five_to_eight_exercises(notebook):
    assert 5 <= len(notebook.exercises) <= 8


@each(ASSIGNMENTS)
def test_every_memo_is_a_prompt_with_criteria_followed_by_the_learners_cell(notebook):
    solved = cells(REPOSITORY.solved(notebook))
    rubric = load_rubric(ROOT / "grading" / "rubrics" / f"{notebook.name}.yaml")
    assert set(rubric) == {item.id for item in notebook.memos}
    for item in notebook.memos:
        place = next(
            i for i, cell in enumerate(solved) if role(cell).get("grade_id") == f"{item.id}_task"
        )
        answer = solved[place + 1]
        assert role(answer)["grade_id"] == item.id
        for criterion in rubric[item.id]:
            assert wrap_dollars(criterion.levels[3]) in solved[place].source
            assert len(set(criterion.levels.values())) == 4


@each(ASSIGNMENTS)
def test_every_exercise_has_wrong_and_right_variants(notebook):
    path = ROOT / "tests" / "autograde" / "variants" / f"{notebook.name}.py"
    found = [cell.metadata for cell in jupytext.reads(path.read_text(), fmt="py:percent").cells]
    for item in notebook.exercises:
        mine = [meta for meta in found if meta.get("exercise") == item.id]
        assert len({meta["mutant"] for meta in mine if "mutant" in meta}) >= 3, item.id
        assert len({meta["equivalent"] for meta in mine if "equivalent" in meta}) >= 2, item.id
        assert all(meta["score"] < item.points for meta in mine if "mutant" in meta), item.id


@each([notebook for notebook in ASSIGNMENTS if notebook.kind == "case"])
def test_a_case_comes_with_its_public_and_private_parts(notebook):
    public = REPOSITORY.learner(notebook).parent
    private = REPOSITORY.source(notebook).parent
    assert (public / "brief.md").is_file()
    assert 6 <= len(list((public / "inbox").glob("*.md"))) <= 10
    assert len(list((public / "roles").glob("*.md"))) >= 3
    for name in ("debrief.md", "marker_notes.md", "roles_private.md"):
        assert (private / name).is_file()


def test_the_data_a_unit_names_is_shipped():
    shipped = {path.name for path in (ROOT / "datasets").iterdir() if path.is_dir()}
    for unit in SYLLABUS.built:
        assert set(unit.datasets) <= shipped, unit.slug


def test_versions_are_in_step():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"## {project['version']}" in (ROOT / "CHANGELOG.md").read_text()
    lock = (ROOT / "requirements.lock").read_text()
    locked = {line.split("==")[0] for line in lock.splitlines() if "==" in line}
    wanted = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        wanted += extra
    bare = {re.split(r"[<>=!\[; ]", name)[0].lower() for name in wanted}
    assert bare <= locked | {"tpmkit"}, bare - locked
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert {"pip": ["-r requirements.lock"]} in environment["dependencies"]


def test_no_set_up_file_names_a_registry():
    for name in ("requirements.lock", "environment.yml", "Makefile", ".ci/run", "pyproject.toml"):
        text = (ROOT / name).read_text()
        assert not re.search(r"https?://|index-url|--registry", text), name


def test_every_seed_item_has_a_unit_that_answers_it():
    counts = {"A": 21, "B": 38, "C": 73, "D": 37, "E": 23}
    items = {f"{letter}{n:02d}" for letter, last in counts.items() for n in range(1, last + 1)}
    assert {item for unit in SYLLABUS.units for item in unit.seed} == items
