"""nbgrader's settings for this course; README.md beside it tells how a term goes.

Nothing here needs editing for a term: put your own settings into `term_config.py` beside this
file. It is read last and an update of the course never touches it.
"""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821
here = Path(__file__).resolve().parent

# Creating a gradebook runs alembic and grading starts kernels; both belong to this environment.
programs = str(Path(sys.executable).parent)
if os.environ["PATH"].split(os.pathsep)[0] != programs:
    os.environ["PATH"] = os.pathsep.join([programs, os.environ["PATH"]])

c.CourseDirectory.root = str(here)
c.CourseDirectory.course_id = "ml-tpm"
# Only what is public goes from source/ to release/, whatever else was put there.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints", "__pycache__", "*.pyc", "*.py", "*.yaml", "rubrics", "debrief*",
]  # fmt: skip

# Untouched answers must run: a function returns None, a value stays `...`.
c.ClearSolutions.code_stub = {"python": "pass  # your answer here"}
c.ClearSolutions.text_stub = "*Write your memo here.*"

# `nbgrader autograde` and formgrader's button restore damaged submissions, run them in a sandbox
# and let the judge decide the points.
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "tpmkit.autograde.plugins.RepairSubmission",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "tpmkit.autograde.plugins.JudgeExecute",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "tpmkit.autograde.plugins.SettleGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# For a term_config.py that goes back to nbgrader's own Execute and IgnorePattern: there a warning
# on stderr must not zero a right answer.
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = r"[\s\S]"
c.Execute.shutdown_kernel = "immediate"

# Feedback shows every check's name and what it saw, never the source of a hidden one.
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "tpmkit.autograde.feedback.HideInstructorParts",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]

# Formgrader and feedback pages show what learners wrote and run none of it.
c.HTMLExporter.preprocessors = ["tpmkit.autograde.feedback.HarmlessMarkdown"]

# One broken upload must not keep the others from being collected.
c.ZipCollectApp.extractor_plugin = "tpmkit.autograde.collect.ZipExtractor"
# What `tpmkit submit` packs: <learner>/<time>/<assignment>.ipynb, whatever the zip is called. Ids
# that `tpmkit submit` refuses are not collected from a zip made by hand either.
c.FileNameCollectorPlugin.valid_ext = [".ipynb", ".txt"]
learner = r'[^./\\<>:"|?*\[\]+,#%\s-][^/\\<>:"|?*\[\]+,#%\n]*'
c.FileNameCollectorPlugin.named_regexp = (
    rf".*[/\\](?P<student_id>{learner})[/\\](?P<timestamp>\d{{8}}T\d{{6}}Z)"
    r"[/\\](?P<file_id>[^/\\]+\.ipynb|submission_secret\.txt)$"
)

load_subconfig("term_config.py", str(here))  # noqa: F821
