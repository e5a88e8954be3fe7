"""Windows and programmes, and the money that is set aside for them."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.errors import Refused
from grants.funding import actions as funding_actions
from grants.funding import queries as funding
from grants.funding.queries import ProgrammePage
from grants.people import queries as people
from grants.people.models import Role
from grants.people.permissions import Verb, may
from grants.programmes import actions
from grants.programmes import queries as programmes
from grants.programmes.actions import NewProgramme
from grants.web.kit.access import actor, current_fund
from grants.web.kit.exports import csv_response, money_columns
from grants.web.kit.forms import (
    ChoiceField,
    DateField,
    Form,
    HiddenField,
    LongTextField,
    MoneyField,
    TextField,
)
from grants.web.kit.parts import Crumb
from grants.web.staff import desk, look_at, navigation
from grants.web.staff.acting import FormPage, allow, done, form_page, tried
from grants.web.staff.money_fields import is_in_the_future
from grants.web.staff.trails import trail

navigation.add_entry(
    50,
    _l("Programmes"),
    "staff.programmes_list",
    modules=(__name__, "grants.web.staff.standing"),
    verbs=(Verb.SEE_MONEY,),
)


class WindowForm(Form):
    """A thematic or geographic sub-pool."""

    name = TextField(_l("Name"), chars_max=120, required=True)
    purpose = LongTextField(_l("What it is for"), rows=4, chars_max=2000)


class ProgrammeForm(Form):
    """A programme of a window."""

    name = TextField(_l("Name"), chars_max=200, required=True)
    window = ChoiceField(_l("Window"), look="select", required=True)
    country = ChoiceField(
        _l("Country"), look="select", hint=_l("Left empty: a global or regional programme.")
    )
    theme = TextField(
        _l("Theme"),
        chars_max=80,
        width="medium",
        hint=_l("Money that is earmarked to a theme pays for programmes of this theme."),
    )
    purpose = LongTextField(_l("What it is for"), rows=4, chars_max=2000)
    starts_on = DateField(_l("Starts on"))
    ends_on = DateField(_l("Ends on"))
    manager = ChoiceField(_l("Programme manager"), look="select")


class AllocationForm(Form):
    """A decision of the deciding body. The amount is shown with its payers before it is made."""

    amount = MoneyField(_l("Amount"), currency="USD", required=True)
    decided_on = DateField(_l("Decided on"), required=True)
    decided_by = TextField(
        _l("Decided by"),
        chars_max=120,
        required=True,
        width="medium",
        hint=_l("The body that decided, such as the Management Board."),
    )
    reason = LongTextField(_l("Reason or minutes"), rows=3, chars_max=1000)
    seen = HiddenField()


@desk.get("/programmes")
def programmes_list() -> str | Response:
    """The programmes of the fund with their money."""
    fund = current_fund()
    look_at(fund.id)
    lines = funding.programme_lines(fund.id)
    if request.args.get("format") == "csv":
        heads = (_("Allocated"), _("Left"), _("Reserved"), _("Committed"), _("Disbursed"))
        columns = [_("Programme"), _("Window"), _("Country"), _("Theme"), _("Grants")]
        return csv_response(
            "programmes",
            columns + [column for head in heads for column in money_columns(head)],
            (
                (
                    one.programme.name,
                    one.programme.window,
                    one.programme.country,
                    one.programme.theme,
                    one.grants,
                    one.money.allocated,
                    one.money.left,
                    one.money.reserved,
                    one.money.committed,
                    one.money.disbursed,
                )
                for one in lines
            ),
        )
    return render_template(
        "staff/programmes/list.html",
        lines=lines,
        windows=programmes.windows_of(fund.id),
        status=funding.funding_status(fund.id),
        may_manage=may(actor(), Verb.MANAGE_PROGRAMMES, fund.id),
    )


@desk.get("/programmes/<int:programme_id>")
def programme(programme_id: int) -> str:
    """One programme: what was set aside, by whose money, and for which grants."""
    page = _page(programme_id)
    grants, total = funding.grants_of(page.programme.fund_id, programme_id=programme_id, limit=100)
    return render_template(
        "staff/programmes/show.html",
        page=page,
        grants=grants,
        grants_total=total,
        events=trail("programme", programme_id),
        may_manage=may(actor(), Verb.MANAGE_PROGRAMMES, page.programme.fund_id),
    )


@desk.route("/programmes/windows/new", methods=["GET", "POST"])
def new_window() -> Response | tuple[str, int]:
    """Open a window."""
    fund = current_fund()
    allow(Verb.MANAGE_PROGRAMMES, fund.id)
    form = WindowForm()
    if form.validate_on_submit() and done(
        form,
        lambda: actions.open_window(
            actor(), fund.id, name=form.name.data, purpose=form.purpose.data
        ),
        "name",
    ):
        flash(_("The window is open."))
        return redirect(url_for(".programmes_list"), 303)
    page = FormPage(
        title=_("New window"),
        submit=_("Open the window"),
        cancel=url_for(".programmes_list"),
        lead=_("A window is a thematic or geographic sub-pool of the fund."),
        crumbs=[Crumb(_("Programmes"), url_for(".programmes_list"))],
    )
    return form_page(form, page)


@desk.route("/programmes/new", methods=["GET", "POST"])
def new_programme() -> Response | tuple[str, int]:
    """Open a programme in a window."""
    fund = current_fund()
    allow(Verb.MANAGE_PROGRAMMES, fund.id)
    form = ProgrammeForm()
    form.window.choices = [(str(one.id), one.name) for one in programmes.windows_of(fund.id)]
    form.country.choices = programmes.countries()
    form.manager.choices = [
        (str(key), name) for key, name in people.people_with(Role.PROGRAMME_MANAGER, fund.id)
    ]
    if form.validate_on_submit():
        programme_id = tried(form, lambda: actions.open_programme(actor(), _new(form, fund.id)).id)
        if programme_id is not None:
            flash(_("The programme is open. Money comes to it by an allocation."))
            return redirect(url_for(".programme", programme_id=programme_id), 303)
    page = FormPage(
        title=_("New programme"),
        submit=_("Open the programme"),
        cancel=url_for(".programmes_list"),
        crumbs=[Crumb(_("Programmes"), url_for(".programmes_list"))],
    )
    return form_page(form, page, "staff/programmes/new.html")


@desk.route("/programmes/<int:programme_id>/allocate", methods=["GET", "POST"])
def allocate(programme_id: int) -> Response | tuple[str, int]:
    """Set money aside: first see who would pay, then do it."""
    page = _page(programme_id, Verb.MANAGE_PROGRAMMES)
    form = _allocation_form()
    preview = None
    if form.validate_on_submit() and not is_in_the_future(form, form.decided_on):
        if form.seen.data == _fingerprint(form) and done(form, lambda: _allocate(form, page)):
            flash(_("The allocation is made."))
            return redirect(url_for(".programme", programme_id=programme_id), 303)
        preview = funding.preview_allocation(programme_id, form.amount.data, form.decided_on.data)
        if preview.refusal is not None and not form.error_lines:
            form.attach(Refused(preview.refusal.in_short), "amount")
        form.seen.raw_data, form.seen.data = None, _fingerprint(form)
    around = FormPage(
        title=_("Allocate to %(programme)s", programme=page.programme.name),
        submit=_("Allocate") if preview and preview.shares else _("See who would pay"),
        cancel=url_for(".programme", programme_id=programme_id),
        crumbs=_crumbs(page),
    )
    return form_page(form, around, "staff/programmes/allocate.html", about=page, preview=preview)


@desk.route("/programmes/<int:programme_id>/return", methods=["GET", "POST"])
def return_allocation(programme_id: int) -> Response | tuple[str, int]:
    """Take back what a programme has not reserved."""
    page = _page(programme_id, Verb.MANAGE_PROGRAMMES)
    form = _allocation_form()
    if form.validate_on_submit() and not is_in_the_future(form, form.decided_on):
        if not form.reason.data:
            form.attach(_("Give the reason."), "reason")
        elif done(form, lambda: _return(form, page)):
            flash(_("The money is back in the fund, in the layers it came from."))
            return redirect(url_for(".programme", programme_id=programme_id), 303)
    around = FormPage(
        title=_("Take back from %(programme)s", programme=page.programme.name),
        submit=_("Take back"),
        cancel=url_for(".programme", programme_id=programme_id),
        lead=_("Only what is neither reserved nor committed can be taken back."),
        crumbs=_crumbs(page),
        is_danger=True,
    )
    return form_page(form, around, "staff/programmes/allocate.html", about=page, preview=None)


def _page(programme_id: int, verb: Verb = Verb.SEE_MONEY) -> ProgrammePage:
    page = funding.programme_page(programme_id)
    if verb is Verb.SEE_MONEY:
        look_at(page.programme.fund_id)
    else:
        allow(verb, page.programme.fund_id)
    return page


def _allocation_form() -> AllocationForm:
    return AllocationForm(data={"decided_on": clock.today(current_fund().time_zone)})


def _allocate(form: AllocationForm, page: ProgrammePage) -> object:
    return funding_actions.allocate(
        actor(),
        page.programme.id,
        form.amount.data,
        decided_on=form.decided_on.data,
        decided_by=form.decided_by.data,
        reason=form.reason.data,
    )


def _return(form: AllocationForm, page: ProgrammePage) -> object:
    return funding_actions.return_allocation(
        actor(),
        page.programme.id,
        form.amount.data,
        decided_on=form.decided_on.data,
        decided_by=form.decided_by.data,
        reason=form.reason.data,
    )


def _fingerprint(form: AllocationForm) -> str:
    """What the payers depend on: shown once, these and no others are allocated."""
    return f"{form.amount.data}|{form.decided_on.data}"


def _new(form: ProgrammeForm, fund_id: int) -> NewProgramme:
    return NewProgramme(
        fund_id=fund_id,
        window_id=int(form.window.data),
        name=form.name.data,
        country_code=form.country.data or None,
        theme=form.theme.data,
        purpose=form.purpose.data,
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        manager_id=int(form.manager.data) if form.manager.data else None,
    )


def _crumbs(page: ProgrammePage) -> list[Crumb]:
    return [
        Crumb(_("Programmes"), url_for(".programmes_list")),
        Crumb(page.programme.name, url_for(".programme", programme_id=page.programme.id)),
    ]
