"""For the ``extract.py`` beside each table: a pinned archive in, a table and its record out."""

from __future__ import annotations

import bz2
import hashlib
import io
import json
import lzma
import subprocess
import sys
import tarfile
import tempfile
import zlib
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tpmkit.dollars import DOLLAR

__all__ = ["archive", "debian_table", "facts_table", "store"]

BEGIN, END = "<!-- facts: computed by extract.py -->", "<!-- end of facts -->"


def archive(given: list[str], *, client: str, package: str, version: str, sha256: str) -> bytes:
    """The pinned archive, from the path given on the command line or from the ordinary client.

    Parameters
    ----------
    given : list of str
        Command-line arguments: nothing, or the path of an archive fetched earlier.
    client : {"apt", "npm", "pip"}
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
                "apt": ["apt-get", "download", f"{package}={version}"],
                "npm": ["npm", "pack", f"{package}@{version}", "--pack-destination", fetched],
                "pip": [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", fetched]
                + [f"{package}=={version}"],
            }[client]
            if subprocess.run(
                command, cwd=fetched, stdout=subprocess.DEVNULL, check=False
            ).returncode:
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


def debian_table(content: bytes, name: str) -> pd.DataFrame:
    """A data frame that an R package of Debian carries, read without R.

    Parameters
    ----------
    content : bytes
        The ``.deb`` archive.
    name : str
        Name of the data set.

    Notes
    -----
    Needs ``rdata`` (tested with 1.1), which the course itself does not install.
    """
    from rdata.conversion import convert
    from rdata.parser import parse_data

    at, parts = 8, {}
    while at < len(content):  # an ar archive: headers of 60 bytes, parts padded to even length
        size = int(content[at + 48 : at + 58])
        parts[content[at : at + 16].decode().strip(" /")] = content[at + 60 : at + 60 + size]
        at += 60 + size + size % 2
    (data,) = [part for file, part in parts.items() if file.startswith("data.tar")]
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        index, records = (
            tar.extractfile(next(n for n in tar.getnames() if n.endswith(f"data/Rdata.{end}")))
            for end in ("rdx", "rdb")
        )
        start, length = convert(parse_data(index.read()))["variables"][name]
        record = records.read()[start : start + length]
    # R's lazy-load record: four bytes of length, then "Z" (raw LZMA), "2" (bzip2) or plain zlib.
    if record[4:5] == b"Z":
        filters = [{"id": lzma.FILTER_LZMA2, "preset": 6}]
        plain = lzma.decompress(record[5:], format=lzma.FORMAT_RAW, filters=filters)
    else:
        plain = bz2.decompress(record[5:]) if record[4:5] == b"2" else zlib.decompress(record[4:])
    return convert(parse_data(plain))


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
    ).replace("$", DOLLAR)
