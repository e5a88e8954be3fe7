"""How late is what was promised: pledges, instalments and membership invoices, as of any day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import and_, func, or_, select

from grants.db import db
from grants.donors.models import (
    AgreementCondition,
    AgreementState,
    AgreementVersion,
    ContributionAgreement,
    Deposit,
    DepositState,
    Instalment,
    InvoiceState,
    MembershipInvoice,
    Pledge,
)
from grants.donors.queries.donors import total
from grants.donors.queries.terms import terms_of
from grants.donors.rules import (
    BUCKET_NAMES,
    InstalmentTerms,
    Terms,
    bucket_of,
    expected_by,
)
from grants.money import Money, share_minor
from grants.people.models import Organisation

#: What was settled and its agreed value, by agreement and instalment.
_Settled = dict[tuple[int, int | None], tuple[int, int]]

#: The kinds of what is promised, the most binding first.
PROMISES: Final = ("instalment", "membership", "pledge")


@dataclass(frozen=True, kw_only=True)
class AgeingLine:
    """Something promised and still to come, as it stood on a day."""

    kind: str
    #: Of the pledge, the instalment or the invoice.
    id: int
    #: The agreement, or the membership: where its page is.
    parent_id: int | None
    donor_id: int
    donor: str
    reference: str
    number: int | None
    due_on: date
    #: Days past its day; below zero before it.
    days: int
    bucket: str
    left: Money
    usd: Money


@dataclass(frozen=True, kw_only=True)
class AgeingRow:
    """A donor's promises in one currency: what is left in all, and by bucket in US dollars."""

    donor_id: int
    donor: str
    currency: str
    left: Money
    usd: Money
    by_bucket: dict[str, Money]


def ageing_lines(
    fund_id: int,
    as_of: date,
    *,
    kind: str = "",
    donor_id: int | None = None,
    currency: str = "",
    bucket: str = "",
) -> list[AgeingLine]:
    """What was promised by a day and had not come by then, the oldest due first.

    Valued in US dollars as when it was agreed (a pledge: as when it was made). Agreements count
    as the version in force on that day has them, payments by their value date. At most seven
    statements, whatever the number of lines.
    """
    found: list[AgeingLine] = []
    if kind in {"", "pledge"}:
        found += _pledges(fund_id, as_of)
    if kind in {"", "instalment"}:
        found += _instalments(fund_id, as_of)
    if kind in {"", "membership"}:
        found += _invoices(fund_id, as_of)
    wanted = [
        one
        for one in found
        if (donor_id is None or one.donor_id == donor_id)
        and (not currency or one.left.currency == currency)
        and (not bucket or one.bucket == bucket)
    ]
    return sorted(wanted, key=lambda one: (one.due_on, one.donor, one.kind, one.id))


def ageing_rows(lines: Iterable[AgeingLine]) -> list[AgeingRow]:
    """The lines summed by donor and currency, in that order."""
    grouped: dict[tuple[str, int, str], list[AgeingLine]] = defaultdict(list)
    for one in lines:
        grouped[(one.donor, one.donor_id, one.left.currency)].append(one)
    return [
        AgeingRow(
            donor_id=donor_id,
            donor=donor,
            currency=currency,
            left=Money.of_minor(sum(one.left.minor for one in mine), currency),
            usd=_usd(sum(one.usd.minor for one in mine)),
            by_bucket=by_bucket(mine),
        )
        for (donor, donor_id, currency), mine in sorted(grouped.items())
    ]


def by_bucket(lines: Iterable[AgeingLine]) -> dict[str, Money]:
    """What is left in US dollars by bucket; every bucket is there."""
    sums = dict.fromkeys(BUCKET_NAMES, 0)
    for one in lines:
        sums[one.bucket] += one.usd.minor
    return {name: _usd(minor) for name, minor in sums.items()}


