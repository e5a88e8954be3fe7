"""What is still open of agreements and instalments while deposits are being recorded."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from grants.db import db, lock
from grants.donors import rules
from grants.donors.models import (
    AgreementState,
    ContributionAgreement,
    Deposit,
    DepositState,
    Instalment,
    InstalmentState,
)
from grants.donors.rules import NOTHING_SETTLED, Settlement
from grants.errors import Refused
from grants.money import Money


class OpenAgreements:
    """The agreements that deposits settle, locked, with what each deposit leaves open.

    `without` leaves one deposit out of the reckoning: the one that is being replaced or undone.
    """

    def __init__(self, agreement_ids: Iterable[int | None], *, without: int | None = None) -> None:
        wanted = sorted({one for one in agreement_ids if one is not None})
        self._agreements = {one: lock(ContributionAgreement, one) for one in wanted}
        self._instalments = _instalments_of(wanted)
        self._taken: dict[tuple[str, int], Settlement] = {}
        self._without = without
        if wanted:
            self._read_settled(wanted)
            self._read_cancelled()

    def agreement(
        self, agreement_id: int | None, fund_id: int, donor_id: int | None
    ) -> ContributionAgreement | None:
        """The signed agreement of this fund and donor. Refuses any other."""
        if agreement_id is None:
            return None
        agreement = self._agreements[agreement_id]
        if (agreement.fund_id, agreement.donor_id) != (fund_id, donor_id):
            raise rules.NotOfThisDonor(thing=f"The agreement {agreement.reference}")
        if agreement.state != AgreementState.SIGNED:
            raise Refused(f"The agreement {agreement.reference} is {agreement.state}.")
        return agreement

    def instalment(
        self, agreement: ContributionAgreement | None, instalment_id: int | None
    ) -> Instalment | None:
        """The instalment named, or the earliest of the agreement that is still open."""
        mine = self._instalments.get(agreement.id, []) if agreement else []
        if instalment_id is None:
            return next((one for one in mine if self._is_open(one)), None)
        for one in mine:
            if one.id == instalment_id:
                if one.state == InstalmentState.CANCELLED:
                    raise rules.InstalmentIsClosed(number=one.number, state=one.state)
                return one
        raise rules.NotOfThisDonor(thing="The instalment")

    def settle(
        self, agreement: ContributionAgreement | None, instalment: Instalment | None, amount: Money
    ) -> Settlement:
        """Take what the amount settles off what is open; an agreement not in the books: nothing."""
        if agreement is None or agreement.entry_id is None:
            return NOTHING_SETTLED
        if agreement.currency != amount.currency:
            raise rules.CurrencyOfAgreementDiffers(
                reference=agreement.reference, agreed=agreement.currency, given=amount.currency
            )
        whole = self._open("agreement", agreement.id, agreement.amount_minor, agreement.usd_minor)
        if instalment is None:
            settled = rules.settled_by(amount.minor, whole)
        else:
            part = self._open(
                "instalment", instalment.id, instalment.amount_minor, instalment.usd_minor
            )
            is_more = amount.minor > part.amount_minor
            settled = rules.settled_by(amount.minor, *((whole,) if is_more else (part, whole)))
            self._take("instalment", instalment.id, settled)
        self._take("agreement", agreement.id, settled)
        return settled

    def mark_instalments(self) -> None:
        """Set each instalment to paid, or back to scheduled, by what its deposits settle."""
        for instalments in self._instalments.values():
            for one in instalments:
                if one.state == InstalmentState.CANCELLED:
                    continue
                if not self._is_open(one):
                    one.state = InstalmentState.PAID
                elif one.state == InstalmentState.PAID:
                    one.state = InstalmentState.SCHEDULED

    def open_of(self, instalment: Instalment) -> Settlement:
        """What is still to come of an instalment, in its currency and at its agreed value."""
        return self._open(
            "instalment", instalment.id, instalment.amount_minor, instalment.usd_minor
        )

    def open_of_agreement(self, agreement: ContributionAgreement) -> Settlement:
        """What is still to come of the whole agreement, as its row says it now."""
        return self._open("agreement", agreement.id, agreement.amount_minor, agreement.usd_minor)

    def is_paid_on(self, agreement: ContributionAgreement) -> bool:
        """Whether any deposit settles part of the agreement."""
        gone = sum(one.cancelled_minor for one in self.instalments_of(agreement.id))
        taken = self._taken.get(("agreement", agreement.id), NOTHING_SETTLED)
        return taken.amount_minor > gone

    def taken_of(self, instalment: Instalment) -> Settlement:
        """What of an instalment was paid, or will not come."""
        return self._taken.get(("instalment", instalment.id), NOTHING_SETTLED)

    def instalments_of(self, agreement_id: int) -> list[Instalment]:
        """The instalments of an agreement, locked, by number."""
        return list(self._instalments.get(agreement_id, []))

    def _is_open(self, one: Instalment) -> bool:
        if one.state == InstalmentState.CANCELLED:
            return False
        return self.open_of(one).amount_minor > 0

    def _open(self, kind: str, key: int, amount_minor: int, usd_minor: int) -> Settlement:
        taken = self._taken.get((kind, key), NOTHING_SETTLED)
        return Settlement(
            amount_minor=max(amount_minor - taken.amount_minor, 0),
            usd_minor=max(usd_minor - taken.usd_minor, 0),
        )

    def _take(self, kind: str, key: int, settled: Settlement) -> None:
        taken = self._taken.get((kind, key), NOTHING_SETTLED)
        self._taken[(kind, key)] = Settlement(
            amount_minor=taken.amount_minor + settled.amount_minor,
            usd_minor=taken.usd_minor + settled.usd_minor,
        )

    def _read_settled(self, agreement_ids: list[int]) -> None:
        query = (
            select(
                Deposit.agreement_id,
                Deposit.instalment_id,
                func.sum(Deposit.settled_minor),
                func.sum(Deposit.settled_usd_minor),
            )
            .where(Deposit.agreement_id.in_(agreement_ids))
            .where(Deposit.state == DepositState.MATCHED)
            .group_by(Deposit.agreement_id, Deposit.instalment_id)
        )
        if self._without is not None:
            query = query.where(Deposit.id != self._without)
        for agreement_id, instalment_id, amount_minor, usd_minor in db.session.execute(query):
            assert agreement_id is not None
            settled = Settlement(amount_minor=int(amount_minor), usd_minor=int(usd_minor))
            self._take("agreement", agreement_id, settled)
            if instalment_id is not None:
                self._take("instalment", instalment_id, settled)

    def _read_cancelled(self) -> None:
        for agreement_id, instalments in self._instalments.items():
            for one in instalments:
                gone = Settlement(
                    amount_minor=one.cancelled_minor, usd_minor=one.cancelled_usd_minor
                )
                self._take("agreement", agreement_id, gone)
                self._take("instalment", one.id, gone)


def _instalments_of(agreement_ids: list[int]) -> dict[int, list[Instalment]]:
    found: dict[int, list[Instalment]] = {}
    rows = db.session.scalars(
        select(Instalment)
        .where(Instalment.agreement_id.in_(agreement_ids))
        .order_by(Instalment.agreement_id, Instalment.number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for one in rows:
        found.setdefault(one.agreement_id, []).append(one)
    return found
