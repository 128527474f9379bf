"""Execution: a fresh kernel, prose filled with computed values, outputs made stable."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from tpmkit.errors import TpmkitError

FIELD = re.compile(r"\{\{(?P<expression>.+?)\}\}", re.DOTALL)
WIDGET = "application/vnd.jupyter.widget-view+json"
CELL_TIMEOUT = 120
FRAGILE = (
    (re.compile(r"(?<= at )0x[0-9a-fA-F]{6,}"), "a memory address"),
    (re.compile(r"ipykernel_\d+"), "a path of the kernel"),
    (re.compile(r"site-packages"), "a path of an installation"),
    (re.compile(r"\bT_[0-9a-f]{5}\b"), "a random Styler id: use .to_html(table_uuid=...) or print"),
    (re.compile(r"(?<![\w./])/(?:home|tmp|root|Users|work)/\w"), "a path of this machine"),
)
PICTURES = ("image/png", "image/jpeg", "image/svg+xml")


def execute(nb: NotebookNode, name: str, folder: Path, data: Path) -> None:
    """Run all cells in place, then fill ``{{ expression }}`` fields and make outputs stable.

    Parameters
    ----------
    nb : NotebookNode
        The full notebook; its outputs and the fields in its Markdown are replaced.
    name : str
        For messages.
    folder : Path
        The working folder of the kernel.
    data : Path
        The folder with the data sets.

    Raises
    ------
    TpmkitError
        Naming the cell: it raised, took too long, or printed something that changes from run
        to run.
    """
    client = NotebookClient(
        nb,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(folder)}},
    )
    with tempfile.TemporaryDirectory() as ipython:
        environment = {
            **os.environ,
            "IPYTHONDIR": ipython,
            "MPLCONFIGDIR": ipython,
            "PYTHONHASHSEED": "0",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "TPMKIT_DATA": str(data),
        }
        with client.setup_kernel(env=environment, stderr=subprocess.DEVNULL):
            for index, cell in enumerate(nb.cells):
                try:
                    if cell.cell_type == "code":
                        client.execute_cell(cell, index)
                    else:
                        _fill(client, cell, index)
                except CellExecutionError as error:
                    raise TpmkitError(
                        f"{name}, cell {cell.id} ({cell.source.strip().splitlines()[0][:60]!r}) "
                        f"raised {error.ename}: {error.evalue}"
                    ) from error
                except (CellTimeoutError, DeadKernelError) as error:
                    raise TpmkitError(
                        f"{name}, cell {cell.id}: {type(error).__name__} "
                        f"(a cell has {CELL_TIMEOUT} s)."
                    ) from error
    problems = _stabilise(nb)
    if problems:
        raise TpmkitError(f"{name}: " + "; ".join(problems))


def _fill(client: NotebookClient, cell: NotebookNode, index: int) -> None:
    """Put computed values in the place of a Markdown cell's fields."""
    fields = list(FIELD.finditer(cell.source))
    if not fields:
        return
    values = ", ".join('f"""{' + field["expression"].strip() + '}"""' for field in fields)
    probe = new_code_cell(f"import json as _json\nprint(_json.dumps([{values}]))\ndel _json")
    client.nb.cells.insert(index, probe)
    try:
        client.execute_cell(probe, index, store_history=False)
    finally:
        del client.nb.cells[index]
    filled = iter(json.loads("".join(output.text for output in probe.outputs)))
    cell.source = FIELD.sub(lambda _: next(filled), cell.source)


def _stabilise(nb: NotebookNode) -> list[str]:
    """Drop what changes from run to run; return what cannot be dropped, cell by cell."""
    problems = []
    nb.metadata.pop("widgets", None)
    nb.metadata.language_info = {"name": "python"}
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        cell.metadata.pop("execution", None)
        if any(WIDGET in output.get("data", {}) for output in cell.outputs):
            cell.outputs = []
            cell.metadata["tags"] = sorted({*cell.metadata.get("tags", []), "nbval-ignore-output"})
        alt = cell.metadata.get("tpmkit", {}).get("alt")
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                problems.append(f"cell {cell.id} writes to stderr: {output.text.strip()[:80]!r}")
            data = output.get("data", {})
            if "metadata" in output:
                output.metadata = {}
            for kind in PICTURES:
                if kind not in data:
                    continue
                if not alt:
                    problems.append(f'cell {cell.id} draws a picture without alt="..."')
                output.metadata[kind] = {"alt": alt}
            texts = [output.get("text", "")]
            texts += [text for kind, text in data.items() if kind.startswith("text/")]
            for pattern, what in FRAGILE:
                if any(pattern.search(text) for text in texts):
                    problems.append(f"cell {cell.id} prints {what}")
    return problems
