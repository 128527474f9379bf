"""Safe grading: learner code in a sandbox, test cells on a trusted side, results never lost."""

from tpmkit.autograde.grading import Grader, JudgeError, judge_notebook
from tpmkit.autograde.isolation import Limits
from tpmkit.autograde.sandbox import SandboxError

__all__ = ["Grader", "JudgeError", "Limits", "SandboxError", "judge_notebook"]
