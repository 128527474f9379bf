"""Monte Carlo: a plan simulated many times, as a joint distribution of finish and cost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from tpmkit.planning.calendars import Calendar
from tpmkit.planning.cpm import critical_path
from tpmkit.planning.errors import PlanError, refuse
from tpmkit.planning.estimates import Fixed
from tpmkit.planning.levels import as_runs, p_level
from tpmkit.planning.network import Plan
from tpmkit.planning.risks import RiskDraws, RiskEvent, RiskStreams
from tpmkit.planning.streams import Streams

__all__ = ["Simulation", "simulate", "tornado"]

CELLS, SMALLEST_CHUNK = 500_000, 4096
LEVELS = (10, 50, 80, 90, 95)


@dataclass(frozen=True, eq=False)
class Simulation:
    """What `simulate` found: run by run, when the program finishes and what it costs.

    Attributes
    ----------
    finish, cost : numpy.ndarray
        Working days and money, one value a run; the same place is the same run.
    criticality : pandas.Series
        Share of the runs in which an activity lies on a critical path (criticality index).
    starts, finishes : pandas.DataFrame
        When each activity runs, a row for each of the first `detail` runs.
    """

    plan: Plan
    risks: tuple[RiskEvent, ...]
    calendar: Calendar | None
    finish: np.ndarray
    cost: np.ndarray
    criticality: pd.Series
    starts: pd.DataFrame
    finishes: pd.DataFrame

    def p(self, p: float, of: str = "finish") -> float:
        """A P-level: with 80, the finish (or "cost") that four in five runs stay within."""
        if of not in ("finish", "cost"):
            raise PlanError(f"P-levels are of 'finish' or 'cost'; got {of!r}.")
        return p_level(getattr(self, of), p)

    @property
    def p50(self) -> float:
        """Working days that half of the runs stay within."""
        return self.p(50)

    @property
    def p80(self) -> float:
        """Working days that four in five runs stay within."""
        return self.p(80)

    @property
    def p95(self) -> float:
        """Working days that nineteen in twenty runs stay within."""
        return self.p(95)

    def date(self, p: float) -> date:
        """The date of a P-level; needs a calendar."""
        return self._calendar.date_of(self.p(p))

    def p_on_time(self, when: float | str | date) -> float:
        """Chance to be finished by a date, or within a number of working days."""
        return float(np.mean(self._by(when)))

    def p_in_budget(self, budget: float) -> float:
        """Chance to cost no more than `budget`."""
        return float(np.mean(self.cost <= budget))

    def joint_confidence(self, when: float | str | date, budget: float) -> float:
        """Chance to be on time *and* in budget: never more than either alone."""
        return float(np.mean(self._by(when) & (self.cost <= budget)))

    def percentiles(self, levels: Sequence[float] = LEVELS) -> pd.DataFrame:
        """Finish, date (with a calendar) and cost at several P-levels."""
        rows = {f"P{p:g}": {"finish": self.p(p), "cost": self.p(p, "cost")} for p in levels}
        table = pd.DataFrame.from_dict(rows, orient="index")
        if self.calendar is not None:
            table.insert(1, "date", self.calendar.date_of(table["finish"].to_numpy()))
        return table

    def activities(self) -> pd.DataFrame:
        """When each activity runs, how often it is critical, and what waiting for several adds.

        Returns
        -------
        pandas.DataFrame
            By id: start_p10, start_p50, start_p90, finish_p10, finish_p50, finish_p90,
            criticality, and merge_bias: mean start minus the start at mean durations.
        """
        quantiles = {
            f"{what}_p{p}": np.quantile(frame.to_numpy(), p / 100, axis=0)
            for what, frame in (("start", self.starts), ("finish", self.finishes))
            for p in (10, 50, 90)
        }
        at_means = critical_path(self.plan, self._mean_durations()).table["earliest_start"]
        return pd.DataFrame(quantiles, index=self.criticality.index).assign(
            criticality=self.criticality, merge_bias=self.starts.mean() - at_means
        )

    @property
    def merge_bias(self) -> float:
        """Mean finish minus the finish at mean durations (and mean risks): what averages hide."""
        whole = sum(risk.expected("days") for risk in self.risks if not risk.activities)
        at_means = critical_path(self.plan, self._mean_durations()).finish + whole
        return float(np.mean(self.finish)) - at_means

    def _mean_durations(self) -> dict[str, float]:
        days = self.plan.durations("mean")
        for risk in self.risks:
            for id in risk.activities:
                days[id] = max(0.0, days[id] + risk.expected("days"))
        return days

    def _by(self, when: float | str | date) -> np.ndarray:
        if isinstance(when, (str, date, np.datetime64)):
            # As in Calendar.date_of: a rounding error must not cost a day.
            return self.finish <= self._calendar.days_until(when) + 1e-6
        return self.finish <= when

    @property
    def _calendar(self) -> Calendar:
        if self.calendar is None:
            raise PlanError(
                "Dates need a calendar: simulate(plan, calendar=Calendar('2026-01-05'), …)."
            )
        return self.calendar

    def __repr__(self) -> str:
        levels = ", ".join(f"P{p} {self.p(p):.1f}" for p in (50, 80, 95))
        return f"{self.finish.size:,} runs of {len(self.plan)} activities: {levels} working days"


def simulate(
    plan: Plan,
    *,
    rng: np.random.Generator,
    runs: int = 10_000,
    risks: Iterable[RiskEvent] = (),
    correlation: float | pd.DataFrame = 0.0,
    calendar: Calendar | None = None,
    detail: int = 10_000,
    chunk: int | None = None,
) -> Simulation:
    """Simulate a plan.

    Parameters
    ----------
    plan : Plan
    rng : numpy.random.Generator
        The same seed gives the same answer, whatever the order of the activities. Every activity
        and every risk has its own random stream, so two plans simulated from the same seed are
        compared under common random numbers.
    runs : int, optional
    risks : iterable of RiskEvent, optional
        For example ``register.events()``.
    correlation : float or pandas.DataFrame, optional
        A number from 0 to 1: durations share a common factor and correlate pairwise that much (as
        normal scores). A symmetric table by activity id: a Gaussian copula; activities that are not
        in it are independent.
    calendar : Calendar, optional
        For answers as dates.
    detail : int, optional
        For how many of the first runs to keep the starts and finishes of every activity.
    chunk : int, optional
        Runs computed at a time; decides memory, changes no result. By default the working arrays
        take some 12 MB, for plans of over 120 activities 100 kB an activity.

    Returns
    -------
    Simulation

    Examples
    --------
    >>> plan = Plan([Activity("data", (5, 8, 20)), Activity("model", (10, 15, 40), "data")])
    >>> simulation = simulate(plan, rng=np.random.default_rng(7))
    >>> round(simulation.p80)
    32
    """
    runs = as_runs(runs)
    chunk = max(SMALLEST_CHUNK, CELLS // len(plan)) if chunk is None else as_runs(chunk)
    model = Model(plan, risks, correlation, Streams(rng), min(chunk, runs))
    detail = min(detail, runs)
    finish, cost = np.empty(runs), np.empty(runs)
    starts, finishes = np.empty((2, len(plan), detail))
    critical = np.zeros(len(plan), dtype=np.int64)
    rows = [model.rows[id] for id in plan.ids]
    for first in range(0, runs, chunk):
        size = min(chunk, runs - first)
        draws = model.risks.draw(size)
        outcome = model.run(model.durations(size), draws)
        finish[first : first + size] = outcome.finish
        cost[first : first + size] = outcome.cost
        critical += model.critical(outcome)
        if (kept := min(size, detail - first)) > 0:
            for column, row in enumerate(rows):
                starts[column, first : first + kept] = outcome.starts[row][:kept]
                finishes[column, first : first + kept] = outcome.finishes[row][:kept]
    ids = pd.Index(plan.ids, name="id")
    return Simulation(
        plan=plan,
        risks=tuple(model.risks.risks),
        calendar=calendar,
        finish=finish,
        cost=cost,
        criticality=pd.Series(critical[rows] / runs, index=ids, name="criticality"),
        starts=pd.DataFrame(starts.T, columns=ids),
        finishes=pd.DataFrame(finishes.T, columns=ids),
    )


def tornado(
    plan: Plan,
    *,
    rng: np.random.Generator,
    runs: int = 10_000,
    risks: Iterable[RiskEvent] = (),
    correlation: float | pd.DataFrame = 0.0,
    p: float = 80,
    of: str = "finish",
) -> pd.DataFrame:
    """What moves the P-level of the finish (or cost) most, under common random numbers.

    One activity at a time is held at its P10 and at its P90, one risk at a time is kept from
    happening and made to happen, while everything else varies with the same random numbers.

    Parameters
    ----------
    plan, rng, runs, risks, correlation
        As for `simulate`.
    p : float, optional
        The P-level to look at.
    of : {"finish", "cost"}, optional

    Returns
    -------
    pandas.DataFrame
        By id, largest swing first: kind ("activity" or "risk"), low, high, swing. Its ``attrs``
        hold what was looked at: p, of, and base, the P-level with nothing held.
    """
    if of not in ("finish", "cost"):
        raise PlanError(f"A tornado is of 'finish' or 'cost'; got {of!r}.")
    runs = as_runs(runs)
    model = Model(plan, risks, correlation, Streams(rng), runs)
    durations, draws = model.durations(runs), model.risks.draw(runs)

    def outcome(forced: dict[str, bool] | None = None) -> float:
        return p_level(getattr(model.run(durations.copy(), draws, forced), of), p)

    rows = []
    for row, id in enumerate(plan.order):
        if plan[id].duration.sd == 0:
            continue
        drawn = durations[row].copy()
        ends = []
        for end in plan[id].duration.ppf(np.array([0.1, 0.9])):
            durations[row] = end
            ends.append(outcome())
        durations[row] = drawn
        rows.append((id, "activity", *ends))
    for risk in model.risks.risks:
        rows.append((risk.id, "risk", outcome({risk.id: False}), outcome({risk.id: True})))
    table = pd.DataFrame(rows, columns=["id", "kind", "low", "high"])
    table["swing"] = (table["high"] - table["low"]).abs()
    table = table.sort_values(["swing", "id"], ascending=[False, True]).set_index("id")
    table.attrs = {"p": p, "of": of, "base": outcome()}
    return table


@dataclass(frozen=True)
class Outcome:
    """A piece of the simulation: by activity (in the plan's order) and in all."""

    durations: np.ndarray
    starts: list[np.ndarray]
    finishes: np.ndarray
    end: np.ndarray
    finish: np.ndarray
    cost: np.ndarray


class Model:
    """A plan made ready to be computed for up to `size` runs at a time.

    Rows are activities in `Plan.order`, columns are runs. All large arrays are made once and used
    again for every piece: memory that is given back and asked for anew costs more than the
    arithmetic. What a method returns therefore holds only until the next piece.
    """

    def __init__(
        self,
        plan: Plan,
        risks: Iterable[RiskEvent],
        correlation: float | pd.DataFrame,
        streams: Streams,
        size: int,
    ) -> None:
        self.activities = [plan[id] for id in plan.order]
        self.rows = {id: row for row, id in enumerate(plan.order)}
        self.risks = RiskStreams(risks, streams)
        refuse(
            "These risks do not fit the plan",
            (
                f"risk {risk.id!r} delays {id!r}, which is not in the plan"
                for risk in self.risks.risks
                for id in risk.activities
                if id not in self.rows
            ),
        )
        self.waits = [
            [(self.rows[d.predecessor], d.kind, d.lag) for d in activity.predecessors]
            for activity in self.activities
        ]
        self.followers: list[list[tuple[int, str, float]]] = [[] for _ in self.activities]
        for row, waits in enumerate(self.waits):
            for before, kind, lag in waits:
                self.followers[before].append((row, kind, lag))
        # Whoever has a follower that cannot finish sooner does not decide the end.
        self.last = [
            row
            for row, followers in enumerate(self.followers)
            if not any(kind in ("FS", "FF") and lag >= 0 for _, kind, lag in followers)
        ]
        self.varying = [
            row for row, a in enumerate(self.activities) if not isinstance(a.duration, Fixed)
        ]
        self.scores = [streams("duration", self.activities[row].id) for row in self.varying]
        self.fixed_cost = math.fsum(activity.fixed_cost for activity in self.activities)
        self.overhead_per_day = plan.overhead_per_day
        self.shared, self.own, self.mixing = 0.0, 1.0, None
        if isinstance(correlation, pd.DataFrame):
            self.mixing = _mixing(correlation, [self.activities[row].id for row in self.varying])
        elif not 0 <= correlation <= 1:
            raise PlanError(f"A common correlation is from 0 to 1; got {correlation!r}.")
        else:
            self.shared, self.own = float(correlation) ** 0.5, (1 - float(correlation)) ** 0.5
        self.factor = streams("factor", "durations")
        self._days, self._starts, self._finishes = np.empty((3, len(plan), size))
        self._common, self._end, self._finish, self._cost, self._spare = np.empty((5, size))
        self._cells = np.empty(size, dtype=np.intp)

    def durations(self, size: int) -> np.ndarray:
        """Durations of the next `size` runs, before risks."""
        days = self._days[:, :size]
        spare, cells, common = self._spare[:size], self._cells[:size], self._common[:size]
        if self.shared:
            self.factor.standard_normal(out=common)
            common *= self.shared
        for row, stream in zip(self.varying, self.scores, strict=True):
            stream.standard_normal(out=days[row])
            if self.shared:
                days[row] *= self.own
                days[row] += common
        if self.mixing is not None:
            # Row by row and from below, so that rows above are still unmixed when they are read.
            for place in reversed(range(len(self.varying))):
                mixed = days[self.varying[place]]
                mixed *= self.mixing[place, place]
                for other in np.flatnonzero(self.mixing[place, :place]):
                    mixed += self.mixing[place, other] * days[self.varying[other]]
        for row, activity in enumerate(self.activities):
            activity.duration.fill(days[row], spare, cells)
        return days

    def run(
        self,
        days: np.ndarray,
        draws: list[RiskDraws],
        forced: dict[str, bool] | None = None,
    ) -> Outcome:
        """Let the risks strike, which changes `days`, and follow the network.

        `forced` risks do not depend on chance.
        """
        size = days.shape[1]
        cost, spare = self._cost[:size], self._spare[:size]
        cost.fill(self.fixed_cost)
        late = 0.0
        for draw in draws:
            hit, delay, loss = draw.hits((forced or {}).get(draw.risk.id))
            if draw.risk.cost is not None:
                cost[hit] += loss
            if draw.risk.days is None:
                continue
            if not draw.risk.activities:
                late = np.zeros(size) if isinstance(late, float) else late
                late[hit] += delay
            for id in draw.risk.activities:
                days[self.rows[id], hit] += delay
        gained = [id for draw in draws if draw.risk.opportunity for id in draw.risk.activities]
        for row in {self.rows[id] for id in gained}:
            np.maximum(days[row], 0.0, out=days[row])
        starts, finishes = self._follow(days)
        end, finish = self._end[:size], self._finish[:size]
        end[:] = finishes[self.last[0]]
        for row in self.last[1:]:
            np.maximum(end, finishes[row], out=end)
        np.maximum(np.add(end, late, out=finish), 0.0, out=finish)
        for activity, worked in zip(self.activities, days, strict=True):
            if activity.cost_per_day:
                cost += np.multiply(worked, activity.cost_per_day, out=spare)
        if self.overhead_per_day:
            cost += np.multiply(finish, self.overhead_per_day, out=spare)
        return Outcome(days, starts, finishes, end, finish, cost)

    def _follow(self, days: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
        size = days.shape[1]
        starts: list[np.ndarray] = []
        finishes = self._finishes[:, :size]
        for row, (activity, waits) in enumerate(zip(self.activities, self.waits, strict=True)):
            start, merged = None, self._starts[row, :size]
            for before, kind, lag in waits:
                bound = _bound(starts[before], finishes[before], kind, lag, days[row])
                start = bound if start is None else np.maximum(start, bound, out=merged)
            if start is None:
                merged.fill(activity.not_before)
                start = merged
            elif activity.not_before or any(kind[1] == "F" or lag < 0 for _, kind, lag in waits):
                start = np.maximum(start, activity.not_before, out=merged)
            starts.append(start)
            np.add(start, days[row], out=finishes[row])
        return starts, finishes

    def critical(self, outcome: Outcome) -> np.ndarray:
        """In how many runs each activity is critical: it ends last, or decides when one starts."""
        critical: list[np.ndarray] = [np.empty(0)] * len(self.activities)
        counts = np.zeros(len(self.activities), dtype=np.int64)
        starts, finishes = outcome.starts, outcome.finishes
        for row in reversed(range(len(self.activities))):
            found = finishes[row] == outcome.end if row in self.last else None
            for after, kind, lag in self.followers[row]:
                # The very sum that made the start is compared with it, so equal means equal.
                bound = _bound(starts[row], finishes[row], kind, lag, outcome.durations[after])
                decides = critical[after]
                if bound is not starts[after]:
                    decides = decides & (bound == starts[after])
                found = decides if found is None else found | decides
            critical[row] = found
            counts[row] = np.count_nonzero(found)
        return counts


def _bound(
    start: np.ndarray, finish: np.ndarray, kind: str, lag: float, days: np.ndarray
) -> np.ndarray:
    """The start that a dependency allows."""
    bound = start if kind[0] == "S" else finish
    if lag:
        bound = bound + lag
    return bound - days if kind[1] == "F" else bound


def _mixing(correlation: pd.DataFrame, ids: list[str]) -> np.ndarray:
    """The lower triangle that turns independent scores into correlated ones (Cholesky)."""
    table = correlation
    if list(table.index) != list(table.columns) or table.index.has_duplicates:
        raise PlanError("A correlation table has the same ids, once each, as rows and as columns.")
    if unknown := sorted(set(table.index) - set(ids)):
        raise PlanError(f"The correlation table names {', '.join(unknown)}: no uncertain activity.")
    values = table.to_numpy(dtype=float)
    if not (np.allclose(values, values.T) and np.allclose(np.diag(values), 1)):
        raise PlanError("A correlation table is symmetric with 1 on its diagonal.")
    wanted = table.reindex(index=ids, columns=ids).to_numpy(dtype=float)
    wanted = np.where(np.isnan(wanted), np.eye(len(ids)), wanted)
    lower = np.zeros_like(wanted)
    for column in range(len(ids)):
        above = lower[column, :column]
        pivot = wanted[column, column] - above @ above
        rest = wanted[column + 1 :, column] - lower[column + 1 :, :column] @ above
        if pivot < -1e-9 or (pivot < 1e-12 and np.any(np.abs(rest) > 1e-6)):
            raise PlanError(
                "These correlations cannot all hold at once (the table is not positive definite); "
                "bring the largest ones closer to 0."
            )
        if pivot >= 1e-12:
            lower[column, column] = pivot**0.5
            lower[column + 1 :, column] = rest / pivot**0.5
    return lower
