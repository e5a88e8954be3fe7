"""What is proposed does not hang on the order of things; what is known is known again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.banking.rules import (
    Findings,
    Kept,
    Movement,
    ReadFile,
    ReadLine,
    ReadStatement,
    Target,
    TargetKind,
    certain_ones,
    plan,
    verdict,
)
from grants.banking.rules.naming import likeness
from grants.banking.rules.planning import NewStatement, is_account
from grants.money import Money

pytestmark = pytest.mark.once

DAY = date(2026, 3, 1)
NUMBER = "DE89370400440532013000"
ZERO = Money.zero("USD")

amounts = st.integers(1, 5).map(lambda units: Money.of_minor(units * 100, "USD"))
days = st.integers(0, 60).map(lambda number: DAY + timedelta(days=number))
donors = st.sampled_from(["Sweden", "Kingdom of Norway", "Ministry of Finance of Chile"])
targets = st.builds(
    Target,
    kind=st.just(TargetKind.INSTALMENT),
    id=st.integers(1, 10_000),
    donor=donors,
    donor_id=st.integers(1, 3),
    agreement_id=st.integers(1, 4),
    reference=st.sampled_from(["SWE-1", "SWE-12", "NOR/2026/3", "CHL 2026 77"]),
    amount=st.one_of(amounts, amounts.map(lambda one: Money.of_minor(one.minor, "EUR"))),
    due_on=days,
)
movements = st.builds(
    Movement,
    amount=amounts,
    value_on=days,
    other_party=donors,
    words=st.sampled_from(["for SWE 12", "NOR-2026-3 first", "CHL202677", "gift", "Bank charges"]),
)


@given(movements, st.lists(targets, max_size=8, unique_by=lambda one: one.id), st.randoms())
def test_the_order_of_candidates_does_not_matter(
    movement: Movement, found: list[Target], random: Random
) -> None:
    mixed = list(found)
    random.shuffle(mixed)
    one, other = (verdict(movement, some, tolerance=ZERO) for some in (found, mixed))
    assert one == other
    for proposal in one.proposals:
        assert proposal.target.amount is None or proposal.target.amount.currency == "USD"
        assert proposal.reasons


@given(st.lists(movements, max_size=6), st.lists(targets, max_size=6, unique_by=lambda one: one.id))
def test_nothing_is_certain_for_two_movements_at_once(
    found: list[Movement], some: list[Target]
) -> None:
    told = [(at, verdict(one, some, tolerance=ZERO)) for at, one in enumerate(found)]
    sure = certain_ones(told)
    keys = Counter(one.target.key for one in sure.values())
    assert all(count == 1 for count in keys.values())
    assert sure == certain_ones(told[::-1])


@pytest.mark.parametrize(
    ("reference", "text", "is_named"),
    [
        ("SWE-1", "contribution SWE-1", True),
        ("SWE-1", "contribution SWE-12", False),
        ("SWE-1", "contribution swe 1/2026", True),
        ("SWE-1", "XSWE-1", False),
        ("SWE-2026-1", "SWE20261", True),
        ("SWE-2026-1", "SWE-20 26-1 AND MORE", True),
        ("SWE-2026-1", "SWE-2026-11", False),
        ("A1", "A1", False),
        ("SWEDEN", "SWEDEN", False),
        ("11/2026", "no. 11/2026", True),
        ("11/2026", "no. 111/2026", False),
    ],
)
def test_an_agreement_is_named_whatever_stands_between(
    reference: str, text: str, *, is_named: bool
) -> None:
    target = Target(
        kind=TargetKind.INSTALMENT,
        id=1,
        reference=reference,
        amount=Money.of_minor(100, "USD"),
        due_on=DAY,
    )
    movement = Movement(amount=Money.of_minor(5, "USD"), value_on=DAY, words=text)
    found = verdict(movement, [target], tolerance=ZERO).best
    assert bool(found and "names agreement" in found.reasons[0]) is is_named


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("Sweden", "SWEDEN", 100, 100),
        ("Ministry of Foreign Affairs, Sweden", "Sweden Foreign Affairs", 100, 100),
        ("Göteborgs Stad", "GOTEBORGS STAD", 100, 100),
        ("Gates Foundation", "Bill & Melinda Gates Foundation", 94, 99),
        ("Swiss Agency for Development", "Swiss Agency for Developmnt", 94, 99),
        ("Norway", "Sweden", 0, 0),
        ("", "Sweden", 0, 0),
        ("Ministry of the", "Ministry of the", 0, 0),
    ],
)
def test_how_alike_names_are(one: str, other: str, least: int, most: int) -> None:
    assert least <= likeness(one, other) <= most
    assert likeness(one, other) == likeness(other, one)


@pytest.mark.parametrize(
    ("said", "is_ours"),
    [
        ("", True),
        ("DE89 3704 0044 0532 0130 00", True),
        ("DE89370400440532013000EUR", True),
        ("37040044/0532013000", True),
        ("37040044/0532013001", False),
        ("13000", False),
        ("GB33BUKB20201555555555", False),
    ],
)
def test_an_account_is_known_however_the_bank_spells_it(said: str, *, is_ours: bool) -> None:
    assert is_account(said, NUMBER) is is_ours


lines = st.builds(
    ReadLine,
    row=st.just(1),
    booked_on=st.integers(0, 9).map(lambda number: DAY + timedelta(days=number)),
    value_on=st.just(DAY),
    # With some below nothing two days might close alike, and nothing would tell windows apart.
    amount=st.integers(1, 3).map(lambda units: Money.of_minor(units, "USD")),
    reference=st.sampled_from(["", "", "A", "B"]),
    words=st.sampled_from(["Fee", "Gift"]),
)


def _statement(some: Sequence[ReadLine], opening: Money, number: str) -> ReadStatement:
    on = [one.booked_on for one in some]
    moved = sum((one.amount for one in some), ZERO)
    return ReadStatement(
        row=1,
        number=number,
        account=NUMBER,
        currency="USD",
        from_on=min(on, default=DAY),
        to_on=max(on, default=DAY),
        opening=opening,
        closing=opening + moved,
        lines=tuple(some),
    )


def _planned(
    statements: Sequence[ReadStatement], keys: dict[str, int], kept: Sequence[Kept]
) -> list[NewStatement]:
    findings = Findings()
    read = ReadFile(format="x", encoding="", statements=tuple(statements))
    found = plan(
        read, NUMBER, "USD", keys=keys, kept=kept, today=date(2027, 1, 1), findings=findings
    )
    assert not findings.errors
    return found


def _have(found: Sequence[NewStatement], keys: dict[str, int]) -> None:
    for statement in found:
        for one in statement.lines:
            keys[one.fingerprint] = max(keys.get(one.fingerprint, 0), one.occurrence)


@given(st.lists(lines, max_size=12), st.integers(0, 9), st.integers(0, 9))
def test_windows_that_overlap_bring_every_movement_once(
    some: list[ReadLine], one: int, other: int
) -> None:
    """A bank's history, told in two windows of days that overlap, then as a whole."""
    # A bank gives each reference once a day and amount.
    seen: set[tuple[object, ...]] = set()
    history = []
    for line in sorted(some, key=lambda found: found.booked_on):
        key = (line.reference, line.amount.minor)
        if line.reference and key in seen:
            continue
        seen.add(key)
        # Without references only the value date tells days apart.
        history.append(replace(line, value_on=line.booked_on))
    early, late = sorted((one, other))
    first = [found for found in history if found.booked_on <= DAY + timedelta(days=late)]
    second = [found for found in history if found.booked_on >= DAY + timedelta(days=early)]
    before = [found for found in history if found.booked_on < DAY + timedelta(days=early)]
    opening = sum((found.amount for found in before), ZERO)
    keys: dict[str, int] = {}
    kept: list[Kept] = []
    count = 0
    for number, (window, start) in enumerate(((first, ZERO), (second, opening), (history, ZERO))):
        if not window:
            continue
        found = _planned([_statement(window, start, str(number))], keys, kept)
        _have(found, keys)
        count += sum(len(new.lines) for new in found)
        kept += [
            Kept(
                number=new.read.number,
                from_on=new.read.from_on,
                to_on=new.read.to_on,
                opening=new.opening,
                closing=new.closing,
            )
            for new in found
        ]
    assert count == len(history)
