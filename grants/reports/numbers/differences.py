"""What a statement says otherwise than the version before, and which ledger entries are behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from grants.ledger import queries as ledger
from grants.money import Money
from grants.reports.numbers import donor_statement as numbers
from grants.reports.shapes import Change, DonorStatement, EntryBehind

ENTRIES_MAX = 100


def compared(
    statement: DonorStatement, before: DonorStatement, fund_id: int, donor_id: int
) -> DonorStatement:
    """The statement with every figure that differs from the one before, and the entries behind."""
    entries = ledger.entries_behind(
        fund_id,
        numbers.layer_ids(fund_id, donor_id),
        after=before.cover.ledger_sequence,
        until=statement.cover.ledger_sequence,
        limit=ENTRIES_MAX,
    )
    return replace(
        statement,
        changes=tuple(changes(before, statement)),
        entries_behind=tuple(
            EntryBehind(
                sequence=one.sequence, event=one.event, value_on=one.value_on, reason=one.reason
            )
            for one in entries
            if one.value_on <= statement.cover.until_on
        ),
    )


def changes(before: DonorStatement, after: DonorStatement) -> list[Change]:
    """Every figure that differs, in the order of the statement; one that is new or gone too."""
    old, new = dict(_figures(before)), dict(_figures(after))
    return [
        Change(label=label, before=old.get(label), after=new.get(label))
        for label in dict.fromkeys([*new, *old])
        if old.get(label) != new.get(label)
    ]


def _figures(statement: DonorStatement) -> Iterator[tuple[str, Money]]:
    given = statement.contribution
    yield "Pledged", given.pledged
    yield "Agreed", given.agreed
    yield "Still to come", given.outstanding
    for row in statement.flows:
        if row.kind != "balance":
            yield f"{row.label}, in the period, tracked", row.period_tracked
            yield f"{row.label}, in the period, notional", row.period_notional
            yield f"{row.label}, cumulative, tracked", row.tracked
            yield f"{row.label}, cumulative, notional", row.notional
    for part in statement.balance:
        yield f"{part.label}, tracked", part.tracked
        yield f"{part.label}, notional", part.notional
    for category in statement.categories:
        yield f"Category {category.number}, cumulative", category.expenditure
    for grant in statement.grants:
        yield f"Grant {grant.reference}, approved", grant.approved
        yield f"Grant {grant.reference}, net funded", grant.net_funded
        yield f"Grant {grant.reference}, expenditure", grant.expenditure
