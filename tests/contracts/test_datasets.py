"""Every table that ships is described, sourced, small and what its record says."""

import hashlib
import runpy
from pathlib import Path

import pytest
from frictionless import Package, Resource, Schema

from tpmkit import data
from tpmkit.authoring.tables import BEGIN, END, facts_table

DATASETS = Path(__file__).parents[2] / "datasets"
SECTIONS = [
    "Motivation",
    "Composition",
    "Collection process",
    "Preprocessing",
    "Uses",
    "Distribution",
    "Maintenance",
]
TIERS = {"A": "Tier A", "B": "Tier B", "own": "SIMULATED"}


@pytest.fixture(scope="module")
def package():
    return data.package()


@pytest.fixture(params=data.names())
def resource(request, package):
    return next(r for r in package["resources"] if r["name"] == request.param)


def script(name):
    (found,) = [p for p in (DATASETS / name).iterdir() if p.name in ("extract.py", "simulate.py")]
    return found


def test_the_package_is_a_valid_frictionless_package():
    assert list(Package.metadata_validate(data.package())) == []


def test_every_table_has_the_hash_and_size_on_record(resource):
    content = (DATASETS / resource["path"]).read_bytes()
    assert resource["bytes"] == len(content)
    assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


def conforms(frame, resource, folder):
    """Frictionless on a table as text: its Parquet reader takes NaN for a number."""
    frame.to_csv(folder / "table.csv", index=False, date_format="%Y-%m-%dT%H:%M:%S")
    schema = Schema.from_descriptor(resource["schema"])
    return Resource(path="table.csv", basepath=str(folder), schema=schema).validate()


def test_every_row_agrees_with_the_schema(resource, tmp_path):
    report = conforms(data.load(resource["name"]), resource, tmp_path)
    assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])


def test_a_value_outside_the_schema_would_be_found(package, tmp_path):
    strikes = next(r for r in package["resources"] if r["name"] == "bird_strikes")
    frame = data.load("bird_strikes").head(50)
    frame.loc[7, "damage"] = "none"
    (error,) = conforms(frame, strikes, tmp_path).flatten(["rowNumber", "fieldName"])
    assert error == [9, "damage"]


def test_every_column_is_described(resource):
    assert list(data.load(resource["name"])) == [f["name"] for f in resource["schema"]["fields"]]
    assert all(field["description"].endswith(".") for field in resource["schema"]["fields"])


def test_every_folder_is_listed_and_every_listed_table_has_its_folder(package):
    folders = {path.name for path in DATASETS.iterdir() if path.is_dir()}
    assert folders == {resource["name"] for resource in package["resources"]}


def test_a_folder_holds_the_table_its_datasheet_and_its_script_and_nothing_else(resource):
    here = DATASETS / resource["name"]
    held = {path.name for path in here.iterdir() if path.name != "__pycache__"}
    assert held == {Path(resource["path"]).name, "DATASHEET.md", script(resource["name"]).name}


def test_tables_over_a_megabyte_as_text_are_parquet(resource):
    as_text = len(data.load(resource["name"]).to_csv(index=False).encode())
    assert resource["format"] == ("parquet" if as_text > 1_000_000 else "csv")


def test_all_tables_together_stay_below_8_mb(package):
    assert sum(resource["bytes"] for resource in package["resources"]) < 8_000_000


def test_the_datasheet_has_the_seven_sections_each_with_text(resource):
    text = (DATASETS / resource["name"] / "DATASHEET.md").read_text(encoding="utf-8")
    parts = text.split("\n## ")[1:]
    assert [part.partition("\n")[0] for part in parts] == SECTIONS
    assert all(len(part.split()) > 8 for part in parts)


def test_the_datasheet_says_what_is_known_of_the_licence(resource):
    text = (DATASETS / resource["name"] / "DATASHEET.md").read_text(encoding="utf-8")
    assert TIERS[resource["tier"]] in text
    assert resource["licenses"] and resource["sources"]


def test_the_figures_in_the_datasheet_are_those_of_the_table(resource):
    text = (DATASETS / resource["name"] / "DATASHEET.md").read_text(encoding="utf-8")
    stated = text.partition(BEGIN)[2].partition(END)[0].strip()
    facts = runpy.run_path(str(script(resource["name"])))["facts"]
    assert stated == facts_table(facts(data.load(resource["name"])))


def test_an_extract_pins_package_version_and_hash(package):
    for resource in package["resources"]:
        if script(resource["name"]).name == "extract.py":
            pinned = runpy.run_path(str(script(resource["name"])))
            assert len(pinned["SHA256"]) == 64 and int(pinned["SHA256"], 16)
            source = f"{pinned['PACKAGE']} {pinned['VERSION']}"
            assert any(source in s["title"] for s in resource["sources"])
            sheet = (DATASETS / resource["name"] / "DATASHEET.md").read_text(encoding="utf-8")
            assert source in sheet
