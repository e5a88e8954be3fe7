"""Grants: the list, the record, and everything that is done to one on its way to closure."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.agreements import actions
from grants.agreements import queries as agreements
from grants.agreements.queries import GrantRecord, TrancheView
from grants.agreements.rules import CATEGORIES
from grants.db import transaction
from grants.errors import NotFound
from grants.files import queries as files
from grants.funding import queries as funding
from grants.people.permissions import Actor, Verb, may
from grants.web.kit.access import actor, current_fund
from grants.web.kit.exports import csv_response, money_columns
from grants.web.kit.paging import Filter, ListSpec, Page
from grants.web.kit.parts import Crumb
from grants.web.staff import desk, look_at, navigation
from grants.web.staff.trails import trail
from grants.web.staff.waiting import Waiting, waiting_source

navigation.add_entry(
    50,
    _l("Grants"),
    "staff.grants",
    modules=(__name__, "grants.web.staff.grant_steps", "grants.web.staff.grant_reports"),
    verbs=(Verb.SEE_MONEY,),
)

STATE_WORDS = {
    "reserved": _l("Approved"),
    "active": _l("Active"),
    "reporting": _l("Reporting"),
    "operationally_closed": _l("Operationally closed"),
    "closed": _l("Closed"),
    "cancelled": _l("Cancelled"),
}
STATE_TONES = {"reserved": "warn", "active": "good", "cancelled": "bad"}
TRANCHE_WORDS = {
    "planned": _l("Planned"),
    "requested": _l("Requested"),
    "certified": _l("Certified"),
    "released": _l("Paid"),
}
TRANCHE_TONES = {"requested": "warn", "certified": "warn", "released": "good"}
REPORT_WORDS = {
    "draft": _l("Being written"),
    "submitted": _l("Submitted"),
    "returned": _l("Returned for changes"),
    "accepted": _l("Accepted"),
}
REPORT_TONES = {"submitted": "warn", "returned": "warn", "accepted": "good"}
TABS = ("overview", "tranches", "reports", "payers", "history")


@dataclass(frozen=True)
class _Step:
    words: object
    verb: Verb
    endpoint: str


_STEPS = {
    "planned": _Step(_l("Request"), Verb.REQUEST_TRANCHE, "staff.request_tranche"),
    "requested": _Step(_l("Certify"), Verb.CERTIFY_TRANCHE, "staff.certify_tranche"),
    "certified": _Step(_l("Release"), Verb.RELEASE_TRANCHE, "staff.release_tranche"),
}

SPEC = ListSpec(
    sorts=("reference", "approved", "approved_on"),
    default="-approved_on",
    per_page=50,
    filters=(
        Filter("q", _l("Search"), kind="text"),
        Filter("state", _l("State"), choices=list(STATE_WORDS.items())),
    ),
)


@desk.get("/grants")
def grants() -> Response | str:
    """The grants of the fund."""
    fund = current_fund()
    look_at(fund.id)
    state = SPEC.read()
    words, chosen = str(state.values["q"]), str(state.values["state"])
    if request.args.get("format") == "csv":
        return _as_csv(fund.id, words, chosen)
    lines, total = funding.grants_of(
        fund.id,
        q=words,
        state=chosen,
        sort=state.sort,
        is_descending=state.is_descending,
        offset=state.offset,
        limit=state.limit,
    )
    return render_template(
        "staff/grants/list.html",
        page=Page.of(lines, state, total=total),
        fund=fund,
        words=STATE_WORDS,
        tones=STATE_TONES,
    )


@desk.get("/grants/<int:grant_id>")
@desk.get("/grants/<int:grant_id>/<any(tranches, reports, payers, history):tab>")
def grant(grant_id: int, tab: str = "overview") -> str:
    """One grant: where it stands, its money, its tranches and reports, who pays."""
    record = agreements.record(actor(), grant_id)
    look_at(record.grant.fund_id)
    return render_template(
        f"staff/grants/{tab}.html",
        record=record,
        shown=tab,
        state_words=STATE_WORDS,
        state_tones=STATE_TONES,
        tranche_words=TRANCHE_WORDS,
        tranche_tones=TRANCHE_TONES,
        report_words=REPORT_WORDS,
        report_tones=REPORT_TONES,
        categories=CATEGORIES,
        next_step=next_step(actor(), record),
        events=trail("grant", grant_id) if tab == "history" else [],
        may_manage=may(actor(), Verb.MANAGE_GRANTS, record.grant.fund_id),
        may_correct=may(actor(), Verb.POST_ADJUSTMENT, record.grant.fund_id),
        may_refund=may(actor(), Verb.RECORD_CONTRIBUTION, record.grant.fund_id),
        steps={one.id: tranche_step(actor(), one, record) for one in record.tranches},
    )


@desk.get("/grants/<int:grant_id>/agreement.pdf")
def agreement_document(grant_id: int) -> Response:
    """The document of the agreement, as it was made."""
    record = agreements.record(actor(), grant_id)
    if record.agreement is None or record.agreement.document_id is None:
        raise NotFound(_("The document is being made. Try again in a moment."))
    found = files.open_file(record.agreement.document_id)
    return send_file(found.path, found.media_type, as_attachment=True, download_name=found.name)


@desk.post("/grants/<int:grant_id>/close")
def close_grant(grant_id: int) -> Response:
    """Close the grant: operationally first, financially once nothing is open."""
    with transaction():
        closed = actions.close_grant(actor(), grant_id)
        words = str(STATE_WORDS[closed.state])
    flash(_("The grant is now: %(state)s.", state=words))
    return redirect(url_for(".grant", grant_id=grant_id), 303)


def next_step(who: Actor, record: GrantRecord) -> tuple[str, str, str]:
    """What is to be done next, by whom, and where: words, who, url ('' where it is not for you)."""
    grant, agreement = record.grant, record.agreement
    manages = may(who, Verb.MANAGE_GRANTS, grant.fund_id)
    if grant.state == "reserved" and agreement is None:
        url = url_for("staff.prepare_agreement", grant_id=grant.id) if manages else ""
        return _("Prepare the agreement"), _("Grant officer"), url
    if grant.state == "reserved":
        url = url_for("staff.sign_agreement", grant_id=grant.id) if manages else ""
        return _("Record the signatures"), _("Grant officer"), url
    open_tranche = next((one for one in record.tranches if one.state != "released"), None)
    if grant.state in {"active", "reporting"} and open_tranche is not None:
        words, url, _refusal = tranche_step(who, open_tranche, record)
        who_words = {
            "planned": _("Grant officer"),
            "requested": _("Certifying officer"),
            "certified": _("Finance officer"),
        }
        return words, who_words[open_tranche.state], url
    return "", "", ""


def tranche_step(who: Actor, tranche: TrancheView, record: GrantRecord) -> tuple[str, str, str]:
    """What is done to a tranche next: words, where ('' if not for you), and why you may not."""
    step = _STEPS.get(tranche.state)
    if step is None or _has_earlier(tranche, record):
        return "", "", ""
    if record.agreement is None or record.agreement.signed_on is None:
        return "", "", ""
    refusal = _same_person(who, tranche)
    is_open = not refusal and may(who, step.verb, record.grant.fund_id)
    url = url_for(step.endpoint, grant_id=record.grant.id, tranche_id=tranche.id)
    return str(step.words), url if is_open else "", refusal


def _has_earlier(tranche: TrancheView, record: GrantRecord) -> bool:
    return any(one.number < tranche.number and one.state != "released" for one in record.tranches)


def _same_person(who: Actor, tranche: TrancheView) -> str:
    if tranche.state == "requested" and tranche.requested_by_id == who.user_id:
        return str(_("You requested this tranche, so someone else must certify it."))
    if tranche.state == "certified" and who.user_id in {
        tranche.requested_by_id,
        tranche.certified_by_id,
    }:
        return str(_("You requested or certified this, so a third person must release it."))
    return ""


def crumbs(record: GrantRecord) -> list[Crumb]:
    """The way back to a grant."""
    return [
        Crumb(_("Grants"), url_for("staff.grants")),
        Crumb(record.grant.reference, url_for("staff.grant", grant_id=record.grant.id)),
    ]


@waiting_source
def _waiting(who: Actor) -> list[Waiting]:
    fund = current_fund()
    found: list[Waiting] = []
    for verb, state, title in (
        (Verb.CERTIFY_TRANCHE, "requested", _("Certify a tranche")),
        (Verb.RELEASE_TRANCHE, "certified", _("Release a payment")),
    ):
        if not may(who, verb, fund.id):
            continue
        found += [
            Waiting(
                title=title,
                endpoint="staff.grant",
                arguments={"grant_id": one.grant_id, "tab": "tranches"},
                due_on=one.due_on,
                amount=one.amount,
                reference=f"{one.reference} / {one.number}",
                who=one.grantee,
            )
            for one in agreements.waiting_tranches(fund.id, state)
            if who.user_id not in {one.requested_by_id, one.certified_by_id}
        ]
    if may(who, Verb.ACCEPT_REPORT, fund.id):
        found += [
            Waiting(
                title=_("Read a report"),
                endpoint="staff.report",
                arguments={"report_id": one.id},
                since=one.submitted_at.date() if one.submitted_at else None,
                amount=one.claimed,
                reference=f"{one.reference} / {one.number}",
                who=one.grantee,
            )
            for one in agreements.waiting_reports(fund.id)
        ]
    if may(who, Verb.MANAGE_GRANTS, fund.id):
        lines, _total = funding.grants_of(fund.id, state="reserved", limit=50)
        found += [
            Waiting(
                title=_("Prepare and sign the agreement"),
                endpoint="staff.grant",
                arguments={"grant_id": one.id},
                since=one.approved_on,
                amount=one.approved,
                reference=one.reference,
                who=one.grantee,
            )
            for one in lines
        ]
    return found


def _as_csv(fund_id: int, q: str, state: str) -> Response:
    lines, _total = funding.grants_of(fund_id, q=q, state=state, limit=10_000)
    columns = [
        _("Reference"),
        _("Title"),
        _("Grantee"),
        _("Programme"),
        *money_columns(_("Approved")),
        _("Approved on"),
        _("State"),
    ]
    rows = (
        (
            one.reference,
            one.title,
            one.grantee,
            one.programme,
            one.approved,
            one.approved_on,
            one.state,
        )
        for one in lines
    )
    return csv_response(f"grants-{clock.today()}", columns, rows)


from grants.web.staff import grant_reports, grant_steps  # noqa: E402 - they need what stands above

__all__ = ["grant_reports", "grant_steps"]
