"""The books as they stand: entries and accounts."""

from __future__ import annotations

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from grants.corrections.queries import is_undoable
from grants.errors import NotFound
from grants.funding import queries as funding
from grants.ledger import queries as ledger
from grants.ledger.chart import CHART, AccountRef
from grants.ledger.queries import EntryView
from grants.money import Money
from grants.people.permissions import Verb, may
from grants.web.kit.access import actor, current_fund
from grants.web.kit.paging import Filter, ListSpec, ListState, Page
from grants.web.kit.parts import Answer, Printable
from grants.web.staff import desk, look_at, navigation
from grants.web.staff.books import books_line

navigation.add_entry(
    90,
    _l("Ledger"),
    "staff.ledger",
    modules=(
        __name__,
        "grants.web.staff.corrections",
        "grants.web.staff.periods",
        "grants.web.staff.proofs",
        "grants.web.staff.proposals",
    ),
    verbs=(Verb.SEE_MONEY,),
)

#: The dimensions that an address may narrow the entries by, and what the query calls them.
_DIMENSIONS = {
    "donor": "donor_id",
    "layer": "layer_id",
    "programme": "programme_id",
    "grant": "grant_id",
}

ACCOUNTS = ListSpec(per_page=100)


@desk.get("/ledger", endpoint="ledger")
def ledger_list() -> str:
    """Entries, the newest first, narrowed by account, event, day, donor, layer or grant."""
    fund = current_fund()
    look_at(fund.id)
    state = _entries_spec(fund.id).read()
    dimensions = {
        name: int(value)
        for name in _DIMENSIONS
        if (value := str(state.values.get(name) or "")) and value.isdigit()
    }
    rows, total = ledger.entries(
        fund.id,
        number=str(state.values["number"]),
        event=str(state.values["event"]),
        donor_id=dimensions.get("donor"),
        layer_id=dimensions.get("layer"),
        programme_id=dimensions.get("programme"),
        grant_id=dimensions.get("grant"),
        from_on=state.values["since"],  # type: ignore[arg-type] # a filter of kind date
        until_on=state.values["until"],  # type: ignore[arg-type] # a filter of kind date
        offset=state.offset,
        limit=state.limit,
    )
    return render_template(
        "staff/ledger/entries.html",
        page=Page.of(rows, state, total=total),
        standing=_standing(fund.id, state, dimensions),
        books=books_line(fund.id),
        may_prove=may(actor(), Verb.AUDIT, fund.id),
    )


@desk.get("/ledger/entries/<int:entry_id>")
def ledger_entry(entry_id: int) -> str:
    """One entry as debit and credit, with what it reverses and the hash that seals it."""
    entry = ledger.entry(entry_id)
    look_at(entry.fund_id)
    accounts = [account for line in entry.lines for account in (line.debit, line.credit)]
    return render_template(
        "staff/ledger/entry.html",
        entry=entry,
        may_correct=may(actor(), Verb.POST_ADJUSTMENT, entry.fund_id) and is_undoable(entry),
        about=_about(entry),
        names=funding.dimension_names(accounts),
        actual=[line for line in entry.lines if line.debit.book == "A"],
        control=[line for line in entry.lines if line.debit.book == "B"],
    )


@desk.get("/ledger/accounts")
def ledger_accounts() -> str:
    """All accounts by number with what they hold: debits and credits are equal in each book."""
    fund = current_fund()
    look_at(fund.id)
    lines = [
        (CHART[line.number], Money.of_minor(line.usd_minor, "USD"))
        for line in ledger.balance_sums(fund.id)
    ]
    return render_template(
        "staff/ledger/accounts.html",
        actual=[one for one in lines if not one[0].number.startswith("9")],
        control=[one for one in lines if one[0].number.startswith("9")],
        books=books_line(fund.id),
    )


