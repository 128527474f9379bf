"""The learner's version of an assignment, made by nbgrader's own converters and configuration."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import SaveCells
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader


def learner_version(solved: NotebookNode, grading: Path) -> NotebookNode:
    """The notebook as ``nbgrader generate_assignment`` would release it.

    Parameters
    ----------
    solved : NotebookNode
        The assignment with its answers.
    grading : Path
        The folder that holds `nbgrader_config.py`.

    Returns
    -------
    NotebookNode
        A copy without answers, hidden checks, mark schemes and outputs.
    """
    config = _config(grading)
    nb, resources = copy.deepcopy(solved), {"nbgrader": {}}
    for step in GenerateAssignment.class_traits()["preprocessors"].default():
        if step is not SaveCells:  # the one step that writes to a gradebook
            nb, resources = step(config=config).preprocess(nb, resources)
    return nb


@cache
def _config(grading: Path) -> Config:
    return PyFileConfigLoader("nbgrader_config.py", path=str(grading)).load_config()
