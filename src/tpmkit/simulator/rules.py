"""What happens in a week: the states of a program, and the rules that move them, in order.

Every rule is a function from the week to the states it changes. States, decisions and luck are
arrays over episodes, so a rule reads like the sentence about one program and computes thousands.
Rules use only + - * / and comparisons: those are exact to the last bit whatever the number of
episodes, which is what makes a batch and a single run, or a replay on another machine, agree.

States between 0 and 1 saturate softly (`gain`, `lose`): they come near the ends and never reach
them, so that no decision is ever without effect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace

import numpy as np

from tpmkit.simulator.actions import OPTIONS, WORKSTREAMS, Decisions
from tpmkit.simulator.scenario import ATTRITION, SOFT, Risk, Scenario

__all__ = ["ENDS", "STAGES", "STATES", "Week", "rules"]

STAGES = ("build", "shadow", "live")
ENDS = ("running", "finished", "killed", "cancelled by the sponsor", "out of money")
INF = float("inf")

STATES = {  # name: (unit, low, high, meaning)
    "headcount": ("people", 1, 40, "everybody who is paid"),
    "rookies": ("people", 0, 40, "of those, newcomers who still learn the program"),
    "output": ("person-weeks", 0, 100, "effective work of the week"),
    "focus_data": ("share", 0, 1, "what the team is used to work on"),
    "focus_model": ("share", 0, 1, ""),
    "focus_platform": ("share", 0, 1, ""),
    "focus_governance": ("share", 0, 1, ""),
    "focus_debt": ("share", 0, 1, ""),
    "morale": ("0 to 1", 0, 1, "of the team"),
    "fatigue": ("0 to 1", 0, 1, "after long weeks"),
    "trust": ("0 to 1", 0, 1, "of sponsor and stakeholders"),
    "scope": ("times the plan", 1, 10, "what is asked for"),
    "data": ("0 to 1", 0, 1, "readiness of data"),
    "model": ("0 to 1", 0, 1, "progress of the model towards what the approach can reach"),
    "platform": ("0 to 1", 0, 1, "readiness of the platform"),
    "governance": ("0 to 1", 0, 1, "readiness of governance"),
    "health": ("0 to 1", 0, 1, "of code and pipelines; 1 is free of debt"),
    "approach": ("1 or 2", 1, 2, "the approach that is followed"),
    "quality": ("0 to 1", 0, 1, "of the model as trained"),
    "drift": ("quality", 0, 10, "quality lost since launch"),
    "blocked_weeks": ("weeks", 0, 100, "without modelling, still to come"),
    "bar": ("quality", 0, 10, "quality above which a live model earns"),
    "stage": ("0, 1, 2", 0, 2, "build, shadow, live"),
    "stage_since": ("week", 0, 104, "when the stage was entered"),
    "shadow_weeks": ("weeks", 0, 104, "in shadow before the launch"),
    "launch_week": ("week", -1, 104, "of the first launch; -1 before"),
    "spent": ("k$", 0, INF, "so far"),
    "value": ("k$", 0, INF, "earned so far"),
    "loss": ("k$", 0, INF, "by incidents so far"),
    "incidents": ("count", 0, 104, "so far"),
    "left": ("people", 0, 200, "who left of their own accord"),
    "released": ("people", 0, 104, "who were let go"),
    "ended": ("0 to 4", 0, 4, "running, finished, killed, cancelled, out of money"),
}


@dataclass
class Week:
    """What a rule sees: the states so far, the decisions, the luck, the constants.

    Attributes
    ----------
    s : SimpleNamespace
        States by name, arrays over the episodes.
    d : Decisions
    share : dict
        Workstream -> share of the work, from ``d.alloc``.
    k : SimpleNamespace
        Constants.
    luck : dict
        Random numbers of the week: ``model``, ``incident`` and one for each risk.
    """

    number: int
    s: SimpleNamespace
    d: Decisions
    share: dict[str, np.ndarray]
    k: SimpleNamespace
    luck: dict[str, np.ndarray]
    events: list[tuple[str, np.ndarray, str, tuple[np.ndarray, ...]]] = field(default_factory=list)

    def chose(self, option: str) -> np.ndarray:
        """Where this option was chosen."""
        return self.d.option == OPTIONS.index(option)

    def happened(self, name: str, where: np.ndarray, cause: str, *numbers: np.ndarray) -> None:
        """Note an event; `cause` is a format of the numbers that brought it about."""
        self.events.append((name, where, cause, numbers))


Changes = dict[str, np.ndarray]
Rule = Callable[[Week], Changes]


def gain(x: np.ndarray, amount: np.ndarray | float) -> np.ndarray:
    """Move up, the slower the nearer to 1."""
    return (x + amount) / (1 + amount)


def lose(x: np.ndarray, amount: np.ndarray | float) -> np.ndarray:
    """Move down, the slower the nearer to 0."""
    return x / (1 + amount)


def model_quality(s: SimpleNamespace, k: SimpleNamespace) -> np.ndarray:
    """What the model achieves on the day it is trained."""
    ceiling = np.where(s.approach == 1, s.ceiling_1, s.ceiling_2)
    return ceiling * s.model * (k.quality_data_floor + (1 - k.quality_data_floor) * s.data)


# --- options --------------------------------------------------------------------------------------


def pivot(w: Week) -> Changes:
    """Changing the approach keeps a part of the model's progress and costs trust."""
    possible = (w.s.approach == 1) & (w.s.stage == 0)
    pivots = w.chose("pivot") & possible
    w.happened(
        "pivot", pivots, "you chose it; {:.0%} of the model's progress stays", w.k.pivot_keeps
    )
    w.happened(
        "pivot_refused", w.chose("pivot") & ~possible, "a pivot is possible once, before shadow"
    )
    return {
        "approach": np.where(pivots, 2.0, w.s.approach),
        "model": np.where(pivots, w.s.model * w.k.pivot_keeps, w.s.model),
        "trust": np.where(pivots, lose(w.s.trust, w.k.trust_pivot), w.s.trust),
    }


