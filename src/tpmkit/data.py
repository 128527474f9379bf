"""The course's tables, loaded by name and verified on every load."""

from __future__ import annotations

import hashlib
import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tpmkit.errors import TpmkitError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DataError", "folder", "load", "names", "package"]

PACKAGE = "datapackage.json"


class DataError(TpmkitError):
    """A table is unknown, missing or not the one the course was written with."""


def folder() -> Path:
    """The folder that holds ``datapackage.json``.

    Looked for in ``$TPMKIT_DATA``, then as ``datasets/`` in the current folder or a parent of it,
    then in the repository this package was installed from.

    Raises
    ------
    DataError
        If no such folder exists.
    """
    if chosen := os.environ.get("TPMKIT_DATA"):
        if not (Path(chosen) / PACKAGE).is_file():
            raise DataError(
                f"TPMKIT_DATA is {chosen}, but there is no {PACKAGE} in it. "
                "Point it at the course's datasets folder, or unset it."
            )
        return Path(chosen)
    here = Path.cwd()
    for parent in (here, *here.parents, Path(__file__).parents[2]):
        if (parent / "datasets" / PACKAGE).is_file():
            return parent / "datasets"
    raise DataError(
        f"No datasets/{PACKAGE} in {here} or above it. Open the notebook inside the course "
        "workspace, or set TPMKIT_DATA to the course's datasets folder."
    )


def package() -> dict[str, Any]:
    """The Frictionless Data Package that describes every table: schema, licence, source, hash."""
    path = folder() / PACKAGE
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{path} is not valid JSON ({error}). {_REMEDY}") from None


def names() -> list[str]:
    """The tables there are, in alphabetical order."""
    return sorted(resource["name"] for resource in package()["resources"])


def load(name: str) -> pd.DataFrame:
    """Load one of the course's tables.

    The file's SHA-256 is compared with ``datapackage.json`` every time, so a lesson never runs on
    a table that was changed, cut short or lost.

    Parameters
    ----------
    name : str
        For example ``"bird_strikes"``; `names` lists all.

    Returns
    -------
    pandas.DataFrame
        A fresh copy. The string ``"None"`` stays a string; only empty cells are missing.

    Raises
    ------
    DataError
        If the name is unknown or the file is missing or differs from what the package records.

    Examples
    --------
    >>> load("bird_strikes").shape
    (10000, 14)
    """
    import pandas as pd  # whoever only asks for the folder need not wait for it

    resource = next((r for r in package()["resources"] if r["name"] == name), None)
    if resource is None:
        raise DataError(f"There is no table {name!r}. There are: {', '.join(names())}.")
    path = folder() / resource["path"]
    expected = resource["hash"]
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError(
            f"{path} is missing (expected {resource['bytes']:,} bytes, {expected}). {_REMEDY}"
        ) from None
    found = f"sha256:{hashlib.sha256(content).hexdigest()}"
    if found != expected:
        raise DataError(
            f"{path} is not the table the course was written with: "
            f"expected {expected} ({resource['bytes']:,} bytes), "
            f"found {found} ({len(content):,} bytes). {_REMEDY}"
        )
    if resource["format"] == "parquet":
        return pd.read_parquet(io.BytesIO(content))
    dates = [f["name"] for f in resource["schema"]["fields"] if f["type"] in ("date", "datetime")]
    return pd.read_csv(
        io.BytesIO(content), keep_default_na=False, na_values=[""], parse_dates=dates
    )


_REMEDY = (
    "Restore it: `git checkout -- datasets` in a clone, or `tpmkit start` in a workspace after "
    "deleting the file."
)
