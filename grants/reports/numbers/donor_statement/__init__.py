"""The figures of a donor's statement, from one reading of the books.

A donor's money is its deposits, each a layer. What a layer became is read from the ledger as of a
day and as known at one entry, so every figure ties to the books: deposits less fees, and more or
less exchange, are what is spent, with partners, committed, reserved, allocated and free.
"""

from __future__ import annotations

from datetime import date, timedelta

from grants.donors import queries as donors
from grants.people import queries as people
from grants.reports.numbers.donor_statement import contributions, financed, flows
from grants.reports.numbers.donor_statement.contributions import Incoming
from grants.reports.numbers.donor_statement.reading import read, read_now
from grants.reports.shapes import Cover, DonorStatement, Standing

_IN_DOLLARS = (
    "Amounts are in US dollars and cents unless another currency stands beside them. Deposits are"
    " valued at the United Nations operational rate of exchange of their value date, or at the rate"
    " that the source states. What that value differs from the value when the agreement was signed"
    " is the exchange difference on contribution; it is no gain or loss of the fund."
)
_BASIS = (
    "Tracked: the earmark of the contribution decides what it pays for. Notional: a calculated"
    " share of money given without earmark; it is not traced, and results are only contributed to."
)
_SHARES = (
    "A contribution's share of a grant follows what its deposits set aside for it and disbursed to"
    " it. Expenditure is shared in that proportion, to the cent, by largest remainder; the shares"
    " of all contributors sum to the grant. Refunds return to the deposits that paid, in the same"
    " proportion, and are shown as a negative use."
)
_TIMING = (
    "Transfers count on the day they were paid; expenditure when the fund accepted the partner's"
    " report; a write-off stands with the partners' expenditure."
)
_NO_CURRENCY = (
    "Some deposits came without the name of their currency; they are shown in US dollars."
)
_NOT_OVER = (
    "The period was not over when this statement was prepared; its figures are those so far."
)
_NO_AGREEMENT = (
    "Some deposits name no agreement; they have no due date and no value at signature to compare"
    " with."
)


def build(
    fund_id: int, donor_id: int, *, from_on: date, until_on: date, known_at: int, cover: Cover
) -> DonorStatement:
    """The statement of a donor for the days from `from_on` to `until_on`, both included.

    Reads the journal up to entry `known_at` and nothing later. Refuses with NotFound an unknown
    fund or donor. Call it within one snapshot, so that books and names are of one moment.
    """
    people.fund(fund_id)
    people.organisation(donor_id)
    now = read(fund_id, until_on, known_at)
    before = read(fund_id, from_on - timedelta(days=1), known_at)
    incoming = contributions.read_incoming(fund_id, donor_id, until_on, now)
    agreements = contributions.agreement_lines(fund_id, incoming)
    grants = financed.read_financed(fund_id, incoming.tracked, now)
    balance = flows.balance_lines(incoming.tracked, now)
    return DonorStatement(
        cover=cover,
        contribution=contributions.contribution(incoming, agreements, now, before),
        pledges=incoming.pledges,
        agreements=tuple(agreements),
        instalments=tuple(contributions.instalment_lines(incoming, until_on)),
        flows=tuple(flows.flow_lines(incoming.tracked, now, before)),
        fund=tuple(flows.fund_lines(now, before)),
        places=tuple(financed.places(grants)),
        categories=tuple(financed.categories(incoming.tracked, now, before)),
        spending=tuple(financed.spending(grants)),
        grants=tuple(one.line for one in grants),
        fees=tuple(contributions.fee_lines(incoming, now)),
        balance=tuple(balance),
        closing_balance=next(line.total for line in balance if line.kind == "subtotal"),
        notes=_notes(incoming, cover),
    )


def standing(fund_id: int, donor_id: int) -> Standing:
    """What a donor's deposits have become by now, by the rules of the statement.

    From the kept balances, so that a page may ask. Nothing yet of a donor without deposits.
    """
    now = read_now(fund_id)
    tracked = contributions.tracked_layers(fund_id, donor_id)
    grants = financed.read_financed(fund_id, tracked, now)
    return Standing(
        balance=tuple(flows.balance_lines(tracked, now)),
        places=tuple(financed.places(grants)),
        grants=tuple(one.line for one in grants),
    )


def has_contributed(fund_id: int, donor_id: int) -> bool:
    """Whether a donor has pledged, agreed or paid anything in a fund."""
    line = donors.donor_line(fund_id, donor_id)
    return bool(line.deposits or line.pledged or line.agreed)


def layer_ids(fund_id: int, donor_id: int) -> set[int]:
    """The donor's layers: one for each deposit, reversed ones too."""
    return contributions.layer_ids(fund_id, donor_id)


def agreement_references(fund_id: int, donor_id: int, until_on: date) -> tuple[str, ...]:
    """The references of a donor's agreements in a fund that were signed by a day, oldest first."""
    found = donors.agreements_of(fund_id, donor_id)
    return tuple(
        one.reference
        for one in reversed(found)
        if one.signed_on is None or one.signed_on <= until_on
    )


def _notes(incoming: Incoming, cover: Cover) -> tuple[str, ...]:
    notes = [_IN_DOLLARS, _BASIS, _SHARES, _TIMING]
    if any(line.stated_currency is None for line in incoming.deposits):
        notes.append(_NO_CURRENCY)
    if any(line.agreement_id is None for line in incoming.deposits):
        notes.append(_NO_AGREEMENT)
    if cover.prepared_at is not None and cover.prepared_at.date() <= cover.until_on:
        notes.append(_NOT_OVER)
    return tuple(notes)
