"""The build: what the sources say is what is committed, and every planted fault is named."""

from __future__ import annotations

import base64
import io
import shutil
from pathlib import Path

import nbformat
import pytest
from PIL import Image

from tpmkit.authoring import build as builder
from tpmkit.authoring.repository import Repository
from tpmkit.errors import TpmkitError

ROOT = Path(__file__).parents[2]

COURSE = """
competencies: [{id: T1, dimension: technical, title: "Arithmetic"}]
units:
  - slug: 01_first
    kind: module
    title: "First"
    promise: "One thing."
    prerequisites: []
    seed: [A01]
    competencies: [T1]
    outcomes: [{id: O1, text: "Halve a number."}]
    lesson: {minutes: 5, prompts: []}
    practice:
      minutes: 5
      exercises: [{id: half, title: "Half", points: 2, outcome: O1}]
      memos: [{id: why, title: "Why", points: 4, outcome: O1}]
  - slug: 02_second
    kind: lesson
    title: "Second"
    promise: "Another."
    prerequisites: [01_first]
    seed: []
    outcomes: []
    lesson: {minutes: 5}
"""
RUBRIC = """
assignment: 01_first_practice
memos:
  why:
    criteria:
      - {id: clear, title: Clear, points: 4, levels: {1: "no", 2: "part", 3: "yes", 4: "more"}}
"""
LESSON = """# %%
six = 6

# %% [markdown]
# Half of six is {{ six / 2:.1f}}, computed below.

# %%
print(six / 2)
"""
SECOND = "# %%\nprint('two')\n"
PLOT = """# %% alt="A line rises."
import matplotlib.pyplot as plt
_ = plt.plot([1, 2, 4])
"""
PRACTICE = '''# %% readonly="setup"
from tpmkit.checks import Checks

# %% solution="half"
def half(x):
    """Half of x."""
    ### BEGIN SOLUTION
    return x / 2  # the one and only answer
    ### END SOLUTION

# %% test="half"
check = Checks(2)
with check(1, "half of four") as see:
    assert see(half(4)) == 2
### BEGIN HIDDEN TESTS
with check(1, "half of a secret number") as see:
    assert see(half(123456789.0)) == 61728394.5
### END HIDDEN TESTS
check

# %% [markdown] task="why"
# Say why.
#
# === BEGIN MARK SCHEME ===
# The marker looks for an argument about fairness.
# === END MARK SCHEME ===

# %% [markdown] written="why"
# A sample answer that only the marker may ever read.
'''


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small course, built."""
    root = tmp_path_factory.mktemp("course")
    sources = root / "solutions" / "notebooks"
    sources.mkdir(parents=True)
    (root / "solutions" / "course.yaml").write_text(COURSE)
    (sources / "01_first.py").write_text(LESSON)
    (sources / "02_second.py").write_text(SECOND)
    (sources / "01_first_practice.py").write_text(PRACTICE)
    (root / "grading" / "rubrics").mkdir(parents=True)
    (root / "grading" / "rubrics" / "01_first_practice.yaml").write_text(RUBRIC)
    shutil.copy(ROOT / "grading" / "nbgrader_config.py", root / "grading")
    for folder in ("casestudies", "datasets"):
        (root / folder).mkdir()
    (root / "datasets" / "datapackage.json").write_text("{}")
    shutil.copy(ROOT / "requirements.lock", root)
    report = builder.build(Repository(root))
    assert report.problems == []
    return root


@pytest.fixture
def course(built: Path, tmp_path: Path) -> Repository:
    """A copy of the small course that a test may spoil."""
    root = tmp_path / "course"
    shutil.copytree(built, root)
    return Repository(root)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def snapshot(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".cache" not in path.parts
    }


def test_an_unchanged_course_is_clean_and_executes_nothing(course):
    report = builder.check(course)
    assert report.problems == []
    assert report.executed == []
    assert sorted(report.reused) == ["01_first", "01_first_practice", "02_second"]


def test_without_its_cache_the_course_builds_to_the_same_bytes(course):
    before = snapshot(course.root)
    shutil.rmtree(course.cache)
    report = builder.build(course)
    assert len(report.executed) == 3
    assert report.written == []
    assert snapshot(course.root) == before


def test_prose_holds_the_computed_value(course):
    nb = nbformat.read(course.root / "notebooks" / "01_first.ipynb", 4)
    assert any("Half of six is 3.0" in cell.source for cell in nb.cells)


def test_one_changed_word_names_exactly_that_notebook(course):
    edit(course.root / "solutions/notebooks/01_first.py", "computed below", "computed above")
    for sources_only in (True, False):
        report = builder.check(course, sources_only=sources_only)
        assert len(report.problems) == 1
        assert report.problems[0].startswith("notebooks/01_first.ipynb is not what 01_first.py")
        assert "tpmkit build 01_first" in report.problems[0]


def test_an_edited_notebook_is_found_without_executing_anything(course):
    path = course.root / "notebooks" / "01_first_practice.ipynb"
    edit(path, "Half of x.", "Half of y.")
    report = builder.check(course, sources_only=True)
    assert [p.split(" is ")[0] for p in report.problems] == ["notebooks/01_first_practice.ipynb"]
    assert report.executed == []


def test_a_computed_value_edited_in_prose_is_found(course):
    edit(course.root / "notebooks" / "01_first.ipynb", "is 3.0,", "is 3.1,")
    assert len(builder.check(course).problems) == 1


def test_an_orphan_and_an_unlisted_source_are_named(course):
    (course.root / "notebooks" / "99_old.ipynb").write_text(
        (course.root / "notebooks" / "02_second.ipynb").read_text()
    )
    (course.root / "solutions" / "notebooks" / "98_new.py").write_text(SECOND)
    problems = "\n".join(builder.check(course, sources_only=True).problems)
    assert "notebooks/99_old.ipynb is an orphan" in problems
    assert "solutions/notebooks/98_new.py is not listed" in problems


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("raise KeyError('lost')", "raised KeyError"),
        ("print(object())", "a memory address"),
        ("import warnings; warnings.warn('old')", "writes to stderr"),
        ("import matplotlib.pyplot as plt; _ = plt.plot([1])", "without alt="),
    ],
)
def test_a_failing_build_names_the_cell_and_leaves_every_file_as_it_was(course, line, message):
    before = snapshot(course.root)
    source = course.root / "solutions/notebooks/02_second.py"
    edit(source, "print('two')", line)
    edit(course.root / "solutions/notebooks/01_first.py", "computed below", "computed above")
    with pytest.raises(TpmkitError, match="02_second") as error:
        builder.build(course)
    assert message in str(error.value)
    after = snapshot(course.root)
    assert {p for p in after if after[p] != before.get(p)} == {
        "solutions/notebooks/01_first.py",
        "solutions/notebooks/02_second.py",
    }


def test_only_what_changed_is_executed_again(course):
    edit(course.root / "solutions/notebooks/02_second.py", "two", "deux")
    report = builder.build(course)
    assert report.executed == ["02_second"]
    assert report.written == [course.root / "notebooks" / "02_second.ipynb"]


def test_a_picture_is_rebuilt_when_it_shows_something_else_and_only_then(course):
    source = course.root / "solutions/notebooks/02_second.py"
    edit(source, SECOND, PLOT)
    builder.build(course)
    path = course.root / "notebooks" / "02_second.ipynb"
    drawn = path.read_text()
    nb = nbformat.read(path, 4)
    cell = nb.cells[1]
    image = Image.open(io.BytesIO(base64.b64decode(cell.outputs[0].data["image/png"])))
    for changed, stale in ((image, False), (image.transpose(Image.Transpose.ROTATE_180), True)):
        file = io.BytesIO()
        changed.save(file, "png", compress_level=1)
        cell.outputs[0].data["image/png"] = base64.encodebytes(file.getvalue()).decode()
        nbformat.write(nb, path)
        assert path.read_text() != drawn
        problems = builder.check(course).problems
        assert len(problems) == stale
        if stale:
            assert problems[0].startswith("notebooks/02_second.ipynb does not hold the picture")
            assert f"in cell {cell.id}; run: tpmkit build 02_second" in problems[0]
        assert builder.check(course, sources_only=True).problems == []
        assert builder.build(course).written == [path] * stale
    assert path.read_text() == drawn


def test_learners_get_no_answer_and_no_output(course):
    text = (course.root / "notebooks" / "01_first_practice.ipynb").read_text()
    for secret in (
        "one and only answer",
        "secret number",
        "fairness",
        "sample answer",
        'outputs": [{',
    ):
        assert secret not in text
    assert builder.scan_leaks(course) == []


@pytest.mark.parametrize(
    "planted",
    [
        "### BEGIN SOLUTION",
        "    return x / 2  # the one and only answer",
        "    assert see(half(123456789.0)) == 61728394.5",
        "A sample answer that only the marker may ever read.",
        "The marker looks for an argument about fairness.",
    ],
)
def test_a_planted_answer_is_found_and_its_cell_named(course, planted):
    path = course.root / "notebooks" / "01_first_practice.ipynb"
    nb = nbformat.read(path, 4)
    cell = next(cell for cell in nb.cells if cell.id == "half")
    cell.source += "\n" + planted
    nbformat.write(nb, path)
    leaks = builder.scan_leaks(course)
    assert [(leak.file, leak.place) for leak in leaks] == [
        ("notebooks/01_first_practice.ipynb", "cell half")
    ]


def test_a_private_text_in_a_public_folder_is_found(course):
    (course.root / "solutions" / "debrief.md").write_text("To wait for \\$5 is defensible.\n")
    (course.root / "casestudies" / "brief.md").write_text(
        "To  wait for <span>&#36;</span>5 is defensible.\n"
    )
    assert [leak.file for leak in builder.scan_leaks(course)] == ["casestudies/brief.md"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Checks(2)", "Checks(3)", "expected 'check = Checks(2)'"),
        ('with check(1, "half of four")', 'with check(0.5, "half of four")', "sum to 1.5 points"),
        ("assert see(half(4)) == 2", "assert half(4) == 2", "never calls see"),
        ("assert see(half(4)) == 2", "assert see(half(4)) is 2", "compares identity"),
        ("assert see(half(4)) == 2", "assert see(half.__name__) == 'half'", "'__name__'"),
        ("assert see(half(4)) == 2", "assert see(half(nowhere)) == 2", "uses 'nowhere'"),
        ("assert see(half(4)) == 2", "get_ipython(); assert see(half(4)) == 2", "'get_ipython'"),
        ("### END HIDDEN TESTS\ncheck", "### END HIDDEN TESTS\ncheck.score", "must end with"),
        (
            'with check(1, "half of four") as see:\n',
            "for _ in 'a':\n  with check(1, \"half of four\") as see:\n",
            "inside a loop",
        ),
        ("assert see(half(4)) == 2", "assert see(half(4)) = 2", "test_half: is not Python (line 3"),
        ("return x / 2", "return x over 2", "half: is not Python"),
        ('# %% test="half"', '# %% test="third"', "not listed in course.yaml"),
        (
            "    ### END SOLUTION\n",
            "    ### END SOLUTION\n    ### BEGIN SOLUTION\n    ### END SOLUTION\n",
            "exactly one",
        ),
        ('# %% solution="half"', '# %% solutoin="half"', "unknown keys ['solutoin']"),
    ],
)
def test_an_exercise_outside_the_contract_is_refused(course, old, new, message):
    edit(course.root / "solutions/notebooks/01_first_practice.py", old, new)
    with pytest.raises(TpmkitError) as error:
        builder.build(course)
    assert message in str(error.value)


def test_the_marker_sees_the_sample_answer_and_the_learner_does_not(course):
    notebooks = course.root / "solutions" / "notebooks", course.root / "notebooks"
    solved, learner = (
        nbformat.read(folder / "01_first_practice.ipynb", 4).cells for folder in notebooks
    )
    scheme = next(cell for cell in solved if cell.id == "why_task").source
    assert "> A sample answer that only the marker may ever read." in scheme
    assert not any("sample answer" in cell.source.lower() for cell in learner)


def test_dollars_that_would_become_a_formula_are_refused(course):
    source = course.root / "solutions/notebooks/01_first.py"
    edit(source, "computed below.", "for $3 or `$4`, below.")
    builder.build(course)
    edit(source, "for $3", "for $3 and $4")
    with pytest.raises(TpmkitError, match=r"two bare \$ in 'Half of six.* write \\\$$"):
        builder.build(course)


def test_built_notebooks_hold_dollars_that_are_no_formula(course):
    sources = course.root / "solutions/notebooks"
    edit(sources / "01_first.py", "computed below.", "or \\${{ six / 2:.0f}}, below.")
    edit(sources / "01_first_practice.py", "# Say why.", "# Say why not \\$5.")
    edit(sources / "01_first_practice.py", "# A sample answer", "# \\$6: a sample answer")
    edit(course.root / "grading/rubrics/01_first_practice.yaml", '"yes"', "'names \\$7'")
    builder.build(course)
    assert builder.check(course, sources_only=True).problems == []
    lesson = (course.root / "notebooks/01_first.ipynb").read_text()
    assert "3.0, or <span>&#36;</span>3, below." in lesson
    learner = (course.root / "notebooks/01_first_practice.ipynb").read_text()
    solved = (sources / "01_first_practice.ipynb").read_text()
    for text in (learner, solved):
        assert "Say why not <span>&#36;</span>5." in text
        assert "names <span>&#36;</span>7" in text
    assert solved.count("<span>&#36;</span>6: a sample answer") == 2  # also for the marker


def test_dollars_in_a_file_that_is_not_built_are_named(course):
    brief = course.root / "casestudies" / "brief.md"
    brief.write_text("It costs \\$5.\n\nIt costs \\$6, at most \\$7.\n")
    [problem] = builder.check(course, sources_only=True).problems
    assert problem.startswith("casestudies/brief.md: two $ in 'It costs")


def test_points_that_disagree_with_the_syllabus_are_refused(course):
    edit(course.root / "solutions/course.yaml", "points: 4, outcome", "points: 5, outcome")
    with pytest.raises(TpmkitError, match="criteria sum to 4 points, course.yaml says 5"):
        builder.build(course)


def test_an_outcome_that_is_no_outcome_is_refused(course):
    edit(course.root / "solutions/course.yaml", "points: 2, outcome: O1", "points: 2, outcome: O9")
    with pytest.raises(TpmkitError, match="serves 'O9'"):
        builder.check(course)


def test_a_competency_that_is_not_listed_is_refused(course):
    edit(course.root / "solutions/course.yaml", "competencies: [T1]", "competencies: [T9]")
    with pytest.raises(TpmkitError, match=r"01_first names competencies \['T9'\]"):
        builder.check(course)


def test_an_unknown_name_lists_the_known_ones(course):
    with pytest.raises(TpmkitError, match="01_first, 01_first_practice, 02_second"):
        builder.build(course, ["03_third"])


def test_outside_a_checkout_one_sentence_says_so(tmp_path):
    with pytest.raises(TpmkitError, match="not inside a checkout"):
        Repository.find(tmp_path)
