"""The whole portfolio as a what-if: it ties, and touches nothing."""

from __future__ import annotations

from grants.donors.rules import Earmark
from grants.funding import queries
from grants.funding.rules import Policy
from grants.ledger import queries as ledger
from tests.funding.conftest import FundingWorld
from tests.makes.donors import money

UGANDA = Earmark(countries=frozenset({"UG"}))


def test_every_grant_is_attributed_anew_and_the_books_stay(world: FundingWorld) -> None:
    """
    in   Norway 60 anything, spent on Uganda first; Sweden 60 Uganda, come later
    out  solved at once, Sweden pays for Uganda's two and Norway for what is left of them
    """
    world.deposit("60", donor="Norway")
    world.allocation("60")
    first = world.reserved_grant("50")
    world.deposit("60", donor="Sweden", conditions=UGANDA)
    world.allocation("60")
    second = world.reserved_grant("40")
    head = ledger.head(world.books())
    made = queries.portfolio(world.books())
    assert (made.approved, made.attributed, made.short) == (money("90"), money("90"), {})
    assert made.by_grant() == {first: money("50"), second: money("40")}
    sweden, norway = world.donor_named("Sweden"), world.donor_named("Norway")
    assert made.by_donor() == {sweden: money("60"), norway: money("30")}
    assert made.shares == queries.portfolio(world.books(), Policy.PRO_RATA).shares
    assert ledger.head(world.books()) == head


def test_what_was_disbursed_still_counts(world: FundingWorld) -> None:
    world.deposit("60")
    world.allocation("60")
    grant_id = world.active_grant("60")
    world.advanced(grant_id, money("20"))
    made = queries.portfolio(world.books())
    assert made.attributed == made.approved == money("60")


def test_an_empty_fund_has_an_empty_portfolio(world: FundingWorld) -> None:
    made = queries.portfolio(world.books())
    assert (made.shares, made.short, made.attributed) == ((), {}, money("0"))
