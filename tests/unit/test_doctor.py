"""The doctor names what does not work, who needs it, and the remedy."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from tpmkit import doctor
from tpmkit.authoring.workspace import Course, fill

ROOT = Path(__file__).parents[2]
HERE = Course(ROOT, ROOT)


def problems(findings) -> list[doctor.Finding]:
    return [finding for finding in findings if finding.remedy]


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str]:
    """What the doctor says of the machine these tests run on."""
    workspace = tmp_path_factory.mktemp("workspace")
    fill(HERE, workspace)
    lines: list[str] = []
    return doctor.doctor(workspace, lines.append), "\n".join(lines)


def test_on_a_machine_that_runs_the_tests_everything_works(healthy):
    code, said = healthy
    assert code == 0, said
    assert "problem" not in said
    assert said.endswith("Everything a learner needs works.")


@pytest.mark.parametrize(
    "name",
    ["Python", "packages", "kernel", "data bird_strikes", "workspace", "memory",
     "sandboxed grading (only for instructors)", "Chromium for the browser tests (only for aut"],
)  # fmt: skip
def test_each_part_of_the_course_is_looked_at(healthy, name):
    assert any(line[9:].startswith(name) for line in healthy[1].splitlines())


def test_a_damaged_table_is_named_with_its_remedy(tmp_path):
    shutil.copytree(ROOT / "datasets", tmp_path / "datasets")
    package = json.loads((tmp_path / "datasets" / "datapackage.json").read_text())
    resource = package["resources"][0]
    table = tmp_path / "datasets" / resource["path"]
    table.write_bytes(table.read_bytes()[:-1])
    (finding,) = problems(doctor.tables(tmp_path))
    assert finding.name == f"data {resource['name']}" and finding.who == doctor.LEARNER
    assert resource["hash"] in finding.seen and "tpmkit start" in finding.remedy


def test_lost_data_is_a_problem(tmp_path, monkeypatch):
    monkeypatch.setenv("TPMKIT_DATA", str(tmp_path))
    (finding,) = problems(doctor.tables(tmp_path))
    assert str(tmp_path) in finding.seen


def lock(root: Path, text: str) -> Course:
    (root / "requirements.lock").write_text(text)
    return Course(root, root)


def test_a_version_other_than_the_locked_one_is_named(tmp_path):
    course = lock(tmp_path, "pandas==0.1 \\\n    --hash=sha256:00\n")
    (finding,) = problems(doctor.packages(course))
    assert finding.who == doctor.LEARNER
    assert "pandas" in finding.seen and "instead of 0.1" in finding.seen
    assert "requirements.lock" in finding.remedy


def test_a_package_that_only_tests_need_does_not_worry_a_learner(tmp_path):
    course = lock(tmp_path, "hypothesis==0.1 \\\n    --hash=sha256:00\n")
    (finding,) = problems(doctor.packages(course))
    assert finding.who == doctor.AUTHOR and "hypothesis" in finding.seen


def test_a_missing_package_is_named_and_one_for_another_system_is_not(tmp_path):
    course = lock(tmp_path, "nosuchpackage==1\nelsewhere==1 ; sys_platform == 'plan9'\n")
    (finding,) = problems(doctor.packages(course))
    assert "nosuchpackage missing" in finding.seen and "elsewhere" not in finding.seen


def test_a_kernel_that_cannot_start_is_a_problem_with_a_remedy(tmp_path, monkeypatch):
    spec = tmp_path / "kernels" / "python3"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-c", "raise SystemExit('broken')", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Python 3"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    finding = doctor.kernel(HERE)
    assert "does not start" in finding.seen and finding.remedy


def test_too_little_memory_is_a_problem(monkeypatch):
    import psutil

    little = psutil.virtual_memory()._replace(available=5 * 10**8)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: little)
    finding = doctor.memory()
    assert finding.seen == "0.5 GB available" and "Close some programs" in finding.remedy


def test_a_nearly_full_disk_is_a_problem(tmp_path, monkeypatch):
    little = shutil.disk_usage(tmp_path)._replace(free=10**8)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: little)
    assert "Free some space" in doctor.place(tmp_path / "workspace").remedy


def test_what_only_instructors_and_authors_need_does_not_fail_a_learner(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    lacking = [doctor.sandbox(), doctor.chromium()]
    assert [finding.who for finding in lacking] == [doctor.INSTRUCTOR, doctor.AUTHOR]
    assert "bubblewrap" in lacking[0].remedy and "chromium" in lacking[1].remedy
    monkeypatch.setattr(doctor, "examine", lambda course, workspace: iter(lacking))
    lines: list[str] = []
    assert doctor.doctor(tmp_path, lines.append) == 0
    assert sum(line.startswith("problem") for line in lines) == 2


def test_a_learners_problem_fails(monkeypatch, tmp_path):
    lacking = [doctor.Finding(doctor.LEARNER, "kernel", "does not start", "Install anew.")]
    monkeypatch.setattr(doctor, "examine", lambda course, workspace: iter(lacking))
    lines: list[str] = []
    assert doctor.doctor(tmp_path, lines.append) == 1
    assert "Install anew." in "\n".join(lines)
