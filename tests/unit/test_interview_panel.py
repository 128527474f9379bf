"""Pair, panel and loop: independent until all are in, and the same for a folder or for files."""

import json
from datetime import UTC, datetime, timedelta

import interviews
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tpmkit.interview.errors import InterviewError
from tpmkit.interview.history import history
from tpmkit.interview.panel import Seat, convene, receive
from tpmkit.interview.schedule import loop_plan
from tpmkit.interview.store import Store

CRITERIA = ("date", "driver", "stakeholder")
PEOPLE = ("Anna", "Ben", "Eva")


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 21, 9, tzinfo=UTC)

    def __call__(self):
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    return interviews.bank_of(
        tmp_path_factory.mktemp("bank"),
        *(interviews.question(f"I{n:02d}") for n in range(1, 13)),
        writing=[interviews.exercise()],
    )


class Table:
    """Anna is interviewed by Ben, who chairs, and Eva; every one has a folder of their own."""

    def __init__(self, root, bank):
        self.root, self.bank, self.clock = root, bank, Clock()
        self.exchange = root / "shared"
        rounds = [("I09-001", ["Ben", "Eva"])]
        convene(self.exchange, bank, "panel", "L2", "Anna", rounds, clock=self.clock)

    def store(self, who):
        return Store(self.root / who)

    def sit(self, who):
        return Seat.take(self.store(who), self.exchange, who, self.bank, self.clock)

    def rate(self, who, levels, seal=True):
        seat = self.sit(who)
        seat.note("r1", f"{who} heard a range")
        for criterion, level in zip(CRITERIA, levels, strict=True):
            seat.rate("r1", criterion, level)
        return seat.seal("r1") if seal else None


@pytest.fixture
def table(tmp_path, bank):
    return Table(tmp_path, bank)


def everything(folder):
    return "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*"))


def test_a_panel_from_notes_to_the_candidates_history(table):
    table.rate("Ben", (2, 3, 4))
    assert table.rate("Eva", (4, 3, 3)).waiting_for == ("Anna",)
    table.rate("Anna", (4, 4, 4))
    for who in PEOPLE:
        table.sit(who)
    ben = table.sit("Ben")
    status = ben.status("r1")
    assert status.phase == "revealed" and status.disputed == ("date",)
    assert status.ratings["Eva"] == {"date": 4, "driver": 3, "stakeholder": 3}
    assert status.own == dict.fromkeys(CRITERIA, 4) and status.result.score is None
    assert history(table.store("Anna"), table.bank) == []
    closed = ben.agree("r1", "date", 3, "She gave a range in the second half")
    assert closed.phase == "closed"
    assert closed.result.levels == {"date": 3, "driver": 3, "stakeholder": 3.5}
    for _ in range(2):
        assert table.sit("Anna").status("r1").result == closed.result
    assert table.sit("Anna").reasons("r1") == {"date": "She gave a range in the second half"}
    (practice,) = history(table.store("Anna"), table.bank)
    assert practice.peers == closed.result.levels and practice.own == status.own
    assert practice.question == "I09-001" and practice.kind == "panel"
    assert history(table.store("Ben"), table.bank) == []


def test_ratings_are_locked_and_unseen_until_all_are_in(table):
    ben = table.sit("Ben")
    ben.note("r1", "Said week 26, named Priya")
    ben.advise("r1", "The range came first", "Name the owner of the labels")
    for criterion in CRITERIA:
        ben.rate("r1", criterion, 2)
    ben.seal("r1")
    shared = everything(table.exchange)
    assert "Said week 26" not in shared and "range came first" not in shared
    assert "ratings" not in shared and '"level": 2' not in shared
    with pytest.raises(InterviewError, match="locked until everybody's are in"):
        ben.rate("r1", "date", 4)
    with pytest.raises(InterviewError, match="'seal' is not possible"):
        ben.seal("r1")
    eva = table.sit("Eva")
    assert eva.status("r1").ratings == {} and eva.status("r1").waiting_for == ("Eva", "Anna")
    table.rate("Eva", (2, 2, 2))
    assert not list(table.exchange.glob("*.opened.json"))
    table.rate("Anna", (3, 3, 3))
    for who in PEOPLE:
        table.sit(who)
    assert table.sit("Anna").status("r1").advice["Ben"] == (
        "The range came first",
        "Name the owner of the labels",
    )
    assert "Said week 26" not in everything(table.exchange)


