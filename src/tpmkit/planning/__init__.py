"""Plans as distributions, risks as losses, dates as promises with a probability.

Durations and lags are working days; P-levels are percentages (80 for P80); money is in whatever
unit the plan uses. ``docs/planning.md`` leads from a table to the figures of a date memo.
"""

from tpmkit.planning.calendars import Calendar
from tpmkit.planning.cpm import CriticalPath, critical_path
from tpmkit.planning.criteria import Condition, Criterion, evaluate_criteria, read_criteria
from tpmkit.planning.errors import PlanError
from tpmkit.planning.estimates import (
    Empirical,
    Estimate,
    Fixed,
    Lognormal,
    Pert,
    Quantiles,
    Triangular,
    as_estimate,
)
from tpmkit.planning.figures import (
    gantt_figure,
    loss_exceedance_figure,
    s_curve_figure,
    schedule_figure,
    tornado_figure,
)
from tpmkit.planning.forecasts import (
    HistoryWarning,
    brier_score,
    how_many,
    interval_coverage,
    pinball_loss,
    reference_class_uplift,
    when_done,
)
from tpmkit.planning.montecarlo import Simulation, simulate, tornado
from tpmkit.planning.network import Activity, Dependency, Plan
from tpmkit.planning.registers import (
    FIELDS,
    Register,
    read_register,
    response_returns,
    validate_register,
)
from tpmkit.planning.resources import RULES, Schedule, level, optimal_schedule
from tpmkit.planning.risks import RiskEvent, contingency, loss_exceedance, simulate_losses
from tpmkit.planning.tables import COLUMNS, plan_table, read_plan, read_tracker, write_plan

__all__ = [
    "COLUMNS",
    "FIELDS",
    "RULES",
    "Activity",
    "Calendar",
    "Condition",
    "Criterion",
    "CriticalPath",
    "Dependency",
    "Empirical",
    "Estimate",
    "Fixed",
    "HistoryWarning",
    "Lognormal",
    "Pert",
    "Plan",
    "PlanError",
    "Quantiles",
    "Register",
    "RiskEvent",
    "Schedule",
    "Simulation",
    "Triangular",
    "as_estimate",
    "brier_score",
    "contingency",
    "critical_path",
    "evaluate_criteria",
    "gantt_figure",
    "how_many",
    "interval_coverage",
    "level",
    "loss_exceedance",
    "loss_exceedance_figure",
    "optimal_schedule",
    "pinball_loss",
    "plan_table",
    "read_criteria",
    "read_plan",
    "read_register",
    "read_tracker",
    "reference_class_uplift",
    "response_returns",
    "s_curve_figure",
    "schedule_figure",
    "simulate",
    "simulate_losses",
    "tornado",
    "tornado_figure",
    "validate_register",
    "when_done",
    "write_plan",
]
