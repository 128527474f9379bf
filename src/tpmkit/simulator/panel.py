"""The flight panel: a program flown by hand in a notebook."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from tpmkit.errors import TpmkitError
from tpmkit.simulator import telling
from tpmkit.simulator.actions import WORKSTREAMS
from tpmkit.simulator.figures import debrief_figure, money
from tpmkit.simulator.flights import fly
from tpmkit.simulator.journal import EVERY, scored
from tpmkit.simulator.logbook import HandFlight, Logbook
from tpmkit.simulator.policies import BASELINES
from tpmkit.simulator.scenario import Scenario, load_scenario, scenarios
from tpmkit.simulator.scores import ghosts, regret, scorecard

__all__ = ["Panel", "PanelError", "choices", "panel"]

LISTED = 8
TALL = "1200px"
ghosts_of = cache(ghosts)
SEEDS = 1_000_000

STYLE = """<style>
.tpmkit-flight { max-width: 76em; }
.tpmkit-flight .widget-html-content, .tpmkit-flight .widget-html { line-height: 1.4; height: auto; }
.tpmkit-flight .widget-html-content { font-size: 14px; overflow-wrap: anywhere; }
.tpmkit-flight h3 { margin: 4px 0; font-size: 17px; }
.tpmkit-flight h4 { margin: 10px 0 2px; font-size: 14px; }
.tpmkit-flight p { margin: 4px 0; }
.tpmkit-flight .quiet { opacity: 0.75; }
.tpmkit-flight .tpmkit-sentence { font-size: 16px; max-width: 62em; padding: 6px 0 6px 12px;
  border-left: 4px solid #d95f02; min-height: 2.8em; }
.tpmkit-flight .problem { border-left: 4px double currentColor; padding-left: 12px;
  font-weight: bold; }
.tpmkit-flight table { border-collapse: collapse; font-size: 13px; }
.tpmkit-flight th, .tpmkit-flight td { text-align: left; vertical-align: top;
  padding: 2px 12px 2px 0; background: none; white-space: normal; }
.tpmkit-flight table { overflow-wrap: normal; }
.tpmkit-flight .state th, .tpmkit-flight .state td:not(:last-child) { white-space: nowrap; }
.tpmkit-flight .beside .widget-html-content { line-height: 28px; font-size: 13px; }
.tpmkit-flight tr.first > * { border-top: 1px solid rgba(128, 128, 128, 0.45); }
.tpmkit-flight .number { font-variant-numeric: tabular-nums; }
.tpmkit-flight .meter { display: inline-block; width: 56px; height: 8px; margin-left: 4px;
  border: 1px solid currentColor; opacity: 0.75; }
.tpmkit-flight .meter i { display: block; height: 100%; background: currentColor; }
.tpmkit-flight .feed { margin: 0; padding-left: 18px; }
.tpmkit-flight svg.curve { width: 100%; max-width: 900px; height: auto; font-size: 12px; }
.tpmkit-flight svg text { fill: currentColor; }
.tpmkit-flight svg text.own { font-weight: bold; font-size: 13px; paint-order: stroke;
  stroke: var(--jp-layout-color0, transparent); stroke-width: 4px; }
.tpmkit-flight svg line { stroke: currentColor; }
.tpmkit-flight svg polyline { fill: none; }
.tpmkit-flight svg .ghosts polyline { stroke: currentColor; opacity: 0.22; }
.tpmkit-flight img { width: 100%; max-width: 1000px; height: auto; }
[data-jp-theme-light="false"] .tpmkit-flight img, .vscode-dark .tpmkit-flight img {
  filter: invert(0.93) hue-rotate(180deg); }
.tpmkit-flight button { height: auto; padding: 3px 14px; font-size: 14px; }
.tpmkit-flight :focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
</style>"""


class PanelError(TpmkitError):
    """Something asked of the panel that it cannot do now."""


def panel(
    scenario: Scenario | str = "standard",
    seed: int | None = None,
    folder: Path | str | None = None,
) -> Panel:
    """Fly a program by hand.

    Parameters
    ----------
    scenario : str, optional
        One of `scenarios`; it can be changed on the start screen.
    seed : int, optional
        Decides all luck; without, a new one.
    folder : path, optional
        Where flights are stored; default: ``flights/`` in the workspace.

    Returns
    -------
    Panel
        A widget.
    """
    return Panel(scenario, seed, folder)


def choices(scenario: Scenario, stage: str, approach: int) -> list[tuple[str, str]]:
    """The options that make sense in a stage: (label, option)."""
    k = scenario.k
    every = [
        ("go on as planned", "continue"),
        (
            f"pivot to the second approach ({k.pivot_keeps:.0%} of the model's progress stays)",
            "pivot",
        ),
        ("start the shadow run: real traffic, no effect", "shadow"),
        ("launch", "launch"),
        ("roll back to shadow", "rollback"),
        ("stop the program for good", "kill"),
    ]
    possible = {
        "build": {"shadow", "launch", *(["pivot"] if approach == 1 else [])},
        "shadow": {"launch"},
        "live": {"rollback"},
    }[stage] | {"continue", "kill"}
    return [choice for choice in every if choice[1] in possible]


class Panel(widgets.VBox):
    """A start screen, a flight, and its report; without a browser it is driven by `click`.

    Attributes
    ----------
    flight : HandFlight or None
        What is flown now.
    sentence : str
        What the panel says now.
    problem : str
        What could not be done, and why; empty if nothing.
    buttons : dict
        Those that can be seen, by name.
    weights, hire, pace, comms, mitigate, option, belief, probability
        The controls of a flight.
    """

    def __init__(
        self,
        scenario: Scenario | str = "standard",
        seed: int | None = None,
        folder: Path | str | None = None,
    ) -> None:
        if not isinstance(scenario, Scenario):
            scenario = load_scenario(scenario)
        self.logbook = Logbook(folder)
        self.flight: HandFlight | None = None
        self.path: Path | None = None
        self.buttons: dict[str, widgets.Button] = {}
        self._deeds: dict[str, Callable[[], None]] = {}
        # These stay while a screen is replaced, so that the browser has something to focus.
        self._style, self._heading = widgets.HTML(STYLE), widgets.HTML()
        self._leave = self._button("leave", "Start screen", self.home)
        self._top = widgets.HBox(
            [self._heading, self._leave], layout=widgets.Layout(justify_content="space-between")
        )
        self._live, self._trouble = widgets.HTML(), widgets.HTML()
        super().__init__()
        self.add_class("tpmkit-flight")
        self._start_controls(scenario, seed)
        self.home()

    # --- what every screen has ---

    @property
    def sentence(self) -> str:
        return self._sentence

    @sentence.setter
    def sentence(self, text: str) -> None:
        self._sentence = text
        self._live.value = (
            '<div class="tpmkit-sentence" role="status" aria-live="polite" aria-atomic="true">'
            f"{html.escape(text)}</div>"
        )

    @property
    def problem(self) -> str:
        return self._problem

    @problem.setter
    def problem(self, text: str) -> None:
        self._problem = text
        said = f'<p class="problem">{html.escape(text)}</p>' if text else ""
        self._trouble.value = f'<div role="alert">{said}</div>'

    def click(self, name: str) -> None:
        """Press a button by its name, as a person would."""
        if name not in self.buttons:
            raise PanelError(f"There is no button {name!r} now; there are: {self._pressable()}.")
        if self.buttons[name].disabled:
            raise PanelError(f"The button {name!r} cannot be pressed now.")
        self._attempt(self._deeds[name])  # ipywidgets' own click() swallows what goes wrong

    def _pressable(self) -> str:
        return ", ".join(name for name, button in self.buttons.items() if not button.disabled)

    def _button(
        self, name: str, label: str, do: Callable[[], None], primary: bool = False
    ) -> widgets.Button:
        button = widgets.Button(
            description=label,
            button_style="primary" if primary else "",
            layout=widgets.Layout(width="auto", align_self="flex-start"),
        )
        button.on_click(lambda _: self._attempt(do))
        self.buttons[name], self._deeds[name] = button, do
        return button

    def _attempt(self, do: Callable[[], None]) -> None:
        self.problem = ""
        try:
            do()
        except TpmkitError as error:
            self.problem = str(error)

    def _show(self, heading: str, *children: widgets.Widget) -> None:
        self._title(heading)
        # Without it, the page would jump to its end while a long screen replaces another.
        self.layout.min_height = TALL if self.flight else None
        self.children = [self._style, self._top, self._live, self._trouble, *children]
        self._leave.layout.display = None if self.flight else "none"
        if self.flight:
            self.buttons["leave"] = self._leave
            self._leave.focus()  # at the top, and harmless for who holds Enter down

    def _title(self, heading: str) -> None:
        self._heading.value = f"<h3>{html.escape(heading)}</h3>"

    # --- the start screen ---

    def _start_controls(self, scenario: Scenario, seed: int | None) -> None:
        titled = [(load_scenario(name).title, load_scenario(name)) for name in scenarios()]
        known = {one.version: one for _, one in titled}
        if scenario.version not in known:
            raise PanelError(
                f"Only a scenario as it ships can be flown by hand; {scenario.name!r} was changed."
            )
        self.scenario = widgets.Dropdown(
            options=titled, value=known[scenario.version], description="Scenario"
        )
        if seed is None:
            seed = int(np.random.default_rng().integers(SEEDS))
        self.seed = widgets.IntText(seed, description="Luck (seed)")
        self._story = widgets.HTML()
        self.scenario.observe(lambda _: self._tell_story(), "value")
        self._tell_story()

    def _tell_story(self) -> None:
        scenario = self.scenario.value
        self._story.value = f"<p>{html.escape(scenario.story)}</p>{telling.primer(scenario)}"

    def home(self) -> None:
        """Go to the start screen; what was flown is stored."""
        self.flight = self.path = None
        self.buttons = {}
        stored = self.logbook.stored()[:LISTED]
        start = self._button("start", "Start", self.start, primary=True)
        resume = [
            self._button(f"resume {number}", _resume_label(path, replay), self._resumer(path))
            for number, (path, replay) in enumerate(stored)
        ]
        self.sentence = (
            "You run a machine-learning program, week by week: divide the work, hire, speak to the "
            "sponsor, and decide when to launch. Start a flight"
            + (", or go on with a stored one." if stored else ".")
        )
        notices, self.logbook.notices = self.logbook.notices, []
        self.problem = " ".join(notices)
        heading = "<h4>Stored flights, the latest first</h4>" if stored else ""
        self._show(
            "Program flight simulator",
            self.scenario,
            self._story,
            self.seed,
            widgets.HTML(
                "<p class='quiet'>The same seed has the same luck, whatever you decide. Every "
                "week is stored; leave when you like.</p>"
            ),
            start,
            widgets.HTML(heading),
            *resume,
        )

    def _resumer(self, path: Path) -> Callable[[], None]:
        return lambda: self.resume(path)

    def start(self) -> None:
        """Begin a flight of the chosen scenario and seed."""
        self._board(HandFlight(self.scenario.value, self.seed.value), None)
        self._store()

    def resume(self, path: Path) -> None:
        """Go on with a stored flight."""
        try:
            flight = self.logbook.open(path)
        except TpmkitError as error:
            self.home()
            raise error
        self._board(flight, path)

    # --- the flight ---

    def _board(self, flight: HandFlight, path: Path | None) -> None:
        self.flight, self.path = flight, path
        self._ghosts = ghosts_of(flight.program.scenario)
        self._flight_screen()

    def _flight_screen(self) -> None:
        scenario = self.flight.program.scenario
        self.buttons = {}
        self._decisions(scenario)
        self._table, self._curve, self._feed = (widgets.HTML() for _ in range(3))
        row = widgets.Layout(flex_flow="row wrap")
        keys = widgets.HBox(
            [
                self._button("week", "Week", lambda: self._fly(1), primary=True),
                self._button("four_weeks", "Four weeks", lambda: self._fly(4)),
                self._button("undo", "Undo last week", self._undo),
            ],
            layout=row,
        )
        for name in ("week", "four_weeks"):
            self.buttons[name].tooltip = "Live through it with the decisions above"
        self.buttons["four_weeks"].tooltip += "; stops early at an incident or a refusal"
        left = widgets.VBox([self._table], layout=widgets.Layout(flex="1 1 500px"))
        right = widgets.VBox(
            [
                widgets.HTML("<h4>What the team works on</h4>"),
                *self._allocation,
                widgets.HTML("<h4>Decisions</h4>"),
                self.pace,
                self.comms,
                self.mitigate,
                self.hire,
                self.option,
                keys,
                self._journal(),
            ],
            layout=widgets.Layout(flex="1 1 420px"),
        )
        self._show(
            scenario.title,
            widgets.HBox([left, right], layout=row),
            self._curve,
            widgets.HTML("<h4>What happened</h4>"),
            self._feed,
        )
        if self.flight.program.actions:
            self._repeat(self.flight.program.actions[-1])
        self._refresh()

    def _repeat(self, action: Mapping[str, Any]) -> None:
        """Set the controls to what was decided for the last week."""
        for name, weight in action["alloc"].items():
            self.weights[name].value = round(weight)
        self.pace.value, self.comms.value = action["pace"], action["comms"]
        self.mitigate.value = action["mitigate"] or ""

    def _decisions(self, scenario: Scenario) -> None:
        k = scenario.k
        wide = {"description_width": "96px"}
        self.weights = {
            name: widgets.IntSlider(
                20,
                0,
                100,
                5,
                description=telling.STREAMS[name],
                readout=False,
                style={"description_width": "150px"},
                layout=widgets.Layout(width="330px"),
            )
            for name in WORKSTREAMS
        }
        self._shares = {name: widgets.HTML() for name in WORKSTREAMS}
        self._allocation = [
            widgets.HBox([self.weights[name], self._shares[name]]).add_class("beside")
            for name in WORKSTREAMS
        ]
        for slider in self.weights.values():
            slider.observe(lambda _: self._show_shares(), "value")
        self._show_shares()

        def choose(description: str, options: list[tuple[str, Any]], value: Any) -> widgets.Widget:
            return widgets.Dropdown(
                options=options,
                value=value,
                description=description,
                style=wide,
                layout=widgets.Layout(width="98%", max_width="470px"),
            )

        self.pace = choose(
            "pace",
            [
                ("normal weeks", "normal"),
                (f"long weeks: {k.crunch_output:+.0%} output at first, then fatigue", "crunch"),
            ],
            "normal",
        )
        self.comms = choose(
            "sponsor",
            [
                ("tell nobody anything", 0),
                (f"regular updates (${k.comms_cost:g}k a week)", 1),
                (f"close contact (${2 * k.comms_cost:g}k a week, and more time)", 2),
            ],
            1,
        )
        self.mitigate = choose(
            "mitigate",
            [
                ("no risk", ""),
                *(
                    (f"{risk.title} (${k.mitigation_cost:g}k)", risk.name)
                    for risk in scenario.risks
                ),
            ],
            "",
        )
        self.hire = choose(
            "hire",
            [
                ("nobody", 0),
                (f"one person (${k.person_cost:g}k a week, {k.onboarding_weeks:g} to learn)", 1),
                ("let one person go", -1),
            ],
            0,
        )
        self.option = choose("option", choices(scenario, "build", 1), "continue")

    def _show_shares(self) -> None:
        weights = {name: slider.value for name, slider in self.weights.items()}
        for name, share in telling.shares(weights).items():
            self._shares[name].value = f"{share:.0%} of the work"

    @property
    def action(self) -> dict[str, Any]:
        """What the controls decide now."""
        weights = {name: float(slider.value) for name, slider in self.weights.items()}
        if not any(weights.values()):
            raise PanelError("All five sliders stand at 0; give the team something to work on.")
        return {
            "alloc": weights,
            "hire": self.hire.value,
            "pace": self.pace.value,
            "comms": self.comms.value,
            "mitigate": self.mitigate.value or None,
            "option": self.option.value,
        }

    def _fly(self, weeks: int) -> None:
        first = self.flight.fly(self.action, weeks)
        self.hire.value = 0
        self._refresh(first)
        self._store()

    def _undo(self) -> None:
        ended = self.flight.program.end
        self.flight.undo()
        if ended:
            self._flight_screen()
        else:
            self._refresh()
        self._store()

    def _store(self) -> None:
        self.path = self.logbook.save(self.flight, self.path)

    def _refresh(self, first: int | None = None) -> None:
        """Show the week at hand, or the report if it was the last."""
        program, seen = self.flight.program, self.flight.seen
        if program.end:
            self._report()
            return
        left = program.scenario.weeks - program.week
        self._title(f"{program.scenario.title}: week {program.week}, {left} to go")
        self.sentence = telling.sentence(program, seen, first)
        self._table.value = telling.state_table(program, seen)
        self._curve.value = telling.curve(program, self._ghosts) + (
            f"<p class='quiet'>{html.escape(telling.curve_caption(program, self._ghosts))}</p>"
        )
        self._feed.value = telling.feed(program)
        self.option.options = choices(program.scenario, seen[-1]["stage"], seen[-1]["approach"])
        self.option.value = "continue"
        self.buttons["undo"].disabled = program.week == 0
        self._ask()

    # --- the journal ---

    def _journal(self) -> widgets.Widget:
        self._question = widgets.HTML()
        self.belief = widgets.Text(
            placeholder="In one sentence: what do you believe, and why?",
            description="I believe",
            style={"description_width": "96px"},
            layout=widgets.Layout(width="98%", max_width="470px"),
        )
        self.probability = widgets.IntSlider(
            50,
            0,
            100,
            5,
            description="probability %",
            continuous_update=False,
            style={"description_width": "96px"},
        )
        note = self._button("note", "Note it", self._note)
        self._diary = widgets.VBox(
            [
                self._question,
                self.belief,
                widgets.HBox([self.probability, note], layout=widgets.Layout(flex_flow="row wrap")),
            ]
        )
        return self._diary

    def _ask(self) -> None:
        question = self.flight.question
        self._diary.layout.display = "none" if question is None else ""
        self.buttons["note"].disabled = question is None
        if question is not None:
            self._question.value = (
                f"<h4>Journal: how likely is this?</h4><p>{html.escape(question.text)} "
                f"<span class='quiet'>(Asked every {EVERY} weeks, scored at the end; or just fly "
                "on.)</span></p>"
            )

    def _note(self) -> None:
        self.flight.note(self.belief.value, self.probability.value / 100)
        self.belief.value, self.probability.value = "", 50
        self._ask()
        self._store()
        self.buttons["week"].focus()

    # --- the report ---

    def _report(self) -> None:
        program = self.flight.program
        doctrine = fly(BASELINES["gated"], program.scenario, [program.seed])
        table = scored(self.flight.entries, program)
        self.sentence = telling.outcome(program, regret(program))
        judged = telling.verdict(table, self.flight.undone)
        self.buttons = {}
        keys = widgets.HBox(
            [
                self._button("again", "Fly again, same luck", self._again, primary=True),
                self._button("undo", "Undo last week", self._undo),
            ],
            layout=widgets.Layout(flex_flow="row wrap"),
        )
        self._show(
            f"{program.scenario.title}: debrief",
            keys,
            widgets.HTML(telling.card_table(scorecard(program), scorecard(doctrine))),
            widgets.HTML(_embedded(debrief_figure(program), self.sentence)),
            widgets.HTML(
                f"<h4>Journal</h4><p>{html.escape(judged)}</p>{telling.journal_table(table)}"
            ),
            widgets.HTML(
                "<details><summary>Everything that happened</summary>"
                f"{telling.feed(program)}</details>"
            ),
        )

    def _again(self) -> None:
        program = self.flight.program
        self._board(HandFlight(program.scenario, program.seed), None)
        self._store()


def _resume_label(path: Path, replay: Any) -> str:
    when = datetime.fromtimestamp(path.stat().st_mtime)
    scenario = load_scenario(replay.scenario)
    return (
        f"{scenario.title}, seed {replay.seed}, {len(replay.actions)} of {scenario.weeks} weeks, "
        f"{money(replay.net) if replay.actions else 'not flown'} ({when:%d %b %H:%M})"
    )


def _embedded(figure: Figure, description: str) -> str:
    """A figure as an HTML image with its description; the figure is closed."""
    packed = io.BytesIO()
    figure.savefig(packed, format="png", dpi=150)
    plt.close(figure)
    data = base64.b64encode(packed.getvalue()).decode()
    return f'<img alt="{html.escape(description)}" src="data:image/png;base64,{data}">'
