"""What a graded class tells its instructor: items, checks, who needs help, who wrote alike."""

from __future__ import annotations

import csv
import html
import io
import itertools
import re
import tokenize
from collections import Counter
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import yaml
from nbformat import NotebookNode
from nbgrader.api import SubmittedNotebook
from nbgrader.utils import is_solution
from rich.console import Console

from tpmkit.autograde.repair import ReleasedCell
from tpmkit.autograde.run import Course, GradingError, plainly

__all__ = [
    "Report", "agreement", "double_marking", "memos", "read_class", "read_sheet", "show_report",
    "similar", "write_report",
]  # fmt: skip

WINDOW = 8  # tokens in a row that count as one piece of text
COMMON = 0.25  # a piece that more than this share of the class wrote says nothing
ALIKE, PIECES = 0.6, 12
HELP = 0.5
MARKERS = ["marker_1", "marker_2"]
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Report:
    """The tables of a report, each with a column of names first."""

    items: pd.DataFrame
    checks: pd.DataFrame
    learners: pd.DataFrame
    memos: pd.DataFrame
    similar: pd.DataFrame


def show_report(root: Path, assignment: str, into: Path, draw: bool, sheet: Path | None) -> None:
    """Write the report of an assignment and say where it is.

    Parameters
    ----------
    root : Path
        The nbgrader course root.
    assignment : str
    into : Path
        Folder for the page and its tables.
    draw : bool
        Also draw memos for a second marker: ``sheet.csv`` to fill in, ``key.csv`` to keep.
    sheet : Path or None
        A filled-in sheet: show the agreement on it instead.
    """
    with plainly():
        _show(root, assignment, into, draw, sheet)


def _show(root: Path, assignment: str, into: Path, draw: bool, sheet: Path | None) -> None:
    console = Console()
    if sheet is not None:
        console.print(agreement(read_sheet(sheet)).to_string(index=False))
        return
    if draw and (into / "sheet.csv").exists():
        raise GradingError(
            f"{into / 'sheet.csv'} is there already and may hold marks: move it and key.csv away"
            " before you draw anew."
        )
    page = write_report(read_class(root, assignment), assignment, into)
    console.print(f"Written: {page} and a CSV beside it for each table.", soft_wrap=True)
    if draw:
        rubric = root / "rubrics" / f"{assignment}.yaml"
        if not rubric.is_file():
            raise GradingError(f"There is no rubric {rubric.name} in {rubric.parent}.")
        memos = yaml.safe_load(rubric.read_text(encoding="utf-8"))["memos"]
        criteria = {name: [c["id"] for c in memo["criteria"]] for name, memo in memos.items()}
        rng = np.random.default_rng()
        drawn, key = double_marking(root, assignment, criteria, rng)
        drawn.map(_harmless).to_csv(into / "sheet.csv", index=False)
        key.to_csv(into / "key.csv", index=False)
        console.print(
            f"{len(key)} learners drawn: each marker fills in a column of sheet.csv (levels 1 to"
            f" 4); then tpmkit report {assignment} --agreement {into / 'sheet.csv'}",
            soft_wrap=True,
        )


def read_class(root: Path, assignment: str) -> Report:
    """Make the tables of a graded assignment.

    Parameters
    ----------
    root : Path
        The nbgrader course root.
    assignment : str

    Raises
    ------
    GradingError
        If nothing of it has been graded with `tpmkit grade`.
    """
    course = Course(root, assignment)
    with closing(course.gradebook) as gradebook:
        done = course.ledger.done()
        if not done:
            raise GradingError(f"Nothing of {assignment} is graded yet: run tpmkit grade first.")
        rows = {
            submission.student.id: submission.notebooks[0]
            for submission in gradebook.assignment_submissions(assignment)
            if submission.student.id in done
        }
        outcomes = {learner: done[learner].outcome for learner in rows}
        learners = pd.DataFrame(
            [_learner(learner, row, outcomes[learner]) for learner, row in rows.items()]
        )
        marked = memos(rows.values())
    scores = pd.DataFrame({who: outcome["points"] for who, outcome in outcomes.items()}).T
    highest = pd.Series(next(iter(outcomes.values()))["max"])
    texts = {learner: _answers(course.autograded(learner)) for learner in rows}
    return Report(
        items(scores, highest),
        checks(outcomes.values()),
        learners.sort_values(["help", "share", "learner"], ascending=[False, True, True]),
        marked,
        similar(texts, [_text(cell) for cell in course.released if cell.solution]),
    )