def test_an_interviewer_notes_before_rating_and_rates_all_before_sealing(table):
    ben = table.sit("Ben")
    with pytest.raises(InterviewError, match="'rate' is not possible in r1 now: note what was sai"):
        ben.rate("r1", "date", 3)
    with pytest.raises(InterviewError, match="The note is empty"):
        ben.note("r1", " ")
    ben.note("r1", "Said week 26")
    ben.rate("r1", "date", 3)
    with pytest.raises(InterviewError, match="lock your ratings: Driver in .*; Stakeholder in "):
        ben.seal("r1")
    with pytest.raises(InterviewError, match="There is no round 'r9'; this panel has r1"):
        ben.note("r9", "What?")
    with pytest.raises(InterviewError, match="has no red flag 7, only 2"):
        ben.flag("r1", 7, "date")


def test_what_was_sealed_cannot_be_changed_afterwards(table):
    for who, levels in zip(PEOPLE, ((3, 3, 3), (1, 1, 1), (4, 4, 4)), strict=True):
        table.rate(who, levels)
    for who in PEOPLE:
        table.sit(who)
    path = table.exchange / "r1--Ben.opened.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["ratings"]["date"] = 4
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InterviewError, match="ratings of Ben for r1 are not those that Ben sealed"):
        table.sit("Eva")


def test_the_fingerprint_of_few_levels_cannot_be_guessed(table):
    first = table.rate("Ben", (2, 2, 2))
    assert first.phase == "sealed"
    sealed = json.loads((table.exchange / "r1--Ben.sealed.json").read_text(encoding="utf-8"))
    nonce = [e["nonce"] for e in table.sit("Ben").log.events if e["do"] == "seal"]
    assert len(nonce[0]) == 32 and set(sealed) == {"sha256"}


def test_a_red_flag_of_two_interviewers_caps_the_criterion(table):
    for who in ("Ben", "Eva"):
        seat = table.sit(who)
        seat.note("r1", "Blamed the label team by name")
        seat.flag("r1", 1, "stakeholder")
        seat.flag("r1", 0, "date")
    table.sit("Eva").flag("r1", 0, "date", seen=False)
    for who in PEOPLE:
        table.rate(who, (4, 4, 4))
    for who in PEOPLE:
        table.sit(who)
    result = table.sit("Anna").status("r1").result
    assert result.capped == ("stakeholder",)
    assert result.levels == {"date": 4, "driver": 4, "stakeholder": 2}


def test_consensus_is_for_disputed_criteria_by_the_chair_with_a_reason(table):
    for who, levels in zip(PEOPLE, ((3, 3, 3), (1, 3, 3), (4, 3, 3)), strict=True):
        table.rate(who, levels)
    for who in PEOPLE:
        table.sit(who)
    with pytest.raises(InterviewError, match="Ben records what you agree on"):
        table.sit("Eva").agree("r1", "date", 3, "It seems right to me")
    ben = table.sit("Ben")
    with pytest.raises(InterviewError, match="'driver' is not disputed"):
        ben.agree("r1", "driver", 2, "It seems right to me")
    with pytest.raises(InterviewError, match="Give the reason in a few words"):
        ben.agree("r1", "date", 2, "because")
    assert ben.agree("r1", "date", 2, "She named no range").result.levels["date"] == 2
    with pytest.raises(InterviewError, match="'agree' is not possible in r1 now: the round is cl"):
        ben.agree("r1", "date", 4, "On second thoughts yes")


def test_the_chair_can_go_on_without_somebody_who_left_but_not_without_ratings(table):
    table.rate("Ben", (3, 3, 3))
    table.rate("Anna", (3, 3, 3))
    ben = table.sit("Ben")
    with pytest.raises(InterviewError, match="Anna is not somebody this round waits for"):
        ben.excuse("r1", "Anna", "She had to leave early")
    assert ben.excuse("r1", "Eva", "Her train was late").phase in ("sealed", "closed")
    table.sit("Anna")
    status = table.sit("Ben").status("r1")
    assert status.phase == "closed" and list(status.ratings) == ["Ben"]
    assert "rate" not in table.sit("Eva").status("r1").legal


def test_the_only_interviewer_cannot_be_excused(tmp_path, bank):
    convene(tmp_path / "x", bank, "pair", "L2", "Anna", [("I09-001", ["Ben"])])
    ben = Seat.take(Store(tmp_path / "Ben"), tmp_path / "x", "Ben", bank)
    with pytest.raises(InterviewError, match="Ben is the only interviewer left"):
        ben.excuse("r1", "Ben", "I have to go")


