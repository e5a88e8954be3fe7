"""The incoming side of a statement: pledges, agreements, instalments, deposits and their fees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from grants.donors import queries as donors
from grants.donors.models import DepositState
from grants.donors.queries import AgreementPage, DepositLine
from grants.funding.rules import words_of
from grants.money import Money
from grants.programmes import queries as programmes
from grants.reports import rules
from grants.reports.numbers.donor_statement.reading import CONTRIBUTIONS, Reading
from grants.reports.shapes import AgreementLine, Contribution, FeeLine, InstalmentLine, PledgeLine

_ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Incoming:
    """What came in from a donor, as of a day."""

    deposits: tuple[DepositLine, ...]
    #: The donor's layers, and whether an earmark says what each may pay for.
    tracked: Mapping[int, bool]
    agreements: tuple[AgreementPage, ...]
    pledges: tuple[PledgeLine, ...]


def read_incoming(fund_id: int, donor_id: int, until_on: date, now: Reading) -> Incoming:
    """Deposits count from the day on which the books have them as this donor's."""
    every = _every_deposit(fund_id, donor_id)
    deposits = [line for line in every if now.layer(line.id).received]
    deposits.sort(key=lambda line: (line.value_on, line.id))
    return Incoming(
        deposits=tuple(deposits),
        tracked={line.id: line.conditions.is_earmarked for line in every},
        agreements=tuple(
            donors.agreement_page(one.id, until_on)
            for one in reversed(donors.agreements_of(fund_id, donor_id))
            if one.signed_on is None or one.signed_on <= until_on
        ),
        pledges=tuple(
            PledgeLine(
                reference=one.reference, pledged_on=one.pledged_on, amount=one.amount, usd=one.usd
            )
            for one in reversed(donors.pledges_of(fund_id, donor_id, state="open"))
            if one.pledged_on <= until_on
        ),
    )


def contribution(
    incoming: Incoming, lines: Iterable[AgreementLine], now: Reading, before: Reading
) -> Contribution:
    """The contribution in figures."""
    received = sum(now.layer(layer).received for layer in incoming.tracked)
    earlier = sum(before.layer(layer).received for layer in incoming.tracked)
    return Contribution(
        pledged=total(one.usd for one in incoming.pledges),
        agreed=total(page.usd for page in incoming.agreements),
        outstanding=total(
            _worth(page, line.outstanding)
            for page, line in zip(incoming.agreements, lines, strict=True)
        ),
        received_in_period=usd(received - earlier),
        received=usd(received),
        share_basis_points=rules.basis_points(
            received, sum(now.fund.get(number, 0) for number in CONTRIBUTIONS)
        ),
    )


def agreement_lines(fund_id: int, incoming: Incoming) -> list[AgreementLine]:
    """The agreements with what was paid of each by the end of the period."""
    windows = {one.id: one.name for one in programmes.windows_of(fund_id)}
    return [_agreement(page, incoming.deposits, windows) for page in incoming.agreements]


def instalment_lines(incoming: Incoming, until_on: date) -> list[InstalmentLine]:
    """Every instalment with its payments, and every deposit that pays none."""
    lines: list[InstalmentLine] = []
    shown: set[int] = set()
    by_id = {line.id: line for line in incoming.deposits}
    for page in incoming.agreements:
        for one in page.instalments:
            paid = [by_id[each.deposit_id] for each in one.payments if each.deposit_id in by_id]
            shown |= {line.id for line in paid}
            lines.extend(
                _instalment(page.reference, one.number, one.due_on, one.amount, one.usd, line)
                for line in paid or (None,)
            )
    lines += [
        _instalment(line.agreement, line.instalment, None, None, None, line)
        for line in incoming.deposits
        if line.id not in shown
    ]
    return sorted(lines, key=lambda one: (one.paid_on or one.due_on or until_on, one.agreement))


def fee_lines(incoming: Incoming, now: Reading) -> list[FeeLine]:
    """The deposits that bore a fee, or that the exchange or the bank changed."""
    return [
        FeeLine(
            value_on=line.value_on,
            reference=line.agreement or line.bank_reference,
            deposit=usd(now.layer(line.id).received),
            fee=usd(now.layer(line.id).fee),
            other=usd(now.layer(line.id).other),
            difference=line.difference,
        )
        for line in incoming.deposits
        if now.layer(line.id).fee or now.layer(line.id).other or line.difference
    ]


def total(amounts: Iterable[Money]) -> Money:
    """The sum of amounts in US dollars."""
    return usd(sum(amount.minor for amount in amounts))


def usd(minor: int) -> Money:
    return Money.of_minor(minor, "USD")


def tracked_layers(fund_id: int, donor_id: int) -> dict[int, bool]:
    """The donor's layers, and whether an earmark says what each may pay for."""
    return {line.id: line.conditions.is_earmarked for line in _every_deposit(fund_id, donor_id)}


def layer_ids(fund_id: int, donor_id: int) -> set[int]:
    """The donor's layers: one for each deposit, reversed ones too."""
    return {line.id for line in _every_deposit(fund_id, donor_id)}


def _every_deposit(fund_id: int, donor_id: int) -> list[DepositLine]:
    return [
        *_deposits(fund_id, donor_id, DepositState.MATCHED),
        *_deposits(fund_id, donor_id, DepositState.REVERSED),
    ]


def _deposits(fund_id: int, donor_id: int, state: str) -> list[DepositLine]:
    found: list[DepositLine] = []
    count = 1
    while len(found) < count:
        part, count = donors.deposits_of(
            fund_id,
            donor_id,
            state=state,
            is_descending=False,
            offset=len(found),
            limit=_ROWS_AT_ONCE,
        )
        if not part:
            break
        found += part
    return found


def _agreement(
    page: AgreementPage, deposits: Iterable[DepositLine], windows: Mapping[int, str]
) -> AgreementLine:
    currency = page.amount.currency
    mine = [line for line in deposits if line.agreement_id == page.id]
    cancelled = sum(one.cancelled.minor for one in page.instalments)
    settled = sum(line.settled.minor for line in mine)
    return AgreementLine(
        reference=page.reference,
        signed_on=page.signed_on,
        earmark="core" if page.is_core else words_of(page.earmark, windows),
        amount=page.amount,
        usd=page.usd,
        paid=Money.of_minor(sum(line.amount.minor for line in mine), currency),
        outstanding=Money.of_minor(page.amount.minor - settled - cancelled, currency),
    )


def _worth(page: AgreementPage, part: Money) -> Money:
    """What a part of an agreement was worth when it was signed."""
    if not page.amount.minor:
        return usd(0)
    return page.usd.times(part.amount / page.amount.amount)


def _instalment(
    reference: str,
    number: int | None,
    due_on: date | None,
    agreed: Money | None,
    agreed_usd: Money | None,
    paid: DepositLine | None,
) -> InstalmentLine:
    late = (paid.value_on - due_on).days if paid and due_on else None
    return InstalmentLine(
        agreement=reference or (paid.bank_reference if paid else ""),
        number=number,
        due_on=due_on,
        agreed=agreed,
        agreed_usd=agreed_usd,
        paid_on=paid.value_on if paid else None,
        paid=paid.amount if paid else None,
        rate=paid.rate if paid else "",
        rate_source=paid.rate_source if paid else "",
        usd=paid.usd if paid else None,
        difference=paid.difference if paid and due_on else None,
        days_late=max(late, 0) if late is not None else None,
    )
