"""Make milestones.csv: SIMULATED milestones of ML projects. No such project exists.

python datasets/milestones/simulate.py
"""

import numpy as np
import pandas as pd

from tpmkit.authoring.tables import store

SEED = 20260
PROJECTS = 320
TEAMS = 24
# What each kind of milestone adds to log(actual / planned), in the order of a project.
KINDS = {
    "feasibility": 0.0,
    "data": 0.10,
    "training": 0.12,
    "evaluation": 0.05,
    "integration": 0.14,
    "launch": 0.08,
}
TYPICAL_DAYS = dict(zip(KINDS, (15, 30, 30, 15, 25, 15), strict=True))
SHORTAGE = np.datetime64("2024-04-01")  # from here on GPU quotas are cut: a drift, on purpose


def simulate(rng: np.random.Generator) -> pd.DataFrame:
    """Projects with one team each, their milestones one after another."""
    team_effects = rng.normal(0.06, 0.10, TEAMS)
    rows = []
    for project in range(1, PROJECTS + 1):
        team, novelty = int(rng.integers(TEAMS)), int(rng.integers(1, 6))
        begin = np.datetime64("2022-01-03") + int(rng.integers(0, 980))
        slip = 0.0
        for kind, effect in KINDS.items():
            if rng.random() < 1 / 6:  # not every project has every milestone
                continue
            planned = max(5, round(TYPICAL_DAYS[kind] * rng.lognormal(0, 0.35)))
            begin = np.busday_offset(begin, 0, roll="forward")
            dependencies = int(rng.poisson(1.4))
            data_ready = bool(rng.random() >= 0.38)
            quota = rng.beta(9, 2) - (0.28 if begin >= SHORTAGE else 0.0)
            quota = float(np.clip(quota, 0.05, 1.0))
            staffed = float(rng.beta(9, 2))
            scope_changes = int(rng.poisson(1.0))
            vendor = bool(rng.random() < 0.30)
            ratio = np.exp(
                -0.26
                + effect
                + team_effects[team]
                + 0.05 * (novelty - 3)
                + 0.045 * dependencies
                + 0.17 * (not data_ready)
                + (0.9 if kind == "training" else 0.15) * max(0.0, 0.75 - quota)
                + 0.35 * max(0.0, 0.85 - staffed)
                + 0.035 * scope_changes
                + 0.08 * vendor
                + 0.10 * max(0.0, slip)
                + 0.19 * rng.standard_t(5)
            )
            actual = max(1, round(planned * ratio))
            # Teams short of GPUs report their quota less often.
            reported = rng.random() >= (0.25 if quota < 0.6 else 0.05)
            rows.append(
                {
                    "project": project,
                    "team": team + 1,
                    "milestone": kind,
                    "started": begin,
                    "planned_days": planned,
                    "actual_days": actual,
                    "novelty": novelty,
                    "dependencies": dependencies,
                    "data_ready": data_ready,
                    "gpu_quota": round(quota, 2) if reported else np.nan,
                    "staffed": round(staffed, 2),
                    "scope_changes": scope_changes,
                    "vendor": vendor,
                    "upstream_slip": round(slip, 2),
                }
            )
            slip = actual / planned - 1
            begin = np.busday_offset(begin, actual)
    frame = pd.DataFrame(rows)
    return frame.assign(started=pd.to_datetime(frame["started"]))


def facts(frame: pd.DataFrame) -> dict[str, str]:
    ratio = frame["actual_days"] / frame["planned_days"]
    late = ratio > 1.2
    missing = frame["gpu_quota"].isna()
    after = frame["started"] >= pd.Timestamp(SHORTAGE)
    by_dependencies = late.groupby(frame["dependencies"].clip(upper=4)).mean()
    return {
        "SIMULATED": "every row; seed 20260",
        "rows × columns": f"{len(frame):,} × {frame.shape[1]}",
        "projects, teams": f"{frame['project'].nunique()}, {frame['team'].nunique()}",
        "first and last start": ", ".join(
            f"{day:%Y-%m-%d}" for day in (frame["started"].min(), frame["started"].max())
        ),
        "actual / planned days: median, P80, P95": ", ".join(
            f"{ratio.quantile(p):.2f}" for p in (0.5, 0.8, 0.95)
        ),
        "late (actual more than 1.2 × planned)": f"{late.mean():.1%}",
        "late, by number of dependencies 0, 1, 2, 3, 4 or more": ", ".join(
            f"{share:.0%}" for share in by_dependencies
        ),
        "late, data ready and not ready": (
            f"{late[frame['data_ready']].mean():.0%} and {late[~frame['data_ready']].mean():.0%}"
        ),
        "late, started before and from 2024-04-01": (
            f"{late[~after].mean():.0%} and {late[after].mean():.0%}"
        ),
        "median `gpu_quota` before and from 2024-04-01": (
            f"{frame.loc[~after, 'gpu_quota'].median():.2f} and "
            f"{frame.loc[after, 'gpu_quota'].median():.2f}"
        ),
        "`gpu_quota` missing before and from 2024-04-01": (
            f"{missing[~after].mean():.0%} and {missing[after].mean():.0%}"
        ),
    }


if __name__ == "__main__":
    table = simulate(np.random.default_rng(SEED))
    store(__file__, table, facts(table))
