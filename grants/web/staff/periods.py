"""Periods: opened, soft-closed, closed by two people, with what their trial balance froze."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.funding import queries as funding
from grants.ledger import actions
from grants.ledger import queries as ledger
from grants.ledger.queries import BalanceLine, PeriodView, StepView
from grants.money import Money
from grants.people.permissions import Verb, may
from grants.web.kit import formats
from grants.web.kit.access import actor, current_fund
from grants.web.kit.exports import Cell, money_columns, table_response
from grants.web.kit.forms import DateField, Form, LongTextField, TextField
from grants.web.kit.paging import Filter, ListSpec
from grants.web.kit.parts import Answer, Crumb
from grants.web.staff import desk, look_at
from grants.web.staff.acting import FormPage, allow, done, form_page

BALANCE = ListSpec(
    filters=(
        Filter("since", _l("From"), kind="date"),
        Filter("until", _l("Until"), kind="date"),
        Filter("known_at", _l("As known at entry"), kind="text"),
    ),
)


class PeriodForm(Form):
    """A stretch of time of any length."""

    name = TextField(_l("Name"), chars_max=60, width="medium", required=True)
    starts_on = DateField(_l("First day"), required=True)
    ends_on = DateField(_l("Last day"), required=True)


class StepForm(Form):
    """Why a period goes on to its next step."""

    reason = LongTextField(_l("Reason"), rows=3, chars_max=500)


@desk.get("/ledger/periods")
def periods() -> str | Response:
    """The periods of the fund, the newest first."""
    fund = current_fund()
    look_at(fund.id)
    found = ledger.periods_of(fund.id)
    file = table_response(
        request.args.get("format", ""),
        "periods",
        [
            _("Period"),
            _("First day"),
            _("Last day"),
            _("State"),
            _("Frozen at entry"),
            _("Seal of the trial balance"),
        ],
        (
            [
                one.name,
                one.starts_on,
                one.ends_on,
                one.state,
                one.through_sequence,
                one.balance_sha256,
            ]
            for one in found
        ),
    )
    if file is not None:
        return file
    return render_template(
        "staff/ledger/periods.html",
        periods=found,
        may_open=may(actor(), Verb.POST_ADJUSTMENT, fund.id),
    )


@desk.route("/ledger/periods/new", methods=["GET", "POST"])
def new_period() -> Response | tuple[str, int]:
    """Open a period that follows the last one."""
    fund = current_fund()
    allow(Verb.POST_ADJUSTMENT, fund.id)
    known = ledger.periods_of(fund.id)
    year = clock.today(fund.time_zone).replace(month=1, day=1)
    starts_on = known[0].ends_on + timedelta(days=1) if known else year
    form = PeriodForm(
        data={
            "starts_on": starts_on,
            "ends_on": starts_on.replace(year=starts_on.year + 1) - timedelta(days=1),
            "name": str(starts_on.year),
        }
    )
    if form.validate_on_submit() and done(
        form,
        lambda: actions.open_period(
            actor(),
            fund.id,
            name=form.name.data,
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
        ),
    ):
        flash(_("The period is open."))
        return redirect(url_for(".periods"), 303)
    page = FormPage(
        title=_("Open a period"),
        submit=_("Open"),
        cancel=url_for(".periods"),
        lead=_("A period may be of any length. It follows the one before without a gap."),
        crumbs=_crumbs(),
    )
    return form_page(form, page)


@desk.get("/ledger/periods/<int:period_id>")
def period(period_id: int) -> str | Response:
    """One period: what stands in the way of closing it, its steps, its trial balance."""
    found = _seen(period_id)
    is_closed = found.state == "closed"
    lines = (
        ledger.frozen_lines(period_id)
        if is_closed
        else ledger.trial_balance(found.fund_id, from_on=found.starts_on, until_on=found.ends_on)
    )
    file = _balance_file(f"trial-balance-{found.name}", lines)
    if file is not None:
        return file
    steps = ledger.steps_of(period_id)
    return render_template(
        "staff/ledger/period.html",
        period=found,
        life=[_said(step) for step in steps],
        checks=steps[-1].checklist if is_closed else ledger.checklist(found.fund_id, period_id),
        may_adjust=may(actor(), Verb.POST_ADJUSTMENT, found.fund_id),
        may_close=may(actor(), Verb.APPROVE_ADJUSTMENT, found.fund_id),
        crumbs=_crumbs(),
        **_shown(lines),
    )


@desk.route("/ledger/periods/<int:period_id>/soft-close", methods=["GET", "POST"])
def soft_close_period(period_id: int) -> Response | tuple[str, int]:
    """Close a period to all but finance."""
    return _step(
        period_id,
        Verb.POST_ADJUSTMENT,
        actions.soft_close_period,
        _("Soft-close"),
        _("Only finance posts into it from now on. Another person closes it for good."),
    )


@desk.route("/ledger/periods/<int:period_id>/reopen", methods=["GET", "POST"])
def reopen_period(period_id: int) -> Response | tuple[str, int]:
    """Open a soft-closed period again."""
    return _step(
        period_id,
        Verb.POST_ADJUSTMENT,
        actions.reopen_period,
        _("Reopen"),
        _("Everybody may post into it again. Say why."),
    )


@desk.route("/ledger/periods/<int:period_id>/close", methods=["GET", "POST"])
def close_period(period_id: int) -> Response | tuple[str, int]:
    """Close a period for good."""
    return _step(
        period_id,
        Verb.APPROVE_ADJUSTMENT,
        actions.close_period,
        _("Close for good"),
        _(
            "Its trial balance is frozen. Nothing can be dated into it or before it any more."
            " Where the checklist warns, say why it is closed all the same."
        ),
    )


@desk.get("/ledger/trial-balance")
def trial_balance() -> str | Response:
    """Every account between two days, as known at any entry: debits equal credits."""
    fund = current_fund()
    look_at(fund.id)
    state = BALANCE.read()
    known = str(state.values["known_at"] or "")
    head = ledger.head(fund.id)
    known_at = min(int(known), head.sequence) if known.isdigit() else head.sequence
    until_on = state.values["until"] or clock.today(fund.time_zone)
    lines = ledger.trial_balance(
        fund.id,
        from_on=state.values["since"],  # type: ignore[arg-type] # a filter of kind date
        until_on=until_on,  # type: ignore[arg-type] # the same
        known_at=known_at,
    )
    file = _balance_file("trial-balance", lines)
    if file is not None:
        return file
    return render_template(
        "staff/ledger/trial_balance.html",
        state=state,
        until_on=until_on,
        known_at=known_at,
        head=head,
        **_shown(lines),
    )


def _step(
    period_id: int, verb: Verb, act: object, words: str, lead: str
) -> Response | tuple[str, int]:
    found = _seen(period_id)
    allow(verb, found.fund_id)
    form = StepForm()
    if form.validate_on_submit() and done(
        form,
        lambda: act(actor(), period_id, reason=form.reason.data or ""),  # type: ignore[operator] # one of three actions
        "reason",
    ):
        flash(_("%(period)s: done.", period=found.name))
        return redirect(url_for(".period", period_id=period_id), 303)
    page = FormPage(
        title=f"{words}: {found.name}",
        submit=words,
        cancel=url_for(".period", period_id=period_id),
        lead=lead,
        crumbs=[*_crumbs(), Crumb(found.name, url_for(".period", period_id=period_id))],
        is_danger=verb is Verb.APPROVE_ADJUSTMENT,
    )
    return form_page(form, page)


def _said(step: StepView) -> Answer:
    """A step in words: who took it, when, and why."""
    words = {
        "opened": _("Opened"),
        "soft_closed": _("Soft-closed"),
        "reopened": _("Reopened"),
        "closed": _("Closed"),
    }[step.step]
    when = formats.day_in_zone(step.at)
    return Answer(words, ", ".join(part for part in (step.by, when, step.reason) if part))


def _seen(period_id: int) -> PeriodView:
    found = ledger.period(period_id)
    look_at(found.fund_id)
    return found


def _crumbs() -> list[Crumb]:
    return [Crumb(_("Ledger"), url_for(".ledger")), Crumb(_("Periods"), url_for(".periods"))]


def _shown(lines: list[BalanceLine]) -> dict[str, object]:
    """The accounts of each book, their names, and what all debits and credits make."""
    books = {
        "actual": [line for line in lines if line.ref.book == "A"],
        "control": [line for line in lines if line.ref.book == "B"],
    }
    sums = {
        name: (
            Money.of_minor(sum(line.debit_usd_minor for line in book), "USD"),
            Money.of_minor(sum(line.credit_usd_minor for line in book), "USD"),
        )
        for name, book in books.items()
    }
    return {
        **books,
        "sums": sums,
        "names": funding.dimension_names([line.ref for line in lines]),
    }


def _balance_file(name: str, lines: list[BalanceLine]) -> Response | None:
    """The same lines as CSV or a workbook, where the address asks for one."""
    heads = (_("Opening"), _("Debit"), _("Credit"), _("Closing"))
    columns = [
        _("Account"),
        _("Number"),
        _("Name"),
        *(column for head in heads for column in money_columns(head)),
        *(column for head in heads for column in money_columns(f"{head}, US dollars")),
    ]
    return table_response(
        request.args.get("format", ""), name, columns, (_cells(line) for line in lines)
    )


def _cells(line: BalanceLine) -> list[Cell]:
    own = (line.opening_minor, line.debit_minor, line.credit_minor, line.closing_minor)
    dollars = (
        line.opening_usd_minor,
        line.debit_usd_minor,
        line.credit_usd_minor,
        line.closing_usd_minor,
    )
    return [
        line.ref.key,
        line.ref.number,
        line.ref.line.name,
        *(Money.of_minor(minor, line.ref.currency) for minor in own),
        *(Money.of_minor(minor, "USD") for minor in dollars),
    ]