def shadow(w: Week) -> Changes:
    """A shadow run measures the model on real traffic without acting on it."""
    asked = w.chose("shadow") & (w.s.stage == 0)
    begins = asked & (w.s.platform >= w.k.shadow_platform)
    w.happened("shadow", begins, "you chose it; platform readiness {:.2f}", w.s.platform)
    w.happened(
        "shadow_refused",
        asked & ~begins,
        "platform readiness {:.2f} is below {:.2f}",
        w.s.platform,
        w.k.shadow_platform,
    )
    return _enter(w, begins, 1)


def launch(w: Week) -> Changes:
    """A launch needs its gates; a launch that is announced and refused costs trust."""
    asked = w.chose("launch") & (w.s.stage < 2)
    ready = w.s.platform >= w.k.launch_platform
    signed = w.s.governance >= w.k.launch_governance
    begins = asked & ready & signed
    w.happened("launch", begins, "you chose it; quality {:.2f}, bar {:.2f}", w.s.quality, w.s.bar)
    w.happened(
        "launch_refused",
        asked & ~ready,
        "platform readiness {:.2f} is below {:.2f}",
        w.s.platform,
        w.k.launch_platform,
    )
    w.happened(
        "launch_refused",
        asked & ready & ~signed,
        "governance readiness {:.2f} is below {:.2f}",
        w.s.governance,
        w.k.launch_governance,
    )
    first = begins & (w.s.launch_week < 0)
    seen = np.where(w.s.stage == 1, w.number - w.s.stage_since, 0.0)
    return _enter(w, begins, 2) | {
        "trust": np.where(asked & ~begins, lose(w.s.trust, w.k.trust_refused), w.s.trust),
        "drift": np.where(begins, 0.0, w.s.drift),
        "shadow_weeks": np.where(first, seen, w.s.shadow_weeks),
        "launch_week": np.where(first, float(w.number), w.s.launch_week),
    }


def rollback(w: Week) -> Changes:
    """Taking the product back to shadow ends earnings and incidents, and costs trust."""
    begins = w.chose("rollback") & (w.s.stage == 2)
    w.happened("rollback", begins, "you chose it; quality {:.2f}", w.s.quality - w.s.drift)
    return _enter(w, begins, 1) | {
        "trust": np.where(begins, lose(w.s.trust, w.k.trust_rollback), w.s.trust)
    }


