"""What the fund may answer instead of doing something.

A refusal is named after the fact; its docstring is the sentence that the user reads, with the
keyword arguments filled in. A sentence given as the positional argument replaces it.
"""

from __future__ import annotations

import inspect


class Refused(Exception):
    """The fund does not allow this."""

    status = 409

    def __init__(self, sentence: str | None = None, **facts: object) -> None:
        self.facts = facts
        template = sentence or inspect.cleandoc(type(self).__doc__ or "")
        self.sentence = template if sentence else template.format(**facts)
        super().__init__(self.sentence)

    def __str__(self) -> str:
        return self.sentence


class NotAllowed(Refused):
    """You may not do this."""

    status = 403


class NotFound(Refused):
    """There is nothing here, or nothing that you may see."""

    status = 404


class Stale(Refused):
    """Someone else changed this while you were reading it. Look at the new state and try again."""

    status = 409


class Malformed(Refused):
    """What was given cannot be understood."""

    status = 422
