"""Sessions on disk: what was acknowledged is there, what is torn is set aside, all can leave."""

import errno
import os
import zipfile
from datetime import UTC, datetime

import pytest

from tpmkit.interview.errors import InterviewError
from tpmkit.interview.store import Store, decode, encode

AT = "2026-11-21T10:00:00+01:00"
FIRST = {"do": "begin", "at": AT}
NOTE = {"do": "draft", "at": AT, "text": "I would not promise June – 80 %\nnor “July”"}


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "mine")


def test_events_come_back_as_they_were_added(store):
    log = store.create("solo", FIRST)
    log.append(NOTE)
    assert log.id == "solo-20261121T100000"
    assert store.open(log.id).events == [FIRST, NOTE] == log.events
    assert dict(store.read()) == {log.id: [FIRST, NOTE]}
    assert store.notices == []


def test_two_sessions_of_one_second_are_two_files(store):
    assert [store.create("solo", FIRST).id for _ in range(3)] == [
        "solo-20261121T100000",
        "solo-20261121T100000-2",
        "solo-20261121T100000-3",
    ]


def test_a_reader_can_leave_out_kinds_of_events(store):
    log = store.create("solo", FIRST)
    log.append(NOTE)
    log.append({"at": AT, "do": "answer", "text": '{"do":"draft"'})
    ((_, events),) = store.read(without=("draft",))
    assert [event["do"] for event in events] == ["begin", "answer"]


@pytest.mark.parametrize("kept", [0, 1, 20, len(encode(NOTE)) - 1])
def test_a_torn_last_line_is_set_aside_and_said(store, kept):
    log = store.create("solo", FIRST)
    whole = log.path.read_bytes()
    log.path.write_bytes(whole + encode(NOTE)[:kept])
    assert dict(store.read())[log.id] == [FIRST]

    again = store.open(log.id)
    assert again.events == [FIRST]
    assert again.path.read_bytes() == whole
    torn = list(store.folder.glob("*.torn"))
    assert [path.read_bytes() for path in torn] == ([encode(NOTE)[:kept]] if kept else [])
    assert len(store.notices) == bool(kept)
    again.append(NOTE)
    assert store.open(log.id).events == [FIRST, NOTE]


def test_zeros_that_a_power_cut_left_are_a_torn_line_too(store):
    log = store.create("solo", FIRST)
    with log.path.open("ab") as file:
        file.write(bytes(300) + b"\n")
    assert store.open(log.id).events == [FIRST]
    assert "its 301 bytes are kept in solo-20261121T100000-48.torn" in store.notices[0]


def test_a_line_damaged_in_the_middle_keeps_what_is_before_it_and_is_not_continued(store):
    log = store.create("solo", FIRST)
    for _ in range(3):
        log.append(NOTE)
    lines = log.path.read_bytes().splitlines(keepends=True)
    log.path.write_bytes(b"".join([*lines[:2], b"oops\n", *lines[2:]]))
    assert dict(store.read()) == {log.id: [FIRST, NOTE]}
    assert "damaged line" in store.notices[0]
    with pytest.raises(InterviewError, match="line 3 was changed or damaged"):
        store.open(log.id)


def test_two_broken_lines_do_not_pass_as_one_whole_one():
    assert decode(b'{"do":"a","x":[1\n2]}\n') == ([], 0)
    assert decode(b'{"do":"a"}\n[1]\n') == ([{"do": "a"}], 11)


def test_a_session_continued_elsewhere_takes_no_more_entries_here(store):
    here = store.create("solo", FIRST)
    there = store.open(here.id)
    there.append(NOTE)
    with pytest.raises(InterviewError, match="was continued in another window"):
        here.append(NOTE)
    assert store.open(here.id).events == [FIRST, NOTE]


def test_a_deleted_session_is_not_revived_by_its_window(store):
    log = store.create("solo", FIRST)
    store.delete(confirmed=True)
    with pytest.raises(InterviewError, match="cannot be saved"):
        log.append(NOTE)
    assert not log.path.exists()


def test_a_full_disk_loses_only_the_entry_it_names(store, monkeypatch):
    log = store.create("solo", FIRST)

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(InterviewError, match="No space left on device.*repeat it"):
            log.append(NOTE)
    assert log.events == [FIRST]
    log.append(NOTE)
    assert store.open(log.id).events == [FIRST, NOTE]


def test_an_unknown_session_and_a_folder_that_is_a_file_are_said_in_a_sentence(store, tmp_path):
    with pytest.raises(InterviewError, match="There is no session 'solo-x'"):
        store.open("solo-x")
    (tmp_path / "file").write_text("")
    with pytest.raises(InterviewError, match="No session can be saved in"):
        Store(tmp_path / "file").create("solo", FIRST)


def test_export_packs_everything_and_delete_removes_only_what_is_ours(store, tmp_path):
    log = store.create("solo", FIRST)
    (store.folder / "report.html").write_bytes(b"<html>")
    (store.folder / "holiday.jpg").write_bytes(b"mine")
    (store.folder / ".report.html.77.part").write_bytes(b"left by a killed process")
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    for into in (None, tmp_path / "elsewhere"):
        path = store.export(into, at)
        with zipfile.ZipFile(path) as packed:
            assert {log.path.name, "report.html", "about-these-files.txt"} <= {*packed.namelist()}
            assert packed.read(log.path.name) == log.path.read_bytes()
            assert not {"holiday.jpg", path.name} & {*packed.namelist()}

    with pytest.raises(InterviewError, match=r"remove 1 sessions \(5 files\).*confirm it"):
        store.delete(confirmed=False)
    assert log.path.exists()
    assert store.delete(confirmed=True) == [store.folder / "holiday.jpg"]
    assert [path.name for path in store.folder.iterdir()] == ["holiday.jpg"]
    with pytest.raises(InterviewError, match="nothing to export"):
        store.export()


def test_a_folder_that_holds_nothing_else_goes_with_its_sessions(store):
    store.create("solo", FIRST)
    assert store.delete(confirmed=True) == []
    assert not store.folder.exists()
