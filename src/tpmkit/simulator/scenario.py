"""Scenarios: every constant of the model in one table, with its unit, meaning and source."""

from __future__ import annotations

import difflib
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pandas as pd
import yaml

from tpmkit.simulator.errors import ScenarioError

__all__ = ["Risk", "Scenario", "as_scenario", "load_scenario", "scenarios"]

FOLDER = resources.files("tpmkit.simulator") / "scenarios"
NAMES = ("tutorial", "standard", "ambiguous_ceiling", "regulated")
COUNTS = ("weeks", "headcount_start", "headcount_min", "headcount_max", "promised_week")
CONSTANT_KEYS = {"value", "unit", "range", "meaning", "source"}
RISK_KEYS = {"hazard", "lowered_by", "title", "effects", "source"}
OVERLAY_KEYS = {"extends", "title", "story", "fixed_seed", "constants", "risks"}
LOWERED_BY = ("data", "platform", "governance", "health", "trust", "morale", "comms", "nothing")
SOFT = ("data", "model", "platform", "governance", "health", "morale", "trust")
EFFECTS = (*SOFT, "scope", "bar", "blocked_weeks", "leaves")
ATTRITION = "attrition"


@dataclass(frozen=True)
class Risk:
    """Something that may happen in any week.

    Attributes
    ----------
    hazard : float or str
        Chance per week before what lowers it; "attrition" for the chance that somebody leaves.
    lowered_by : str
        What lowers the hazard: a readiness, trust, communication ("comms") or nothing.
    effects : mapping
        State -> change.
    """

    name: str
    title: str
    hazard: float | str
    lowered_by: str
    effects: Mapping[str, float]
    source: str


@dataclass(frozen=True, eq=False)
class Scenario:
    """What kind of program is flown: its story, constants and risks.

    Attributes
    ----------
    name, title, story : str
    constants : mapping
        Name -> number; `table` has units, meanings and sources.
    risks : tuple of Risk
    fixed_seed : int or None
        The seed whose luck every run has; None where each seed has its own.
    """

    name: str
    title: str
    story: str
    constants: Mapping[str, float]
    risks: tuple[Risk, ...]
    fixed_seed: int | None = None
    rules_version: int = 1
    notes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)

    @property
    def k(self) -> SimpleNamespace:
        """The constants as attributes, for the rules."""
        return SimpleNamespace(**self.constants)

    @property
    def weeks(self) -> int:
        """Length of the program."""
        return int(self.constants["weeks"])

    @property
    def version(self) -> str:
        """Twelve hex digits that change with any number of the scenario and with the rules."""
        numbers = {
            "rules": self.rules_version,
            "constants": dict(sorted(self.constants.items())),
            "risks": [
                [r.name, r.hazard, r.lowered_by, sorted(r.effects.items())] for r in self.risks
            ],
            "fixed_seed": self.fixed_seed,
        }
        return hashlib.sha256(json.dumps(numbers).encode()).hexdigest()[:12]

    def replace(self, **constants: float) -> Scenario:
        """The same scenario with other constants, for what-if and sensitivity.

        A risk's hazard is named ``hazard_label_delay``.
        """
        numbers, hazards = dict(self.constants), {}
        for name, value in constants.items():
            if name.removeprefix("hazard_") in {
                r.name for r in self.risks if r.hazard != ATTRITION
            }:
                _require(
                    _is_number(value) and 0 <= value <= 1,
                    f"{name} is {value!r}; a chance is from 0 to 1.",
                )
                hazards[name.removeprefix("hazard_")] = float(value)
                continue
            _known(name, numbers, "constant")
            _in_range(name, value, self.notes[name]["range"])
            numbers[name] = _number(name, value)
        risks = tuple(
            Risk(**{**vars(risk), "hazard": hazards.get(risk.name, risk.hazard)})
            for risk in self.risks
        )
        return Scenario(
            self.name,
            self.title,
            self.story,
            MappingProxyType(numbers),
            risks,
            self.fixed_seed,
            self.rules_version,
            self.notes,
        )

    def table(self) -> pd.DataFrame:
        """Every number: value, unit, meaning, source, and why it differs from the common one."""
        rows = [
            {
                "name": name,
                "value": value,
                "unit": self.notes[name]["unit"],
                "meaning": self.notes[name]["meaning"],
                "source": self.notes[name]["source"],
                "because": self.notes[name].get("because", ""),
            }
            for name, value in self.constants.items()
        ]
        rows += [
            {
                "name": f"hazard_{risk.name}",
                "value": risk.hazard,
                "unit": "per week",
                "meaning": f"{risk.title}; lowered by {risk.lowered_by}; "
                + ", ".join(f"{state} {change:+g}" for state, change in risk.effects.items()),
                "source": risk.source,
                "because": self.notes[f"hazard_{risk.name}"].get("because", ""),
            }
            for risk in self.risks
        ]
        return pd.DataFrame(rows).set_index("name")


def scenarios() -> tuple[str, ...]:
    """The names of the scenarios, easiest first."""
    return NAMES


