"""How often the feedback on an answer is right, measured on answers labelled by hand.

python tests/bench/feedback.py            the answers the thresholds were not chosen on
python tests/bench/feedback.py --chosen   those they were chosen on

`tests/interview/answers.yaml` holds answers to questions of the bank, written by somebody who had
not seen the exemplars, with the points each says and contradicts. Every second question is kept
for choosing thresholds, the others for what is claimed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
import yaml

from tpmkit.interview.bank import load
from tpmkit.interview.feedback import Verdict, feedback
from tpmkit.interview.ratings import wilson

ANSWERS = Path(__file__).parents[1] / "interview" / "answers.yaml"
KINDS = ["strong", "strong_negations", "partial", "negated", "off_topic", "stuffed"]


def verdicts(chosen: bool) -> pd.DataFrame:
    """One row a point of an answer: question, kind, truth (said, contradicted, absent), verdict.

    Parameters
    ----------
    chosen : bool
        The questions on which thresholds were chosen, or the others.
    """
    bank = load()
    rows = []
    for group in yaml.safe_load(ANSWERS.read_text("utf-8"))[0 if chosen else 1 :: 2]:
        question = bank.question(group["question"])
        for answer in group["answers"]:
            for point, verdict in feedback(question, answer["text"]).coverage.items():
                truth = (
                    "said"
                    if point in answer["said"]
                    else "contradicted"
                    if point in answer["contradicted"]
                    else "absent"
                )
                rows.append((question.id, answer["kind"], point, truth, verdict))
    return pd.DataFrame(rows, columns=["question", "kind", "point", "truth", "verdict"])


def share(part: pd.Series) -> str:
    """A share with its 95 % Wilson interval."""
    if not len(part):
        return "none"
    low, high = wilson(int(part.sum()), len(part))
    return f"{part.mean():.0%} ({low:.0%}-{high:.0%}) of {len(part)}"


def table(seen: pd.DataFrame) -> pd.DataFrame:
    """Precision, recall and wrongly credited contradictions, by kind of answer."""
    rows = {}
    for kind in [*KINDS, "all"]:
        part = seen if kind == "all" else seen[seen["kind"] == kind]
        covered = part["verdict"] == Verdict.COVERED
        rows[kind] = {
            "covered and said (precision)": share((part["truth"] == "said")[covered]),
            "said and covered (recall)": share(covered[part["truth"] == "said"]),
            "contradicted, shown as covered": share(covered[part["truth"] == "contradicted"]),
            "absent, shown as covered": share(covered[part["truth"] == "absent"]),
        }
    return pd.DataFrame(rows).T.rename_axis("answers")


def main() -> None:
    """Print the table, and the two figures that the wording of the feedback rests on."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--chosen", action="store_true", help="the answers thresholds rest on")
    seen = verdicts(parser.parse_args().chosen)
    lines = table(seen).reset_index()
    print("| " + " | ".join(lines.columns) + " |\n" + "|---" * len(lines.columns) + "|")
    for line in lines.itertuples(index=False):
        print("| " + " | ".join(line) + " |")
    covered = seen["verdict"] == Verdict.COVERED
    strong = seen["kind"].isin(["strong", "strong_negations"]) & (seen["truth"] == "said")
    print(f"contradictions_covered {covered[seen['truth'] == 'contradicted'].mean():.3f}")
    print(f"strong_found {covered[strong].mean():.3f}")


if __name__ == "__main__":
    main()