@desk.get("/ledger/accounts/<number>")
def ledger_account(number: str) -> str:
    """One number of the chart: each account under it, and what it holds."""
    fund = current_fund()
    look_at(fund.id)
    if number not in CHART:
        raise NotFound
    state = ACCOUNTS.read()
    held = ledger.balances(fund.id, [number])
    shown = held[state.offset :][: state.limit]
    names = funding.dimension_names([one.ref for one in shown])
    return render_template(
        "staff/ledger/account.html",
        line=CHART[number],
        page=Page.of(shown, state, total=len(held)),
        names=names,
        total=ledger.sum_usd(held),
    )


@desk.app_template_global("account_entries")
def account_entries(account: AccountRef) -> dict[str, object]:
    """The arguments of the address that lists the entries of an account."""
    return {
        "number": account.number,
        "donor": account.donor_id,
        "layer": account.layer_id,
        "programme": account.programme_id,
        "grant": account.grant_id,
    }


@desk.app_template_global("money_of")
def money_of(minor: int, currency: str) -> Money:
    """Minor units as an amount."""
    return Money.of_minor(minor, currency)


@desk.app_template_filter("event_words")
def event_words(event: str) -> str:
    """What kind of entry it is: `tranche.paid` is `tranche paid`."""
    return event.replace(".", " ").replace("_", " ").capitalize()


def _about(entry: EntryView) -> list[Answer]:
    """What is known of an entry besides its moves."""
    known: list[tuple[str, Printable]] = [
        (_("Value date"), entry.value_on),
        (_("Recorded"), entry.recorded_at),
        (_("By"), entry.actor),
        (_("Second person"), entry.second_actor),
        (_("Period"), entry.period),
        (_("Relates to"), entry.relates_to_on),
        (_("Relates to the period"), entry.relates_to_period),
        (_("Reason"), entry.reason),
        (_("Reverses"), _numbered(entry.reverses)),
        (_("Reversed by"), _numbered(entry.reversed_by)),
    ]
    return [Answer(label, value) for label, value in known if value]


def _numbered(sequence: int | None) -> str:
    return _("entry %(number)s", number=sequence) if sequence else ""


def _entries_spec(fund_id: int) -> ListSpec:
    numbers = [(line.number, f"{line.number} {line.name}") for line in CHART.values()]
    events = [
        (event, event.replace(".", " ").replace("_", " ")) for event in ledger.events(fund_id)
    ]
    return ListSpec(
        per_page=50,
        filters=(
            Filter("number", _("Account"), choices=numbers),
            Filter("event", _("Event"), choices=events),
            Filter("since", _("Since"), kind="date"),
            Filter("until", _("Until"), kind="date"),
            *_dimension_filters(),
        ),
    )


def _dimension_filters() -> list[Filter]:
    """A filter for each dimension that the address names, with the name of what it is."""
    given = {
        name: int(value)
        for name in _DIMENSIONS
        if (value := request.args.get(name, "")).isdigit() and len(value) < 15
    }
    if not given:
        return []
    names = funding.dimension_names(
        [AccountRef("9100", **{_DIMENSIONS[name]: value for name, value in given.items()})]  # type: ignore[arg-type] # only dimensions, which are numbers
    )
    labels = {
        "donor": (_("Donor"), names.donors),
        "layer": (_("Deposit"), names.layers),
        "programme": (_("Programme"), names.programmes),
        "grant": (_("Grant"), names.grants),
    }
    return [
        Filter(
            name,
            labels[name][0],
            choices=[(str(value), labels[name][1].get(value, _("no. %(id)s", id=value)))],
        )
        for name, value in given.items()
    ]


def _standing(
    fund_id: int, state: ListState, dimensions: dict[str, int]
) -> list[tuple[str, Money]]:
    """What the accounts hold that the list is narrowed to, so that the total meets its entries."""
    number = str(state.values["number"])
    if not number and not dimensions:
        return []
    sums = ledger.balance_sums(
        fund_id,
        [number] if number else (),
        donor_id=dimensions.get("donor"),
        layer_id=dimensions.get("layer"),
        programme_id=dimensions.get("programme"),
        grant_id=dimensions.get("grant"),
    )
    return [
        (f"{line.number} {CHART[line.number].name}", Money.of_minor(line.usd_minor, "USD"))
        for line in sums
    ]
