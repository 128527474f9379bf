"""From nothing but Python to a running course; what can go wrong ends as one sentence."""

from __future__ import annotations

import ast
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tpmkit import bootstrap

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "src" / "tpmkit" / "bootstrap.py"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A checkout with what setting up needs, and nothing installed."""
    root = tmp_path / "a course"
    (root / "src" / "tpmkit").mkdir(parents=True)
    shutil.copy(SCRIPT, root / "src" / "tpmkit")
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, root)
    return root


def run(course: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(course / "src" / "tpmkit" / "bootstrap.py"), *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def as_version(*version: int) -> str:
    """A program that runs the script of a course as if by another Python."""
    return (
        f"import runpy, sys; sys.version_info = {version!r}; script = sys.argv.pop(1); "
        "runpy.run_path(script, run_name='__main__')"
    )


def pretend_installed(course: Path) -> Path:
    """A finished environment whose tpmkit says how it was called."""
    programs = course / ".venv" / "bin"
    programs.mkdir(parents=True)
    python, tpmkit = programs / "python", programs / "tpmkit"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    tpmkit.write_text('#!/bin/sh\necho "tpmkit $@ of $TPMKIT_COURSE"\n')
    python.chmod(0o755)
    tpmkit.chmod(0o755)
    here = bootstrap.Course(str(course / "src" / "tpmkit"))
    Path(here.stamp).write_text(here.wanted)
    return programs


def one_sentence(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 1, result.stderr
    assert "Traceback" not in result.stderr
    return result.stderr.strip().splitlines()[-1]


def test_a_python_that_is_too_old_can_read_the_script():
    modern = (
        ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Nonlocal, ast.AsyncFunctionDef,
        ast.Starred, ast.Match, ast.MatMult, ast.YieldFrom, ast.Await,
    )  # fmt: skip
    for node in ast.walk(ast.parse(SCRIPT.read_text())):
        line = f"line {getattr(node, 'lineno', '?')}: {type(node).__name__}"
        assert not isinstance(node, modern), line
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None and not node.args.kwonlyargs, line
            assert not any(argument.annotation for argument in node.args.args), line
        if isinstance(node, ast.Raise):
            assert node.cause is None, line
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            assert [alias.name for alias in node.names] == ["print_function"], line


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 13), (3, 14, 0)])
def test_a_wrong_python_is_told_which_ones_are_right(course, tmp_path, version):
    script = course / "src" / "tpmkit" / "bootstrap.py"
    result = subprocess.run(
        [sys.executable, "-c", as_version(*version), str(script), "start"],
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    sentence = one_sentence(result)
    assert "3.11, 3.12 or 3.13" in sentence and f"{version[0]}.{version[1]} " in sentence
    assert "make start PYTHON=" in sentence
    assert not (course / ".venv").exists()


def test_a_wrong_python_goes_on_with_a_right_one_from_the_path(course, tmp_path):
    programs = tmp_path / "programs"
    programs.mkdir()
    shim = programs / "python3.12"
    shim.write_text('#!/bin/sh\nif [ "$1" = -c ]; then echo 3.12; else echo "ran $2"; fi\n')
    shim.chmod(0o755)
    script = course / "src" / "tpmkit" / "bootstrap.py"
    result = subprocess.run(
        [sys.executable, "-c", as_version(3, 9, 18), str(script), "doctor"],
        env={**os.environ, "PATH": str(programs)},
        capture_output=True,
        text=True,
    )
    assert "using Python 3.12" in result.stderr and result.stdout == "ran doctor\n"


def test_make_without_any_python_says_what_to_install(course):
    result = subprocess.run(
        ["make", "-C", str(course), "start", "PYTHON="], capture_output=True, text=True
    )
    assert result.returncode != 0
    assert "No Python answers here. Install Python 3.12" in result.stderr
    assert "run make start again" in result.stderr


def test_a_python_without_its_venv_module_names_the_package_to_install(course, tmp_path):
    (tmp_path / "ensurepip.py").write_text("raise ImportError('Debian keeps it apart')")
    sentence = one_sentence(run(course, "start", PYTHONPATH=str(tmp_path)))
    assert "lacks its venv module" in sentence and "python3." in sentence and "-venv" in sentence
    assert not (course / ".venv").exists()


def test_no_network_is_one_sentence(course):
    with socket.socket() as nobody:  # bound and not listening: every connection is refused
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}/simple"
        result = run(
            course,
            "start",
            PIP_INDEX_URL=address,
            PIP_CONFIG_FILE=os.devnull,
            PIP_FIND_LINKS="",
            PIP_EXTRA_INDEX_URL="",
            PIP_NO_CACHE_DIR="1",
            no_proxy="127.0.0.1",
        )
    sentence = one_sentence(result)
    assert sentence.startswith("No network") and "run the same command again" in sentence


def test_too_little_disk_is_said_before_anything_is_written(course, monkeypatch, capsys):
    little = shutil.disk_usage(course)._replace(free=10**8)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: little)
    with pytest.raises(bootstrap.Stop, match=r"needs about 1\.3 GB .* 0\.1 GB are free"):
        bootstrap.Course(str(course / "src" / "tpmkit")).install()
    assert not (course / ".venv").exists()


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
         "The disk is full"),
        ("error: failed to write to file `.venv/lib/x.so`: No space left on device (os error 28)",
         "The disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
         "does not match its hash"),
        ("error: Hash mismatch for `numpy==2.4.0`", "does not match its hash"),
        ("  Caused by: dns error\n  Caused by: failed to lookup address information: Temporary "
         "failure in name resolution", "No network"),
        ("Retrying after connection broken by 'ReadTimeoutError(Read timed out.)'", "No network"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"
         "')): Max retries exceeded", "certificate is not trusted"),
        ("OSError: [Errno 30] Read-only file system: '/opt/course/.venv'", "cannot be written to"),
        ("ERROR: Failed building wheel for scikit-learn", "no ready-made build"),
        ("something nobody foresaw", "The last line was: something nobody foresaw"),
    ],
)  # fmt: skip
def test_what_an_installer_prints_becomes_one_sentence_and_the_next_step(course, printed, told):
    here = bootstrap.Course(str(course / "src" / "tpmkit"))
    sentence = str(bootstrap.Failed(here, "2/3 Packages", ["pip", "install"], printed.split("\n")))
    assert told in sentence and "\n" not in sentence


@pytest.mark.parametrize(
    ("number", "told"),
    [(28, "The disk is full"), (30, "cannot be written to"), (13, "cannot be written to")],
)
def test_what_the_computer_refuses_becomes_one_sentence(monkeypatch, capsys, number, told):
    def refuse(arguments):
        raise OSError(number, os.strerror(number), "/some/folder/file")

    monkeypatch.setattr(bootstrap, "main", refuse)
    with pytest.raises(SystemExit) as ended:
        bootstrap.guarded(["start"])
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert told in said and "same command" in said


def test_a_folder_of_ones_own_named_venv_is_not_deleted(course):
    (course / ".venv").mkdir()
    (course / ".venv" / "thesis.md").write_text("mine")
    sentence = one_sentence(run(course, "install"))
    assert "not a Python environment" in sentence
    assert (course / ".venv" / "thesis.md").read_text() == "mine"


def test_an_incomplete_copy_of_the_course_says_what_is_missing(course):
    (course / "requirements.lock").unlink()
    assert "requirements.lock is missing" in one_sentence(run(course, "start"))


def test_once_installed_every_start_goes_straight_to_tpmkit(course):
    pretend_installed(course)
    result = run(course, "start", "--port", "9000")
    assert result.stdout == f"tpmkit start --port 9000 of {course}\n"
    assert result.stderr == ""


def test_without_a_verb_the_course_starts(course):
    pretend_installed(course)
    assert run(course).stdout.startswith("tpmkit start ")


def test_make_passes_options_on(course):
    pretend_installed(course)
    result = subprocess.run(
        ["make", "-C", str(course), "start", f"PYTHON={sys.executable}", "ARGS=--port 9000"],
        capture_output=True,
        text=True,
    )
    assert "tpmkit start --port 9000" in result.stdout


def test_the_tests_run_with_the_python_of_the_environment(course):
    pretend_installed(course)
    (course / "tests").mkdir()
    (course / "tests" / "run.py").write_text("import sys; print('suite', *sys.argv[1:])")
    assert run(course, "test", "unit").stdout == "suite unit\n"
    assert run(course, "test-all").stdout == "suite --all\n"


def test_a_changed_lock_a_moved_folder_or_a_broken_python_is_installed_anew(course, tmp_path):
    def installed(root: Path) -> bool:
        return bootstrap.Course(str(root / "src" / "tpmkit")).installed()

    python = pretend_installed(course) / "python"
    assert installed(course)
    lock = course / "requirements.lock"
    text = lock.read_text()
    lock.write_text(text + "\n")
    assert not installed(course)
    lock.write_text(text)
    working = python.read_text()
    python.write_text("#!/nowhere/python\n")
    assert not installed(course)
    python.write_text(working)
    assert installed(course)
    assert not installed(course.rename(tmp_path / "moved"))


def test_the_installer_is_taken_from_the_lock_with_its_hashes(course):
    pretend_installed(course)
    here = bootstrap.Course(str(course / "src" / "tpmkit"))
    (entry,) = Path(here.lock_of("uv")).read_text().splitlines()
    assert entry.startswith("uv==") and "--hash=sha256:" in entry


def test_clean_removes_what_can_be_built_again_and_never_the_workspace(course):
    pretend_installed(course)
    (course / ".venv" / "pyvenv.cfg").touch()
    (course / "dist").mkdir()
    (course / "workspace" / "notebooks").mkdir(parents=True)
    (course / "workspace" / "notebooks" / "mine.ipynb").write_text("mine")
    result = run(course, "clean")
    assert result.returncode == 0 and f"Kept {course / 'workspace'}" in result.stdout
    assert not (course / ".venv").exists() and not (course / "dist").exists()
    assert (course / "workspace" / "notebooks" / "mine.ipynb").read_text() == "mine"
