"""Windows, programmes and the decisions that set money aside for them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Select, select

from grants.db import db
from grants.errors import NotFound
from grants.money import Money
from grants.people.models import User
from grants.programmes.models import Allocation, Programme, Window
from grants.programmes.rules import country_codes, country_name

ROWS_MAX: Final = 1000


@dataclass(frozen=True, kw_only=True)
class WindowView:
    """A window, for reading."""

    id: int
    fund_id: int
    name: str
    purpose: str


@dataclass(frozen=True, kw_only=True)
class ProgrammeView:
    """A programme, for reading."""

    id: int
    fund_id: int
    window_id: int
    window: str
    name: str
    country_code: str | None
    country: str
    theme: str
    purpose: str
    starts_on: date | None
    ends_on: date | None
    manager: str

    @property
    def themes(self) -> frozenset[str]:
        return frozenset({self.theme} if self.theme else ())


@dataclass(frozen=True, kw_only=True)
class AllocationLine:
    """A decision to set an amount aside, or (below zero) to take some back."""

    id: int
    programme_id: int
    amount: Money
    decided_on: date
    decided_by: str
    reason: str
    entry_id: int | None


def windows_of(fund_id: int) -> list[WindowView]:
    """The windows of a fund by name."""
    rows = db.session.scalars(
        select(Window).where(Window.fund_id == fund_id).order_by(Window.name).limit(ROWS_MAX)
    )
    return [
        WindowView(id=one.id, fund_id=one.fund_id, name=one.name, purpose=one.purpose)
        for one in rows
    ]


def programme(programme_id: int) -> ProgrammeView:
    """One programme. Refuses with NotFound."""
    row = db.session.execute(_programmes().where(Programme.id == programme_id)).one_or_none()
    if row is None:
        raise NotFound
    return _view(*row)


def programmes_of(
    fund_ids: int | Collection[int] | None, *, window_id: int | None = None
) -> list[ProgrammeView]:
    """The programmes of a fund (or of several; None: of all) by name."""
    query = _programmes().order_by(Programme.name, Programme.id).limit(ROWS_MAX)
    if isinstance(fund_ids, int):
        query = query.where(Programme.fund_id == fund_ids)
    elif fund_ids is not None:
        query = query.where(Programme.fund_id.in_(list(fund_ids)))
    if window_id is not None:
        query = query.where(Programme.window_id == window_id)
    return [_view(*row) for row in db.session.execute(query)]


def allocations_of(programme_id: int, *, limit: int = 100) -> list[AllocationLine]:
    """What was decided for a programme, the latest first."""
    rows = db.session.scalars(
        select(Allocation)
        .where(Allocation.programme_id == programme_id)
        .order_by(Allocation.decided_on.desc(), Allocation.id.desc())
        .limit(min(limit, ROWS_MAX))
    )
    return [
        AllocationLine(
            id=one.id,
            programme_id=one.programme_id,
            amount=Money.of_minor(one.amount_minor, "USD"),
            decided_on=one.decided_on,
            decided_by=one.decided_by,
            reason=one.reason,
            entry_id=one.entry_id,
        )
        for one in rows
    ]


def themes_of(fund_id: int) -> list[str]:
    """The themes that programmes of the fund have, for choosing one."""
    return list(
        db.session.scalars(
            select(Programme.theme)
            .where(Programme.fund_id == fund_id, Programme.theme != "")
            .distinct()
            .order_by(Programme.theme)
        )
    )


def countries() -> list[tuple[str, str]]:
    """Every country by its English name, for choosing one."""
    return [(code, country_name(code)) for code in country_codes()]


def _programmes() -> Select[Programme, str, str | None]:
    return (
        select(Programme, Window.name, User.name)
        .join(Window, Window.id == Programme.window_id)
        .outerjoin(User, User.id == Programme.manager_id)
    )


def _view(found: Programme, window: str, manager: str | None) -> ProgrammeView:
    return ProgrammeView(
        id=found.id,
        fund_id=found.fund_id,
        window_id=found.window_id,
        window=window,
        name=found.name,
        country_code=found.country_code,
        country=country_name(found.country_code),
        theme=found.theme,
        purpose=found.purpose,
        starts_on=found.starts_on,
        ends_on=found.ends_on,
        manager=manager or "",
    )
