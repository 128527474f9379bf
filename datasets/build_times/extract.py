"""Make build_times.parquet from Debian's package of modeldata. Run by hand, never in tests.

Needs rdata beside the course's packages: pip install rdata
python datasets/build_times/extract.py [r-cran-modeldata_1.1.0-1_all.deb]
"""

import sys

import pandas as pd

from tpmkit.authoring.tables import archive, debian_table, store

PACKAGE = "r-cran-modeldata"
VERSION = "1.1.0-1"
SHA256 = "66c2e08bb4bf695d972b1e72ea44d5af9ada3c42841793d3871017f7b896bf95"
FLAGS = {"Roxygen": "roxygen", "gh": "github", "rforge": "rforge"}
MEASURED = ["r_size", "doc_size", "src_size", "data_size", "testthat_size"]


def extract(content: bytes) -> pd.DataFrame:
    frame = debian_table(content, "check_times").rename(columns=FLAGS).reset_index(drop=True)
    frame["completed"] = frame.pop("status")
    for name in frame.columns.difference(["package", *MEASURED]):
        frame[name] = frame[name].astype(
            "bool" if name in [*FLAGS.values(), "completed"] else "int64"
        )
    # As written by R: sizes in MB to 6 decimals. Strings without the dictionary of the reader.
    return frame.assign(package=frame["package"].astype(str)).round(dict.fromkeys(MEASURED, 6))


def facts(frame: pd.DataFrame) -> dict[str, str]:
    done = frame[frame["completed"]]
    seconds = done["check_time"]
    return {
        "rows × columns": f"{len(frame):,} × {frame.shape[1]}",
        "completed checks": f"{len(done):,} ({len(done) / len(frame):.1%})",
        "aborted checks (`completed` false: censored)": f"{(~frame['completed']).sum()}",
        "`check_time` of completed checks: P10, median, P90, P99, largest": ", ".join(
            f"{seconds.quantile(q):,.0f}" for q in (0.1, 0.5, 0.9, 0.99, 1)
        )
        + " s",
        "mean": f"{seconds.mean():.0f} s",
        "`check_time` over 300 s (all rows)": (
            f"{(frame['check_time'] > 300).sum()} ({(frame['check_time'] > 300).mean():.1%})"
        ),
        "median `check_time` of aborted checks": (
            f"{frame.loc[~frame['completed'], 'check_time'].median():.0f} s"
        ),
        "missing values": f"{frame.isna().sum().sum()}",
        "package names more than once": f"{frame['package'].duplicated().sum()}",
        "packages with compiled sources (`src_count` above 0)": (
            f"{(frame['src_count'] > 0).mean():.1%}"
        ),
    }


if __name__ == "__main__":
    table = extract(
        archive(sys.argv[1:], client="apt", package=PACKAGE, version=VERSION, sha256=SHA256)
    )
    store(__file__, table, facts(table))
