"""Corrections: the list, what one would post, and deciding on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.wrappers import Response

from grants.corrections import actions, queries
from grants.corrections.queries import CorrectionLine
from grants.corrections.rules import (
    Change,
    ReAttribution,
    ReturnPaid,
    ReturnToContributor,
    ReturnToSender,
    Reversal,
    WriteOff,
)
from grants.db import transaction
from grants.errors import NotAllowed, Refused
from grants.funding import queries as funding
from grants.ledger import queries as ledger
from grants.ledger.queries import EntryView
from grants.people import queries as people
from grants.people.permissions import Actor, Verb, may
from grants.web.kit.access import actor, current_fund
from grants.web.kit.exports import Cell, money_columns, table_response
from grants.web.kit.forms import Form, LongTextField
from grants.web.kit.paging import Filter, ListSpec, Page
from grants.web.kit.parts import Answer, Crumb, Printable
from grants.web.staff import desk, look_at
from grants.web.staff.acting import FormPage, allow, done, form_page
from grants.web.staff.ledger_explorer import event_words
from grants.web.staff.trails import trail
from grants.web.staff.waiting import Waiting, waiting_source

STATES = [
    ("proposed", _l("Proposed")),
    ("approved", _l("Approved")),
    ("refused", _l("Refused")),
    ("withdrawn", _l("Withdrawn")),
]
CORRECTIONS = ListSpec(per_page=50, filters=(Filter("state", _l("State"), choices=STATES),))
_WORDS = {
    Reversal.kind: _l("Reverse an entry"),
    WriteOff.kind: _l("Write off a debt"),
    ReturnToContributor.kind: _l("Return to a contributor"),
    ReturnPaid.kind: _l("Pay a return"),
    ReturnToSender.kind: _l("Send a receipt back"),
    ReAttribution.kind: _l("Another deposit pays"),
}


class _OnlyLooked(Exception):
    """Enough was seen: nothing of it stays."""


class NoteForm(Form):
    """What the second person says."""

    note = LongTextField(_l("Note"), rows=3, chars_max=500)


@waiting_source
def corrections_to_decide(who: Actor) -> list[Waiting]:
    """What others proposed and this person may decide."""
    funds = who.funds_with(Verb.APPROVE_ADJUSTMENT)
    if funds == set():
        return []
    return [
        Waiting(
            title=str(_WORDS[one.kind]),
            endpoint="staff.correction",
            arguments={"correction_id": one.id},
            since=one.proposed_at.date(),
            amount=one.amount,
            who=one.proposed_by,
            state=_("to be decided"),
        )
        for one in queries.waiting_for(funds)
        if one.proposed_by_id != who.user_id
    ]


@desk.get("/ledger/corrections")
def corrections() -> str | Response:
    """What was proposed to be put right, the newest first; all of it as a file."""
    fund = current_fund()
    look_at(fund.id)
    state = CORRECTIONS.read()
    file = table_response(
        request.args.get("format", ""),
        "corrections",
        _columns(),
        _rows(fund.id, str(state.values["state"])),
    )
    if file is not None:
        return file
    rows, total = queries.corrections_of(
        fund.id, state=str(state.values["state"]), offset=state.offset, limit=state.limit
    )
    return render_template(
        "staff/ledger/corrections.html",
        page=Page.of(rows, state, total=total),
        words=_WORDS,
        states=dict(STATES),
    )


@desk.get("/ledger/corrections/<int:correction_id>")
def correction(correction_id: int) -> str:
    """One correction: what it is, what it would post, and who has to say what."""
    found = _seen(correction_id)
    who = actor()
    may_decide = (
        found.state == "proposed"
        and found.proposed_by_id != who.user_id
        and may(who, Verb.APPROVE_ADJUSTMENT, found.fund_id)
    )
    entry, refusal = _entry_of(found) if may_decide or found.entry_id else (None, "")
    lines = entry.lines if entry else ()
    accounts = [account for line in lines for account in (line.debit, line.credit)]
    return render_template(
        "staff/ledger/correction.html",
        found=found,
        title=_WORDS[found.kind],
        about=_about(found),
        entry=entry,
        refusal=refusal,
        names=funding.dimension_names(accounts),
        may_decide=may_decide,
        is_mine=found.state == "proposed" and found.proposed_by_id == who.user_id,
        events=trail("correction", correction_id),
    )


@desk.route("/ledger/corrections/<int:correction_id>/approve", methods=["GET", "POST"])
def approve_correction(correction_id: int) -> Response | tuple[str, int]:
    """Agree, and post it."""
    return _decided(
        correction_id,
        Verb.APPROVE_ADJUSTMENT,
        lambda note: actions.approve(actor(), correction_id, note=note),
        _("Approve and post"),
        _("It is posted at once, in the name of both of you."),
    )


@desk.route("/ledger/corrections/<int:correction_id>/refuse", methods=["GET", "POST"])
def refuse_correction(correction_id: int) -> Response | tuple[str, int]:
    """Say no, and why."""
    return _decided(
        correction_id,
        Verb.APPROVE_ADJUSTMENT,
        lambda note: actions.refuse(actor(), correction_id, note=note),
        _("Refuse"),
        _("Say why: whoever proposed it reads it."),
    )


@desk.route("/ledger/corrections/<int:correction_id>/withdraw", methods=["GET", "POST"])
def withdraw_correction(correction_id: int) -> Response | tuple[str, int]:
    """Take back one's own proposal."""
    return _decided(
        correction_id,
        Verb.POST_ADJUSTMENT,
        lambda _note: actions.withdraw(actor(), correction_id),
        _("Withdraw"),
        _("Nothing was posted. It stays in the list as withdrawn."),
    )


