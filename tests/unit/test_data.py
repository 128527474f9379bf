"""`tpmkit.data.load` gives the table the course was written with, or says exactly what is wrong."""

import hashlib
import json
import shutil

import pandas as pd
import pytest

from tpmkit import data


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """A copy of the tables in which a test may break things."""
    copy = tmp_path / "datasets"
    shutil.copytree(data.folder(), copy)
    monkeypatch.setenv("TPMKIT_DATA", str(copy))
    return copy


def table(planted):
    return planted / "bird_strikes" / "bird_strikes.parquet"


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_word_none_survives_as_a_grade_of_damage():
    damage = data.load("bird_strikes")["damage"]
    assert damage.isna().sum() == 0
    assert (damage == "None").sum() == 8939
    assert (damage != "None").mean() == pytest.approx(0.1061)


def test_columns_come_in_the_order_and_types_lessons_rely_on():
    strikes = data.load("bird_strikes")
    assert ", ".join(strikes) == (
        "airport, aircraft, operator, state, phase, wildlife_size, wildlife_species, time_of_day, "
        "flight_date, speed_knots, damage, cost_repair, cost_other, cost_total"
    )
    assert pd.api.types.is_datetime64_any_dtype(strikes["flight_date"])
    assert strikes["speed_knots"].dtype == float
    orders = data.load("customer_orders")
    assert list(orders) == ["customer", "date", "units", "revenue"]
    assert pd.api.types.is_datetime64_any_dtype(orders["date"])


def test_every_load_is_a_fresh_copy():
    orders = data.load("customer_orders")
    orders["revenue"] = 0
    assert data.load("customer_orders")["revenue"].sum() > 0


def test_a_table_listed_as_csv_keeps_none_and_parses_dates(planted):
    path = planted / "small.csv"
    path.write_text("day,grade,cost\n2024-01-02,None,\n2024-01-03,Minor,5\n", encoding="utf-8")
    fields = [("day", "date"), ("grade", "string"), ("cost", "number")]
    package = json.loads((planted / "datapackage.json").read_text(encoding="utf-8"))
    package["resources"].append(
        {
            "name": "small",
            "path": "small.csv",
            "format": "csv",
            "hash": f"sha256:{sha256(path)}",
            "bytes": path.stat().st_size,
            "schema": {"fields": [{"name": n, "type": t} for n, t in fields]},
        }
    )
    (planted / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    small = data.load("small")
    assert small["grade"].tolist() == ["None", "Minor"]
    assert small["day"].dt.day.tolist() == [2, 3]
    assert small["cost"].isna().tolist() == [True, False]


def test_one_changed_byte_is_found_and_named_with_both_hashes(planted):
    before = sha256(table(planted))
    content = bytearray(table(planted).read_bytes())
    content[len(content) // 2] ^= 1
    table(planted).write_bytes(content)
    with pytest.raises(data.DataError) as error:
        data.load("bird_strikes")
    for told in (str(table(planted)), before, sha256(table(planted)), "Restore it"):
        assert told in str(error.value)


def test_a_truncated_table_is_found_and_named_with_both_sizes(planted):
    content = table(planted).read_bytes()
    table(planted).write_bytes(content[:-100])
    with pytest.raises(data.DataError) as error:
        data.load("bird_strikes")
    for told in (str(table(planted)), f"{len(content):,}", f"{len(content) - 100:,}"):
        assert told in str(error.value)


def test_an_empty_table_is_not_an_answer(planted):
    table(planted).write_bytes(b"")
    with pytest.raises(data.DataError, match="found .* \\(0 bytes\\)"):
        data.load("bird_strikes")


def test_a_missing_table_is_named_with_what_was_expected(planted):
    expected = sha256(table(planted))
    table(planted).unlink()
    with pytest.raises(data.DataError, match="is missing") as error:
        data.load("bird_strikes")
    assert str(table(planted)) in str(error.value) and expected in str(error.value)


def test_a_wrong_hash_in_the_package_is_found_too(planted):
    package = planted / "datapackage.json"
    package.write_text(
        package.read_text(encoding="utf-8").replace(sha256(table(planted)), "0" * 64),
        encoding="utf-8",
    )
    with pytest.raises(data.DataError, match="expected sha256:0{64}"):
        data.load("bird_strikes")
    assert len(data.load("customer_orders")) == 69_659


def test_a_broken_package_is_named(planted):
    (planted / "datapackage.json").write_text("{", encoding="utf-8")
    with pytest.raises(data.DataError, match="datapackage.json is not valid JSON"):
        data.load("bird_strikes")


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(data.DataError, match="'birds'") as error:
        data.load("birds")
    assert ", ".join(data.names()) in str(error.value)


def test_tables_are_found_from_a_folder_below_the_workspace(planted, monkeypatch):
    monkeypatch.delenv("TPMKIT_DATA")
    below = planted.parent / "casestudies" / "cs1"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert data.folder() == planted


def test_outside_any_workspace_the_repository_serves(tmp_path, monkeypatch):
    monkeypatch.delenv("TPMKIT_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    assert data.folder().name == "datasets" and tmp_path not in data.folder().parents


def test_a_wrong_tpmkit_data_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("TPMKIT_DATA", str(tmp_path))
    with pytest.raises(data.DataError, match="TPMKIT_DATA is .* no datapackage.json"):
        data.load("bird_strikes")


def test_a_notebook_shows_the_sentence_without_a_stack():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shown = []
    shell._showtraceback = lambda etype, evalue, stb: shown.extend(stb)
    try:
        shell.run_cell("from tpmkit import data\ndata.load('birds')")
    finally:
        InteractiveShell.clear_instance()
    assert len(shown) == 1 and shown[0].startswith("DataError: There is no table 'birds'.")
