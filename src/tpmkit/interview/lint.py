"""What a bank must keep so that its questions can be practised and rated, beyond its form.

    python -m tpmkit.interview.lint [FILE]...

lints the bank that comes with the package, or only some of its files while they are written.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process, utils

from tpmkit.interview.bank import (
    LEVELS,
    MODES,
    SCALE,
    Bank,
    Criterion,
    Probe,
    Question,
    ScoredAnswer,
    WritingExercise,
    load_bank,
    locate,
)
from tpmkit.interview.errors import BankError
from tpmkit.interview.feedback import DATE, NUMBER, OWNER

__all__ = ["Coverage", "Course", "lint"]

ANCHOR_WORDS = 30
READING, SPEAKING = 220, 140  # words a minute
ANSWER_WORDS = range(150, 351)
LEXICON = range(2, 7)
FACTS = range(2, 5)
ALIKE = {"prompt": 80, "anchor": 85, "exemplar": 85, "exemplar and model answer": 90}
ADJECTIVES = set(
    "good bad strong weak clear excellent poor adequate appropriate effective great solid nice "
    "thorough".split()
)
ADVERBS = set(
    "well badly strongly weakly clearly poorly adequately appropriately effectively greatly "
    "solidly nicely thoroughly".split()
)
# Words that end like a verb in the third person and say nothing that could be observed.
NO_BEHAVIOUR = set(
    "Is Has Was As This Its His Hers Always Sometimes Perhaps Various Less Does Seems Is Knows "
    "Understands Numbers Options Costs Dates Owners Trade-offs".split()
)
BUILDS_ON = re.compile(r"^As [23](?:,? and|, plus|, but|,)\s+(?:also\s+)?", re.IGNORECASE)
QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|'[^']*'(?!\w)|‘[^’]*’")
KINDS = {"number": NUMBER, "date": DATE, "owner": OWNER}


@dataclass(frozen=True)
class Coverage:
    """How many of each there must be at least; 36 questions are enough for the defaults."""

    per_category: int = 3
    per_level: int = 6
    per_mode: int = 4
    per_competency: int = 0
    exercises: int = 3
    scored_per_level: int = 3


@dataclass(frozen=True)
class Course:
    """What questions may refer to."""

    lessons: Set[str]
    competencies: Set[str]
    seed_items: Set[str]


def lint(bank: Bank, coverage: Coverage | None = None, course: Course | None = None) -> list[str]:
    """Every way in which a bank breaks the rules of its questions.

    Parameters
    ----------
    bank : Bank
    coverage : Coverage, optional
        Hold the whole bank against these counts; without it, for a part of a bank, none.
    course : Course, optional
        Hold lessons, competencies and seed items against these; without it, none.

    Returns
    -------
    list of str
        One sentence a problem, naming file, id and field; empty when the bank keeps the rules.
    """
    problems = [
        *chain.from_iterable(map(_question, bank.questions.values())),
        *chain.from_iterable(map(_judged, (*bank.questions.values(), *bank.exercises.values()))),
        *chain.from_iterable(_scored(bank, scored) for scored in bank.scored.values()),
        *_alike(bank),
    ]
    if course is not None:
        problems += _references(bank, course)
    if coverage is not None:
        problems += _missing(bank, coverage)
    return problems


def _question(question: Question) -> Iterator[str]:
    at = f"{question.file}, {question.id}"
    if not question.prompt.strip().endswith((".", "?", "!", '"', "”")):
        yield f"{at}, prompt: ends in the middle of a sentence"
    if question.mode != "behavioural" and not re.search(r"\d", question.prompt):
        yield f"{at}, prompt: holds no number; a scene has numbers, people and a date"
    if (question.slots == "star") != (question.mode == "behavioural"):
        yield (
            f"{at}, slots: is {question.slots!r} with mode {question.mode}; "
            "'star' goes with behavioural questions, and only with them"
        )
    if len(question.clarifying_info) not in FACTS:
        yield f"{at}, clarifying_info: has {len(question.clarifying_info)} facts, expected 2 to 4"
    for point in question.points:
        if (size := len(point.lexicon)) not in LEXICON:
            yield f"{at}, points.{point.id}.lexicon: has {size} words or phrases, expected 2 to 6"
    yield from _probes(question)
    yield from _time(question)


def _probes(question: Question) -> Iterator[str]:
    at = f"{question.file}, {question.id}, probes"
    points = [point.id for point in question.points]
    if not any(probe.conditional for probe in question.probes):
        yield f"{at}: all are asked always; at least one must follow what was said"
    for probe in question.probes:
        for why in _unreachable(probe, points, question.level):
            yield f"{at}.{probe.id}: can never be asked: {why}"


def _unreachable(probe: Probe, points: list[str], levels: tuple[str, ...]) -> Iterator[str]:
    for unknown in sorted(set(probe.misses) - set(points)):
        yield f"there is no point {unknown}, only {', '.join(points)}"
    for other in sorted(set(probe.level) - set(levels)):
        yield f"the question is not asked at {other}, only at {', '.join(levels)}"
    possible = len(points) - len(set(probe.misses) & set(points))
    if probe.covers > possible:
        missing = f" and misses {', '.join(probe.misses)}" if probe.misses else ""
        yield f"it wants {probe.covers} of {len(points)} points covered{missing}"
    if probe.lacks and probe.mentions:
        kind = KINDS[probe.lacks]
        if all(kind.search(words) for words in probe.mentions):
            yield f"everything it mentions is a {probe.lacks}, which it also wants to be lacking"


def _time(question: Question) -> Iterator[str]:
    at = f"{question.file}, {question.id}"
    short, long = (set(question.level) & group for group in ({"L1", "L2"}, {"L3", "L4"}))
    least, most = (4 if short else 8), (15 if long else 8)
    if not least <= question.time_min <= most:
        levels = "/".join(question.level)
        yield f"{at}, time_min: is {question.time_min}, expected {least} to {most} at {levels}"
    spoken = len(question.model_answer.text.split())
    if spoken not in ANSWER_WORDS:
        yield (
            f"{at}, model_answer.text: has {spoken} words, "
            f"expected {ANSWER_WORDS[0]} to {ANSWER_WORDS[-1]}"
        )
    minutes = len(question.prompt.split()) / READING + spoken / SPEAKING
    if minutes > question.time_min:
        yield (
            f"{at}, time_min: reading the prompt and speaking the model answer take "
            f"{minutes:.1f} minutes, time_min is {question.time_min}"
        )


def _judged(item: Question | WritingExercise) -> Iterator[str]:
    """What holds for everything with a rubric and a model answer."""
    at = f"{item.file}, {item.id}"
    for criterion in item.rubric:
        for level, anchor in criterion.anchors.items():
            for problem in _anchor(anchor, level):
                yield f"{at}, rubric.{criterion.id}.anchors.{level}: {problem}"
        yield from (f"{at}, rubric.{criterion.id}.anchors: {p}" for p in _levels_alike(criterion))
    shown = {criterion.id for criterion in item.rubric}
    shown |= {point.id for point in getattr(item, "points", ())}
    for n, (span, shows) in enumerate(item.model_answer.annotations):
        if locate(span, item.model_answer.text) is None:
            yield (
                f"{at}, model_answer.annotations[{n}].span: does not stand in the text word for "
                f"word: {_start(span)}"
            )
        if shows not in shown:
            yield (
                f"{at}, model_answer.annotations[{n}].shows: is {shows!r}, expected one of "
                f"{', '.join(sorted(shown))}"
            )


def _anchor(anchor: str, level: int) -> Iterator[str]:
    words = anchor.split()
    if len(words) > ANCHOR_WORDS:
        yield f"has {len(words)} words, expected at most {ANCHOR_WORDS}"
    behaviour = BUILDS_ON.sub("", anchor).split() or [""]
    first, second = behaviour[0].strip(",.;:"), (behaviour[1:] or [""])[0].lower()
    if not anchor[:1].isupper():
        yield f"starts with {words[0]!r}, expected a capital letter"
    if (
        not re.fullmatch(r"[A-Za-z][a-z-]+s", first)
        or first.endswith("ss")
        or first.capitalize() in NO_BEHAVIOUR
        or second in {"are", "is", "were", "was", "have", "has"}
    ):
        yield (
            f"starts with {first!r}, expected what the candidate does, as a verb: "
            "Names, Commits, Asks"
        )
    bare = re.findall(r"[a-z]+(?:-[a-z]+)*", QUOTED.sub(" ", anchor).lower())
    for word in sorted((ADJECTIVES | ADVERBS) & set(bare)):
        yield f"says {word!r}; say what one would see or hear instead"


def _levels_alike(criterion: Criterion) -> Iterator[str]:
    for low in SCALE:
        for high in SCALE[low:]:
            alike = fuzz.token_sort_ratio(
                criterion.anchors[low], criterion.anchors[high], processor=utils.default_process
            )
            if alike >= ALIKE["anchor"]:
                yield f"levels {low} and {high} are {alike:.0f} % alike; say what tells them apart"


def _scored(bank: Bank, scored: ScoredAnswer) -> Iterator[str]:
    at = f"{scored.file}, {scored.id}"
    question = bank.questions.get(scored.question)
    if question is None:
        yield f"{at}, question: there is no question {scored.question} in the bank"
        return
    rubric = {criterion.id: criterion for criterion in question.rubric}
    for missing in rubric.keys() - scored.levels.keys():
        yield f"{at}, ratings: has none for criterion {missing!r} of {question.id}"
    for rating in scored.ratings:
        criterion = rubric.get(rating.criterion)
        if criterion is None:
            yield f"{at}, ratings: {question.id} has no criterion {rating.criterion!r}"
        elif rating.anchor.split() != criterion.anchors[rating.level].split():
            yield (
                f"{at}, ratings.{rating.criterion}.anchor: is not the anchor of level "
                f"{rating.level}: {_start(criterion.anchors[rating.level])}"
            )
        if locate(rating.evidence, scored.answer) is None:
            yield (
                f"{at}, ratings.{rating.criterion}.evidence: does not stand in the answer word "
                f"for word: {_start(rating.evidence)}"
            )
    mean = np.mean(list(scored.levels.values()))
    if abs(mean - scored.overall) > 0.5:
        yield f"{at}, overall: is {scored.overall}, the ratings' mean is {mean:.1f}"


def _alike(bank: Bank) -> Iterator[str]:
    """Texts that are nearly the same as another of their kind."""
    items = [*bank.questions.values(), *bank.exercises.values()]
    yield from _pairs("prompt", [(f"{q.file}, {q.id}, prompt", q.prompt) for q in items])
    anchors = [
        (f"{q.file}, {q.id}, rubric.{c.id}.anchors.{level}", BUILDS_ON.sub("", anchor))
        for q in items
        for c in q.rubric
        for level, anchor in c.anchors.items()
    ]
    # Levels of one criterion are compared in `_levels_alike`.
    yield from _pairs("anchor", anchors, same=lambda place: place.rpartition(".")[0])
    exemplars = [
        (f"{q.file}, {q.id}, points.{p.id}.exemplars[{n}]", exemplar)
        for q in bank.questions.values()
        for p in q.points
        for n, exemplar in enumerate(p.exemplars)
    ]
    yield from _pairs("exemplar", exemplars)
    for question in bank.questions.values():
        sentences = re.split(r"(?<=[.!?])\s+", question.model_answer.text)
        at = f"{question.file}, {question.id}"
        own = [e for e in exemplars if e[0].startswith(f"{at}, ")]
        alike = process.cdist(
            [text for _, text in own],
            sentences,
            scorer=fuzz.token_sort_ratio,
            processor=utils.default_process,
        )
        for n, best in enumerate(alike.max(axis=1)):
            if best >= ALIKE["exemplar and model answer"]:
                yield f"{own[n][0]}: copies a sentence of the model answer; say it in other words"


def _pairs(kind: str, texts: list[tuple[str, str]], same=lambda place: place) -> Iterator[str]:
    """Pairs of texts, by their places, that are alike; places in the `same` group are not held."""
    limit = ALIKE[kind]
    words = [text for _, text in texts]
    alike = process.cdist(
        words,
        words,
        scorer=fuzz.token_sort_ratio,
        processor=utils.default_process,
        score_cutoff=limit,
    )
    for a, b in zip(*np.nonzero(np.triu(alike, 1)), strict=True):
        first, second = texts[a][0], texts[b][0]
        if same(first) != same(second):
            yield f"{second}: is {alike[a, b]:.0f} % the same as {first}"


def _references(bank: Bank, course: Course) -> Iterator[str]:
    for item in (*bank.questions.values(), *bank.exercises.values()):
        for name in ("lessons", "competencies", "seed_items"):
            for unknown in sorted(set(getattr(item, name)) - getattr(course, name)):
                yield f"{item.file}, {item.id}, {name}: the course has no {unknown}"


def _missing(bank: Bank, coverage: Coverage) -> Iterator[str]:
    questions = bank.questions.values()
    found = {
        "category": Counter(question.category for question in questions),
        "level": Counter(level for question in questions for level in question.level),
        "mode": Counter(question.mode for question in questions),
        "competency": Counter(code for question in questions for code in question.competencies),
    }
    expected = {
        "category": ([f"I{n:02d}" for n in range(1, 13)], coverage.per_category),
        "level": (LEVELS, coverage.per_level),
        "mode": (MODES, coverage.per_mode),
        "competency": ([f"{d}{n}" for d in "TSBI" for n in SCALE], coverage.per_competency),
    }
    for kind, (values, least) in expected.items():
        for value in values:
            if (there := found[kind][value]) < least:
                yield f"the bank has {there} questions of {kind} {value}, expected {least}"
    if (there := len(bank.exercises)) < coverage.exercises:
        yield f"the bank has {there} writing exercises, expected {coverage.exercises}"
    scored = Counter(answer.overall for answer in bank.scored.values())
    for level in SCALE:
        if scored[level] < coverage.scored_per_level:
            yield (
                f"the bank has {scored[level]} pre-scored answers at level {level}, "
                f"expected {coverage.scored_per_level}"
            )


def _start(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}...")


def main(names: list[str]) -> int:
    """Print every problem of the packaged bank, or of some of its files; 1 if there is any."""
    chosen = tuple(Path(name).name for name in names)
    try:
        bank = load_bank(names=chosen)
    except BankError as error:
        print(*error.problems, sep="\n")
        return 1
    problems = lint(bank, None if chosen else Coverage())
    print(*problems, f"{len(problems)} problems", sep="\n")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
