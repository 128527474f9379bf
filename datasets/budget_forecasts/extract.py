"""Make budget_forecasts.csv from the npm package vega-datasets. Run by hand, never in tests.

python datasets/budget_forecasts/extract.py [vega-datasets-3.2.1.tgz]
"""

import io
import sys
import tarfile

import pandas as pd

from tpmkit.authoring.tables import archive, store

PACKAGE = "vega-datasets"
VERSION = "3.2.1"
SHA256 = "6f72fda460a9863fae5fcb32f85bcd49e1761fdea6dc6cf9f4962472881cc5a3"
COLUMNS = {"budgetYear": "budget_year", "forecastYear": "target_year", "value": "balance"}


def extract(content: bytes) -> pd.DataFrame:
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        frame = pd.read_json(tar.extractfile("package/data/budgets.json"))
    return frame[list(COLUMNS)].rename(columns=COLUMNS)


def facts(frame: pd.DataFrame) -> dict[str, str]:
    horizon = frame["target_year"] - frame["budget_year"]
    actual = frame[horizon == -1].set_index("target_year")["balance"]
    error = (frame["balance"] - frame["target_year"].map(actual))[horizon >= 0]
    known = error.dropna().groupby(horizon)
    budgets, targets = frame["budget_year"], frame["target_year"]
    described = {
        "rows × columns": f"{len(frame):,} × {frame.shape[1]}",
        "budget years": f"{budgets.min()} to {budgets.max()}",
        "target years": f"{targets.min()} to {targets.max()}",
        "`balance`: smallest, median, largest": ", ".join(
            f"{frame['balance'].quantile(q):+.2f}" for q in (0, 0.5, 1)
        ),
        "target years whose outcome is in the table": (
            f"{len(actual)} ({actual.index.min()} to {actual.index.max()})"
        ),
        "forecasts (horizon 0 or more) with a known outcome": (
            f"{error.notna().sum()} of {(horizon >= 0).sum()}"
        ),
    }
    for h in (0, 1, 2, 3, 4, 5):
        of = known.get_group(h)
        described[f"forecast minus outcome at horizon {h}"] = (
            f"mean {of.mean():+.2f}, too optimistic in {(of > 0).mean():.0%} of {len(of)}"
        )
    return described


if __name__ == "__main__":
    table = extract(
        archive(sys.argv[1:], client="npm", package=PACKAGE, version=VERSION, sha256=SHA256)
    )
    store(__file__, table, facts(table))