def test_an_observer_notes_and_sees_what_all_see_but_rates_nothing(table):
    mentor = table.sit("Mo")
    assert mentor.role == "observer"
    mentor.note("r1", "Ben asked p2 well")
    with pytest.raises(InterviewError, match="'rate' is not possible"):
        mentor.rate("r1", "date", 3)
    for who in PEOPLE:
        table.rate(who, (3, 3, 3))
    for who in PEOPLE:
        table.sit(who)
    assert mentor.status("r1").result.score == 3


def test_a_written_answer_reaches_the_interviewers_and_stays_as_it_was(table):
    anna, ben = table.sit("Anna"), table.sit("Ben")
    assert ben.document("r1") is None
    anna.hand_in("r1", "Dear board, week 26.")
    assert ben.document("r1") == "Dear board, week 26."
    with pytest.raises(InterviewError, match="'hand_in' is not possible"):
        anna.hand_in("r1", "Dear board, week 20.")
    with pytest.raises(InterviewError, match="'hand_in' is not possible"):
        ben.hand_in("r1", "As Ben")


def test_leaving_and_coming_back_loses_no_note_rating_or_flag(table):
    seat = table.sit("Ben")
    seat.note("r1", "One")
    seat.note("r1", "Two")
    seat.rate("r1", "date", 1)
    seat.rate("r1", "date", 2)
    seat.flag("r1", 0, "date")
    again = table.sit("Ben")
    assert again.notes("r1") == ["One", "Two"]
    assert again.ratings("r1") == {"date": 2}
    assert [(f.flag, f.criterion) for f in again.flags("r1")] == [(0, "date")]


def test_what_was_sealed_but_not_sent_is_sent_on_coming_back(table):
    table.rate("Ben", (3, 3, 3))
    before = (table.exchange / "r1--Ben.sealed.json").read_bytes()
    (table.exchange / "r1--Ben.sealed.json").unlink()
    table.sit("Ben")
    assert (table.exchange / "r1--Ben.sealed.json").read_bytes() == before


# --- without a shared folder ---------------------------------------------------------------------


class Apart(Table):
    """The same people, each with a folder of their own, who send each other files."""

    def __init__(self, root, bank):
        super().__init__(root, bank)
        self.last = {}

    def folder(self, who):
        return self.exchange if who == "Ben" else self.root / f"{who}-exchange"

    def sit(self, who):
        return Seat.take(self.store(who), self.folder(who), who, self.bank, self.clock)

    def send(self, who, *to):
        path = self.sit(who).outbox(self.root / "mail")
        return [receive(self.folder(other), path) for other in to]


def test_the_same_by_sending_files_to_and_fro(tmp_path, bank):
    table = Apart(tmp_path, bank)
    assert table.send("Ben", "Anna", "Eva")[0] == ["panel.json"]
    for who, levels in zip(PEOPLE, ((4, 4, 4), (1, 3, 4), (3, 3, 4)), strict=True):
        table.rate(who, levels)
    for _ in range(2):
        for who in PEOPLE:
            table.send(who, *(other for other in PEOPLE if other != who))
    assert table.send("Eva", "Ben") == [[]]
    ben = table.sit("Ben")
    assert ben.status("r1").disputed == ("date",)
    ben.agree("r1", "date", 2, "The range came only when asked")
    table.send("Ben", "Anna", "Eva")
    results = {who: table.sit(who).status("r1").result for who in PEOPLE}
    assert results["Anna"] == results["Ben"] == results["Eva"]
    assert results["Anna"].levels == {"date": 2, "driver": 3, "stakeholder": 4}
    assert len(history(table.store("Anna"), bank)) == 1


def test_a_file_that_is_none_of_ours_is_refused_and_writes_nothing(tmp_path, bank):
    table = Apart(tmp_path, bank)
    table.send("Ben", "Anna")
    there = sorted(path.name for path in table.folder("Anna").iterdir())
    mail = tmp_path / "mail.json"
    panel = table.sit("Ben").panel.id
    for content, said in (
        ("no json", "cannot be read"),
        ("[1]", "not a file of a panel"),
        ('{"files": {"../../x.json": {}}}', "not a file from another seat"),
        ('{"files": {"r1--../x.sealed.json": {}}}', "not a file from another seat"),
        ('{"files": {"r1--Ben.sealed.json": "x"}}', "not a file from another seat"),
        ('{"panel": "other", "files": {"r1--Ben.sealed.json": {}}}', "belongs to another panel"),
        (
            json.dumps({"panel": panel, "files": {"panel.json": {"id": panel}}}),
            "panel.json in mail.json differs from the one you have",
        ),
    ):
        mail.write_text(content, encoding="utf-8")
        with pytest.raises(InterviewError, match=said):
            receive(table.folder("Anna"), mail)
    assert sorted(path.name for path in table.folder("Anna").iterdir()) == there


