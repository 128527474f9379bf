"""How often the feedback on an answer is right, measured on answers labelled by hand.

python tests/bench/feedback.py

`tests/interview/answers.yaml` holds answers to fourteen questions of the bank, written by somebody
who had not seen the exemplars, with the points each says and contradicts. The thresholds are those
that find most points of the strong answers while at most 5 % of the contradictions are shown as
covered. So that no answer is judged by thresholds chosen on it, each question is measured with
those that the other thirteen choose.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pandas as pd
import yaml

from tpmkit.interview import feedback
from tpmkit.interview.bank import load_bank
from tpmkit.interview.feedback import Verdict
from tpmkit.interview.ratings import Share

ANSWERS = Path(__file__).parents[1] / "interview" / "answers.yaml"
KINDS = ["strong", "strong_negations", "partial", "negated", "off_topic", "stuffed"]
CLOSE = [0.5, 0.55, 0.6, 0.65, 0.7]
WITH_WORD = [0.38, 0.42, 0.46, 0.5]
MOST_CONTRADICTIONS = 0.05


def verdicts(close: float, with_word: float) -> pd.DataFrame:
    """One row a point of an answer: question, kind, truth (said, contradicted, absent), verdict."""
    feedback.CLOSE, feedback.CLOSE_WITH_WORD = close, with_word
    bank = load_bank()
    rows = []
    for group in yaml.safe_load(ANSWERS.read_text("utf-8")):
        question = bank[group["question"]]
        for answer in group["answers"]:
            for point, verdict in feedback.feedback(question, answer["text"]).coverage.items():
                truth = next((t for t in ("said", "contradicted") if point in answer[t]), "absent")
                rows.append((question.id, answer["kind"], point, truth, verdict))
    return pd.DataFrame(rows, columns=["question", "kind", "point", "truth", "verdict"])


def strong(seen: pd.DataFrame) -> pd.DataFrame:
    """The points that strong answers say."""
    return seen[seen["kind"].isin(["strong", "strong_negations"]) & (seen["truth"] == "said")]


def covered(part: pd.DataFrame) -> float:
    """The share shown as possibly covered."""
    return (part["verdict"] == Verdict.COVERED).mean()


def best(grid: dict[tuple, pd.DataFrame], without: str = "") -> tuple:
    """The thresholds that serve all questions but one best."""
    scores = {}
    for thresholds, seen in grid.items():
        seen = seen[seen["question"] != without]
        if covered(seen[seen["truth"] == "contradicted"]) <= MOST_CONTRADICTIONS:
            scores[thresholds] = covered(strong(seen))
    return max(scores, key=scores.get)


def share(part: pd.Series) -> str:
    """A share with its 95 % Wilson interval."""
    if not len(part):
        return "none"
    seen = Share(int(part.sum()), len(part))
    return f"{part.mean():.0%} ({seen.low:.0%}-{seen.high:.0%}) of {seen.n}"


def table(seen: pd.DataFrame) -> pd.DataFrame:
    """Precision, recall, and what is shown of points not said, by kind of answer."""
    rows = {}
    for kind in [*KINDS, "all"]:
        part = seen if kind == "all" else seen[seen["kind"] == kind]
        shown, noticed = part["verdict"] == Verdict.COVERED, part["verdict"] != Verdict.MISSING
        truth = part["truth"]
        rows[kind] = {
            "shown as covered: said (precision)": share((truth == "said")[shown]),
            "said: shown as covered (recall)": share(shown[truth == "said"]),
            "said: covered or to check": share(noticed[truth == "said"]),
            "contradicted: shown as covered": share(shown[truth == "contradicted"]),
            "absent: shown as covered": share(shown[truth == "absent"]),
            "absent: covered or to check": share(noticed[truth == "absent"]),
        }
    return pd.DataFrame(rows).T.rename_axis("answers")


def main() -> None:
    """Print the table and the three figures that the wording of the feedback rests on."""
    ours = feedback.CLOSE, feedback.CLOSE_WITH_WORD
    grid = {pair: verdicts(*pair) for pair in product(CLOSE, WITH_WORD)}
    questions = grid[CLOSE[0], WITH_WORD[0]]["question"].unique()
    seen = pd.concat(
        frame[frame["question"] == left_out]
        for left_out in questions
        for frame in [grid[best(grid, left_out)]]
    )
    lines = table(seen).reset_index()
    print("| " + " | ".join(lines.columns) + " |\n" + "|---" * len(lines.columns) + "|")
    for line in lines.itertuples(index=False):
        print("| " + " | ".join(line) + " |")
    print(f"thresholds {ours}; all questions choose {best(grid)}")
    print(f"contradictions_covered {covered(seen[seen['truth'] == 'contradicted']):.3f}")
    print(f"strong_found {covered(strong(seen)):.3f}")
    print(f"strong_noticed {(strong(seen)['verdict'] != Verdict.MISSING).mean():.3f}")


if __name__ == "__main__":
    main()
