"""Whose desk this is, and the funds that it gives to."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _

from grants.donors import queries as donors
from grants.donors.queries import DonorLine
from grants.errors import NotFound
from grants.people.permissions import Verb, may
from grants.people.queries import FundView
from grants.web.kit.access import actor, funds_of


def my_organisation() -> int:
    """The organisation of whoever is signed in. Refuses with NotFound an account without one."""
    found = actor().organisation_id
    if found is None:
        raise NotFound(_("Your account belongs to no organisation. Ask the fund to set it."))
    return found


def my_funds() -> list[tuple[FundView, DonorLine]]:
    """The funds that the organisation gives to, with what it gave; only those of the person."""
    me = my_organisation()
    found = []
    for fund in funds_of(actor()):
        if may(actor(), Verb.SEE_OWN_STATEMENTS, fund.id, organisation_id=me):
            line = donors.donor_line(fund.id, me)
            if line.deposits or line.pledged or line.agreed:
                found.append((fund, line))
    return found


def my_fund(slug: str) -> tuple[FundView, DonorLine]:
    """One of them. Refuses with NotFound any other."""
    for fund, line in my_funds():
        if fund.slug == slug:
            return fund, line
    raise NotFound


def chosen_fund(funds: list[tuple[FundView, DonorLine]]) -> FundView | None:
    """The fund that the address names, or the one that was given most."""
    slug = request.args.get("fund", "")
    for fund, _line in funds:
        if fund.slug == slug:
            return fund
    largest = max(funds, key=lambda pair: (pair[1].paid.minor, -pair[0].id), default=None)
    return largest[0] if largest else None
