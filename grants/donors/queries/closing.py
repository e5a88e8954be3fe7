"""What of the incoming side is looked at before a period is closed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from grants.db import db
from grants.donors.models import (
    ContributionAgreement,
    Deposit,
    DepositState,
    Instalment,
    InstalmentState,
)
from grants.ledger.queries import Check, CheckState, Closing, closing_check


@closing_check
def receipts_are_identified(closing: Closing) -> Iterable[Check]:
    """Money that nobody knows the giver of warns: it is neither income nor spendable."""
    count = db.session.scalar(
        select(func.count())
        .select_from(Deposit)
        .where(
            Deposit.fund_id == closing.fund_id,
            Deposit.state == DepositState.UNIDENTIFIED,
            Deposit.value_on <= closing.ends_on,
        )
    )
    yield Check(
        key="unidentified",
        title="Every receipt is somebody's",
        state=CheckState.WARNING if count else CheckState.PASS,
        what=f"Receipts up to its end that are not identified: {count}." if count else "",
    )


@closing_check
def instalments_have_come(closing: Closing) -> Iterable[Check]:
    """Instalments that were due and have not come warn: the donors may want a reminder."""
    count = db.session.scalar(
        select(func.count())
        .select_from(Instalment)
        .join(ContributionAgreement, ContributionAgreement.id == Instalment.agreement_id)
        .where(
            ContributionAgreement.fund_id == closing.fund_id,
            Instalment.due_on <= closing.ends_on,
            Instalment.state.in_([InstalmentState.SCHEDULED, InstalmentState.REQUESTED]),
        )
    )
    yield Check(
        key="instalments",
        title="Instalments that were due have come",
        state=CheckState.WARNING if count else CheckState.PASS,
        what=f"Instalments due by its end that have not come: {count}." if count else "",
    )
