"""What the flight panel says: plain functions from a run to sentences and small pieces of HTML.

Colours are the page's own, so that a dark theme needs nothing; nothing is said by colour alone.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tpmkit.simulator.figures import money
from tpmkit.simulator.journal import GUESS, brier
from tpmkit.simulator.program import Program
from tpmkit.simulator.scenario import Risk, Scenario

__all__ = [
    "card_table",
    "consequence",
    "curve",
    "curve_caption",
    "feed",
    "journal_table",
    "outcome",
    "position",
    "primer",
    "sentence",
    "shares",
    "state_table",
    "told",
    "trend",
    "verdict",
]

STREAMS = {
    "data": "data",
    "model": "model",
    "platform": "platform",
    "governance": "governance",
    "debt": "paying technical debt",
}
SEEN = {
    "morale": "morale",
    "trust": "trust",
    "data": "data readiness",
    "platform": "platform readiness",
    "governance": "governance readiness",
    "health": "health of the code",
}
EFFECTS = SEEN | {"model": "progress of the model"}
RISES = {
    "work_on_data": "work on data",
    "work_on_platform": "work on the platform",
    "work_on_governance": "work on governance",
    "debt": "debt is being paid",
    "communication": "stakeholders heard and saw something",
    "morale_settles": "spirits return to normal",
}
FALLS = {
    "debt": "building wears it",
    "no_news": "it fades unless it is fed",
    "morale_settles": "high spirits fade",
    "long_weeks": "long weeks",
    "release": "somebody was let go",
    "pivot": "the change of approach",
    "launch": "a launch was announced and refused",
    "rollback": "the product was taken back",
    "incident": "the incident",
}
EVENTS = {
    "pivot": "you change the approach",
    "pivot_refused": "the change of approach is not possible",
    "shadow": "the shadow run begins",
    "shadow_refused": "the shadow run is refused",
    "launch": "you launch",
    "launch_refused": "the launch is refused, in public",
    "rollback": "you take the product back",
    "incident": "an incident",
    "finished": "the program is finished",
    "killed": "you stop the program",
    "cancelled": "the sponsor cancels the program",
    "out_of_money": "the money is gone",
}
LOWERED_BY = {
    "data": "better data make it rarer",
    "platform": "a better platform makes it rarer",
    "governance": "better governance makes it rarer",
    "health": "healthier code makes it rarer",
    "trust": "trust makes it rarer",
    "morale": "good morale makes it rarer",
    "comms": "communication makes it rarer",
    "nothing": "only mitigation makes it rarer",
}
MOVED = 0.004  # below, a change is not worth a word
STEADY = {"quality": 0.04, "morale": 0.05, "headcount": 0.5, "rookies": 0.25, "scope": 0.005}
BACK = 4  # weeks over which a trend is told: single weeks are mostly noise


def shares(weights: Mapping[str, float]) -> dict[str, float]:
    """What share of the work each weight amounts to; all 0 if no weight is above 0."""
    total = sum(weights.values())
    return {name: weight / total if total else 0.0 for name, weight in weights.items()}


def primer(scenario: Scenario) -> str:
    """What a newcomer should know before the first week, as folded HTML."""
    k = scenario.k
    known = (
        f"Money comes from one thing: a live model whose quality is above the bar of {k.bar:.2f}, "
        f"{_dollars(k.value_rate / 10)} a week for each 0.10, less if the sponsor has no trust.",
        f"It goes live through a shadow run, which shows its real quality. Shadow needs platform "
        f"{k.shadow_platform:.2f}, launch {k.launch_platform:.2f}"
        + (f" and governance {k.launch_governance:.2f}" if k.launch_governance else "")
        + "; a launch that is announced and refused costs trust.",
        "Data make modelling faster and the model better. Governance makes incidents rare and "
        "cheap. Unpaid debt turns work into rework. Moving people between workstreams costs "
        f"output for some {k.focus_weeks:g} weeks.",
        f"A newcomer slows the others down at first and takes {k.onboarding_weeks:g} weeks; long "
        "weeks add output at first and tire the team.",
        f"Trust fades unless it is fed; below {k.trust_cancel:.2f} the sponsor cancels. A pivot "
        "to the second approach is possible once, before shadow.",
        "What you see are reviews and surveys, with errors; what a model shows offline flatters.",
    )
    items = "".join(f"<li>{_escaped(one)}</li>" for one in known)
    return f"<details><summary>Six things to know first</summary><ul>{items}</ul></details>"


# --- a week --------------------------------------------------------------------------------------


def sentence(program: Program, seen: Sequence[Mapping[str, Any]], first: int | None = None) -> str:
    """What the weeks from `first` on brought, and why; without weeks, how things stand at first.

    Parameters
    ----------
    program : Program
    seen : sequence of mapping
        Observations from week 0.
    first : int, optional
        Default: the last week.
    """
    if not program.week:
        return (
            f"Week 0 of {program.scenario.weeks}: nothing is decided yet; "
            f"{seen[0]['headcount']} people and {_dollars(seen[0]['budget_left'])} are yours."
        )
    last = program.week - 1
    first = last if first is None else first
    events = [event for event in program.events() if event["week"] >= first]
    when = f"Week {last}" if first == last else f"Weeks {first} to {last}"
    happened = [told(program, event) for event in _ranked(program, events)]
    more = f"; and {len(happened) - 3} more" if len(happened) > 3 else ""
    parts = [f"{when}: {'; '.join(happened[:3]) or 'nothing struck'}{more}"]
    if moved := _moved(program, first):
        parts.append(moved)
    now = seen[-1]
    where = {"build": "looks like {} offline", "shadow": "is {} in shadow", "live": "is {} live"}
    quality = where[now["stage"]].format(f"{now['quality']:.2f}")
    parts.append(f"quality {quality} (bar {now['bar']:.2f})")
    parts.append(_spending(seen[first], now, program.net))
    return " ".join(f"{part[0].upper()}{part[1:]}." for part in parts)


def told(program: Program, event: Mapping[str, Any]) -> str:
    """An event with its cause, in plain words."""
    risks = {risk.name: risk.title for risk in program.scenario.risks}
    name = event["event"]
    what = risks.get(name) or EVENTS[name]
    cause = event["cause"].replace("you chose it; ", "").replace("you chose it", "")
    return f"{what} ({cause})" if cause else what


def _ranked(program: Program, events: list[dict]) -> list[dict]:
    """Ends first, then refusals, incidents and decisions, then what struck."""
    rank = {name: place for place, name in enumerate(reversed(EVENTS))}
    return sorted(events, key=lambda event: rank.get(event["event"], len(rank)))


def _moved(program: Program, first: int) -> str:
    """What rose most and what fell most among the states that can be seen, and why."""
    trace = program.trace()
    trace = trace[(trace["week"] >= first) & trace["state"].isin(SEEN)]
    changes = trace.groupby("state")["change"].sum()
    said = []
    for verb, sign in (("rose", 1), ("fell", -1)):
        state = (sign * changes).idxmax() if len(changes) else None
        if state is None or sign * changes[state] < MOVED:
            continue
        causes = trace[trace["state"] == state].groupby("rule")["change"].sum()
        said.append(f"{SEEN[state]} {verb} most ({_why(program, (sign * causes).idxmax(), sign)})")
    return ", ".join(said)


def _why(program: Program, rule: str, sign: int) -> str:
    risks = {risk.name: risk.title for risk in program.scenario.risks}
    return risks.get(rule) or (RISES if sign > 0 else FALLS)[rule]


def _spending(before: Mapping[str, Any], now: Mapping[str, Any], net: float) -> str:
    amounts = {name: now[name] - before[name] for name in ("spent", "value", "loss")}
    said = [f"{_dollars(amounts['spent'])} spent"]
    if amounts["value"]:
        said.append(f"{_dollars(amounts['value'])} earned by being better than the bar")
    if amounts["loss"]:
        said.append(f"{_dollars(amounts['loss'])} lost in incidents")
    return f"{', '.join(said)}; net value so far {money(net)}"


def _dollars(k: float) -> str:
    return money(k).removeprefix("+")


def consequence(risk: Risk) -> str:
    """What a risk does when it strikes, and what makes it rarer."""
    said = []
    for state, effect in risk.effects.items():
        if state == "scope":
            said.append(f"what is asked for grows by {effect:.0%} of the plan")
        elif state == "bar":
            said.append(f"the bar rises by {effect:.2f}")
        elif state == "blocked_weeks":
            said.append(f"{effect:.0f} week{'s' * (effect != 1)} without modelling")
        elif state == "leaves":
            said.append("one person fewer")
        else:
            said.append(f"{'raises' if effect > 0 else 'costs'} {EFFECTS[state]}")
    return f"{', '.join(said)}; {LOWERED_BY[risk.lowered_by]}"


def feed(program: Program) -> str:
    """Everything that happened, the latest first, as an HTML list."""
    risks = {risk.name: risk for risk in program.scenario.risks}
    items = []
    for event in reversed(program.events()):
        name = event["event"]
        text = told(program, event)
        if name in risks:
            effect = f" <span class='quiet'>{_escaped(consequence(risks[name]))}</span>"
        else:
            effect = ""
        items.append(f"<li><b>Week {event['week']}</b>: {_escaped(text)}{effect}</li>")
    return (
        f"<ul class='feed'>{''.join(items)}</ul>" if items else "<p class='quiet'>Nothing yet.</p>"
    )


# --- what can be seen ----------------------------------------------------------------------------


def trend(name: str, seen: Sequence[Mapping[str, Any]]) -> str:
    """Where something is heading, told over four weeks; empty at the start."""
    before = seen[max(len(seen) - 1 - BACK, 0)]
    if len(seen) == 1 or (name == "quality" and before["stage"] != seen[-1]["stage"]):
        return ""
    change = seen[-1][name] - before[name]
    if abs(change) < STEADY.get(name, 0.03):
        return "→ steady"
    shown = f"{abs(change):.0f}" if name == "headcount" else f"{abs(change):.2f}"
    return f"↗ up {shown}" if change > 0 else f"↘ down {shown}"


def state_table(program: Program, seen: Sequence[Mapping[str, Any]]) -> str:
    """What can be seen this week, as an HTML table: value, trend, and what it is good for."""
    obs, k = seen[-1], program.scenario.k
    sign = f", launch from {k.launch_governance:.2f}" if k.launch_governance else ""
    measured = {
        "build": f"offline: flatters, ± {k.quality_noise_build:.2f}",
        "shadow": f"on real traffic, ± {k.quality_noise_shadow:.2f}",
        "live": f"live, ± {k.quality_noise_live:.2f}",
    }[obs["stage"]]
    blocked = f"; no modelling for {obs['blocked_weeks']} weeks" if obs["blocked_weeks"] else ""
    weekly = max(obs["spent"] - seen[-2]["spent"], 1) if len(seen) > 1 else None
    lasts = f"{obs['budget_left'] / weekly:.0f} weeks at this pace" if weekly else ""
    rows = [
        ("Money", "left", _dollars(obs["budget_left"]), "", lasts),
        ("", "net value", money(program.net), "", _parts(obs)),
        (
            "Model",
            "stage",
            obs["stage"],
            "",
            f"for {obs['weeks_in_stage']} weeks; approach {obs['approach']}{blocked}",
        ),
        ("", "quality", *_level("quality", seen), f"bar {obs['bar']:.2f}; {measured}"),
        ("Ready", "data", *_level("data", seen), "feed speed and quality of the model"),
        (
            "",
            "platform",
            *_level("platform", seen),
            f"shadow from {k.shadow_platform:.2f}, launch from {k.launch_platform:.2f}",
        ),
        ("", "governance", *_level("governance", seen), f"fewer, cheaper incidents{sign}"),
        ("", "health of code", *_level("health", seen), "low: rework eats output"),
        (
            "Team",
            "people",
            f"{obs['headcount']}",
            trend("headcount", seen),
            f"{obs['rookies']:.1f} of them still learning" if obs["rookies"] else "",
        ),
        ("", "morale", *_level("morale", seen), "low: less output, people leave"),
        ("Sponsor", "trust", *_level("trust", seen), f"cancels below {k.trust_cancel:.2f}"),
        ("", "scope", f"{obs['scope']:.2f}", trend("scope", seen), "times the plan"),
    ]
    body = "".join(
        f"<tr{' class=first' if group else ''}><th scope='row'>{group}</th><td>{name}</td>"
        f"<td class='number'>{value}</td><td>{heading}</td><td class='quiet'>{note}</td></tr>"
        for group, name, value, heading, note in rows
    )
    return (
        "<table class='state'><thead><tr><th></th><th></th><th>seen now</th>"
        f"<th>in {BACK} weeks</th><th></th></tr></thead><tbody>{body}</tbody></table>"
    )


def _level(name: str, seen: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    value = seen[-1][name]
    bar = f"<span class='meter' aria-hidden='true'><i style='width:{value:.0%}'></i></span>"
    return f"{value:.2f} {bar}", trend(name, seen)


def _parts(obs: Mapping[str, Any]) -> str:
    if not obs["value"] and not obs["loss"]:
        return "nothing earned yet" if obs["stage"] != "live" else "live, but nothing earned yet"
    lost = f", {_dollars(obs['loss'])} lost in incidents" if obs["loss"] else ""
    return f"{_dollars(obs['value'])} earned{lost}"


# --- the S-curve ---------------------------------------------------------------------------------

WIDTH, HEIGHT = 900, 300
LEFT, RIGHT, TOP, BOTTOM = 74, 96, 12, 40
OWN = "#d95f02"


def position(program: Program, others: np.ndarray) -> tuple[int, float, float]:
    """How many of the ghosts one is ahead of in this week, and the middle half of them."""
    now = others[program.week]
    low, high = np.quantile(now, (0.25, 0.75))
    return int((program.net > now).sum()), float(low), float(high)


def curve_caption(program: Program, others: np.ndarray) -> str:
    """What the curve shows, in one sentence."""
    ahead, low, high = position(program, others)
    count = others.shape[1]
    if not program.week:
        return (
            f"The thin lines are {count} programs run by stage gates (evidence before each step, "
            "pivot and stop by rule), each with luck of its own."
        )
    return (
        f"After {program.week} weeks you stand at {money(program.net)}, ahead of {ahead} of "
        f"{count} programs run by stage gates with other luck; the middle half of them stands "
        f"between {money(low)} and {money(high)}."
    )


def curve(program: Program, others: np.ndarray) -> str:
    """The own net value, week by week, among the ghosts, as SVG.

    Parameters
    ----------
    program : Program
    others : numpy.ndarray
        Shape (weeks + 1, runs), see `ghosts`.
    """
    weeks = program.scenario.weeks
    shown = [*np.quantile(others, (0.02, 0.98)), *program.curve, 0.0]
    low, high = min(shown), max(shown)
    room = 0.06 * (high - low)
    low, high = low - room, high + room

    def x(week: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * week / weeks

    def y(net: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - net) / (high - low)

    def points(values: Sequence[float]) -> str:
        return " ".join(f"{x(week):.0f},{y(net):.0f}" for week, net in enumerate(values))

    ghosts = "".join(f"<polyline points='{points(run)}'/>" for run in others.T.tolist())
    ticks = "".join(
        f"<text x='{LEFT - 8}' y='{y(net) + 4:.0f}' text-anchor='end'>{money(net) if net else 0}"
        f"</text><line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{y(net):.0f}' y2='{y(net):.0f}' "
        f"opacity='{0.7 if net == 0 else 0.15}'/>"
        for net in _round_values(low, high)
    ) + "".join(
        f"<text x='{x(week):.0f}' y='{HEIGHT - BOTTOM + 18}' text-anchor='middle'>{week}</text>"
        for week in range(0, weeks + 1, 4)
    )
    decided = [e for e in program.events() if e["event"] in ("pivot", "shadow", "launch")]
    marks = "".join(
        f"<line x1='{x(e['week']):.0f}' x2='{x(e['week']):.0f}' y1='{TOP}' "
        f"y2='{HEIGHT - BOTTOM}' stroke-dasharray='2 4'/><text x='{x(e['week']) + 4:.0f}' "
        f"y='{TOP + 10}'>{e['event']}</text>"
        for e in decided
    )
    at = (x(program.week), y(program.net))
    own = (
        f"<polyline points='{points(program.curve)}' stroke='{OWN}' stroke-width='3.5'/>"
        f"<circle cx='{at[0]:.0f}' cy='{at[1]:.0f}' r='6' fill='{OWN}'/>"
        f"<text class='own' x='{at[0] + 11:.0f}' y='{at[1] + 4:.0f}'>you "
        f"{money(program.net) if program.net else 0}</text>"
    )
    return (
        f"<svg class='curve' viewBox='0 0 {WIDTH} {HEIGHT}' role='img' "
        f"aria-label='{_escaped(curve_caption(program, others))}'>"
        f"<clipPath id='tpmkit-flight-plot'><rect x='{LEFT}' y='{TOP}' "
        f"width='{WIDTH - LEFT - RIGHT}' height='{HEIGHT - TOP - BOTTOM}'/></clipPath>"
        f"<g class='ticks'>{ticks}{marks}</g>"
        f"<g class='ghosts' clip-path='url(#tpmkit-flight-plot)'>{ghosts}</g>{own}"
        f"<text x='{LEFT + 8}' y='{HEIGHT - BOTTOM - 8}'>thin lines: run by stage gates</text>"
        f"<text x='{(LEFT + WIDTH - RIGHT) / 2:.0f}' y='{HEIGHT - 4}' text-anchor='middle'>"
        "weeks that are over (the last adds what a live product is still worth)</text></svg>"
    )


def _round_values(low: float, high: float) -> list[float]:
    """Some four round values between two others, 0 among them."""
    raw = (high - low) / 4
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    return [float(n * step) for n in range(int(np.ceil(low / step)), int(high // step) + 1)]


# --- the end -------------------------------------------------------------------------------------


def outcome(program: Program, behind: float) -> str:
    """What the run came to, and what stage gates would have; `behind` is `regret`."""
    end = {
        "finished": "ran its forty weeks" if program.scenario.weeks == 40 else "ran to its end",
        "killed": f"was stopped by you after {program.week} weeks",
        "cancelled by the sponsor": f"was cancelled by the sponsor after {program.week} weeks",
        "out of money": f"ran out of money after {program.week} weeks",
    }[program.end]
    launch = program.fleet.states.launch_week[0]
    live = f", live from week {launch:.0f}" if launch >= 0 else ", never live"
    same = f"stage gates would have {_made(program.net + behind)} with the same luck"
    gap = (
        "exactly the same"
        if not behind
        else f"{_dollars(abs(behind))} {'better' if behind > 0 else 'worse'}"
    )
    return f"Your program {end}{live}, and {_made(program.net)}; {same}, {gap}."


def _made(net: float) -> str:
    return f"{'lost' if net < 0 else 'made'} {_dollars(abs(net))}"


def verdict(table: pd.DataFrame, undone: int) -> str:
    """How well the journal's probabilities held, in one or two sentences."""
    if table.empty:
        said = "You answered none of the journal's questions, so there is nothing to score."
    else:
        score = brier(table["probability"].tolist(), table["came_true"].tolist())
        answers = f"{len(table)} answer{'s' * (len(table) != 1)}"
        compared = (
            "better than" if score < GUESS else "worse than" if score > GUESS else "the same as"
        )
        said = (
            f"Your Brier score is {score:.2f} over {answers}: {compared} always saying 50 %, "
            f"which scores {GUESS:.2f}; 0 is perfect."
        )
    if undone:
        times = "once" if undone == 1 else f"{undone} times"
        said += f" You took a week back {times}, so part of this is hindsight."
    return said