def proposed(form: Form, fund_id: int, change: Change, reason: str) -> Response | None:
    """Propose a correction from a form; what is refused stands above it."""
    made: list[int] = []
    if done(
        form,
        lambda: made.append(actions.propose(actor(), fund_id, change, reason=reason).id),
    ):
        flash(_("The correction is proposed. Another person must approve it."))
        return redirect(url_for(".correction", correction_id=made[0]), 303)
    return None


def _decided(
    correction_id: int, verb: Verb, act: Callable[[str], object], words: str, lead: str
) -> Response | tuple[str, int]:
    found = _seen(correction_id)
    allow(verb, found.fund_id)
    here = url_for(".correction", correction_id=correction_id)
    form = NoteForm()
    if form.validate_on_submit() and done(form, lambda: act(form.note.data or "")):
        flash(_("Done."))
        return redirect(here, 303)
    page = FormPage(
        title=f"{words}: {_WORDS[found.kind]}",
        submit=words,
        cancel=here,
        lead=lead,
        crumbs=[*_crumbs(), Crumb(str(_WORDS[found.kind]), here)],
    )
    return form_page(form, page, about=_about(found))


def _entry_of(found: CorrectionLine) -> tuple[EntryView | None, str]:
    """What was posted; or what would be, tried and taken back, or why it would be refused."""
    if found.entry_id is not None:
        return ledger.entry(found.entry_id), ""
    seen: list[EntryView] = []
    try:
        with transaction():
            done_now = actions.approve(actor(), found.id)
            assert done_now.entry_id is not None
            seen.append(ledger.entry(done_now.entry_id))
            raise _OnlyLooked
    except _OnlyLooked:
        return seen[0], ""
    except (Refused, NotAllowed) as refusal:
        return None, str(refusal)


def _columns() -> list[object]:
    return [
        _("Number"),
        _("What"),
        *money_columns(_("Amount")),
        _("Reason"),
        _("Proposed by"),
        _("Proposed on"),
        _("State"),
        _("Decided by"),
        _("Decided on"),
        _("Note"),
    ]


def _rows(fund_id: int, state: str) -> Iterator[list[Cell]]:
    offset = 0
    while found := queries.corrections_of(fund_id, state=state, offset=offset, limit=500)[0]:
        for one in found:
            yield [
                one.id,
                str(_WORDS[one.kind]),
                one.amount,
                one.reason,
                one.proposed_by,
                one.proposed_at.date(),
                one.state,
                one.decided_by,
                one.decided_at.date() if one.decided_at else None,
                one.note,
            ]
        offset += len(found)


def _seen(correction_id: int) -> CorrectionLine:
    found = queries.correction(correction_id)
    look_at(found.fund_id)
    return found


def _crumbs() -> list[Crumb]:
    return [
        Crumb(_("Ledger"), url_for(".ledger")),
        Crumb(_("Corrections"), url_for(".corrections")),
    ]


def _about(found: CorrectionLine) -> list[Answer]:
    """What is known of a correction, with the record it is about."""
    known: list[tuple[str, Printable]] = [
        (_("What"), str(_WORDS[found.kind])),
        (_("About"), _record(found.change)),
        (_("Amount"), found.amount),
        (_("Reason"), found.reason),
        (_("Proposed by"), found.proposed_by),
        (_("Decided by"), found.decided_by),
        (_("Note"), found.note),
    ]
    return [Answer(label, value) for label, value in known if value]


def _record(change: Change) -> Markup:
    """The record that a correction is about, as a link."""
    if isinstance(change, Reversal):
        entry = ledger.entry(change.entry_id)
        words = _(
            "Entry %(number)s, %(what)s", number=entry.sequence, what=event_words(entry.event)
        )
        return _link(url_for(".ledger_entry", entry_id=entry.id), words)
    if isinstance(change, ReturnToContributor | ReturnPaid):
        donor = people.organisation(change.donor_id)
        return _link(url_for(".donor", donor_id=donor.id), donor.name)
    if isinstance(change, ReturnToSender):
        words = _("Receipt %(number)s", number=change.deposit_id)
        return _link(url_for(".deposit", deposit_id=change.deposit_id), words)
    grant = funding.grant(change.grant_id)
    return _link(url_for(".grant", grant_id=grant.id), grant.reference)


def _link(url: str, words: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(url, words)
