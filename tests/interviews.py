"""Entries of a question bank for tests: whole, right, and easy to damage."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from tpmkit.interview.bank import Bank, load_bank

LEVELS = ("L1", "L2", "L3", "L4")
TOPICS = (
    "freight routing at a parcel carrier",
    "crop disease alerts for growers",
    "invoice matching in a shared-services centre",
    "noise detection for wind turbines",
    "claims triage at an insurer",
    "shelf pictures at a grocer",
    "pump failures at a water utility",
    "queue times in an emergency room",
    "spare parts of a railway",
    "fraud alarms at a payments firm",
    "translations of a travel site",
    "energy forecasts for a hotel chain",
)


def provenance() -> dict[str, Any]:
    return {
        "author": "tests",
        "reviewed_by": None,
        "pilot_n": 0,
        "last_reviewed": "2026-11-21",
    }


WORDS = (
    "labels vendors weeks queue budget reviewers drift sensor pilot region partner invoice refund "
    "harvest turbine shelf claim pump ward railway alarm hotel contract penalty median tail scope "
    "owner trigger forecast backlog capacity annotator outage rollback threshold cohort margin "
    "auditor regulator board sponsor launch sprint plan risk promise range option price evidence"
).split()


def phrase(about: str, count: int) -> str:
    """Words that are always the same for one subject, and others for another."""
    rng = np.random.default_rng(zlib.crc32(about.encode()))
    return " ".join(rng.choice(WORDS, count))


def criterion(name: str, about: str) -> dict[str, Any]:
    verbs = {1: "Repeats", 2: "Mentions", 3: "Gives", 4: "As 3, plus prices"}
    return {
        "criterion": name,
        "title": f"{name.capitalize()} in {about}"[:200],
        "anchors": {n: f"{verb} {phrase(f'{about} {name} {n}', 14)}." for n, verb in verbs.items()},
    }


def answer_text(about: str) -> str:
    """A model answer of some 170 words."""
    return (
        "I would not promise June. The median run ends in week 20, one in five ends after week 26. "
        "Priya owns the labels, and she decides by 12 May. "
        + " ".join(f"I {phrase(f'{about} {n}', 19)}." for n in range(7))
    )


def question(category: str = "I09", number: int = 1, **changes: Any) -> dict[str, Any]:
    """A question that keeps every rule; `changes` replace fields."""
    about = f"{TOPICS[int(category[1:]) - 1]}, part {number}"
    entry = {
        "id": f"{category}-{number:03d}",
        "version": 1,
        "title": f"The date of {about}",
        "level": ["L2", "L3"],
        "mode": "case",
        "time_min": 8,
        "competencies": ["S3", "I1"],
        "seed_items": [],
        "lessons": ["09_uncertainty"],
        "setup": {"role": "TPM", "company": f"A firm of 400 people; {about}"},
        "prompt": (
            f"You lead {about}. It is 3 March and Mara has promised week 20. "
            f"{phrase(about, 60).capitalize()}. Mara asks for a date by Friday. What do you say?"
        ),
        "clarifying_info": [
            {"ask": "Is there a penalty in the contract?", "answer": "None before week 28."},
            {"ask": "What drives the long runs?", "answer": "Late labels in 71 % of them."},
        ],
        "probes": [
            {"id": "p1", "when": "always", "text": "Which number would you give the partner?"},
            {"id": "p2", "when": {"misses": ["k2"]}, "text": "What makes the long runs long?"},
            {"id": "p3", "when": {"lacks": "owner"}, "text": "Who takes that decision, then?"},
            {"id": "p4", "when": {"covers": 3, "level": ["L3"]}, "text": "Mara is angry. Reply."},
        ],
        "rubric": [criterion(name, about) for name in ("date", "driver", "stakeholder")],
        "red_flags": ["Hides the late runs from Mara", "Blames the label team by name"],
        "points": [
            point("k1", "Promises a percentile", f"the date of {about}", "P80"),
            point("k2", "Names the driver", f"the labels of {about}", "labels"),
            point("k3", "Offers options", f"the scope of {about}", "options"),
            point("k4", "Says when to look again", f"the review of {about}", "review"),
        ],
        "slots": None,
        "model_answer": {
            "text": answer_text(about),
            "annotations": [
                {"span": "one in five ends after week 26", "shows": "k1"},
                {"span": "she decides by 12 May", "shows": "driver"},
            ],
        },
        "provenance": provenance(),
    }
    return entry | changes


def point(id: str, title: str, about: str, word: str) -> dict[str, Any]:
    return {
        "id": id,
        "title": title,
        "exemplars": [f"I would {phrase(f'{about} {n}', 12)}" for n in range(3)],
        "contradictions": [f"Nobody needs {word} when it comes to {about}"],
        "lexicon": [word, "evidence"],
    }


def exercise(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A writing exercise that keeps every rule."""
    about = ("a ferry timetable", "a blood-bank forecast", "a museum guide")[number - 1]
    entry = {
        "id": f"W-{number:03d}",
        "version": 1,
        "title": f"A launch note on {about}",
        "level": ["L3"],
        "time_min": 60,
        "words": 800,
        "competencies": ["I1"],
        "seed_items": [],
        "lessons": ["09_uncertainty"],
        "setup": {"role": "TPM", "company": f"A firm of 90 people with {about}"},
        "prompt": (
            f"Write the note on {about} that the board reads on 4 June. "
            f"{phrase(about, 40).capitalize()}."
        ),
        "material": f"Mail of 3 May on {about}: the pilot held in 41 of 48 runs. " * 8,
        "rubric": [criterion(name, about) for name in ("ask", "evidence", "risk")],
        "red_flags": ["Leaves out the seven failed runs", "Promises what nobody owns"],
        "model_answer": {
            "text": answer_text(about),
            "annotations": [
                {"span": "Priya owns the labels", "shows": "ask"},
                {"span": "she decides by 12 May", "shows": "risk"},
            ],
        },
        "provenance": provenance(),
    }
    return entry | changes


def scored(number: int = 1, level: int = 3, of: dict[str, Any] | None = None) -> dict[str, Any]:
    """A pre-scored answer to a question, every criterion at one level."""
    of = of or question()
    said = [
        f"On {c['criterion']} number {number} I said what I said at {level}." for c in of["rubric"]
    ]
    return {
        "id": f"C-{number:03d}",
        "version": 1,
        "question": of["id"],
        "overall": level,
        "answer": " ".join(said * 3),
        "ratings": [
            {
                "criterion": c["criterion"],
                "level": level,
                "anchor": c["anchors"][level],
                "evidence": words,
            }
            for c, words in zip(of["rubric"], said, strict=True)
        ],
        "provenance": provenance(),
    }


def write(folder: Path, name: str, **content: Any) -> Path:
    """One file of a bank."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def bank_of(folder: Path, *entries: dict[str, Any], **others: Any) -> Bank:
    """A bank of questions, each in the file of its category."""
    for category in sorted({entry["id"][:3] for entry in entries}):
        chosen = [entry for entry in entries if entry["id"].startswith(category)]
        write(
            folder, category.lower(), category=category, title=f"About {category}", questions=chosen
        )
    for kind, content in others.items():
        write(folder, kind, **{kind: content})
    return load_bank(folder)
