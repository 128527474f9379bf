"""Errors a person can cause: one clear sentence and the next step."""


class TpmkitError(Exception):
    """Something a person can put right.

    The command line prints the sentence without a traceback, and so does a notebook.
    """

    def _render_traceback_(self) -> list[str]:
        # IPython asks for this: a reader of a notebook sees the sentence, not the stack.
        return [f"{type(self).__name__}: {self}"]
