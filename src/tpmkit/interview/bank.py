"""The question bank: files of YAML as values, validated at the door."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from tpmkit.interview.errors import BankError

__all__ = [
    "FOLDER",
    "LEVELS",
    "MODES",
    "SCALE",
    "Bank",
    "Clarification",
    "Criterion",
    "ModelAnswer",
    "Point",
    "Probe",
    "Question",
    "ScoredAnswer",
    "WritingExercise",
    "load_bank",
]

FOLDER = Path(str(files("tpmkit.interview") / "bank"))
LEVELS = {"L1": "associate", "L2": "TPM", "L3": "senior", "L4": "principal"}
MODES = ("behavioural", "situational", "technical", "case", "roleplay")
SCALE = (1, 2, 3, 4)
SEEN = 60


@dataclass(frozen=True)
class Clarification:
    """A fact that the candidate gets only by asking for it."""

    ask: str
    answer: str


@dataclass(frozen=True)
class Probe:
    """A follow-up and what must hold for it to be asked; with nothing set, it is always asked.

    Attributes
    ----------
    misses : tuple of str
        None of these points was found.
    covers : int
        At least so many points were possibly covered.
    mentions : tuple of str
        One of these words or phrases stands in the answer.
    lacks : {"", "number", "owner", "date"}
        Nothing of the kind stands in the answer.
    level : tuple of str
        The session is at one of these levels.
    """

    id: str
    text: str
    misses: tuple[str, ...] = ()
    covers: int = 0
    mentions: tuple[str, ...] = ()
    lacks: str = ""
    level: tuple[str, ...] = ()

    @property
    def conditional(self) -> bool:
        return bool(self.misses or self.covers or self.mentions or self.lacks or self.level)


@dataclass(frozen=True)
class Criterion:
    """One line of a rubric: an anchor for each level of `SCALE`."""

    id: str
    title: str
    anchors: dict[int, str]


@dataclass(frozen=True)
class Point:
    """Something a full answer would touch. For formative coverage only, never scored."""

    id: str
    title: str
    exemplars: tuple[str, ...]
    contradictions: tuple[str, ...]
    lexicon: tuple[str, ...]


@dataclass(frozen=True)
class ModelAnswer:
    """What a strong candidate says, and which part of it shows which point or criterion."""

    text: str
    annotations: tuple[tuple[str, str], ...]

    def places(self) -> list[tuple[int, int, str]]:
        """Start, end and what is shown there, in the order of the text.

        A span that does not stand in the text is left out; `lint` finds those.
        """
        found = [(locate(span, self.text), shows) for span, shows in self.annotations]
        return sorted((*place, shows) for place, shows in found if place)


@dataclass(frozen=True)
class Question:
    """One interview question. The fields are those of ``bank/schema.json``.

    Attributes
    ----------
    category : str
        ``"I01"`` to ``"I12"``.
    file : str
        The bank file it comes from.
    level : tuple of str
        The levels it suits, of `LEVELS`.
    setup : dict
        ``role`` and ``company``.
    slots : {"star", "executive_update", "pushback"} or None
        The form the answer should take.
    """

    id: str
    version: int
    category: str
    file: str
    title: str
    level: tuple[str, ...]
    mode: str
    time_min: int
    competencies: tuple[str, ...]
    seed_items: tuple[str, ...]
    lessons: tuple[str, ...]
    setup: dict[str, str]
    prompt: str
    clarifying_info: tuple[Clarification, ...]
    probes: tuple[Probe, ...]
    rubric: tuple[Criterion, ...]
    red_flags: tuple[str, ...]
    points: tuple[Point, ...]
    slots: str | None
    model_answer: ModelAnswer
    provenance: dict[str, Any]


@dataclass(frozen=True)
class WritingExercise:
    """A document of at most `words` words, written from `material`."""

    id: str
    version: int
    file: str
    title: str
    level: tuple[str, ...]
    time_min: int
    words: int
    competencies: tuple[str, ...]
    seed_items: tuple[str, ...]
    lessons: tuple[str, ...]
    setup: dict[str, str]
    prompt: str
    material: str
    rubric: tuple[Criterion, ...]
    red_flags: tuple[str, ...]
    model_answer: ModelAnswer
    provenance: dict[str, Any]


@dataclass(frozen=True)
class ScoredRating:
    """The level of one criterion, the anchor that says so and the words that show it."""

    criterion: str
    level: int
    anchor: str
    evidence: str


@dataclass(frozen=True)
class ScoredAnswer:
    """An answer with known ratings, for raters to calibrate against."""

    id: str
    version: int
    file: str
    question: str
    overall: int
    answer: str
    ratings: tuple[ScoredRating, ...]
    provenance: dict[str, Any]

    @property
    def levels(self) -> dict[str, int]:
        """The level of each criterion."""
        return {rating.criterion: rating.level for rating in self.ratings}


@dataclass(frozen=True)
class Bank:
    """Everything there is to practise with, by id and in the order of the files."""

    questions: dict[str, Question] = field(default_factory=dict)
    exercises: dict[str, WritingExercise] = field(default_factory=dict)
    scored: dict[str, ScoredAnswer] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, id: str) -> Question | WritingExercise:
        """The question or writing exercise with this id; BankError when there is none."""
        found = self.questions.get(id) or self.exercises.get(id)
        if found is None:
            raise BankError(
                [f"There is no question {id!r} in this version of the bank; choose another."]
            )
        return found

    def __contains__(self, id: str) -> bool:
        return id in self.questions or id in self.exercises


def load_bank(folder: Path = FOLDER, names: tuple[str, ...] = ()) -> Bank:
    """Read and validate the files of a bank.

    Parameters
    ----------
    folder : pathlib.Path, optional
        Default: the bank that comes with the package.
    names : tuple of str, optional
        Read only these files, for an author who writes one of them.

    Raises
    ------
    BankError
        Listing every file, id and field that does not have the form of ``schema.json``.
    """
    bank, problems = Bank(), []
    for path in sorted(folder.glob("*.yaml")):
        if names and path.name not in names:
            continue
        try:
            _add(bank, path)
        except BankError as error:
            problems += error.problems
    if not (bank.questions or bank.exercises or bank.scored or problems):
        problems = [f"There is no question in {folder}; install the package again."]
    if problems:
        raise BankError(problems)
    return bank


def locate(span: str, text: str) -> tuple[int, int] | None:
    """Where `span` stands in `text`; a line break counts as a space."""
    words = map(re.escape, span.split())
    found = re.search(r"\s+".join(words), text)
    return found and found.span()


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Dates stay text, keys become text, and a key that stands twice is an error."""

    yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(self.construct_object(key_node))
            if key in mapping:
                line = key_node.start_mark.line + 1
                raise yaml.constructor.ConstructorError(
                    problem=f"{key!r} stands twice in one entry, again on line {line}"
                )
            mapping[key] = self.construct_object(value_node, deep=True)
        return mapping