def _pledges(fund_id: int, as_of: date) -> Iterator[AgeingLine]:
    """A pledge that takes back part of an earlier one is below zero, and makes the sum right."""
    rows = db.session.execute(
        select(Pledge, Organisation.name, ContributionAgreement.id)
        .join(Organisation, Organisation.id == Pledge.donor_id)
        .outerjoin(ContributionAgreement, ContributionAgreement.pledge_id == Pledge.id)
        .where(
            Pledge.fund_id == fund_id,
            Pledge.pledged_on <= as_of,
            or_(
                Pledge.closed_on > as_of,
                and_(Pledge.closed_on.is_(None), Pledge.closing_entry_id.is_(None)),
            ),
        )
        .order_by(Pledge.id)
    )
    for one, donor, agreement_id in rows:
        due_on = expected_by(one.expected_on, one.fiscal_year)
        yield _line(
            "pledge",
            one.id,
            parent_id=agreement_id,
            donor=(one.donor_id, donor),
            reference=one.reference,
            number=None,
            due_on=due_on,
            as_of=as_of,
            left=Money.of_minor(one.amount_minor, one.currency),
            usd_minor=one.usd_minor,
        )


def _instalments(fund_id: int, as_of: date) -> Iterator[AgeingLine]:
    settled = _settled(fund_id, as_of)
    held = _held(fund_id, as_of)
    for agreement, donor, terms in _agreements(fund_id, as_of):
        for one, left_minor, usd_minor in _still_to_come(agreement.id, terms, settled):
            yield _line(
                "instalment",
                one.id,
                parent_id=agreement.id,
                donor=(agreement.donor_id, donor),
                reference=agreement.reference,
                number=one.number,
                due_on=one.due_on,
                as_of=as_of,
                left=Money.of_minor(left_minor, terms.currency),
                usd_minor=usd_minor,
                is_held=bool(held & {(agreement.id, None), (agreement.id, one.id)}),
            )


def _still_to_come(
    agreement_id: int, terms: Terms, settled: _Settled
) -> Iterator[tuple[InstalmentTerms, int, int]]:
    """Each instalment with something left, and its agreed value.

    What came beyond an instalment, or names none, settles the others in their order.
    """
    spare, spare_usd = settled.get((agreement_id, None), (0, 0))
    parts: list[tuple[InstalmentTerms, int, int]] = []
    for one in terms.instalments:
        minor, usd = settled.get((agreement_id, one.id), (0, 0))
        left = one.amount_minor - one.cancelled_minor - minor
        left_usd = one.usd_minor - one.cancelled_usd_minor - usd
        if left > 0:
            parts.append((one, left, left_usd))
        else:
            spare, spare_usd = spare - left, spare_usd - left_usd
    for one, left, left_usd in parts:
        taken = min(spare, left)
        # The last to take takes the rest of the value, so that the sum is that of the books.
        is_last = taken == spare
        taken_usd = spare_usd if is_last else min(spare_usd, left_usd)
        spare, spare_usd = spare - taken, spare_usd - taken_usd
        if left > taken:
            yield one, left - taken, left_usd - taken_usd


def _agreements(fund_id: int, as_of: date) -> Iterator[tuple[ContributionAgreement, str, Terms]]:
    """The agreements of a day, each as the version in force then has it."""
    latest = (
        select(AgreementVersion.agreement_id, func.max(AgreementVersion.number).label("number"))
        .where(AgreementVersion.signed_on <= as_of)
        .group_by(AgreementVersion.agreement_id)
        .subquery("latest")
    )
    rows = db.session.execute(
        select(ContributionAgreement, Organisation.name, AgreementVersion.terms)
        .join(Organisation, Organisation.id == ContributionAgreement.donor_id)
        .outerjoin(latest, latest.c.agreement_id == ContributionAgreement.id)
        .outerjoin(
            AgreementVersion,
            and_(
                AgreementVersion.agreement_id == latest.c.agreement_id,
                AgreementVersion.number == latest.c.number,
            ),
        )
        .where(ContributionAgreement.fund_id == fund_id, ContributionAgreement.signed_on <= as_of)
        .order_by(ContributionAgreement.id)
    ).all()
    unversioned = _instalments_now([one.id for one, _donor, stored in rows if stored is None])
    for agreement, donor, stored in rows:
        if stored is not None:
            yield agreement, donor, Terms.of_stored(stored)
        elif agreement.state == AgreementState.SIGNED:
            yield agreement, donor, terms_of(agreement, unversioned[agreement.id])