@given(st.permutations(PEOPLE), st.lists(st.sampled_from(PEOPLE), max_size=6))
@settings(max_examples=15, deadline=None)
def test_in_whatever_order_people_come_the_result_is_the_same(
    tmp_path_factory, bank, order, visits
):
    table = Table(tmp_path_factory.mktemp("t"), bank)
    levels = {"Anna": (4, 4, 4), "Ben": (2, 3, 4), "Eva": (3, 3, 3)}
    for n, who in enumerate(order):
        assert not list(table.exchange.glob("*.opened.json"))
        table.rate(who, levels[who])
        for visitor in visits[n::3]:
            table.sit(visitor)
    for who in PEOPLE:
        table.sit(who)
    result = table.sit("Eva").status("r1").result
    assert result.levels == {"date": 2.5, "driver": 3, "stakeholder": 3.5} and result.score == 3


# --- setting up ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "pair"}, "A pair has one interviewer a round"),
        ({"kind": "duel"}, "There is no 'duel'; choose pair, panel or loop"),
        ({"kind": "loop"}, "A loop has five questions of five categories and one writing"),
        ({"level": "L7"}, "There is no level 'L7'"),
        ({"candidate": "Ben"}, "Ben cannot be candidate and interviewer at once"),
        ({"candidate": "../Anna"}, "'../Anna' cannot stand in a file's name"),
        ({"candidate": "An--na"}, "'An--na' cannot stand in a file's name"),
        ({"chair": "Mo"}, "The chair 'Mo' is no interviewer of this panel"),
        ({"rounds": []}, "A panel needs a round, and every round an interviewer"),
        ({"rounds": [("I09-001", ["Ben"])]}, "A panel has at least two interviewers a round"),
    ],
)
def test_what_makes_no_panel_is_said_in_a_sentence(tmp_path, bank, changes, said):
    arguments = {
        "kind": "panel",
        "level": "L2",
        "candidate": "Anna",
        "rounds": [("I09-001", ["Ben", "Eva"])],
    }
    with pytest.raises(InterviewError, match=said):
        convene(tmp_path / "x", bank, **(arguments | changes))
    assert not (tmp_path / "x").exists()


def test_a_folder_holds_one_panel(table):
    with pytest.raises(InterviewError, match="holds a panel already"):
        Table(table.root, table.bank)
    with pytest.raises(InterviewError, match="There is no panel.json in"):
        Seat.take(table.store("Ben"), table.root / "elsewhere", "Ben", table.bank)


def test_people_with_another_version_of_a_question_do_not_rate_past_each_other(table, tmp_path):
    newer = interviews.bank_of(tmp_path / "newer", interviews.question(version=2))
    with pytest.raises(InterviewError, match="uses version 1 of I09-001, your tpmkit has 2"):
        Seat.take(table.store("Ben"), table.exchange, "Ben", newer)


def test_a_damaged_definition_is_said_in_a_sentence(table):
    (table.exchange / "panel.json").write_text('{"format": 1}', encoding="utf-8")
    with pytest.raises(
        InterviewError, match="panel.json is damaged .*'kind'|panel.json is damaged"
    ):
        table.sit("Ben")


def test_a_loop_is_five_rounds_of_different_categories_and_a_writing_exercise(tmp_path, bank):
    clock = Clock()
    plan = loop_plan(bank, [], "L3", clock(), np.random.default_rng(0))
    rounds = [(item, [name]) for item, name in zip(plan, "ABCDEF", strict=True)]
    panel = convene(tmp_path / "x", bank, "loop", "L3", "Nobody Else", rounds, clock=clock)
    assert [r.id for r in panel.rounds] == ["r1", "r2", "r3", "r4", "r5", "r6"]
    store = Store(tmp_path / "mine")
    for round in panel.rounds:
        for who in ("Nobody Else", *round.raters):
            seat = Seat.take(store, tmp_path / "x", who, bank, clock)
            seat.note(round.id, "What was said")
            for criterion in seat.item(round.id).rubric:
                seat.rate(round.id, criterion.id, 3)
            seat.seal(round.id)
    Seat.take(store, tmp_path / "x", "Nobody Else", bank, clock)
    assert sorted(p.question for p in history(store, bank)) == sorted(plan)