def items(scores: pd.DataFrame, highest: pd.Series) -> pd.DataFrame:
    """Difficulty (mean share of the points) and discrimination of each exercise.

    Discrimination is the correlation of an exercise's points with the points of all others; it
    is missing where either does not vary.

    Parameters
    ----------
    scores : DataFrame
        Points, one row per learner, one column per exercise.
    highest : Series
        The exercise's points, by the same names.
    """
    made = []
    for name in highest.index:
        rest = scores.drop(columns=name).sum(axis=1)
        varies = scores[name].nunique() > 1 and rest.nunique() > 1
        made.append(
            {
                "exercise": name.removeprefix("test_"),
                "points": highest[name],
                "mean share": round(scores[name].mean() / highest[name], 3),
                "full marks": round((scores[name] >= highest[name]).mean(), 3),
                "none": round((scores[name] == 0).mean(), 3),
                "discrimination": round(np.corrcoef(scores[name], rest)[0, 1], 2)
                if varies
                else np.nan,
            }
        )
    return pd.DataFrame(made)


def checks(outcomes: Iterable[dict]) -> pd.DataFrame:
    """How often each check failed, most often first."""
    seen: Counter = Counter()
    failed: Counter = Counter()
    for outcome in outcomes:
        for exercise, rows in outcome["checks"].items():
            for row in rows:
                key = (exercise.removeprefix("test_"), row["name"])
                seen[key] += 1
                failed[key] += not row["passed"]
    rows = [
        {"exercise": key[0], "check": key[1], "failed": failed[key], "of": seen[key]}
        for key in seen
    ]
    columns = ["exercise", "check", "failed", "of"]
    return pd.DataFrame(rows, columns=columns).sort_values("failed", ascending=False, kind="stable")


def memos(rows: Iterable[SubmittedNotebook]) -> pd.DataFrame:
    """How far the marking by rubric has come, memo by memo, and what it gave so far."""
    made: dict[str, dict] = {}
    for row in rows:
        for grade in row.grades:
            if grade.cell.cell_type != "markdown" or not grade.cell.max_score:
                continue
            seen = made.setdefault(
                grade.name,
                {"points": grade.cell.max_score, "marked": 0, "to mark": 0, "blank": 0, "got": []},
            )
            if grade.needs_manual_grade:
                seen["to mark"] += 1
            elif grade.manual_score is None:
                seen["blank"] += 1
            else:
                seen["marked"] += 1
            if grade.manual_score is not None:
                seen["got"].append(grade.manual_score / grade.cell.max_score)
    columns = ["memo", "points", "marked", "to mark", "blank", "mean share"]
    return pd.DataFrame(
        [
            {"memo": name, **seen, "mean share": round(np.mean(got), 3) if got else np.nan}
            for name, seen in made.items()
            for got in [seen.pop("got")]
        ],
        columns=columns,
    )


def similar(texts: dict[str, dict[str, str]], given: Iterable[str] = ()) -> pd.DataFrame:
    """Pairs of learners whose answers share much that few others wrote: evidence, not a verdict.

    Parameters
    ----------
    texts : dict
        Each learner's answers, code or prose, by the name of the exercise or memo.
    given : iterable of str
        What the answer cells were released with: nobody copied that from anybody.

    Returns
    -------
    DataFrame
        ``first``, ``second``, ``shared`` (pieces of eight words or signs found in both), ``share``
        of the shorter one's pieces, and in which answers they lie (``where``); most alike first.
    """
    known = set().union(*map(_pieces, given))
    found = {
        learner: {name: _pieces(text) - known for name, text in answers.items()}
        for learner, answers in texts.items()
    }
    pieces = {learner: set().union(*answers.values()) for learner, answers in found.items()}
    spread = Counter(itertools.chain.from_iterable(pieces.values()))
    limit = max(2, COMMON * len(texts))
    rare = {who: {p for p in found if spread[p] <= limit} for who, found in pieces.items()}
    rows = []
    for first, second in itertools.combinations(sorted(rare), 2):
        both = rare[first] & rare[second]
        shared, least = len(both), min(len(rare[first]), len(rare[second]))
        if shared >= PIECES and shared >= ALIKE * least:
            where = ", ".join(name for name, own in found[first].items() if own & both)
            rows.append((first, second, shared, round(shared / least, 2), where))
    made = pd.DataFrame(rows, columns=["first", "second", "shared", "share", "where"])
    return made.sort_values(["shared", "first"], ascending=[False, True])


