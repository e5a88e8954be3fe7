"""The Secretariat's desk: grants, money and programmes, for those who run the fund."""

from flask import Blueprint, g, url_for
from flask_babel import gettext as _

from grants.errors import NotFound
from grants.people.permissions import Verb, may
from grants.web.kit.access import STAFF_ROLES, actor, current_fund, funds_of, gate, switch_fund
from grants.web.kit.desk import Desk
from grants.web.staff import navigation

desk = Blueprint("staff", __name__, url_prefix="/staff")
gate(desk, *STAFF_ROLES)


@desk.before_request
def _dress() -> None:
    g.desk = Desk(
        name="staff",
        label=_("Secretariat"),
        home=url_for("staff.home"),
        nav=navigation.items(actor()),
        is_dense=True,
        fund=current_fund().name,
    )


def look_at(fund_id: int, verb: Verb = Verb.SEE_MONEY) -> None:
    """Show this fund from now on. What somebody may not see is not there for them (404)."""
    if not may(actor(), verb, fund_id):
        raise NotFound
    if current_fund().id != fund_id:
        slug = next((fund.slug for fund in funds_of(actor()) if fund.id == fund_id), "")
        switch_fund(slug)
        _dress()


# The pages need the desk, so they come after it. Each adds its own entry to the navigation.
from grants.web.staff import (  # noqa: E402 - see above
    ageing,
    agreement_instalments,
    agreement_terms,
    amendments,
    application_record,
    applications,
    bank,
    bank_files,
    bank_lines,
    bank_reconciliation,
    calls,
    conditions,
    contribution_agreements,
    contributions,
    corrections,
    decisions,
    deposits,
    exchange,
    grants,
    home,
    imports,
    ledger_explorer,
    members,
    payment_requests,
    periods,
    pledges,
    programmes,
    proofs,
    proposals,
    rates,
    receipts,
    standing,
    statements,
)

__all__ = [
    "ageing",
    "agreement_instalments",
    "agreement_terms",
    "amendments",
    "application_record",
    "applications",
    "bank",
    "bank_files",
    "bank_lines",
    "bank_reconciliation",
    "calls",
    "conditions",
    "contribution_agreements",
    "contributions",
    "corrections",
    "decisions",
    "deposits",
    "desk",
    "exchange",
    "grants",
    "home",
    "imports",
    "ledger_explorer",
    "look_at",
    "members",
    "payment_requests",
    "periods",
    "pledges",
    "programmes",
    "proofs",
    "proposals",
    "rates",
    "receipts",
    "standing",
    "statements",
]