def _validator() -> Draft202012Validator:
    schema = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=FormatChecker(["date"]))


def _add(bank: Bank, path: Path) -> None:
    """Put the entries of one file into `bank`."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BankError([f"{path.name}: is not readable YAML: {_one_line(error)}"]) from None
    problems = [
        f"{path.name}, {_place(error, content)}: {_sentence(error)}"
        for error in _validator().iter_errors(content)
    ]
    if problems:
        raise BankError(problems)
    problems = list(_misplaced(bank, path.name, content))
    if problems:
        raise BankError(problems)
    category = content.get("category", "")
    if category:
        bank.categories[category] = content["title"]
    for entry in content.get("questions", ()):
        bank.questions[entry["id"]] = _question(entry, category, path.name)
    for entry in content.get("writing", ()):
        bank.exercises[entry["id"]] = _exercise(entry, path.name)
    for entry in content.get("calibration", ()):
        bank.scored[entry["id"]] = _scored(entry, path.name)


def _misplaced(bank: Bank, name: str, content: dict[str, Any]) -> Iterator[str]:
    """Ids that stand twice, in the bank or in one entry, or in the file of another category."""
    category = content.get("category")
    if category in bank.categories:
        yield f"{name}, category: {category} has a file already; put its questions there"
    seen = {*bank.questions, *bank.exercises, *bank.scored}
    for entry in [
        e for kind in ("questions", "writing", "calibration") for e in content.get(kind, ())
    ]:
        id = entry["id"]
        if id in seen:
            yield f"{name}, {id}, id: stands twice in the bank; give it the next free number"
        seen.add(id)
        if category and not id.startswith(f"{category}-"):
            yield f"{name}, {id}, id: the file is of category {category}"
        for part, key in (
            ("rubric", "criterion"),
            ("probes", "id"),
            ("points", "id"),
            ("ratings", "criterion"),
        ):
            ids = [item[key] for item in entry.get(part, ())]
            for twice in sorted({i for i in ids if ids.count(i) > 1}):
                yield f"{name}, {id}, {part}: {twice!r} stands twice"


def _place(error: ValidationError, content: Any) -> str:
    """The id and field that an error is about."""
    path = list(_inner(error).absolute_path)
    if len(path) < 2:
        return ".".join(map(str, path)) or "the whole file"
    entry = content[path[0]][path[1]]
    id = entry.get("id") if isinstance(entry, dict) else None
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path[2:])
    return f"{id or f'{path[0]}[{path[1]}]'}" + (f", {where.lstrip('.')}" if where else "")


def _inner(error: ValidationError) -> ValidationError:
    """Of an error in alternatives, the one in the alternative that was meant."""
    if error.validator != "oneOf" or not error.context:
        return error
    return max(error.context, key=lambda inner: len(inner.absolute_path))


def _sentence(error: ValidationError) -> str:
    error = _inner(error)
    value, bound = error.instance, error.validator_value
    match error.validator:
        case "minLength":
            return f"has {len(value)} characters, expected at least {bound}"
        case "maxLength":
            return f"has {len(value)} characters, expected at most {bound}"
        case "minItems":
            return f"has {len(value)} entries, expected at least {bound}"
        case "maxItems":
            return f"has {len(value)} entries, expected at most {bound}"
        case "type":
            return f"is {_short(value)}, expected {bound}; quote it if it is meant as text"
        case "enum" | "const" | "pattern":
            return f"is {_short(value)}, expected {bound}"
        case "required" | "additionalProperties":
            return error.message
        case "oneOf":
            return (
                "expected exactly one of: category with title and questions; writing; calibration"
            )
    return _one_line(error.message)


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= SEEN else f"{shown[:SEEN]}..."


def _one_line(error: Any) -> str:
    return " ".join(str(error).split())


def _question(entry: dict[str, Any], category: str, file: str) -> Question:
    return Question(
        **_plain(entry),
        category=category,
        file=file,
        clarifying_info=tuple(Clarification(**fact) for fact in entry["clarifying_info"]),
        probes=tuple(map(_probe, entry["probes"])),
        points=tuple(Point(**_tuples(point)) for point in entry["points"]),
        **_judged(entry),
    )


def _exercise(entry: dict[str, Any], file: str) -> WritingExercise:
    return WritingExercise(**_plain(entry), file=file, **_judged(entry))


def _scored(entry: dict[str, Any], file: str) -> ScoredAnswer:
    ratings = tuple(ScoredRating(**rating) for rating in entry["ratings"])
    return ScoredAnswer(**_plain(entry), file=file, ratings=ratings)


BUILT = {"clarifying_info", "probes", "points", "rubric", "model_answer", "ratings"}


def _plain(entry: dict[str, Any]) -> dict[str, Any]:
    return _tuples({key: value for key, value in entry.items() if key not in BUILT})


def _tuples(entry: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}


def _probe(entry: dict[str, Any]) -> Probe:
    when = {} if entry["when"] == "always" else entry["when"]
    return Probe(entry["id"], entry["text"], **_tuples(when))


def _judged(entry: dict[str, Any]) -> dict[str, Any]:
    rubric = tuple(
        Criterion(c["criterion"], c["title"], {level: c["anchors"][str(level)] for level in SCALE})
        for c in entry["rubric"]
    )
    answer = entry["model_answer"]
    annotations = tuple((a["span"], a["shows"]) for a in answer["annotations"])
    return {"rubric": rubric, "model_answer": ModelAnswer(answer["text"], annotations)}
