"""Which job is done by what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: What is left to do in the job's own transaction, once the slow part is over.
Effect = Callable[[], None]
#: Called with what is done and what there is in all.
Progress = Callable[[int, int], None]
Handler = Callable[[dict[str, Any], Progress], Effect | None]

HANDLERS: dict[str, Handler] = {}


def job(kind: str) -> Callable[[Handler], Handler]:
    """Say that this does jobs of that kind.

    It is called outside any transaction, may take long, and returns what is to be written: that is
    done in one transaction together with marking the job done, so that it takes effect once.
    """

    def register(handler: Handler) -> Handler:
        assert kind not in HANDLERS, f"{kind} is done twice"
        HANDLERS[kind] = handler
        return handler

    return register
