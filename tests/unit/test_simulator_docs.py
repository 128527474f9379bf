"""The page about the simulator runs, and its tables belong to the scenarios as they are."""

import re
from pathlib import Path

from bench import simulator as bench

from tpmkit.simulator import Program, load_scenario, scenarios

PAGE = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")


def block(name):
    return re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", PAGE, re.S)[1]


def test_the_example_runs():
    names = {}
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    exec(example, names)
    assert isinstance(names["program"], Program) and names["program"].week == 1
    assert 0 < names["score"].score < 1


def test_every_number_of_the_scenarios_stands_on_the_page():
    assert block("constants") == bench.constants()


def test_the_tables_were_made_with_the_scenarios_as_they_are():
    for name in scenarios():
        assert f"**{name}** ({load_scenario(name).version})" in block("worth")


def test_the_page_says_what_the_constants_say():
    k = load_scenario().k
    for said in (
        f"{k.value_rate:.0f} k$ a week",
        f"{k.value_trust_floor:g} + {1 - k.value_trust_floor:g} × trust",
        f"({k.quality_data_floor:g} + {1 - k.quality_data_floor:g} × data)",
        f"{k.residual_weeks:g} more weeks",
        f"Below {k.trust_cancel:g} the sponsor cancels",
        f"some {k.offline_optimism:.0%} optimistic".replace("%", " %"),
        f"below a governance of {load_scenario('regulated').k.launch_governance:g}",
    ):
        assert said in PAGE
