"""The steps of a grant: agreement, signature, tranches, refund, and giving back the rest."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.agreements import actions
from grants.agreements import queries as agreements
from grants.agreements.actions import NewAgreement, NewTranche
from grants.agreements.queries import GrantRecord, TrancheView
from grants.errors import NotFound
from grants.money import Money
from grants.people.permissions import Verb
from grants.web.kit.access import actor
from grants.web.kit.forms import (
    DateField,
    Form,
    LongTextField,
    MoneyField,
    TextField,
    make_form,
)
from grants.web.kit.parts import Answer
from grants.web.staff import desk
from grants.web.staff.acting import FormPage, allow, done, form_page
from grants.web.staff.grants import crumbs
from grants.web.staff.lateness import say_what_is_late

TRANCHES_MAX = 6


class SignForm(Form):
    """Both signatures."""

    signed_on = DateField(_l("Signed on"), required=True)
    for_fund = TextField(_l("Signed for the fund by"), chars_max=200, required=True)
    for_grantee = TextField(_l("Signed for the grantee by"), chars_max=200, required=True)


class RequestForm(Form):
    """Why a tranche is due."""

    note = LongTextField(_l("Note to the certifying officer"), rows=3)


class CertifyForm(Form):
    """The day on which a tranche is certified."""

    on = DateField(_l("Date of certification"), required=True)


class ReleaseForm(Form):
    """The payment as the bank made it."""

    paid_on = DateField(_l("Paid on"), required=True)
    bank_reference = TextField(_l("Bank reference"), chars_max=200, required=True)


class RefundForm(Form):
    """Money that came back."""

    unspent = MoneyField(_l("Unspent advance"), may_be_zero=True)
    refused = MoneyField(_l("Refused costs"), may_be_zero=True)
    value_on = DateField(_l("Value date"), required=True)
    bank_reference = TextField(_l("Bank reference"), chars_max=200)
    reason = LongTextField(_l("Note"), rows=3)


class RestForm(Form):
    """Why the rest is not needed."""

    on = DateField(_l("Date"), required=True)
    reason = LongTextField(_l("Reason"), rows=3, required=_l("Say why the rest is given back."))


@desk.route("/grants/<int:grant_id>/agreement/prepare", methods=["GET", "POST"])
def prepare_agreement(grant_id: int) -> Response | tuple[str, int]:
    """Draft the agreement: its period and tranches; the document is made at once."""
    record = _record(grant_id, Verb.MANAGE_GRANTS)
    form = _agreement_form()(data=_planned(record))
    if form.validate_on_submit():
        new = NewAgreement(
            starts_on=form["starts_on"].data,
            ends_on=form["ends_on"].data,
            terms_of_reference=form["terms_of_reference"].data,
            tranches=_tranches_of(form),
        )
        if done(form, lambda: actions.prepare_agreement(actor(), grant_id, new)):
            flash(_("The agreement is prepared. Its document is being made."))
            return redirect(url_for(".grant", grant_id=grant_id), 303)
    return _page(
        record,
        form,
        _("Prepare the agreement"),
        _("Prepare"),
        lead=_("The tranches must come to %(amount)s.", amount=str(record.grant.approved)),
    )


@desk.route("/grants/<int:grant_id>/agreement/sign", methods=["GET", "POST"])
def sign_agreement(grant_id: int) -> Response | tuple[str, int]:
    """Record both signatures, which commits the money."""
    record = _record(grant_id, Verb.MANAGE_GRANTS)
    form = SignForm(data={"signed_on": clock.today(actor().time_zone)})
    if form.validate_on_submit() and done(
        form,
        lambda: actions.sign(
            actor(),
            grant_id,
            signed_on=form.signed_on.data,
            for_fund=form.for_fund.data,
            for_grantee=form.for_grantee.data,
        ),
    ):
        flash(_("The agreement is signed and its money committed."))
        return redirect(url_for(".grant", grant_id=grant_id), 303)
    return _page(record, form, _("Record the signatures"), _("Commit the money"))


@desk.route("/grants/<int:grant_id>/tranches/<int:tranche_id>/request", methods=["GET", "POST"])
def request_tranche(grant_id: int, tranche_id: int) -> Response | tuple[str, int]:
    """Ask for a tranche to be paid."""
    record = _record(grant_id, Verb.REQUEST_TRANCHE)
    tranche = _tranche(record, tranche_id)
    form = RequestForm()
    if form.validate_on_submit() and done(
        form, lambda: actions.request_tranche(actor(), tranche_id, note=form.note.data)
    ):
        flash(_("The tranche is requested. A certifying officer looks at it next."))
        return redirect(url_for(".grant", grant_id=grant_id, tab="tranches"), 303)
    title = _("Request tranche %(number)s", number=tranche.number)
    return _page(record, form, title, _("Request"), tranche=tranche)


@desk.route("/grants/<int:grant_id>/tranches/<int:tranche_id>/certify", methods=["GET", "POST"])
def certify_tranche(grant_id: int, tranche_id: int) -> Response | tuple[str, int]:
    """Certify that a tranche is due."""
    record = _record(grant_id, Verb.CERTIFY_TRANCHE)
    tranche = _tranche(record, tranche_id)
    form = CertifyForm(data={"on": clock.today(actor().time_zone)})
    say_what_is_late(form.on, record.grant.fund_id)
    if form.validate_on_submit() and done(
        form, lambda: actions.certify_tranche(actor(), tranche_id, on=form.on.data)
    ):
        flash(_("The tranche is certified. A third person releases the payment."))
        return redirect(url_for(".grant", grant_id=grant_id, tab="tranches"), 303)
    title = _("Certify tranche %(number)s", number=tranche.number)
    return _page(record, form, title, _("Certify"), tranche=tranche)


@desk.route("/grants/<int:grant_id>/tranches/<int:tranche_id>/release", methods=["GET", "POST"])
def release_tranche(grant_id: int, tranche_id: int) -> Response | tuple[str, int]:
    """Record the payment of a certified tranche."""
    record = _record(grant_id, Verb.RELEASE_TRANCHE)
    tranche = _tranche(record, tranche_id)
    form = ReleaseForm(data={"paid_on": clock.today(actor().time_zone)})
    say_what_is_late(form.paid_on, record.grant.fund_id)
    if form.validate_on_submit() and done(
        form,
        lambda: actions.release_tranche(
            actor(),
            tranche_id,
            paid_on=form.paid_on.data,
            bank_reference=form.bank_reference.data,
        ),
    ):
        flash(_("The payment is recorded and the grantee told."))
        return redirect(url_for(".grant", grant_id=grant_id, tab="tranches"), 303)
    title = _("Release tranche %(number)s", number=tranche.number)
    return _page(record, form, title, _("Release"), tranche=tranche)


@desk.route("/grants/<int:grant_id>/refund", methods=["GET", "POST"])
def record_refund(grant_id: int) -> Response | tuple[str, int]:
    """Record money that the grantee sent back."""
    record = _record(grant_id, Verb.RECORD_CONTRIBUTION)
    form = RefundForm(data={"value_on": clock.today(actor().time_zone)})
    say_what_is_late(form.value_on, record.grant.fund_id)
    nothing = Money.zero("USD")
    if form.validate_on_submit() and done(
        form,
        lambda: actions.record_refund(
            actor(),
            grant_id,
            unspent=form.unspent.data or nothing,
            refused=form.refused.data or nothing,
            value_on=form.value_on.data,
            bank_reference=form.bank_reference.data,
            reason=form.reason.data,
        ),
    ):
        flash(_("The refund is recorded; it went back to the deposits that paid."))
        return redirect(url_for(".grant", grant_id=grant_id), 303)
    lead = _(
        "%(advances)s is advanced and not accounted for; %(owed)s of refused costs is owed.",
        advances=str(record.money.advances),
        owed=str(record.money.owed),
    )
    return _page(record, form, _("Record a refund"), _("Record"), lead=lead)


@desk.route("/grants/<int:grant_id>/decommit", methods=["GET", "POST"])
def decommit_rest(grant_id: int) -> Response | tuple[str, int]:
    """Give back what is committed and will not be paid."""
    record = _record(grant_id, Verb.MANAGE_GRANTS)
    form = RestForm(data={"on": clock.today(actor().time_zone)})
    say_what_is_late(form.on, record.grant.fund_id)
    if form.validate_on_submit() and done(
        form,
        lambda: actions.decommit_rest(actor(), grant_id, on=form.on.data, reason=form.reason.data),
    ):
        flash(_("The rest is given back to the deposits that it came from."))
        return redirect(url_for(".grant", grant_id=grant_id), 303)
    lead = _("%(left)s is committed and not yet advanced.", left=str(record.money.committed))
    return _page(record, form, _("Give back the rest"), _("Give back"), lead=lead)


def _record(grant_id: int, verb: Verb) -> GrantRecord:
    record = agreements.record(actor(), grant_id)
    allow(verb, record.grant.fund_id)
    return record


def _tranche(record: GrantRecord, tranche_id: int) -> TrancheView:
    found = next((one for one in record.tranches if one.id == tranche_id), None)
    if found is None:
        raise NotFound
    return found


def _page(
    record: GrantRecord,
    form: Form,
    title: str,
    submit: str,
    *,
    lead: str = "",
    tranche: TrancheView | None = None,
) -> tuple[str, int]:
    about = [
        Answer(_("Grantee"), record.grant.grantee),
        Answer(_("Approved"), record.grant.approved),
        Answer(_("Committed, not yet advanced"), record.money.committed),
    ]
    if tranche is not None:
        about += [
            Answer(_("Tranche"), tranche.amount),
            Answer(_("Due on"), tranche.due_on),
            Answer(_("Condition"), tranche.condition or _("none")),
            Answer(_("Requested by"), tranche.requested_by or "–"),
            Answer(_("Note"), tranche.request_note or "–"),
        ]
    page = FormPage(
        title=title,
        submit=submit,
        cancel=url_for(".grant", grant_id=record.grant.id),
        lead=lead,
        crumbs=crumbs(record),
    )
    return form_page(form, page, about=about)


def _agreement_form() -> type[Form]:
    fields: dict[str, object] = {
        "starts_on": DateField(_("Starts on"), required=True),
        "ends_on": DateField(_("Ends on"), required=True),
        "terms_of_reference": LongTextField(
            _("Terms of reference"), rows=6, hint=_("Annex A: what the grant is for.")
        ),
    }
    asked = request.form if request.method == "POST" else {}
    shown = max(2, *(n for n in range(1, TRANCHES_MAX + 1) if asked.get(f"amount_{n}")), 0)
    for number in range(1, min(shown + 1, TRANCHES_MAX) + 1):
        is_first = number == 1
        fields[f"amount_{number}"] = MoneyField(
            _("Tranche %(number)s", number=number), currency="USD", required=is_first
        )
        fields[f"due_{number}"] = DateField(
            _("Due on (tranche %(number)s)", number=number), required=is_first
        )
        fields[f"condition_{number}"] = TextField(
            _("Condition (tranche %(number)s)", number=number), chars_max=300
        )
    return make_form("AgreementForm", fields)


def _planned(record: GrantRecord) -> dict[str, object]:
    grant, agreement = record.grant, record.agreement
    starts_on: date = grant.starts_on or clock.today(actor().time_zone)
    found: dict[str, object] = {
        "starts_on": starts_on,
        "ends_on": grant.ends_on,
        "terms_of_reference": agreement.terms_of_reference if agreement else grant.title,
    }
    for tranche in record.tranches:
        found[f"amount_{tranche.number}"] = tranche.amount
        found[f"due_{tranche.number}"] = tranche.due_on
        found[f"condition_{tranche.number}"] = tranche.condition
    if not record.tranches:
        found |= {"amount_1": grant.approved, "due_1": starts_on}
    return found


def _tranches_of(form: Form) -> list[NewTranche]:
    found = []
    for number in range(1, TRANCHES_MAX + 1):
        if f"amount_{number}" not in form or form[f"amount_{number}"].data is None:
            continue
        found.append(
            NewTranche(
                amount=form[f"amount_{number}"].data,
                due_on=form[f"due_{number}"].data or form["ends_on"].data,
                condition=form[f"condition_{number}"].data,
            )
        )
    return found
