"""What donors promised and paid: pledges, agreements, deposits, and the bank's conversions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from grants import clock
from grants.cli.demo.story import Scene, Story, money
from grants.donors import actions
from grants.donors.actions import Earmark, NewAgreement, NewDeposit, NewInstalment, NewPledge
from grants.ledger import queries as ledger
from grants.money import Money


@dataclass(frozen=True, kw_only=True)
class Part:
    """An instalment: when it was due and, if it was, when it was paid (days ago)."""

    amount: str
    due: int
    paid: int | None = None


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """A pledge that became an agreement, and its instalments."""

    donor: str
    reference: str
    currency: str
    pledged: int
    signed: int
    parts: Sequence[Part]
    windows: Sequence[str] = ()
    countries: Sequence[str] = ()
    themes: Sequence[str] = ()
    usable_until: int | None = None

    @property
    def amount(self) -> Money:
        total = Money.zero(self.currency)
        for part in self.parts:
            total += money(part.amount, self.currency)
        return total

    def earmark(self, story: Story) -> Earmark:
        return Earmark(
            windows=frozenset(story.made[f"window {name}"] for name in self.windows),
            countries=frozenset(self.countries),
            themes=frozenset(self.themes),
            usable_until=None if self.usable_until is None else story.day(self.usable_until),
        )


CONTRIBUTIONS = (
    Contribution(
        donor="sweden",
        reference="SIDA-61050142",
        currency="SEK",
        pledged=890,
        signed=868,
        parts=(
            Part(amount="9,000,000", due=845, paid=843),
            Part(amount="9,000,000", due=480, paid=466),
            Part(amount="9,000,000", due=115, paid=112),
        ),
    ),
    Contribution(
        donor="switzerland",
        reference="SECO-UR-01188",
        currency="CHF",
        pledged=889,
        signed=862,
        windows=("country",),
        countries=("UG", "GH", "VN"),
        parts=(
            Part(amount="150,000", due=840, paid=838),
            Part(amount="400,000", due=430, paid=431),
        ),
    ),
    Contribution(
        donor="germany",
        reference="BMZ-2460-A",
        currency="EUR",
        pledged=885,
        signed=855,
        countries=("LR", "TN"),
        usable_until=-500,
        parts=(
            Part(amount="150,000", due=835, paid=830),
            Part(amount="250,000", due=400, paid=391),
            Part(amount="400,000", due=-60),
        ),
    ),
    Contribution(
        donor="ford",
        reference="FORD-140-2231",
        currency="USD",
        pledged=700,
        signed=684,
        windows=("global",),
        themes=("migration",),
        usable_until=-75,
        parts=(
            Part(amount="120,000", due=670, paid=668),
            Part(amount="120,000", due=300, paid=297),
        ),
    ),
    Contribution(
        donor="uk",
        reference="FCDO-300912",
        currency="GBP",
        pledged=560,
        signed=520,
        parts=(
            Part(amount="400,000", due=505, paid=498),
            Part(amount="500,000", due=32),
        ),
    ),
    Contribution(
        donor="unhabitat",
        reference="UNH-CA-07",
        currency="USD",
        pledged=260,
        signed=240,
        parts=(Part(amount="150,000", due=235, paid=233),),
    ),
)


def scenes() -> list[tuple[int, Scene]]:
    """Everything that donors did, each at its day."""
    found: list[tuple[int, Scene]] = []
    for one in CONTRIBUTIONS:
        found += [(one.pledged, partial(_pledge, one)), (one.signed, partial(_sign, one))]
        for number, part in enumerate(one.parts, 1):
            if part.paid is not None:
                found.append((part.paid, partial(_deposit, one, number, part)))
                if one.currency != "USD":
                    found.append((part.paid - 3, partial(_convert, one, number, part)))
    found += [(330, _pledge_that_fell_through), (180, _withdraw), (24, _new_pledge)]
    found += [(19, _receipt_without_a_name)]
    return found


def _pledge(one: Contribution, story: Story) -> None:
    new = NewPledge(
        fund_id=story.fund_id,
        donor_id=story.made[one.donor],
        amount=one.amount,
        pledged_on=clock.today(),
        fiscal_year=clock.today().year,
    )
    story.made[f"pledge {one.reference}"] = actions.record_pledge(story.actor("finance"), new).id


def _sign(one: Contribution, story: Story) -> None:
    earmark = one.earmark(story)
    new = NewAgreement(
        fund_id=story.fund_id,
        donor_id=story.made[one.donor],
        reference=one.reference,
        amount=one.amount,
        signed_on=clock.today(),
        is_core=not earmark.is_earmarked,
        earmark=earmark,
        instalments=tuple(
            NewInstalment(due_on=story.day(part.due), amount=money(part.amount, one.currency))
            for part in one.parts
        ),
        pledge_id=story.made[f"pledge {one.reference}"],
    )
    agreement = actions.sign_agreement(story.actor("finance"), new)
    story.made[f"agreement {one.reference}"] = agreement.id


def _deposit(one: Contribution, number: int, part: Part, story: Story) -> None:
    new = NewDeposit(
        fund_id=story.fund_id,
        donor_id=story.made[one.donor],
        agreement_id=story.made[f"agreement {one.reference}"],
        amount=money(part.amount, one.currency),
        value_on=clock.today(),
        remitter=one.donor.title(),
        bank_reference=f"{one.reference}/{number}",
    )
    deposit = actions.record_deposit(story.actor("finance"), new)
    story.made[f"deposit {one.reference} {number}"] = deposit.id


def _convert(one: Contribution, number: int, part: Part, story: Story) -> None:
    """The bank's rate is a little below or above the operational rate of the deposit."""
    amount = money(part.amount, one.currency)
    rate = ledger.rate_on(one.currency, clock.today())
    assert rate is not None
    off = Decimal(1) + (Decimal((number * 3 + len(one.donor)) % 5) - 3) / 2000
    actions.record_conversion(
        story.actor("finance"),
        story.made[f"deposit {one.reference} {number}"],
        amount,
        rate.to_usd(amount).times(off),
        on=clock.today(),
    )


def _pledge_that_fell_through(story: Story) -> None:
    new = NewPledge(
        fund_id=story.fund_id,
        donor_id=story.made["brazil"],
        amount=money("100,000"),
        pledged_on=clock.today(),
        fiscal_year=clock.today().year,
    )
    story.made["pledge brazil"] = actions.record_pledge(story.actor("finance"), new).id


def _withdraw(story: Story) -> None:
    actions.withdraw_pledge(
        story.actor("finance"),
        story.made["pledge brazil"],
        "The budget of the year was passed without it",
        on=clock.today(),
    )


def _new_pledge(story: Story) -> None:
    new = NewPledge(
        fund_id=story.fund_id,
        donor_id=story.made["switzerland"],
        amount=money("600,000", "CHF"),
        pledged_on=clock.today(),
        fiscal_year=clock.today().year + 1,
        reference="Letter of intent, second phase",
    )
    actions.record_pledge(story.actor("finance"), new)


def _receipt_without_a_name(story: Story) -> None:
    new = NewDeposit(
        fund_id=story.fund_id,
        amount=money("60,000", "EUR"),
        value_on=clock.today(),
        remitter="AJUNTAMENT, REF CIUTATS",
        bank_reference="INTL TRF 88120734",
    )
    actions.record_deposit(story.actor("finance"), new)
