"""For the ``extract.py`` beside each table: a pinned archive in, a table and its record out."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["archive", "facts_table", "store"]

BEGIN, END = "<!-- facts: computed by extract.py -->", "<!-- end of facts -->"


def archive(given: list[str], *, client: str, package: str, version: str, sha256: str) -> bytes:
    """The pinned archive, from the path given on the command line or from the ordinary client.

    Parameters
    ----------
    given : list of str
        Command-line arguments: nothing, or the path of an archive fetched earlier.
    client : {"npm", "pip"}
        Which client fetches the package when no path is given.
    package, version, sha256 : str
        What is pinned.

    Raises
    ------
    SystemExit
        If the archive is not the pinned one, or the client could not fetch it.
    """
    with tempfile.TemporaryDirectory() as fetched:
        if given:
            path = Path(given[0])
        else:
            command = {
                "npm": ["npm", "pack", f"{package}@{version}", "--pack-destination", fetched],
                "pip": [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", fetched]
                + [f"{package}=={version}"],
            }[client]
            if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
                raise SystemExit(
                    f"`{' '.join(command)}` failed. Fetch {package} {version} where there is a "
                    "network and pass the archive's path."
                )
            (path,) = Path(fetched).iterdir()
        content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise SystemExit(
            f"{path} is not {package} {version}: expected SHA-256 {sha256}, found {found}."
        )
    return content


def store(script: str, frame: pd.DataFrame, facts: dict[str, str]) -> None:
    """Write the table, its hash into the data package and its facts into its datasheet.

    The same frame gives the same bytes: nothing but the columns goes into the file. A table
    listed as ``.csv`` is written as text, one listed as ``.parquet`` with zstd.

    Parameters
    ----------
    script : str
        ``__file__`` of the ``extract.py``; its folder is the table's name.
    frame : pandas.DataFrame
        The table. Its columns must be those of the schema, in order.
    facts : dict
        Label and value of each line of the datasheet's table.
    """
    here = Path(script).resolve().parent
    package_path = here.parent / "datapackage.json"
    package = json.loads(package_path.read_text(encoding="utf-8"))
    resource = next(r for r in package["resources"] if r["name"] == here.name)
    listed = [field["name"] for field in resource["schema"]["fields"]]
    if listed != list(frame.columns):
        raise SystemExit(
            f"{package_path} lists the columns {listed} for {here.name}, "
            f"the table has {list(frame.columns)}."
        )
    path = here.parent / resource["path"]
    if resource["format"] == "parquet":
        table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
        pq.write_table(table, path, compression="zstd", compression_level=19)
    else:
        frame.to_csv(path, index=False, lineterminator="\n")
    content = path.read_bytes()
    resource["hash"] = f"sha256:{hashlib.sha256(content).hexdigest()}"
    resource["bytes"] = len(content)
    package_path.write_text(
        json.dumps(package, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    sheet = here / "DATASHEET.md"
    before, _, rest = sheet.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    sheet.write_text(f"{before}{BEGIN}\n{facts_table(facts)}\n{END}{after}", encoding="utf-8")
    print(f"{path.name}: {len(frame):,} rows, {len(content):,} bytes, {resource['hash']}")


def facts_table(facts: dict[str, str]) -> str:
    """The facts as the Markdown table that stands in the datasheet."""
    return "\n".join(
        ["| fact | value |", "|---|---|", *(f"| {k} | {v} |" for k, v in facts.items())]
    )
