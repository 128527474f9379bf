"""Each attack works on stock nbgrader, and here gains, reads and leaves nothing."""

from __future__ import annotations

import pytest
from autograde.arena import Arena, arenas, attacks

ATTACKS = attacks()


def _graded(folder, how) -> dict[str, Arena]:
    found = {}
    for arena in arenas(folder):
        getattr(arena, how)()
        found |= {attack.learner: arena for attack in arena.attackers}
    return found


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    return _graded(tmp_path_factory.mktemp("here"), "grade_here")


@pytest.fixture(scope="module")
def stock(tmp_path_factory):
    return _graded(tmp_path_factory.mktemp("stock"), "grade_stock")


def names(attack):
    return f"{attack.kind}: {attack.name}"


def test_there_are_enough_attacks_of_every_kind():
    assert len(ATTACKS) >= 30
    assert {attack.kind for attack in ATTACKS} == {"points", "reading", "leaving", "stopping"}


@pytest.mark.parametrize("attack", ATTACKS, ids=names)
def test_an_attack_fails_here_and_the_honest_learner_is_graded(here, attack):
    arena = here[attack.learner]
    assert not arena.works(attack)
    assert arena.score("honest") == 4
    assert arena.score(attack.learner) is not None, "an attacker is graded too"


@pytest.mark.long
@pytest.mark.parametrize("attack", ATTACKS, ids=names)
def test_the_same_attack_works_on_stock_nbgrader(stock, attack):
    assert stock[attack.learner].works(attack)
