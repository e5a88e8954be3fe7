"""The side navigation of the staff desk: each module of the desk adds its own entry."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from grants.people.permissions import Actor, Verb
from grants.web.kit.desk import NavItem


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A place of the desk: shown to those who may do one of the verbs in some fund."""

    order: int
    label: object
    endpoint: str
    modules: frozenset[str]
    verbs: tuple[Verb, ...]


_ENTRIES: list[Entry] = []


def add_entry(
    order: int, label: object, endpoint: str, *, modules: tuple[str, ...], verbs: tuple[Verb, ...]
) -> None:
    """Add a place to the navigation; it is marked on every page of these modules."""
    entry = Entry(
        order=order, label=label, endpoint=endpoint, modules=frozenset(modules), verbs=verbs
    )
    _ENTRIES.append(entry)
    _ENTRIES.sort(key=lambda one: one.order)


def items(who: Actor, waiting: int | None = None) -> list[NavItem]:
    """The places that somebody may go to; the first shows how much waits, where that is known."""
    view = current_app.view_functions.get(request.endpoint or "")
    here = view.__module__ if view else ""
    return [
        NavItem(
            label=str(entry.label),
            url=url_for(entry.endpoint),
            active=here in entry.modules,
            count=waiting if entry.endpoint == "staff.home" else None,
        )
        for entry in _ENTRIES
        if any(who.funds_with(verb) != set() for verb in entry.verbs)
    ]