def journal_table(table: pd.DataFrame) -> str:
    """The scored journal as an HTML table."""
    if table.empty:
        return ""
    rows = "".join(
        f"<tr><td class='number'>{row.week}</td><td>{_escaped(row.statement)}"
        + (f"<br><span class='quiet'>“{_escaped(row.belief)}”</span>" if row.belief else "")
        + f"</td><td class='number'>{row.probability:.0%}</td>"
        f"<td>{'yes' if row.came_true else 'no'}</td>"
        f"<td class='number'>{row.distance:.2f}</td></tr>"
        for row in table.itertuples()
    )
    return (
        "<table><thead><tr><th>Week</th><th>Statement, and what you believed</th>"
        "<th>You said</th><th>Came true</th><th>Distance</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def card_table(own: pd.DataFrame, other: pd.DataFrame) -> str:
    """Two scorecards, one's own and that of stage gates under the same luck, as an HTML table."""
    rows = "".join(
        f"<tr><th scope='row'>{name}</th><td class='number'>{own.loc[name, 'score']:.0f}</td>"
        f"<td class='number'>{other.loc[name, 'score']:.0f}</td>"
        f"<td class='quiet'>{_escaped(own.loc[name, 'evidence'])}</td></tr>"
        for name in own.index
    )
    return (
        "<table><thead><tr><th>Scorecard</th><th>you</th><th>stage gates</th>"
        f"<th>what yours rests on</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _escaped(text: str) -> str:
    return html.escape(str(text), quote=True)
