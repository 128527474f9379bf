"""The guide's own lines run from its own tables, and print what it says they print."""

import re
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest

from tpmkit.planning import COLUMNS, Plan

GUIDE = (Path(__file__).parents[2] / "docs" / "planning.md").read_text(encoding="utf-8")
LINES = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, content in re.findall(r"```csv (\S+)\n(.*?)```", GUIDE, re.DOTALL):
        Path(name).write_text(content, encoding="utf-8")
    yield tmp_path
    plt.close("all")


def test_ten_lines_lead_from_the_tables_to_the_figures_and_the_sentences(folder, capsys):
    names = {}
    for lines in LINES[:2]:
        exec(lines, names)
    assert capsys.readouterr().out == re.search(r"```text\n(.*?)```", GUIDE, re.DOTALL)[1]
    assert len(plt.get_fignums()) == 3
    steps = [line for line in LINES[0].splitlines() if line and "import" not in line]
    assert len(steps) == 10


def test_the_tracker_example_reads_an_export(folder):
    header = "Issue key,Summary,Original estimate,Inward issue link (Blocks)"
    Path("export.csv").write_text(f"{header}\nA-1,Data,57600,\nA-2,Train,28800,A-1\n")
    names = {"ratios": [0.5, 1, 2]}
    exec("from tpmkit import planning\n" + LINES[2], names)
    assert isinstance(names["plan"], Plan)
    assert names["plan"]["A-1"].duration.values == (1, 2, 4)


def test_the_guide_names_every_column_of_a_plan():
    missing = [name for name in COLUMNS if f"`{name}`" not in GUIDE]
    assert not missing
