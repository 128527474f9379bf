"""Errors a person can cause: one clear sentence and the next step."""


class TpmkitError(Exception):
    """Something a person can put right. The command line prints it without a traceback."""