def _instalments_now(agreement_ids: list[int]) -> dict[int, list[Instalment]]:
    """Of agreements from before versions were kept: as they are today."""
    found: dict[int, list[Instalment]] = {agreement_id: [] for agreement_id in agreement_ids}
    if found:
        rows = db.session.scalars(
            select(Instalment)
            .where(Instalment.agreement_id.in_(agreement_ids))
            .order_by(Instalment.agreement_id, Instalment.number)
        )
        for one in rows:
            found[one.agreement_id].append(one)
    return found


def _settled(fund_id: int, as_of: date) -> _Settled:
    """What deposits had settled by a day, by agreement and instalment."""
    rows = db.session.execute(
        select(
            Deposit.agreement_id,
            Deposit.instalment_id,
            total(Deposit.settled_minor),
            total(Deposit.settled_usd_minor),
        )
        .where(
            Deposit.fund_id == fund_id,
            Deposit.state == DepositState.MATCHED,
            Deposit.agreement_id.is_not(None),
            Deposit.value_on <= as_of,
        )
        .group_by(Deposit.agreement_id, Deposit.instalment_id)
    )
    return {
        (agreement_id, instalment_id): (int(minor), int(usd))
        for agreement_id, instalment_id, minor, usd in rows
        if agreement_id is not None
    }


def _held(fund_id: int, as_of: date) -> set[tuple[int, int | None]]:
    """What waited for a condition on a day: an agreement as a whole, or an instalment of it."""
    rows = db.session.execute(
        select(AgreementCondition.agreement_id, AgreementCondition.instalment_id)
        .join(ContributionAgreement, ContributionAgreement.id == AgreementCondition.agreement_id)
        .where(
            ContributionAgreement.fund_id == fund_id,
            or_(AgreementCondition.met_on.is_(None), AgreementCondition.met_on > as_of),
        )
    )
    return {(agreement_id, instalment_id) for agreement_id, instalment_id in rows}


def _invoices(fund_id: int, as_of: date) -> Iterator[AgeingLine]:
    paid = (
        select(Deposit.invoice_id, total(Deposit.amount_minor).label("minor"))
        .where(
            Deposit.fund_id == fund_id,
            Deposit.state == DepositState.MATCHED,
            Deposit.invoice_id.is_not(None),
            Deposit.value_on <= as_of,
        )
        .group_by(Deposit.invoice_id)
        .subquery("paid")
    )
    rows = db.session.execute(
        select(MembershipInvoice, Organisation.name, func.coalesce(paid.c.minor, 0))
        .join(Organisation, Organisation.id == MembershipInvoice.donor_id)
        .outerjoin(paid, paid.c.invoice_id == MembershipInvoice.id)
        .where(
            MembershipInvoice.fund_id == fund_id,
            MembershipInvoice.issued_on <= as_of,
            or_(
                MembershipInvoice.state == InvoiceState.ISSUED,
                MembershipInvoice.cancelled_on > as_of,
            ),
        )
        .order_by(MembershipInvoice.id)
    )
    for one, donor, paid_minor in rows:
        left = one.amount_minor - int(paid_minor)
        if left > 0:
            yield _line(
                "membership",
                one.id,
                parent_id=one.membership_id,
                donor=(one.donor_id, donor),
                reference=str(one.year),
                number=None,
                due_on=one.due_on,
                as_of=as_of,
                left=Money.of_minor(left, one.currency),
                usd_minor=share_minor(one.usd_minor, [left, one.amount_minor - left])[0],
            )


def _line(
    kind: str,
    key: int,
    *,
    parent_id: int | None,
    donor: tuple[int, str],
    reference: str,
    number: int | None,
    due_on: date,
    as_of: date,
    left: Money,
    usd_minor: int,
    is_held: bool = False,
) -> AgeingLine:
    return AgeingLine(
        kind=kind,
        id=key,
        parent_id=parent_id,
        donor_id=donor[0],
        donor=donor[1],
        reference=reference,
        number=number,
        due_on=due_on,
        days=(as_of - due_on).days,
        bucket=bucket_of(due_on, as_of, is_held=is_held),
        left=left,
        usd=_usd(usd_minor),
    )


def _usd(minor: int) -> Money:
    return Money.of_minor(minor, "USD")
