"""What is refused when the conditions of a deposit are to change."""

from __future__ import annotations

from grants.errors import Malformed, Refused


class NothingChanges(Refused):
    """The deposit may pay for exactly this already. Say what changes."""

    status = 422


class ChangeIsWaiting(Refused):
    """Another change of this deposit waits for its decision. Decide it first."""


class ChangeIsDecided(Refused):
    """This change is {state} already."""


class ChangedByAnother(Refused):
    """You proposed this change. Another person must decide it."""


class NobodysMoney(Refused):
    """Nobody knows whose money this is. Match the receipt to its donor first."""

    status = 422


class SayWhy(Malformed):
    """Say why, and where the donor agrees: a letter, a message, an amendment."""


class ConditionsHaveChanged(Refused):
    """The deposit or its agreement has changed since this was proposed. Propose it again."""
