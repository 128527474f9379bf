"""Make bird_strikes.parquet from the npm package vega-datasets. Run by hand, never in tests.

python datasets/bird_strikes/extract.py [vega-datasets-3.2.1.tgz]
"""

import io
import sys
import tarfile

import pandas as pd

from tpmkit.authoring.tables import archive, store

PACKAGE = "vega-datasets"
VERSION = "3.2.1"
SHA256 = "6f72fda460a9863fae5fcb32f85bcd49e1761fdea6dc6cf9f4962472881cc5a3"
COLUMNS = {
    "Airport Name": "airport",
    "Aircraft Make Model": "aircraft",
    "Aircraft Airline Operator": "operator",
    "Origin State": "state",
    "Phase of flight": "phase",
    "Wildlife Size": "wildlife_size",
    "Wildlife Species": "wildlife_species",
    "Time of day": "time_of_day",
    "Flight Date": "flight_date",
    "Speed IAS in knots": "speed_knots",
    "Effect Amount of damage": "damage",
    "Cost Repair": "cost_repair",
    "Cost Other": "cost_other",
    "Cost Total $": "cost_total",
}


def extract(content: bytes) -> pd.DataFrame:
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        table = tar.extractfile("package/data/birdstrikes.csv")
        # "None" is a grade of damage here, not a missing value.
        frame = pd.read_csv(
            table, keep_default_na=False, na_values=[""], parse_dates=["Flight Date"]
        )
    return frame[list(COLUMNS)].rename(columns=COLUMNS)


def facts(frame: pd.DataFrame) -> dict[str, str]:
    damaged = frame["damage"] != "None"
    cost = frame["cost_total"]
    paid = cost[cost > 0]
    counts = ", ".join(f"{grade} {n:,}" for grade, n in frame["damage"].value_counts().items())
    days = frame["flight_date"]
    return {
        "rows × columns": f"{len(frame):,} × {frame.shape[1]}",
        "flight dates": f"{days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}",
        "airports, operators, aircraft types": ", ".join(
            f"{frame[c].nunique()}" for c in ("airport", "operator", "aircraft")
        ),
        "`damage`": counts,
        'damaged (`damage` is not "None")': f"{damaged.sum():,} ({damaged.mean():.1%})",
        "`speed_knots` missing": f"{frame['speed_knots'].isna().mean():.0%}",
        "exact duplicate rows": f"{frame.duplicated().sum()}",
        "sum of `cost_total`": f"${cost.sum() / 1e6:.1f}M",
        "rows with `cost_total` above 0": f"{len(paid):,} ({len(paid) / len(frame):.1%})",
        "among those: median, 90th percentile, largest": (
            f"${paid.median():,.0f}, ${paid.quantile(0.9):,.0f}, ${paid.max():,.0f}"
        ),
        "damaged rows with a cost above 0": f"{(cost > 0)[damaged].mean():.1%}",
        "undamaged rows with a cost above 0": f"{((cost > 0) & ~damaged).sum()}",
        "`damage` is B or C": (
            f"{frame['damage'].isin(['B', 'C']).sum()} rows, operators: "
            + ", ".join(sorted(frame.loc[frame["damage"].isin(["B", "C"]), "operator"].unique()))
        ),
    }


if __name__ == "__main__":
    table = extract(
        archive(sys.argv[1:], client="npm", package=PACKAGE, version=VERSION, sha256=SHA256)
    )
    store(__file__, table, facts(table))