def double_marking(
    root: Path, assignment: str, criteria: dict[str, list[str]], rng: np.random.Generator,
    share: float = 0.2,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """A sheet for two markers, without names, and the key to it.

    Parameters
    ----------
    root : Path
    assignment : str
    criteria : dict
        The rubric's criteria by memo (grade_id).
    rng : numpy.random.Generator
        Draws the sample and the blind ids.
    share : float, default 0.2
        Share of the class that is marked twice; at least five learners where there are five.

    Returns
    -------
    sheet, key : DataFrame
        The sheet has one row per memo and criterion with the text and empty columns
        ``marker_1`` and ``marker_2`` for levels 1 to 4; the key says who is behind a blind id.
    """
    course = Course(root, assignment)
    with closing(course.gradebook):
        everyone = sorted(course.ledger.done())
    number = min(len(everyone), max(5, round(share * len(everyone))))
    chosen = rng.choice(everyone, size=number, replace=False)
    ids = [f"B{n:03}" for n in rng.permutation(np.arange(1, number + 1))]
    rows = []
    for blind, learner in sorted(zip(ids, chosen, strict=True)):
        notebook = nbformat.read(course.autograded(learner), as_version=4)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            for criterion in criteria.get(name, []):
                rows.append((blind, name, criterion, "", "", cell.source))
    columns = ["blind_id", "memo", "criterion", "marker_1", "marker_2", "text"]
    key = pd.DataFrame(sorted(zip(ids, chosen, strict=True)), columns=["blind_id", "learner"])
    return pd.DataFrame(rows, columns=columns), key


def _harmless(value: object) -> object:
    """Text that a spreadsheet would take for a formula, marked as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def read_sheet(path: Path) -> pd.DataFrame:
    """A sheet that two markers filled in, from whichever spreadsheet program.

    Raises
    ------
    GradingError
        If it is no such sheet, if a level is not 1, 2, 3 or 4, or if no row has both marks.
    """
    try:
        sheet = pd.read_csv(path, sep=None, engine="python", encoding="utf-8-sig", dtype=str)
        levels = sheet[["memo", "criterion", *MARKERS]][MARKERS]
    except (KeyError, ValueError, csv.Error) as error:  # of pandas, most are a ValueError
        raise GradingError(
            f"{path} is not a double-marking sheet: it needs the columns memo, criterion,"
            " marker_1 and marker_2, saved as CSV in UTF-8."
        ) from error
    for marker in MARKERS:
        levels[marker] = levels[marker].str.strip().replace("", np.nan)
    wrong = levels.notna() & ~levels.isin(["1", "2", "3", "4", "1.0", "2.0", "3.0", "4.0"])
    if wrong.any(axis=None):
        row = int(wrong.any(axis=1).idxmax())
        said = ", ".join(levels.loc[row][wrong.loc[row]])
        raise GradingError(f"{path}, row {row + 2}: {said!r} is not a level; there are 1 to 4.")
    sheet[MARKERS] = levels.astype(float)
    if sheet[MARKERS].isna().any(axis=1).all():
        raise GradingError(f"{path} has no row with both marks yet: fill in marker_1 and marker_2.")
    return sheet


def agreement(sheet: pd.DataFrame) -> pd.DataFrame:
    """How well two markers agree, per criterion, over the rows that both have filled in.

    Returns
    -------
    DataFrame
        ``exact`` share, share ``within one`` level, and ``kappa``: Cohen's, with quadratic
        weights; missing where both markers gave one and the same level throughout.
    """
    rows = []
    filled = sheet.dropna(subset=MARKERS)
    for (memo, criterion), part in filled.groupby(["memo", "criterion"]):
        first, second = part["marker_1"].astype(int), part["marker_2"].astype(int)
        apart = (first - second).abs()
        expected = np.mean((first.to_numpy()[:, None] - second.to_numpy()[None, :]) ** 2)
        kappa = 1 - np.mean(apart**2) / expected if expected else np.nan
        rows.append((memo, criterion, len(part), (apart == 0).mean(), (apart <= 1).mean(), kappa))
    columns = ["memo", "criterion", "memos", "exact", "within one", "kappa"]
    return pd.DataFrame(rows, columns=columns).round(2)


def write_report(report: Report, assignment: str, folder: Path) -> Path:
    """Write one HTML page and a CSV per table; return the page."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {
        "items": "Exercises: difficulty and discrimination",
        "checks": "Checks, most failed first",
        "learners": "Learners, those who need help first",
        "memos": "Memos: how far the marking by rubric is",
        "similar": "Answers that are alike: look at both before you conclude anything",
    }
    body = [f"<h1>{html.escape(assignment)}</h1>", _summary(report)]
    for name, title in names.items():
        table: pd.DataFrame = getattr(report, name)
        table.map(_harmless).to_csv(folder / f"{name}.csv", index=False)
        shown = table.to_html(index=False, na_rep="", border=0) if len(table) else "<p>None.</p>"
        body.append(f"<h2>{title}</h2><p>{READ[name]}</p>{shown}")
    page = folder / "report.html"
    page.write_text(
        "<!doctype html><html lang='en'><meta charset='utf-8'>"
        f"<title>{html.escape(assignment)}</title><style>{STYLE}</style>"
        f"<main>{''.join(body)}</main></html>",
        encoding="utf-8",
    )
    return page


