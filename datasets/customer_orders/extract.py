"""Make customer_orders.parquet from the Python package Lifetimes. Run by hand, never in tests.

python datasets/customer_orders/extract.py [Lifetimes-0.11.3-py3-none-any.whl]
"""

import io
import sys
import zipfile

import pandas as pd

from tpmkit.authoring.tables import archive, store

PACKAGE = "Lifetimes"
VERSION = "0.11.3"
SHA256 = "261e3dc89977c2b60767ca6728aaa29d429de0c814635070a749c36555895da8"


def extract(content: bytes) -> pd.DataFrame:
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        table = wheel.read("lifetimes/datasets/CDNOW_master.txt")
    return pd.read_csv(
        io.BytesIO(table),
        sep=r"\s+",
        skiprows=1,
        names=["customer", "date", "units", "revenue"],
        parse_dates=["date"],
        date_format="%Y%m%d",
    )


def facts(frame: pd.DataFrame) -> dict[str, str]:
    first = frame.groupby("customer")["date"].min()
    cut = pd.Timestamp("1997-09-30")
    later = frame.loc[frame["date"] > cut, "customer"].unique()
    orders = frame.groupby("customer").size()
    return {
        "rows × columns": f"{len(frame):,} × {frame.shape[1]}",
        "customers": f"{frame['customer'].nunique():,}",
        "order dates": f"{frame['date'].min():%Y-%m-%d} to {frame['date'].max():%Y-%m-%d}",
        "first orders": f"{first.min():%Y-%m-%d} to {first.max():%Y-%m-%d} (one cohort)",
        "customers who ordered once only": f"{(orders == 1).mean():.1%}",
        "customers who order again after 1997-09-30": f"{first.index.isin(later).mean():.1%}",
        "units, largest in one row": f"{frame['units'].max()}",
        "revenue: median of a row, total": (
            f"${frame['revenue'].median():,.2f}, ${frame['revenue'].sum() / 1e6:.2f}M"
        ),
        "rows with revenue 0": f"{(frame['revenue'] == 0).sum()}",
        "exact duplicate rows": f"{frame.duplicated().sum()} ({frame.duplicated().mean():.2%})",
    }


if __name__ == "__main__":
    table = extract(
        archive(sys.argv[1:], client="pip", package=PACKAGE, version=VERSION, sha256=SHA256)
    )
    store(__file__, table, facts(table))
