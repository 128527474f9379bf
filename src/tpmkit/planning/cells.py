"""CSV files as people save them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tpmkit.planning.errors import PlanError

__all__ = ["read_cells"]


def read_cells(path: str | Path) -> pd.DataFrame:
    """A CSV file as text cells: comma, semicolon or tab, with or without a byte-order mark."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            header = file.readline()
            separator = max(",;\t", key=header.count)
            file.seek(0)
            table = pd.read_csv(file, sep=separator, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise PlanError(f"There is no file {path}. Give the path of a CSV file.") from None
    except UnicodeDecodeError:
        raise PlanError(f"{path} is not a UTF-8 text file; save it as 'CSV UTF-8'.") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise PlanError(f"{path} is not a CSV table: {str(error).strip()}.") from None
    return table.rename(columns=str.strip)