@cache
def load_scenario(name: str = "standard") -> Scenario:
    """A scenario by name.

    Parameters
    ----------
    name : str
        One of `scenarios`.
    """
    _known(name, NAMES, "scenario")
    common, overlay = (
        yaml.safe_load((FOLDER / f"{file}.yaml").read_text(encoding="utf-8"))
        for file in ("common", name)
    )
    return build_scenario(name, common, overlay)


def as_scenario(scenario: Scenario | str) -> Scenario:
    """A scenario from its name or itself."""
    return scenario if isinstance(scenario, Scenario) else load_scenario(scenario)


def build_scenario(name: str, common: Any, overlay: Any) -> Scenario:
    """A scenario from the common table and what differs from it, both as read from YAML."""
    for keys, part, what in (
        ({"version", "constants", "risks"}, common, "common.yaml"),
        (OVERLAY_KEYS, overlay, f"{name}.yaml"),
    ):
        _require(isinstance(part, dict), f"{what} must be a table; got {part!r}.")
        for key in part:
            _known(key, keys, f"entry of {what}")
    _require(overlay.get("extends") == "common", f"{name}.yaml must say 'extends: common'.")
    for key in ("title", "story"):
        _require(isinstance(overlay.get(key), str), f"{name}.yaml needs a text '{key}'.")
    fixed_seed = overlay.get("fixed_seed")
    _require(
        fixed_seed is None or (isinstance(fixed_seed, int) and fixed_seed >= 0),
        f"{name}.yaml: fixed_seed must be a whole number from 0; got {fixed_seed!r}.",
    )
    notes: dict[str, dict[str, Any]] = {}
    numbers: dict[str, float] = {}
    for constant, entry in common["constants"].items():
        _require(
            isinstance(entry, dict) and set(entry) == CONSTANT_KEYS,
            f"Constant {constant} needs exactly {', '.join(sorted(CONSTANT_KEYS))}; got {entry!r}.",
        )
        notes[constant], numbers[constant] = dict(entry), entry["value"]
    for constant, entry in (overlay.get("constants") or {}).items():
        _known(constant, numbers, f"constant in {name}.yaml")
        _require(
            isinstance(entry, dict) and set(entry) == {"value", "because"},
            f"{name}.yaml: {constant} needs exactly value, because; got {entry!r}.",
        )
        notes[constant]["because"], numbers[constant] = entry["because"], entry["value"]
    for constant, value in numbers.items():
        numbers[constant] = _number(constant, value)
        _in_range(constant, value, notes[constant]["range"])
    _require(
        numbers["headcount_min"] <= numbers["headcount_start"] <= numbers["headcount_max"],
        "headcount_start must lie between headcount_min and headcount_max.",
    )
    entries = {risk: dict(entry) for risk, entry in common["risks"].items()}
    for risk, entry in (overlay.get("risks") or {}).items():
        _known(risk, entries, f"risk in {name}.yaml")
        for key in entry:
            _known(key, {*RISK_KEYS, "because"}, f"entry of risk {risk}")
        entries[risk].update(entry)
    risks = []
    for risk, entry in entries.items():
        notes[f"hazard_{risk}"] = {"because": entry.pop("because", "")}
        risks.append(_risk(risk, entry))
    return Scenario(
        name,
        overlay["title"],
        " ".join(overlay["story"].split()),
        MappingProxyType(numbers),
        tuple(risks),
        fixed_seed,
        common["version"],
        notes,
    )


def _risk(name: str, entry: dict[str, Any]) -> Risk:
    _require(
        set(entry) == RISK_KEYS,
        f"Risk {name} needs exactly {', '.join(sorted(RISK_KEYS))}; got {sorted(entry)}.",
    )
    hazard = entry["hazard"]
    _require(
        hazard == ATTRITION or (_is_number(hazard) and 0 <= hazard <= 1),
        f"Risk {name}: a hazard is a chance from 0 to 1, or 'attrition'; got {hazard!r}.",
    )
    _known(entry["lowered_by"], LOWERED_BY, f"lowered_by of risk {name}")
    for state, change in entry["effects"].items():
        _known(state, EFFECTS, f"effect of risk {name}")
        _require(
            _is_number(change),
            f"Risk {name}: the effect on {state} must be a number; got {change!r}.",
        )
        _require(
            state in SOFT or change >= 0,
            f"Risk {name}: the effect on {state} cannot be below 0; got {change!r}.",
        )
    return Risk(name, **{**entry, "effects": MappingProxyType(dict(entry["effects"]))})


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise ScenarioError(message)


def _known(name: Any, names: Any, what: str) -> None:
    if name not in names:
        near = difflib.get_close_matches(str(name), names, 1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(names)}."
        raise ScenarioError(f"There is no {what} {name!r}{hint}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _number(name: str, value: Any) -> float | int:
    _require(_is_number(value), f"{name} must be a number; got {value!r}.")
    if name in COUNTS:
        _require(value == int(value), f"{name} must be a whole number; got {value!r}.")
        return int(value)
    return float(value)


def _in_range(name: str, value: Any, allowed: list[float]) -> None:
    low, high = allowed
    _require(
        _is_number(value) and low <= value <= high,
        f"{name} must be from {low} to {high}; got {value!r}.",
    )