def _enter(w: Week, where: np.ndarray, stage: int) -> Changes:
    return {
        "stage": np.where(where, float(stage), w.s.stage),
        "stage_since": np.where(where, float(w.number), w.s.stage_since),
    }


# --- people ---------------------------------------------------------------------------------------


def hire(w: Week) -> Changes:
    """Somebody joins as a newcomer."""
    joins = (w.d.hire > 0) & (w.s.headcount < w.k.headcount_max)
    return {"headcount": w.s.headcount + joins, "rookies": w.s.rookies + joins}


def release(w: Week) -> Changes:
    """Somebody is let go, a newcomer as likely as anyone; the others notice."""
    goes = (w.d.hire < 0) & (w.s.headcount > w.k.headcount_min)
    return {
        "headcount": w.s.headcount - goes,
        "rookies": np.where(goes, w.s.rookies - w.s.rookies / w.s.headcount, w.s.rookies),
        "released": w.s.released + goes,
        "morale": np.where(goes, lose(w.s.morale, w.k.morale_release), w.s.morale),
    }


def onboarding(w: Week) -> Changes:
    """Each week some of the newcomers have learnt enough."""
    return {"rookies": w.s.rookies - w.s.rookies / w.k.onboarding_weeks}


def long_weeks(w: Week) -> Changes:
    """Long weeks tire, cost morale and invite shortcuts; normal weeks restore."""
    return {
        "fatigue": np.where(
            w.d.crunch, gain(w.s.fatigue, w.k.crunch_fatigue), lose(w.s.fatigue, w.k.fatigue_rest)
        ),
        "morale": np.where(w.d.crunch, lose(w.s.morale, w.k.crunch_morale), w.s.morale),
        "health": np.where(w.d.crunch, lose(w.s.health, w.k.crunch_shortcuts), w.s.health),
    }


def morale_settles(w: Week) -> Changes:
    """Morale returns to its resting level."""
    return {"morale": w.s.morale + w.k.morale_recovery * (w.k.morale_rest - w.s.morale)}


def productivity(w: Week) -> Changes:
    """The work that gets done: people, less what Brooks, fatigue, rework and churn take."""
    s, k = w.s, w.k
    people = (s.headcount - s.rookies) + (k.rookie_output - k.mentoring) * s.rookies
    people = np.maximum(people - k.comms_time * w.d.comms, 0.5)
    together = 1 - k.coordination * s.headcount * s.headcount
    pace = (1 + k.crunch_output * w.d.crunch) * (1 - k.fatigue_cost * s.fatigue)
    mood = 1 + k.morale_output * (s.morale - k.morale_rest)
    first_time_right = 1 - k.rework * (1 - s.health)
    settled = 1 - k.churn_cost * _moved(w)
    output = people * np.maximum(together, 0.1) * pace * mood * first_time_right * settled
    return {"output": output}


def settling(w: Week) -> Changes:
    """The team gets used to its new division of work."""
    return {
        f"focus_{name}": _focus(w, name) + (w.share[name] - _focus(w, name)) / w.k.focus_weeks
        for name in WORKSTREAMS
    }


def _moved(w: Week) -> np.ndarray:
    """The share of the work that is not what the team is used to."""
    moved = 0.0
    for name in WORKSTREAMS:
        moved = moved + np.abs(w.share[name] - _focus(w, name))
    return moved / 2


def _focus(w: Week, name: str) -> np.ndarray:
    return getattr(w.s, f"focus_{name}")


# --- work -----------------------------------------------------------------------------------------


def _effort(w: Week, *names: str) -> np.ndarray:
    effort = 0.0
    for name in names:
        effort = effort + w.share[name] * w.s.output
    return effort


def work_on_data(w: Week) -> Changes:
    """Sourcing, labelling and cleaning."""
    return {"data": gain(w.s.data, w.k.data_rate * _effort(w, "data") / w.s.scope)}


