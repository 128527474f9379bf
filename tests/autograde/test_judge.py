"""Points are decided outside the learner's process, on plain values, at each test's place."""

from __future__ import annotations

import pytest
from autograde import mini
from nbformat import v4
from nbgrader.utils import determine_grade

from tpmkit.autograde import JudgeError, grading


@pytest.fixture
def judge(quick_grader):
    def run(solved=None, files=None, **answers):
        graded = quick_grader.judge(solved or mini.solved(), mini.answered(**answers), files)
        return graded, graded.metadata.tpmkit.outcome

    return run


def cell(notebook, grade_id):
    return next(
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def test_the_reference_earns_every_point_and_nbgrader_reads_the_same(judge):
    graded, outcome = judge()
    assert outcome["points"] == {"test_share": 4, "test_cheapest": 2}
    assert determine_grade(cell(graded, "test_share")) == (4, 4)
    assert "CANARY-HIDDEN" in cell(graded, "test_share").source
    assert not outcome["faults"]


def test_an_untouched_notebook_earns_nothing(quick_grader):
    graded = quick_grader.judge(mini.solved(), mini.untouched())
    assert graded.metadata.tpmkit.outcome["points"] == {"test_share": 0, "test_cheapest": 0}
    notes = {row["note"] for row in graded.metadata.tpmkit.outcome["checks"]["test_share"]}
    assert notes and all(note.startswith("not yet") for note in notes)


def test_each_check_costs_its_own_points_only(judge):
    _, outcome = judge(share="def share(part, whole):\n    return part / whole")
    assert outcome["points"] == {"test_share": 3, "test_cheapest": 2}
    failed = [row for row in outcome["checks"]["test_share"] if not row["passed"]]
    assert [(row["name"], row["seen"]) for row in failed] == [
        ("nothing of nothing is 0", "ZeroDivisionError: division by zero")
    ]


def test_a_value_that_claims_to_equal_everything_is_only_a_value(judge):
    cheat = """
class Any(float):
    def __eq__(self, other): return True
    def __hash__(self): return 0
def share(part, whole): return Any(0.1)
"""
    _, outcome = judge(
        share=cheat, cheapest="class S(str):\n __eq__=lambda s,o: True\ncheapest=S()"
    )
    assert outcome["points"] == {"test_share": 0, "test_cheapest": 0}


def test_patched_libraries_change_nothing_on_the_trusted_side(judge):
    patch = """
import tpmkit.checks, builtins, math
tpmkit.checks.Checks.score = property(lambda self: self.points)
math.isclose = lambda *a, **k: True
def share(part, whole): return 9
"""
    _, outcome = judge(share=patch)
    assert outcome["points"]["test_share"] == 0


def test_learner_code_never_sees_expected_values_or_tests(judge):
    spy = """
import inspect, gc
def share(part, whole):
    frames = [str(sorted(f.frame.f_locals)) for f in inspect.stack()]
    print("SPY", frames, [v for v in gc.get_objects() if isinstance(v, str) and "CANARY" in v])
    raise KeyError(str([v for v in gc.get_objects() if isinstance(v, str) and "0.375" in v]))
share(1, 2) if False else None
print("In[-1] is", In[-1][:30])
"""
    graded, outcome = judge(share=spy)
    texts = str([c.get("outputs") for c in graded.cells])
    assert "CANARY-HIDDEN" not in texts.replace(mini.TEST_SHARE, "")
    seen = [row["seen"] for row in outcome["checks"]["test_share"]]
    assert all("0.375" not in text.replace("'0.375'", "") for text in seen)


def test_a_test_sees_the_learners_names_as_they_are_at_its_place(quick_grader):
    submitted = mini.answered()
    at = submitted.cells.index(cell(submitted, "test_share"))
    submitted.cells.insert(at, v4.new_code_cell("def share(a, b): return -1"))
    submitted.cells.insert(at + 2, v4.new_code_cell("def share(a, b): return a / b if b else 0"))
    outcome = quick_grader.judge(mini.solved(), submitted).metadata.tpmkit.outcome
    assert outcome["points"]["test_share"] == 0


def test_data_for_tests_is_the_instructors_whatever_the_learner_did_to_it(judge):
    spoiled = "prices['cost'] = [0, 9, 9]\ncheapest = 'a'"
    _, outcome = judge(cheapest=spoiled)
    assert outcome["points"]["test_cheapest"] == 1


def test_a_helper_cell_of_the_instructor_calls_the_learners_function(quick_grader):
    solved = mini.solved(
        setup=mini.SETUP + "\ndef half():\n    return share(1, 2)",
        test_share="check = Checks(4)\nwith check(4, 'half') as see:\n"
        "    assert see(half()) == 0.5\ncheck",
    )
    wrong = mini.answered(share="def share(a, b): return 7")
    outcome = quick_grader.judge(solved, wrong).metadata.tpmkit.outcome
    assert outcome["points"]["test_share"] == 0


RICH = """
check = Checks(4)
with check(1, "a table comes back") as see:
    assert see(share(prices, 2)).shape == (3, 2)
with check(1, "a model has methods") as see:
    model = share(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0]))
    assert np.allclose(see(model.predict(np.array([[3.0]]))), [7.0])
with check(1, "a library function may be passed") as see:
    assert see(share(np.mean, [1, 2, 6])) == 3
with check(1, "an exception keeps its type") as see:
    try:
        see(share("no", None))
    except ValueError as error:
        assert "no such" in str(error)
    else:
        raise AssertionError
check
"""
RICH_ANSWER = """
from sklearn.linear_model import LinearRegression
class Odd(ValueError): pass
def share(part, whole):
    if isinstance(part, pd.DataFrame): return part
    if isinstance(part, np.ndarray): return LinearRegression().fit(part, whole)
    if callable(part): return part(whole)
    raise Odd("no such share")
"""


def test_tables_models_functions_and_exceptions_cross_the_wall(quick_grader):
    solved = mini.solved(test_share=RICH, share=RICH_ANSWER)
    submitted = mini.answered(share=RICH_ANSWER)
    outcome = quick_grader.judge(solved, submitted).metadata.tpmkit.outcome
    assert outcome["points"]["test_share"] == 4, outcome["checks"]


BINDS = """
check = Checks(4)
with check(4, "it is a half") as see:
    right = see(share(1, 2))
    assert right == 0.5
check
"""
READS = """
check = Checks(2)
with check(2, "what an earlier test found in the solved notebook") as see:
    assert see(right) == 0.5 and see(cheapest) == "b"
check
"""


def test_what_a_test_binds_in_the_solved_notebook_is_not_there_for_a_later_test(quick_grader):
    solved = mini.solved(test_share=BINDS, test_cheapest=READS)
    points = quick_grader.judge(solved, solved).metadata.tpmkit.outcome["points"]
    assert points == {"test_share": 4, "test_cheapest": 0}


COUNTING = """
def share(part, memory):
    if part == 3: raise ValueError("three")
    memory["seen"] = memory.get("seen", 0) + part
    return part / 4
"""
MANY = """
from tpmkit.calls import many
check = Checks(4)
called = many(share, [(1, {}), (3, {}), (2, {"seen": 5})])
with check(1, "each row has its answer") as see:
    assert [see(c.value) for c in (called[0], called[2])] == [0.25, 0.5]
with check(1, "one that raises spoils no other") as see:
    assert see(called[1].value is None) and str(called[1].error) == "three"
with check(1, "arguments come back as the function left them") as see:
    assert [see(c.args[1]) for c in called] == [{"seen": 1}, {}, {"seen": 7}]
with check(1, "nothing but the answers changed") as see:
    assert see(called[1].args[0]) == 3
check
"""


def test_many_calls_cross_the_wall_in_one_journey(quick_grader):
    solved = mini.solved(test_share=MANY, share=COUNTING)
    outcome = quick_grader.judge(solved, mini.answered(share=COUNTING)).metadata.tpmkit.outcome
    assert outcome["points"]["test_share"] == 4, outcome["checks"]


def test_many_calls_together_have_the_time_of_one(quick_grader):
    slow = COUNTING.replace("return part / 4", "import time; time.sleep(2); return part / 4")
    solved = mini.solved(test_share=MANY, share=COUNTING)
    outcome = quick_grader.judge(solved, mini.answered(share=slow)).metadata.tpmkit.outcome
    assert outcome["points"]["test_share"] == 0
    assert [fault["code"] for fault in outcome["faults"]] == ["call-time"]


def test_a_warning_and_output_on_stderr_cost_nothing(judge):
    noisy = """
import sys, os, warnings
def share(part, whole):
    warnings.warn("deprecated"); print("to stderr", file=sys.stderr); os.write(2, b"raw")
    return part / whole if whole else 0.0
"""
    graded, outcome = judge(share=noisy)
    assert outcome["points"]["test_share"] == 4
    assert determine_grade(cell(graded, "test_share")) == (4, 4)


def test_a_tagged_test_runs_in_the_sandbox_and_is_reported(quick_grader):
    solved = mini.solved()
    tagged = cell(solved, "test_share")
    tagged.metadata["tpmkit"] = {"in_sandbox": True}
    outcome = quick_grader.judge(solved, mini.answered()).metadata.tpmkit.outcome
    assert outcome["points"]["test_share"] == 4
    assert outcome["in_sandbox"] == ["test_share"]


def test_figures_tables_and_widgets_come_out_as_in_a_notebook(judge):
    shown = """
import matplotlib.pyplot as plt, ipywidgets
from IPython.display import display
def share(part, whole): return part / whole if whole else 0.0
_ = plt.plot([1, 2])
display(ipywidgets.IntSlider(), prices)
"""
    graded, _ = judge(share=shown)
    kinds = [sorted(o.get("data", {})) for o in cell(graded, "share").outputs]
    assert ["image/png", "text/plain"] in kinds
    assert ["text/html", "text/plain"] in kinds


def test_scripts_in_learner_outputs_do_not_reach_the_instructors_browser(judge):
    script = """
from IPython.display import HTML, Javascript, SVG, Markdown, display
bad = "<img src=x onerror=alert(1)><script>alert(1)</script><b>kept</b>"
display(HTML(bad), Javascript("alert(1)"), SVG("<svg><script>alert(1)</script></svg>"))
display({"text/markdown": bad, "text/latex": bad, "text/plain": "x"}, raw=True)
def share(a, b): raise ValueError(bad)
"""
    graded, _ = judge(share=script)
    data_ = [o["data"] for o in cell(graded, "share").outputs]
    assert {kind for bundle in data_ for kind in bundle} == {"text/html", "text/plain"}
    html = " ".join(bundle.get("text/html", "") for bundle in data_)
    assert "<b>kept</b>" in html
    assert "<script" not in html
    assert "onerror" not in html
    table = cell(graded, "test_share").outputs[-1]["data"]["text/html"]
    assert "<script" not in table
    assert "onerror=alert" not in table or "&lt;img" in table


def test_the_trace_of_a_test_does_not_show_its_source(quick_grader):
    solved = mini.solved(test_share=mini.TEST_SHARE + "\nsecret_of_the_test = share(1, 3) * 3")
    graded = quick_grader.judge(solved, mini.answered(share="def share(*a): return None"))
    (error,) = [o for o in cell(graded, "test_share").outputs if o.output_type == "error"]
    assert "secret_of_the_test" not in str(error)


def test_files_of_the_submission_lie_in_the_working_folder(judge):
    reads = "def share(a, b): return float(open('in/rate.txt').read()) if b else 0.0"
    _, outcome = judge(share=reads, files={"in/rate.txt": b"0.25"})
    assert outcome["points"]["test_share"] == 3


def test_random_numbers_differ_between_submissions(judge):
    draw = (
        "import random\ndef share(a, b): raise ValueError(f'{random.random()} {np.random.rand()}')"
    )
    seen = {judge(share=draw)[1]["checks"]["test_share"][0]["seen"] for _ in range(3)}
    assert len(seen) == 3


def test_a_solved_notebook_that_does_not_run_is_named(quick_grader):
    with pytest.raises(JudgeError, match="cell 1 raises ZeroDivisionError"):
        quick_grader.judge(mini.solved(share="1 / 0"), mini.answered())


def test_a_test_cell_that_is_not_python_is_named(quick_grader):
    with pytest.raises(JudgeError, match=r"Cell test_share .* is not Python \(line 2: "):
        quick_grader.judge(mini.solved(test_share="check = Checks(4)\nwith"), mini.answered())


def test_a_score_sheet_that_is_crowded_out_counts_as_what_it_says(quick_grader):
    shows = "from IPython.display import display\ndisplay(share(0, 1))" + mini.TEST_SHARE
    flood = "def share(a, b): return 'x' * ((4 << 20) - 100)"
    outcome = quick_grader.judge(
        mini.solved(test_share=shows), mini.answered(share=flood)
    ).metadata.tpmkit.outcome
    assert outcome["points"]["test_share"] == 0


def test_a_test_that_the_source_does_not_have_earns_nothing(quick_grader):
    solved = mini.solved()
    solved.cells = [c for c in solved.cells if c.id != "test_share"]
    graded = quick_grader.judge(solved, mini.answered())
    assert determine_grade(cell(graded, "test_share")) == (0, 4)
    assert determine_grade(cell(graded, "test_cheapest")) == (2, 2)


def test_an_object_of_the_learner_is_not_its_own_judge(quick_grader):
    test = """
check = Checks(4)
expected = pd.DataFrame({"a": ["CANARY-EXPECTED"]})
with check(4, "the table") as see:
    assert see(share(1, 2)).equals(expected)
check
"""
    right = "def share(a, b): return pd.DataFrame({'a': ['CANARY-EXPECTED']})"
    liar = """
loot = []
class Liar:
    def equals(self, other): loot.append(other); return True
def share(a, b): return Liar()
"""
    solved = mini.solved(test_share=test, share=right)
    for answer, points in ((right, 4), (liar, 0)):
        shown = "print(loot)\n" if answer == liar else ""
        graded = quick_grader.judge(
            solved, mini.answered(share=answer, cheapest=shown + "cheapest = 'b'")
        )
        assert graded.metadata.tpmkit.outcome["points"] == {
            "test_share": points, "test_cheapest": 2,
        }  # fmt: skip
        assert mini.printed(graded) in ("", "[]\n")


def test_a_notebook_keeps_a_limited_amount_of_what_it_shows(quick_grader, monkeypatch):
    monkeypatch.setattr(grading, "OUTPUT", 1 << 20)
    notebook = mini.answered()
    notebook.cells[1:1] = [v4.new_code_cell("print('x' * 400_000)") for _ in range(4)]
    graded = quick_grader.judge(mini.solved(), notebook)
    assert sum(graded.metadata.tpmkit.outcome["points"].values()) == 6
    assert mini.printed(graded).count("x") == 800_000
    assert "more than is kept" in mini.printed(graded)


def test_large_files_of_a_submission_cross_whole(judge):
    share = "import os\ndef share(a, b): return 0.25 if os.path.getsize('t.csv') == 32 << 20 else 0"
    _, outcome = judge(share=share, files={"t.csv": bytes(32 << 20)})
    assert (outcome["points"]["test_share"], outcome["faults"]) == (2, [])


def test_several_submissions_at_once_do_not_mix(quick_grader):
    from concurrent.futures import ThreadPoolExecutor

    def points(i):
        answer = f"def share(a, b): return a / b if b else {i}"
        graded = quick_grader.judge(mini.solved(), mini.answered(share=answer))
        return graded.metadata.tpmkit.outcome["points"]["test_share"]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(points, range(8))) == [4] + [3] * 7


