"""Run notebook cells in this process and record what a notebook would show, without a kernel."""

from __future__ import annotations

import contextlib
import io
import os
import time
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
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
    """

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
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
        self.recorder.clear()
        started = time.perf_counter()
        self.last, error = None, None
        with (
            contextlib.redirect_stdout(_Stream(self.recorder, "stdout")),
            contextlib.redirect_stderr(_Stream(self.recorder, "stderr")),
        ):
            try:
                result = self.shell.run_cell(source, store_history=True)
                error = result.error_before_exec or result.error_in_exec
                self.last = result.result
            except BaseException as caught:
                error = caught
                self.recorder.error(type(caught).__name__, str(caught)[:500], [])
        return {
            "outputs": self.recorder.take(),
            "ok": error is None,
            "error": type(error).__name__ if error is not None else None,
            "seconds": round(time.perf_counter() - started, 6),
            "count": self.shell.execution_count - 1,
        }
