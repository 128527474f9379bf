"""What a program can be told: legal actions in every spelling, and one error for all others."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tpmkit.errors import TpmkitError
from tpmkit.simulator import OPTIONS, PACES, WORKSTREAMS, ActionError, Program, parse_action
from tpmkit.simulator.actions import Decisions

RISKS = ("label_delay", "vendor_outage")
DEFAULT = ((1.0,) * 5, 0, 0, 1, -1, 0)


def test_what_is_missing_has_its_default():
    assert parse_action({}, RISKS) == DEFAULT


def test_weights_are_given_by_name_or_in_order_and_only_ratios_count():
    by_name = parse_action({"alloc": {"model": 3, "debt": 1}}, RISKS)
    assert by_name == parse_action({"alloc": [0, 3, 0, 0, 1]}, RISKS)
    assert by_name == parse_action({"alloc": np.array([0, 3.0, 0, 0, 1])}, RISKS)
    small, large = Program(seed=1), Program(seed=1)
    small.step({"alloc": [0, 3, 0, 0, 1]})
    large.step({"alloc": [0, 3 * 2.0**1000, 0, 0, 2.0**1000]})
    assert small.history().drop(columns="net").equals(large.history().drop(columns="net"))


def test_numpy_scalars_and_whole_floats_are_numbers_too():
    assert parse_action({"hire": np.int64(-1), "comms": 2.0}, RISKS)[1:4] == (-1, 0, 2)


@pytest.mark.parametrize(
    ("action", "says"),
    [
        (None, "An action is a dict such as {'option': 'shadow'}; got None."),
        ("launch", "An action is a dict such as {'option': 'shadow'}; got 'launch'."),
        (
            {"hires": 1},
            "key must be one of alloc, hire, pace, comms, mitigate, option; got 'hires'.",
        ),
        ({"hire": 2}, "hire must be -1, 0 or 1; got 2."),
        ({"hire": True}, "hire must be -1, 0 or 1; got True."),
        ({"hire": float("nan")}, "hire must be -1, 0 or 1; got nan."),
        ({"comms": "2"}, "comms must be 0, 1 or 2; got '2'."),
        ({"comms": None}, "comms must be 0, 1 or 2; got None."),
        ({"pace": "fast"}, "pace must be one of normal, crunch; got 'fast'."),
        ({"pace": ["crunch"]}, "pace must be one of normal, crunch; got ['crunch']."),
        ({"option": "lanch"}, "got 'lanch'. Did you mean 'launch'?"),
        ({"mitigate": "rain"}, "mitigate must be one of label_delay, vendor_outage; got 'rain'."),
        ({"alloc": {"modle": 1}}, "got 'modle'. Did you mean 'model'?"),
        ({"alloc": [1, 1]}, "alloc must be weights for data, model, platform, governance, debt"),
        ({"alloc": 1}, "alloc must be weights for data, model, platform, governance, debt"),
        ({"alloc": [1, 1, 1, 1, -0.1]}, "Each weight of alloc must be a number from 0; got -0.1."),
        ({"alloc": [1, 1, 1, 1, float("nan")]}, "must be a number from 0; got nan."),
        ({"alloc": [1, 1, 1, 1, 10**400]}, "must be a number from 0; got 1000"),
        ({"alloc": [1, 1, 1, 1, Fraction(10**400)]}, "must be a number from 0; got Fraction"),
        ({"alloc": [1, [1], 1, 1, 1]}, "must be a number from 0; got [1]."),
        ({"alloc": [0, 0, 0, 0, 0]}, "One weight of alloc must be above 0; got five zeros."),
        ({"alloc": {}}, "One weight of alloc must be above 0; got five zeros."),
    ],
)
def test_a_wrong_action_says_what_was_seen_and_what_was_expected(action, says):
    with pytest.raises(ActionError) as raised:
        parse_action(action, RISKS)
    assert says in str(raised.value)
    assert isinstance(raised.value, TpmkitError)
    assert len(str(raised.value)) < 250


def test_a_refused_action_changes_nothing():
    program = Program(seed=3)
    program.step({"option": "pivot"})
    before = program.replay().to_json(), program.history(), program.obs
    with pytest.raises(ActionError):
        program.step({"option": "launch", "hire": 7})
    after = program.replay().to_json(), program.history(), program.obs
    assert before[0] == after[0] and before[1].equals(after[1]) and before[2] == after[2]


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["alloc", "hire", "pace", "comms", "mitigate", "option"]), json_like
    )
    | json_like
)
@settings(max_examples=300, deadline=None)
def test_whatever_is_said_is_legal_or_raises_the_one_error(action):
    try:
        parsed = parse_action(action, RISKS)
    except ActionError:
        return
    alloc, hire, pace, comms, mitigate, option = parsed
    assert len(alloc) == 5 and all(0 <= x < float("inf") for x in alloc) and any(alloc)
    assert hire in (-1, 0, 1) and comms in (0, 1, 2) and -1 <= mitigate < len(RISKS)
    assert 0 <= pace < len(PACES) and 0 <= option < len(OPTIONS)


actions = st.fixed_dictionaries(
    {},
    optional={
        "alloc": st.lists(st.floats(0, 1e9), min_size=5, max_size=5).filter(any),
        "hire": st.sampled_from([-1, 0, 1]),
        "pace": st.sampled_from(PACES),
        "comms": st.sampled_from([0, 1, 2]),
        "mitigate": st.sampled_from([None, *RISKS]),
        "option": st.sampled_from(OPTIONS),
    },
)


@given(st.lists(actions, min_size=1, max_size=4))
@settings(deadline=None)
def test_arrays_say_the_same_as_one_action_for_each_episode(some):
    parsed = [parse_action(action, RISKS) for action in some]
    gathered = Decisions.gather(parsed)
    arrays = {
        "alloc": np.array([p[0] for p in parsed]),
        "hire": np.array([p[1] for p in parsed]),
        "pace": np.array([PACES[p[2]] for p in parsed]),
        "comms": np.array([p[3] for p in parsed]),
        "mitigate": np.array([("", *RISKS)[p[4] + 1] for p in parsed]),
        "option": np.array([OPTIONS[p[5]] for p in parsed]),
    }
    read = Decisions.from_arrays(arrays, RISKS, len(some))
    for name, values in vars(gathered).items():
        assert np.array_equal(values, getattr(read, name)), name
    for episode, p in enumerate(parsed):
        assert parse_action(gathered.action(RISKS, episode), RISKS) == p


def test_one_value_stands_for_all_episodes():
    read = Decisions.from_arrays(
        {"alloc": {"model": 1}, "pace": "crunch", "mitigate": None}, RISKS, 3
    )
    assert read.alloc[WORKSTREAMS.index("model")].tolist() == [1, 1, 1]
    assert read.crunch.tolist() == [True] * 3 and read.mitigate.tolist() == [-1] * 3


@pytest.mark.parametrize(
    "action",
    [
        {"alloc": np.ones((2, 5))},
        {"alloc": np.full((3, 5), np.nan)},
        {"alloc": np.zeros((3, 5))},
        {"alloc": {"model": "much"}},
        {"hire": [0, 1, 2]},
        {"hire": [True, False, True]},
        {"comms": "1"},
        {"option": ["launch", "wait", "kill"]},
        {"option": [1, 2, 3]},
        {"speed": 1},
        None,
    ],
)
def test_wrong_arrays_raise_the_same_error(action):
    with pytest.raises(ActionError):
        Decisions.from_arrays(action, RISKS, 3)
