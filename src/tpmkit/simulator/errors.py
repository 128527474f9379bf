"""What a person can get wrong with the simulator."""

from __future__ import annotations

from tpmkit.errors import TpmkitError

__all__ = ["ActionError", "ReplayError", "ScenarioError"]


class ActionError(TpmkitError, ValueError):
    """An action the program cannot take: what was seen and what was expected."""


class ScenarioError(TpmkitError, ValueError):
    """A scenario that does not exist or whose table cannot be used."""


class ReplayError(TpmkitError, ValueError):
    """A replay of another version, another scenario, or a run that comes out differently."""
