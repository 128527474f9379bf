"""Make nuclear_plants.csv from Debian's package of boot. Run by hand, never in tests.

Needs rdata beside the course's packages: pip install rdata
python datasets/nuclear_plants/extract.py [r-cran-boot_1.3-28.1-1_all.deb]
"""

import sys

import pandas as pd

from tpmkit.authoring.tables import archive, debian_table, store

PACKAGE = "r-cran-boot"
VERSION = "1.3-28.1-1"
SHA256 = "ae7f6064c1932b1a1c91a0339f9d44cbdd177fe02e012c72e2518a231c2ab36c"
COLUMNS = {
    "cost": "cost",
    "date": "permit_date",
    "t1": "permit_months",
    "t2": "build_months",
    "cap": "capacity",
    "pr": "same_site",
    "ne": "north_east",
    "ct": "cooling_tower",
    "bw": "babcock_wilcox",
    "cum.n": "architect_plants",
    "pt": "turnkey",
}
FLAGS = ["same_site", "north_east", "cooling_tower", "babcock_wilcox", "turnkey"]
WHOLE = ["permit_months", "build_months", "capacity", "architect_plants"]


def extract(content: bytes) -> pd.DataFrame:
    frame = debian_table(content, "nuclear")[list(COLUMNS)].rename(columns=COLUMNS)
    types = dict.fromkeys(FLAGS, "bool") | dict.fromkeys(WHOLE, "int64")
    return frame.astype(types).reset_index(drop=True)


def facts(frame: pd.DataFrame) -> dict[str, str]:
    months = frame["build_months"]
    return {
        "rows × columns": f"{len(frame)} × {frame.shape[1]}",
        "`permit_date`": f"{frame['permit_date'].min():.2f} to {frame['permit_date'].max():.2f}",
        "`build_months`: smallest, P10, median, P90, largest": ", ".join(
            f"{months.quantile(q):.1f}" for q in (0, 0.1, 0.5, 0.9, 1)
        ),
        "`cost` (million 1976 dollars): smallest, median, largest": ", ".join(
            f"{frame['cost'].quantile(q):.0f}" for q in (0, 0.5, 1)
        ),
        "largest cost ÷ smallest": f"{frame['cost'].max() / frame['cost'].min():.1f}",
        "partial turnkey guarantee": f"{frame['turnkey'].sum()} plants",
        "correlation of `cost` and `permit_date`": (
            f"{frame['cost'].corr(frame['permit_date']):.2f}"
        ),
        "missing values": f"{frame.isna().sum().sum()}",
    }


if __name__ == "__main__":
    table = extract(
        archive(sys.argv[1:], client="apt", package=PACKAGE, version=VERSION, sha256=SHA256)
    )
    store(__file__, table, facts(table))
