"""The risk register: one table that people can check, sign and compute with."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tpmkit.planning.cells import read_cells
from tpmkit.planning.criteria import Condition
from tpmkit.planning.errors import PlanError, refuse
from tpmkit.planning.estimates import Estimate, Lognormal, Quantiles
from tpmkit.planning.levels import p_level
from tpmkit.planning.montecarlo import simulate
from tpmkit.planning.network import Plan
from tpmkit.planning.risks import RiskEvent, simulate_losses

__all__ = ["FIELDS", "Register", "read_register", "response_returns", "validate_register"]

PHASES = (
    "business and data understanding",
    "data preparation",
    "modelling",
    "evaluation",
    "deployment",
    "monitoring and maintenance",
)
OPPORTUNITY = ("exploit", "enhance", "share")
FIELDS = {
    "risk_id": "Short and unique.",
    "title": "What people call it.",
    "cause": "Because of ... (a fact)",
    "event": "... may happen ... (uncertain)",
    "effect": "... which would lead to ... (on an objective)",
    "phase": f"CRISP-ML(Q): {', '.join(PHASES)}.",
    "category": "For example technical, data, people, vendor, legal, business.",
    "rmf_function": "NIST AI RMF: govern, map, measure or manage.",
    "owner": "The one person who answers for it (DRI).",
    "date_raised": "Date, as 2026-03-02.",
    "proximity": "When it may strike: imminent, quarter, year or later.",
    "probability": "Chance that it happens during the program, 0 to 1.",
    "probability_p5": "Low end of that chance.",
    "probability_p95": "High end of that chance.",
    "impact_cost_p5": "Money lost if it happens: one chance in twenty to be below.",
    "impact_cost_p50": "Money lost: median; empty for the lognormal through P5 and P95.",
    "impact_cost_p95": "Money lost: one chance in twenty to be above.",
    "impact_days_p5": "Working days of delay if it happens.",
    "impact_days_p50": "Working days: median.",
    "impact_days_p95": "Working days: one chance in twenty to be above.",
    "activities": "Ids of the plan's activities that are delayed; empty for the finish as a whole.",
    "velocity": "How fast it hurts once it strikes: slow, medium or fast.",
    "inherent_emv": "Probability x mean cost; computed, and compared if given.",
    "response": "avoid, reduce, transfer, accept, escalate; exploit, enhance, share.",
    "action": "What is done.",
    "action_owner": "The one person who does it.",
    "due": "Date of the action.",
    "cost_of_response": "Money.",
    "residual_probability": "Chance after the action.",
    "residual_impact": "Share of the impact that is left after the action, 0 to 1 (1 if empty).",
    "secondary_risks": "Ids of risks that the action brings.",
    "trigger": "The observable sign: metric, comparison, threshold, as 'recall < 0.8'.",
    "kill_or_pivot_link": "The criterion it belongs to.",
    "status": "open, watch, occurred or closed; a closed risk no longer counts.",
    "last_review": "Date.",
}
REQUIRED = (
    "risk_id",
    "title",
    "cause",
    "event",
    "effect",
    "category",
    "owner",
    "date_raised",
    "probability",
    "response",
    "trigger",
    "status",
)
REQUIRED_FOR_ACTION = ("action", "action_owner", "due", "cost_of_response", "residual_probability")
CHOICES = {
    "phase": PHASES,
    "rmf_function": ("govern", "map", "measure", "manage"),
    "proximity": ("imminent", "quarter", "year", "later"),
    "velocity": ("slow", "medium", "fast"),
    "response": ("avoid", "reduce", "transfer", "accept", "escalate", *OPPORTUNITY),
    "status": ("open", "watch", "occurred", "closed"),
}
DATES = ("date_raised", "due", "last_review")
SHARES = ("probability", "probability_p5", "probability_p95", "residual_probability")
PEOPLE = ("owner", "action_owner")
NUMBERS = tuple(f for f in FIELDS if re.match("prob|impact|inherent|cost|residual", f))
NOT_ONE_PERSON = re.compile(
    r"[,;/&+]|\band\b|\b(team|everyone|all|tbd|tba|committee|group|engineering|n/?a)\b", re.I
)


@dataclass(frozen=True, eq=False)
class Register:
    """A validated risk register.

    Attributes
    ----------
    table : pandas.DataFrame
        By risk_id, all columns of `FIELDS`, with ``inherent_emv`` and ``residual_emv`` computed.
    """

    table: pd.DataFrame

    def events(self, responses: str | Collection[str] = ()) -> tuple[RiskEvent, ...]:
        """The risks as events, for `simulate` and `simulate_losses`.

        Parameters
        ----------
        responses : "all" or collection of risk ids, optional
            Risks whose response is carried out: they have the residual probability and impact.
        """
        carried_out = set(self.table.index) if responses == "all" else {*responses}
        if unknown := sorted(carried_out - set(self.table.index)):
            raise PlanError(f"The register has no {', '.join(unknown)}.")
        return tuple(
            _event(row, after=row["risk_id"] in carried_out)
            for row in self.table.reset_index().to_dict("records")
            if row["status"] != "closed"
        )

    def cost_of(self, responses: str | Collection[str]) -> float:
        """What a set of responses costs."""
        rows = self.table if responses == "all" else self.table.loc[list(responses)]
        return float(rows["cost_of_response"].fillna(0).sum())

    def __len__(self) -> int:
        return len(self.table)

    def _repr_html_(self) -> str:
        return self.table.dropna(axis="columns", how="all")._repr_html_()


def read_register(source: str | Path | pd.DataFrame) -> Register:
    """A risk register from a CSV file or a table.

    Parameters
    ----------
    source : path or pandas.DataFrame
        With columns of `FIELDS`; those that are not required may be absent.

    Returns
    -------
    Register

    Raises
    ------
    PlanError
        Naming every row and field that cannot be used; `validate_register` gives them as a table.
    """
    table = _as_table(source)
    found = validate_register(table)
    refuse(
        "This register cannot be used",
        (f"row {p.row} ({p.risk_id!r}), {p.field}: {p.problem}" for p in found.itertuples()),
    )
    for name in NUMBERS:
        table[name] = pd.to_numeric(table[name])
    table["inherent_emv"], table["residual_emv"] = (
        [_event(row, after=after).expected("cost") for row in table.to_dict("records")]
        for after in (False, True)
    )
    return Register(table.set_index("risk_id"))


def validate_register(source: str | Path | pd.DataFrame) -> pd.DataFrame:
    """Everything in a register that cannot be computed with or acted on.

    Parameters
    ----------
    source : path or pandas.DataFrame

    Returns
    -------
    pandas.DataFrame
        Columns row (as a spreadsheet counts, the header is row 1), risk_id, field, problem; no rows
        if all is well.
    """
    table = _as_table(source)
    ids = table["risk_id"].tolist()
    found = [
        (number, row["risk_id"], field, problem)
        for number, row in enumerate(table.to_dict("records"), start=2)
        for field, problem in _problems(row, ids)
    ]
    return pd.DataFrame(found, columns=["row", "risk_id", "field", "problem"])


def response_returns(
    register: Register,
    *,
    rng: np.random.Generator,
    plan: Plan | None = None,
    runs: int = 10_000,
    correlation: float | pd.DataFrame = 0.0,
    cost_of_delay: float = 0.0,
    p: float = 80,
) -> pd.DataFrame:
    """What each response buys, alone, under common random numbers.

    Parameters
    ----------
    register : Register
    rng : numpy.random.Generator
    plan : Plan, optional
        With a plan, delays go through its network; without, they add up.
    runs, correlation
        As for `simulate`.
    cost_of_delay : float, optional
        Money for each day of delay.
    p : float, optional
        The P-level to compare.

    Returns
    -------
    pandas.DataFrame
        By risk_id, best first: action, cost_of_response, saved (fall of the mean loss), saved_p80
        (fall of the P80 loss), days_p80 (fall of the P80 finish, with a plan), return_on_response,
        (saved - cost_of_response) / cost_of_response. The names follow `p`.
    """
    seed = rng.integers(2**63)

    def outcome(responses: Collection[str]) -> tuple[float, float, float]:
        events, again = register.events(responses), np.random.default_rng(seed)
        if plan is None:
            losses = simulate_losses(events, rng=again, runs=runs, cost_of_delay=cost_of_delay)
            finish = np.zeros(1)
        else:
            simulation = simulate(
                plan, rng=again, runs=runs, risks=events, correlation=correlation, detail=0
            )
            finish = simulation.finish
            losses = simulation.cost + cost_of_delay * finish
        return float(losses.mean()), p_level(losses, p), p_level(finish, p)

    before = outcome(())
    rows = {}
    for id, risk in register.table.iterrows():
        if risk["status"] == "closed" or pd.isna(risk["residual_probability"]):
            continue
        mean, high, days = (b - a for b, a in zip(before, outcome({id}), strict=True))
        cost = float(risk["cost_of_response"])
        rows[id] = {
            "action": risk["action"],
            "cost_of_response": cost,
            "saved": mean,
            f"saved_p{p:g}": high,
            f"days_p{p:g}": days,
            "return_on_response": (mean - cost) / cost if cost else np.inf * np.sign(mean),
        }
    if not rows:
        raise PlanError("No open risk in the register has a response with a residual probability.")
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("risk_id")
    if plan is None:
        table = table.drop(columns=f"days_p{p:g}")
    return table.sort_values("return_on_response", ascending=False, kind="stable")


def _as_table(source: str | Path | pd.DataFrame) -> pd.DataFrame:
    if isinstance(source, pd.DataFrame):
        table = source.reset_index() if source.index.name == "risk_id" else source.copy()
    else:
        table = read_cells(source)
    if absent := [name for name in REQUIRED if name not in table]:
        raise PlanError(f"The register has no column {', '.join(absent)}.")
    allowed = {*FIELDS, "residual_emv"}
    if unknown := [name for name in table if name not in allowed]:
        raise PlanError(f"The register's columns {', '.join(unknown)} are not in its field set.")
    table = table.reindex(columns=list(FIELDS)).astype(object)
    return table.where(table.notna() & (table.map(lambda v: str(v).strip()) != ""), None)


def _problems(row: dict[str, Any], ids: list[Any]) -> Iterable[tuple[str, str]]:
    """What is wrong with one row: field and sentence."""
    given = {name for name, value in row.items() if value is not None}
    for name in REQUIRED:
        if name not in given:
            yield name, "is missing"
    if row["response"] not in (None, "accept"):
        for name in REQUIRED_FOR_ACTION:
            if name not in given:
                yield name, f"is missing, and the response is {row['response']!r}"
    if "risk_id" in given and ids.count(row["risk_id"]) > 1:
        yield "risk_id", "is given more than once"
    for name, choices in CHOICES.items():
        if name in given and row[name] not in choices:
            yield name, f"is {row[name]!r}; choose {', '.join(choices)}"
    for name in PEOPLE:
        if name in given and NOT_ONE_PERSON.search(str(row[name])):
            yield name, f"is {row[name]!r}, not one person"
    for name in DATES:
        if name in given and pd.isna(pd.to_datetime(row[name], errors="coerce")):
            yield name, f"is {row[name]!r}, not a date as 2026-03-02"
    if "trigger" in given:
        try:
            Condition.parse(str(row["trigger"]))
        except PlanError as error:
            yield "trigger", str(error)
    for other in re.split(r"[;,]\s*", str(row["secondary_risks"] or "")):
        if other and other.strip() not in ids:
            yield "secondary_risks", f"names {other.strip()!r}, which is not in the register"
    numbers = {name: pd.to_numeric(row[name], errors="coerce") for name in NUMBERS if name in given}
    for name in [name for name, value in numbers.items() if not np.isfinite(value)]:
        yield name, f"is {row[name]!r}, not a number"
        del numbers[name]
    for name, value in numbers.items():
        if value < 0 and name != "inherent_emv":
            yield name, f"is {value:g}, below 0"
        elif value > 1 and (name in SHARES or name == "residual_impact"):
            yield name, f"is {value:g}, above 1"
    yield from _ranges(row, numbers)


def _ranges(row: dict[str, Any], numbers: dict[str, float]) -> Iterable[tuple[str, str]]:
    """What is wrong between the numbers of one row."""
    chances = [numbers.get(f"probability{end}") for end in ("_p5", "", "_p95")]
    known = [chance for chance in chances if chance is not None]
    if known != sorted(known):
        yield "probability", "P5, probability and P95 are not in rising order"
    usable = False  # whether there is an impact at all
    for what in ("impact_cost", "impact_days"):
        names = [f"{what}_{end}" for end in ("p5", "p50", "p95")]
        if not any(row[name] is not None for name in names):
            continue
        usable = True
        low, middle, high = (numbers.get(name) for name in names)
        known = [number for number in (low, middle, high) if number is not None]
        if low is None or high is None:
            yield what, "needs P5 and P95, with or without P50"
        elif known != sorted(known):
            said = ", ".join(f"{number:g}" for number in known)
            yield what, f"{said} are not in rising order"
        elif low == 0:
            yield f"{what}_p5", "must be above 0; leave all empty for no impact"
        elif low < 0:
            continue
        elif what == "impact_cost" and "inherent_emv" in numbers and "probability" in numbers:
            sign = -1 if row["response"] in OPPORTUNITY else 1
            emv = sign * numbers["probability"] * _estimate(low, middle, high).mean
            if abs(numbers["inherent_emv"] - emv) > 0.01 * abs(emv):
                stated = numbers["inherent_emv"]
                yield "inherent_emv", f"is {stated:,.0f}, but probability x mean cost is {emv:,.0f}"
    if not usable:
        yield "impact_cost", "or impact_days is missing: what does it cost if it happens?"
    before, after = numbers.get("probability"), numbers.get("residual_probability")
    if before is not None and after is not None:
        if row["response"] in OPPORTUNITY and after < before:
            yield (
                "residual_probability",
                f"{after:g} makes the opportunity less likely ({before:g})",
            )
        elif row["response"] not in OPPORTUNITY and after > before:
            yield "residual_probability", f"{after:g} is above the probability {before:g}"


def _estimate(low: float, middle: float | None, high: float) -> Estimate:
    if middle is None or np.isnan(middle):
        return Lognormal.from_interval(low, high)
    return Quantiles(low, middle, high)


def _event(row: dict[str, Any], *, after: bool) -> RiskEvent:
    impacts = {
        what: _estimate(*(row[f"impact_{what}_{end}"] for end in ("p5", "p50", "p95")))
        for what in ("days", "cost")
        if pd.notna(row[f"impact_{what}_p5"])
    }
    event = RiskEvent(
        id=row["risk_id"],
        probability=row["probability"],
        activities=row["activities"] if isinstance(row["activities"], str) else (),
        opportunity=row["response"] in OPPORTUNITY,
        **impacts,
    )
    if after and pd.notna(row["residual_probability"]):
        left = row["residual_impact"]
        event = dataclasses.replace(
            event,
            probability=row["residual_probability"],
            remaining=1.0 if pd.isna(left) else left,
        )
    return event
