"""Setting up windows and programmes. Money comes to them through funding."""

from __future__ import annotations

from sqlalchemy import select

from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Malformed
from grants.people.models import Fund
from grants.people.permissions import Actor, Verb, require
from grants.programmes import rules
from grants.programmes.models import Programme, Window
from grants.programmes.rules import NewProgramme

__all__ = ["NewProgramme", "open_programme", "open_window"]


def open_window(actor: Actor, fund_id: int, *, name: str, purpose: str = "") -> Window:
    """Open a thematic or geographic sub-pool. Refuses a name that the fund has already."""
    lock(Fund, fund_id)
    require(actor, Verb.MANAGE_PROGRAMMES, fund_id)
    name = " ".join(name.split())
    if not name:
        raise Malformed("A window needs a name.")
    known = select(Window.id).where(Window.fund_id == fund_id, Window.name == name)
    if db.session.scalar(known) is not None:
        raise rules.NameTaken(what="A window", name=name)
    window = Window(fund_id=fund_id, name=name, purpose=purpose)
    db.session.add(window)
    db.session.flush()
    audit.record(actor, "window.opened", "window", window.id, fund_id=fund_id, name=name)
    return window


def open_programme(actor: Actor, new: NewProgramme) -> Programme:
    """Open a programme in a window of the same fund. Refuses a name that the fund has already."""
    lock(Fund, new.fund_id)
    require(actor, Verb.MANAGE_PROGRAMMES, new.fund_id)
    if lock(Window, new.window_id).fund_id != new.fund_id:
        raise rules.NotOfThisFund
    name = " ".join(new.name.split())
    known = select(Programme.id).where(Programme.fund_id == new.fund_id, Programme.name == name)
    if db.session.scalar(known) is not None:
        raise rules.NameTaken(what="A programme", name=name)
    programme = Programme(
        fund_id=new.fund_id,
        window_id=new.window_id,
        name=name,
        country_code=new.country_code,
        theme=new.theme.strip(),
        purpose=new.purpose,
        starts_on=new.starts_on,
        ends_on=new.ends_on,
        manager_id=new.manager_id,
    )
    db.session.add(programme)
    db.session.flush()
    audit.record(
        actor, "programme.opened", "programme", programme.id, fund_id=new.fund_id, name=name
    )
    return programme