READ = {
    "items": "Mean share of the points: the lower, the harder. Discrimination: how an exercise's"
    " points go with those of all the others, from -1 to 1. Near 0 or below, look at the exercise"
    " before the learners; in a class of fewer than twenty it moves by chance.",
    "checks": "Among the notebooks that got as far as the check.",
    "learners": f"Help: below {HELP:.0%} of the automatic points, or something went wrong while"
    " grading. Seconds: what grading took, not what the learner took.",
    "memos": "Blank: left as handed out, so 0 without a mark. Mean share: of the marked.",
    "similar": f"Pairs that share at least {ALIKE:.0%} of what at most a quarter of the class"
    " wrote, in runs of eight words or signs. Working together, a common source or one obvious way"
    " make answers alike too; the names under <i>where</i> say which answers to read side by side.",
}
STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem }
main { max-width: 60rem; margin: auto }
table { border-collapse: collapse; display: block; overflow-x: auto }
th, td { padding: .25rem .75rem; text-align: left; border-bottom: 1px solid #8886 }
td { font-variant-numeric: tabular-nums }
"""


def _summary(report: Report) -> str:
    table = report.learners
    needy = table[table["help"] != ""]
    waiting = int(table["to mark"].sum())
    sandbox = sorted(set(" ".join(table["in sandbox"]).split()))
    lines = [
        f"{len(table)} learners, mean {table['share'].mean():.0%} of the automatic points.",
        f"{len(needy)} {'needs' if len(needy) == 1 else 'need'} a look: below {HELP:.0%} of them,"
        " or something went wrong while grading.",
        f"{waiting} {'answer waits' if waiting == 1 else 'answers wait'} for a person's mark.",
    ]
    if sandbox:
        lines.append(
            "Decided in the learner's own process, so not proof against cheating: "
            + ", ".join(sandbox)
            + "."
        )
    return "".join(f"<p>{html.escape(line)}</p>" for line in lines)


def _learner(learner: str, row: SubmittedNotebook, outcome: dict) -> dict:
    points, highest = sum(outcome["points"].values()), sum(outcome["max"].values())
    needs_help = outcome["faults"] or points < HELP * highest
    return {
        "learner": learner,
        "help": "yes" if needs_help else "",
        "points": points,
        "of": highest,
        "share": round(points / highest, 3) if highest else 0.0,
        "marked by a person": sum(grade.manual_score is not None for grade in row.grades),
        "to mark": sum(grade.needs_manual_grade for grade in row.grades),
        "seconds": outcome.get("wall", np.nan),
        "faults": ", ".join(dict.fromkeys(fault["code"] for fault in outcome["faults"])),
        "in sandbox": " ".join(outcome["in_sandbox"]),
    }


def _answers(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    cells = nbformat.read(path, as_version=4).cells
    return {c.metadata.nbgrader.grade_id: _text(c) for c in cells if is_solution(c)}


def _text(cell: NotebookNode | ReleasedCell) -> str:
    """Code as it is, prose as its words alone: an apostrophe is no string that never ends."""
    return cell.source if cell.cell_type == "code" else " ".join(re.findall(r"\w+", cell.source))


def _pieces(text: str) -> set[tuple[str, ...]]:
    """Every run of eight words or signs, comments and layout left out."""
    tokens = []
    with suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in (tokenize.NAME, tokenize.NUMBER, tokenize.STRING, tokenize.OP):
                tokens.append(token.string)
    return {tuple(tokens[i : i + WINDOW]) for i in range(len(tokens) - WINDOW + 1)}
