"""Where a user's own files lie, and that one is never half written."""

import errno
import os

import pytest

from tpmkit.files import own_folder, write_atomically


def test_own_files_lie_in_the_workspace_or_at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    inside = tmp_path / "course" / "workspace" / "notebooks"
    inside.mkdir(parents=True)
    assert own_folder("interviews", inside) == tmp_path / "home" / "tpmkit-interviews"
    (tmp_path / "course" / "workspace" / ".tpmkit").mkdir()
    expected = tmp_path / "course" / "workspace" / "interviews"
    assert (
        own_folder("interviews", inside)
        == own_folder("interviews", tmp_path / "course")
        == expected
    )


def test_a_file_written_anew_is_whole_or_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    write_atomically(path, b"old")

    def killed(*_):
        raise OSError(errno.EIO, "killed")

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(OSError):
        write_atomically(path, b"new")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("report.html", b"old")]
