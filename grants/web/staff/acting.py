"""What all pages of the desk share that change something: one transaction, one sentence back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from flask import render_template

from grants.db import transaction
from grants.errors import NotAllowed, NotFound, Refused
from grants.people.permissions import Verb, require
from grants.web.kit.access import actor
from grants.web.kit.forms import Form
from grants.web.kit.parts import Crumb
from grants.web.staff import look_at

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, kw_only=True)
class FormPage:
    """What stands around a form: its title, where it lies, what its button says."""

    title: object
    submit: object
    cancel: str
    lead: object = ""
    crumbs: list[Crumb] = field(default_factory=list)
    is_danger: bool = False


def tried(form: Form, act: Callable[[], ResultT], field_name: str = "") -> ResultT | None:
    """Do something in one transaction. What the fund refuses stands above the form, or at a field.

    That one may not do it at all, or that it is not there, is a page of its own.
    """
    try:
        with transaction():
            return act()
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        form.attach(refusal, field_name)
        return None


def done(form: Form, act: Callable[[], object], field_name: str = "") -> bool:
    """The same where nothing is wanted back but whether it was done."""
    return tried(form, lambda: (act(),), field_name) is not None


def form_page(
    form: Form, page: FormPage, template: str = "staff/form.html", **facts: object
) -> tuple[str, int]:
    """The form, with everything that was typed; 422 if anything is wrong with it."""
    shown = render_template(template, form=form, page=page, **{"about": [], **facts})
    return shown, 422 if form.error_lines else 200


def allow(verb: Verb, fund_id: int) -> None:
    """Let only those who may do it see the form: others learn why not, before they type."""
    look_at(fund_id)
    require(actor(), verb, fund_id)