def work_on_platform(w: Week) -> Changes:
    """Pipelines, serving, monitoring."""
    return {"platform": gain(w.s.platform, w.k.platform_rate * _effort(w, "platform") / w.s.scope)}


def work_on_governance(w: Week) -> Changes:
    """Documentation, privacy, safety, sign-off."""
    effort = _effort(w, "governance")
    return {"governance": gain(w.s.governance, w.k.governance_rate * effort / w.s.scope)}


def debt(w: Week) -> Changes:
    """Building wears the code; paying debt restores it."""
    worn = lose(w.s.health, w.k.health_decay * _effort(w, "model", "platform"))
    return {"health": gain(worn, w.k.health_rate * _effort(w, "debt"))}


def work_on_model(w: Week) -> Changes:
    """Experiments bring the model nearer to what the approach can reach; data speeds them up."""
    s, k = w.s, w.k
    fed = k.model_data_floor + (1 - k.model_data_floor) * s.data
    luck = np.maximum(1 + k.model_luck * w.luck["model"], 0.1)
    progress = s.learning_rate * _effort(w, "model") * fed * luck / s.scope
    blocked = s.blocked_weeks > 0
    return {
        "model": np.where(blocked, s.model, gain(s.model, progress)),
        "blocked_weeks": np.where(blocked, s.blocked_weeks - 1, s.blocked_weeks),
    }


def quality(w: Week) -> Changes:
    """Quality follows from ceiling, model and data."""
    return {"quality": model_quality(w.s, w.k)}


def money(w: Week) -> Changes:
    """People, long weeks, communication and mitigation cost money."""
    people = w.k.person_cost * w.s.headcount * (1 + w.k.crunch_cost * w.d.crunch)
    extras = w.k.comms_cost * w.d.comms + w.k.mitigation_cost * (w.d.mitigate >= 0)
    return {"spent": w.s.spent + people + extras}


# --- luck -----------------------------------------------------------------------------------------


def strike(risk: Risk, index: int, w: Week) -> Changes:
    """A risk strikes, or not."""
    s, k = w.s, w.k
    if risk.hazard == ATTRITION:
        gloom = np.maximum(k.morale_rest - s.morale, 0.0)
        hazard = k.attrition * s.headcount * (1 + k.attrition_morale * gloom)
        cause = "chance {:.1%}: morale {:.2f}"
        level = s.morale
    else:
        level = _protection(risk, w)
        hazard = risk.hazard * (1.3 - level)
        cause = "chance {:.1%}: " + {
            "comms": "communication {:.2f} of 1",
            "nothing": "nothing lowers it",
        }.get(risk.lowered_by, risk.lowered_by + " {:.2f}")
    hazard = np.where(w.d.mitigate == index, hazard * (1 - k.mitigation_effect), hazard)
    struck = w.luck[risk.name] < hazard
    if risk.hazard == ATTRITION:
        struck = struck & (s.headcount > k.headcount_min)
    w.happened(risk.name, struck, cause, hazard, level)
    changes = {}
    for state, effect in risk.effects.items():
        if state == "leaves":
            changes |= {
                "headcount": s.headcount - struck,
                "rookies": np.where(struck, s.rookies - s.rookies / s.headcount, s.rookies),
                "left": s.left + struck,
            }
            continue
        before = getattr(s, state)
        if state in SOFT:
            after = gain(before, effect) if effect > 0 else lose(before, -effect)
        else:
            after = before + effect
        if state == "scope":
            after = np.minimum(after, k.scope_max)
        changes[state] = np.where(struck, after, before)
    return changes


def _protection(risk: Risk, w: Week) -> np.ndarray:
    if risk.lowered_by == "comms":
        return w.d.comms / 2
    if risk.lowered_by == "nothing":
        return np.full_like(w.s.trust, 0.3)
    return getattr(w.s, risk.lowered_by)


def ageing(w: Week) -> Changes:
    """A live model drifts; upkeep on healthy code wins quality back."""
    live = w.s.stage == 2
    upkeep = np.minimum(_effort(w, "data", "model"), 1.0)
    drift = np.maximum(w.s.drift + w.k.drift_rate - w.k.drift_repair * w.s.health * upkeep, 0.0)
    return {"drift": np.where(live, drift, w.s.drift)}