def test_numbers_and_parallel_libraries_work_after_the_fork(judge):
    heavy = """
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from joblib import Parallel, delayed
rng = np.random.default_rng(0)
X = rng.normal(size=(400, 5)); y = (X[:, 0] > 0).astype(int)
HistGradientBoostingClassifier(max_iter=5).fit(X, y)
forest = RandomForestClassifier(10, n_jobs=2).fit(X, y)
(X.T @ X).sum(), np.linalg.svd(X)
doubled = Parallel(n_jobs=2)(delayed(abs)(-i) for i in range(4))
def share(part, whole): return part / whole if whole and doubled == [0, 1, 2, 3] else 0.0
"""
    _, outcome = judge(share=heavy)
    assert outcome["points"]["test_share"] == 4, outcome["faults"]


def test_the_answers_never_enter_the_sandbox(judge):
    looking = """
import os
hits = []
for top in ("/", "/work", "/home", "/root", "/tmp", "/proc"):
    for here, folders, files in os.walk(top):
        if here.count("/") > 5: folders[:] = []
        hits += [os.path.join(here, f) for f in files if f.endswith(".ipynb") or f == "course.yaml"]
        hits += [os.path.join(here, f) for f in folders if f in ("solutions", "grading", ".git")]
hits = [h for h in hits if "site-packages" not in h and "lib/python" not in h]
def share(a, b): raise ValueError(str(hits))
"""
    _, outcome = judge(share=looking)
    assert outcome["checks"]["test_share"][0]["seen"] == "ValueError: []"


def test_decoded_arrays_are_copies_that_the_learner_cannot_change_later(quick_grader):
    test = """
check = Checks(4)
with check(4, "two answers") as see:
    first = see(share(1, 2)); second = see(share(1, 2))
    assert first.tolist() == [1, 2] and second.tolist() == [1, 2]
check
"""
    answer = (
        "kept = np.array([1, 2])\ndef share(a, b):\n    out = kept.copy(); kept[:] = 0; return out"
    )
    solved = mini.solved(test_share=test, share="def share(a, b): return np.array([1, 2])")
    outcome = quick_grader.judge(solved, mini.answered(share=answer)).metadata.tpmkit.outcome
    assert outcome["points"]["test_share"] == 0
