"""Run notebook cells in this process and record what a notebook would show, without a kernel."""

from __future__ import annotations

import ast
import contextlib
import functools
import io
import os
import time
from collections.abc import Callable
from types import CodeType
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

__all__ = ["CellRunner"]

OUTPUT_LIMIT = 1 << 20
PICTURE_LIMIT = 4 << 20
TRUNCATED = "\n[the rest of the output was cut]\n"


class Recorder:
    """The outputs of the running cell, in nbformat's shape and within a size limit."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.outputs: list[dict[str, Any]] = []
        self.text_left, self.data_left = OUTPUT_LIMIT, PICTURE_LIMIT

    def stream(self, name: str, text: str) -> None:
        if self.text_left <= 0 or not text:
            return
        if len(text) > self.text_left:
            text = text[: self.text_left] + TRUNCATED
        self.text_left -= len(text)
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["parts"].append(text)
        else:
            self.outputs.append({"output_type": "stream", "name": name, "parts": [text]})

    def rich(self, kind: str, data: dict, metadata: dict | None, **more: Any) -> None:
        size = sum(len(str(value)) for value in data.values())
        if size > self.data_left:
            data, metadata, size = {"text/plain": TRUNCATED.strip()}, {}, 0
        self.data_left -= size
        self.outputs.append({"output_type": kind, "data": data, "metadata": metadata or {}, **more})

    def error(self, name: str, value: str, traceback: list[str]) -> None:
        self.outputs.append(
            {
                "output_type": "error",
                "ename": name[:200],
                "evalue": value[:2000],
                "traceback": [line[:20_000] for line in traceback[:200]],
            }
        )

    def take(self) -> list[dict[str, Any]]:
        outputs = self.outputs
        self.clear()
        for output in outputs:
            if output["output_type"] == "stream":
                output["text"] = "".join(output.pop("parts"))
        return outputs


class _Stream(io.TextIOBase):
    encoding = "utf-8"

    def __init__(self, recorder: Recorder, name: str) -> None:
        self.recorder, self.stream_name = recorder, name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.recorder.stream(self.stream_name, text)
        return len(text)


class _Publisher(DisplayPublisher):
    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **kwargs):  # noqa: ANN001
        self.shell.recorder.rich("display_data", dict(data), metadata)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.recorder.clear()


class _Hook(DisplayHook):
    def quiet(self) -> bool:
        # IPython reads the whole cell token by token to find a last semicolon
        return ";" in self.shell.history_manager.input_hist_parsed[-1] and super().quiet()

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        self.shell.recorder.rich(
            "execute_result", dict(format_dict), md_dict, execution_count=self.prompt_count
        )

    def finish_displayhook(self) -> None:
        self._is_active = False


class _Shell(InteractiveShell):
    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)

    def __init__(self, **kwargs: Any) -> None:
        self.recorder = Recorder()
        super().__init__(**kwargs)

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        try:
            said = str(evalue)
        except Exception:
            said = "(its message cannot be shown)"
        self.recorder.error(etype.__name__, said, [str(line) for line in stb])

    def enable_gui(self, gui: str | None = None) -> None:
        pass


class CellRunner:
    """Runs cells one after the other in one namespace, as a kernel would.

    One a process: IPython's shell is a singleton.

    Parameters
    ----------
    backend : str, optional
        matplotlib's. By default a cell's figures are among its outputs, as in a notebook.
    """

    def __init__(self, backend: str = "module://matplotlib_inline.backend_inline") -> None:
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        os.environ["MPLBACKEND"] = backend
        self.shell = _Shell.instance(config=config)
        self.recorder = self.shell.recorder
        self.last: Any = None  # value of the last expression of the last cell

    @property
    def names(self) -> dict[str, Any]:
        """The namespace that the cells share."""
        return self.shell.user_ns

    def use_figures(self) -> None:
        """Set up inline figures now, so that the first plot does not have to."""
        import matplotlib.pyplot as plt
        from matplotlib_inline import backend_inline

        backend_inline.configure_inline_support(self.shell, "inline")
        figure = plt.figure()
        figure.add_subplot()
        figure.canvas.print_figure(io.BytesIO(), format="png")
        plt.close(figure)

    def run(self, source: str) -> dict[str, Any]:
        """Run one cell.

        Returns
        -------
        dict
            ``outputs`` (nbformat), ``ok``, ``error`` (the exception's type name or None),
            ``seconds`` and ``count``.
        """

        def cell() -> tuple[Any, BaseException | None]:
            result = self.shell.run_cell(source, store_history=True)
            return result.result, result.error_before_exec or result.error_in_exec

        return self._record(cell)

    def run_test(self, source: str) -> dict[str, Any]:
        """Run a test cell and record the same, except that an error comes without its trace.

        A trace would show the lines of hidden tests. What IPython does for a person at the
        keyboard is left out too, and the cell is compiled once for all forks of this process.
        """

        def cell() -> tuple[Any, None]:
            statements, expression = _compiled(source)
            exec(statements, self.names)
            if expression is None:
                return None, None
            value = eval(expression, self.names)
            if value is not None:
                shown = self.shell.display_formatter.format(value)
                count = self.shell.execution_count
                self.recorder.rich("execute_result", *shown, execution_count=count)
            return value, None

        return self._record(cell)

    def _record(self, cell: Callable[[], tuple[Any, BaseException | None]]) -> dict[str, Any]:
        self.recorder.clear()
        started = time.perf_counter()
        self.last, error = None, None
        with (
            contextlib.redirect_stdout(_Stream(self.recorder, "stdout")),
            contextlib.redirect_stderr(_Stream(self.recorder, "stderr")),
        ):
            try:
                self.last, error = cell()
            except BaseException as caught:
                error = caught
                name, said = type(caught).__name__, str(caught)[:2000]
                self.recorder.error(name, said, [f"{name}: {said}"])
        return {
            "outputs": self.recorder.take(),
            "ok": error is None,
            "error": type(error).__name__ if error is not None else None,
            "seconds": round(time.perf_counter() - started, 6),
            "count": self.shell.execution_count - 1,
        }


@functools.cache
def _compiled(source: str) -> tuple[CodeType, CodeType | None]:
    """A cell's statements, and the expression at its end if its value is shown."""
    tree = ast.parse(TransformerManager().transform_cell(source))
    expression = None
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and not DisplayHook.semicolon_at_end_of_expression(source):
        expression = _code(ast.Expression(tree.body.pop().value), "eval")
    return _code(tree, "exec"), expression


def _code(tree: ast.Module | ast.Expression, kind: str) -> CodeType:
    return compile(tree, "<test>", kind, dont_inherit=True)  # not this module's __future__