def earning(w: Week) -> Changes:
    """Live quality above the bar earns, the more the more it is trusted."""
    return {"value": w.s.value + np.where(w.s.stage == 2, _weekly_value(w), 0.0)}


def _weekly_value(w: Week) -> np.ndarray:
    used = w.k.value_trust_floor + (1 - w.k.value_trust_floor) * w.s.trust
    return np.maximum(w.s.quality - w.s.drift - w.s.bar, 0.0) * w.k.value_rate * used


def incident(w: Week) -> Changes:
    """A live model does harm, more likely without governance, quality or platform."""
    s, k = w.s, w.k
    gap = 1 - s.governance
    poor = np.maximum(0.6 - (s.quality - s.drift), 0.0)
    chance = (
        k.incident_base
        + k.incident_governance * gap * gap
        + k.incident_quality * poor
        + k.incident_platform * (1 - s.platform)
    )
    struck = (s.stage == 2) & (w.luck["incident"] < chance)
    w.happened(
        "incident",
        struck,
        "chance {:.1%}: governance {:.2f}, quality {:.2f}, platform {:.2f}",
        chance,
        s.governance,
        s.quality - s.drift,
        s.platform,
    )
    cost = k.incident_cost + k.incident_cost_governance * gap
    return {
        "incidents": s.incidents + struck,
        "loss": s.loss + np.where(struck, cost, 0.0),
        "trust": np.where(struck, lose(s.trust, k.incident_trust), s.trust),
    }


# --- stakeholders, and how it ends ----------------------------------------------------------------


def no_news(w: Week) -> Changes:
    """Trust fades without news, and faster after the promised week without a launch."""
    late = (w.number >= w.k.promised_week) & (w.s.stage < 2)
    return {"trust": lose(w.s.trust, w.k.trust_decay + w.k.trust_late * late)}


def communication(w: Week) -> Changes:
    """Telling stakeholders what is going on earns trust, and so does something to look at."""
    return {
        "trust": gain(w.s.trust, w.k.trust_comms * w.d.comms + w.k.trust_live * (w.s.stage > 0))
    }


def ending(w: Week) -> Changes:
    """Killed, cancelled, out of money, or finished."""
    s, k = w.s, w.k
    ended = np.where(w.number + 1 >= k.weeks, 1.0, s.ended)
    ended = np.where(s.spent >= k.budget, 4.0, ended)
    ended = np.where(s.trust < k.trust_cancel, 3.0, ended)
    ended = np.where(w.chose("kill"), 2.0, ended)
    w.happened("finished", ended == 1, "the last week is over")
    w.happened("killed", ended == 2, "you chose it")
    w.happened("cancelled", ended == 3, "trust {:.2f} is below {:.2f}", s.trust, k.trust_cancel)
    w.happened("out_of_money", ended == 4, "spent {:,.0f} of {:,.0f} k$", s.spent, k.budget)
    return {"ended": ended}


def what_remains(w: Week) -> Changes:
    """A live product is worth something after the program, if its code can be maintained."""
    kept = (w.s.stage == 2) & ((w.s.ended == 1) | (w.s.ended == 4))
    worth = w.k.residual_weeks * w.s.health * _weekly_value(w)
    return {"value": w.s.value + np.where(kept, worth, 0.0)}


def rules(scenario: Scenario) -> list[tuple[str, Rule]]:
    """The rules of a scenario by name, in the order in which a week applies them."""
    before = (
        pivot,
        shadow,
        launch,
        rollback,
        hire,
        release,
        onboarding,
        long_weeks,
        morale_settles,
        productivity,
        settling,
        work_on_data,
        work_on_platform,
        work_on_governance,
        debt,
        work_on_model,
        quality,
        money,
    )
    after = (quality, ageing, earning, incident, no_news, communication, ending, what_remains)
    return [
        *((rule.__name__, rule) for rule in before),
        *((r.name, partial(strike, r, index)) for index, r in enumerate(scenario.risks)),
        *((rule.__name__, rule) for rule in after),
    ]
