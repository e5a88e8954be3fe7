"""Money out: the postings of the domain rules, section 7, rows 7 to 13, by layers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text, update

from grants.db import db, transaction
from grants.donors import actions as donors
from grants.donors.actions import Earmark
from grants.errors import NotAllowed, NotFound
from grants.funding import actions, queries, rules
from grants.funding.actions import ImportedGrant, NewGrant
from grants.funding.models import Attribution, Grant
from grants.funding.rules import NotEnoughFunds, Policy
from grants.ledger import actions as ledger
from grants.ledger import chart
from grants.ledger import queries as books
from grants.ledger.actions import NewEntry, NewMove
from grants.money import Money
from grants.people.models import PoolPolicy, Role
from tests.funding.conftest import FundingWorld
from tests.makes.donors import DAY, money

UGANDA = Earmark(countries=frozenset({"UG"}))
GHANA = Earmark(countries=frozenset({"GH"}))
LATER = DAY + timedelta(days=30)


def held(world: FundingWorld, number: str) -> Money:
    return books.sum_usd(books.balances(world.books(), [number]))


def payers(grant_id: int) -> dict[str, str]:
    return {one.donor: str(one.amount.amount) for one in queries.attribution_of(grant_id)}


def test_allocation_moves_money_of_the_layers_that_may_pay(world: FundingWorld) -> None:
    """
    7   Dr 9110 / Cr 9120 by layer: the earmark first, then the pool
    """
    world.deposit("100", donor="Sweden", conditions=UGANDA)
    world.deposit("50", donor="Norway")
    world.deposit("500", donor="Chile", conditions=GHANA)
    world.allocation("130")
    programme_id = world.programme_named()
    page = queries.programme_page(programme_id)
    assert [(one.donor, one.given, one.is_tracked) for one in page.layers] == [
        ("Sweden", money("100"), True),
        ("Norway", money("30"), False),
    ]
    assert (page.money.allocated, page.money.left) == (money("130"), money("130"))
    assert [one.decided_by for one in page.allocations] == ["Board"]
    assert held(world, "9110") == money("520")
    world.prove()


def test_allocation_that_does_not_fit_says_what_could_be_done(world: FundingWorld) -> None:
    world.deposit("40")
    world.deposit("1,200,000", on=DAY, conditions=GHANA)
    with pytest.raises(NotEnoughFunds) as refused:
        world.allocation("60")
    assert str(refused.value) == (
        "USD 40.00 is left for Uganda Country Programme; USD 60.00 is asked. "
        "USD 1,200,000.00 more lies in the fund but is earmarked to Ghana "
        "(Sweden, deposit of 10 March 2026). "
        "It would fit if you ask Sweden to widen its earmark from Ghana to Ghana and Uganda."
    )
    assert (refused.value.left, refused.value.missing) == (money("40"), money("20"))
    assert held(world, "9120") == money("0")


def test_money_received_after_the_decision_is_not_allocated(world: FundingWorld) -> None:
    world.deposit("100", on=LATER)
    with pytest.raises(NotEnoughFunds, match=r"was received on 9 April 2026, too late for this"):
        world.allocation("60", on=DAY)
    world.allocation("60", on=LATER)


def test_what_is_free_in_a_programme_may_be_taken_back(world: FundingWorld) -> None:
    world.deposit("60", donor="Sweden")
    world.deposit("40", donor="Norway")
    world.allocation("100")
    world.reserved_grant("50")
    programme_id, steward = world.programme_named(), world.steward()
    with pytest.raises(rules.MoreThanHeld, match=r"USD 50\.00 is free"), transaction():
        actions.return_allocation(
            steward, programme_id, money("51"), decided_on=DAY, decided_by="Board", reason="Less"
        )
    with transaction():
        actions.return_allocation(
            steward, programme_id, money("50"), decided_on=DAY, decided_by="Board", reason="Less"
        )
    assert queries.programme_money(programme_id).left == money("0")
    assert queries.programme_money(programme_id).allocated == money("50")
    world.prove()


def test_reservation_and_agreement_move_the_same_layers(world: FundingWorld) -> None:
    """
    8   Dr 9120 / Cr 9130;  9   Dr 9130 / Cr 9140
    """
    world.deposit("60", donor="Sweden")
    world.deposit("40", donor="Norway")
    world.allocation("100")
    grant_id = world.reserved_grant("50")
    assert payers(grant_id) == {"Sweden": "30.00", "Norway": "20.00"}
    assert (held(world, "9120"), held(world, "9130")) == (money("50"), money("50"))
    with transaction():
        actions.commit(world.steward(), grant_id, on=DAY)
    assert (held(world, "9130"), held(world, "9140")) == (money("0"), money("50"))
    assert queries.grant(grant_id).state == "active"
    with pytest.raises(rules.WrongState, match="is active, so it cannot"), transaction():
        actions.commit(world.steward(), grant_id, on=DAY)
    world.prove()


def test_grant_that_does_not_fit_is_refused_with_what_is_left_and_why(
    world: FundingWorld,
) -> None:
    world.deposit("340,040", donor="Norway")
    world.allocation("40,040")
    world.reserved_grant("40,000")
    world.deposit("1,200,000", donor="Sweden", conditions=GHANA)
    with pytest.raises(NotEnoughFunds) as refused:
        world.reserved_grant("60")
    assert str(refused.value) == (
        "USD 40.00 is left for Uganda Country Programme; USD 60.00 is asked. "
        "USD 1,200,000.00 more lies in the fund but is earmarked to Ghana "
        "(Sweden, deposit of 10 March 2026); USD 300,000.00 is not yet allocated. "
        "It would fit if you allocate USD 20.00 more to Uganda Country Programme."
    )
    assert (refused.value.status, refused.value.left) == (409, money("40"))
    world.prove()


def test_allocated_money_that_has_expired_pays_for_nothing_new(world: FundingWorld) -> None:
    world.deposit("100", conditions=Earmark(usable_until=DAY))
    world.allocation("100")
    with pytest.raises(NotEnoughFunds, match="could be used until 10 March 2026 only"):
        world.reserved_grant("60", on=LATER)
    world.reserved_grant("60", on=DAY)


def test_preview_says_who_would_pay_and_sets_nothing_aside(world: FundingWorld) -> None:
    world.deposit("60", donor="Sweden", conditions=UGANDA)
    world.deposit("40", donor="Norway")
    programme_id = world.programme_named()
    preview = queries.preview_allocation(programme_id, money("70"), DAY)
    assert [(one.donor, one.amount, one.basis) for one in preview.shares] == [
        ("Sweden", money("60"), "tracked"),
        ("Norway", money("10"), "notional"),
    ]
    assert preview.shares[0].conditions_words == "Uganda"
    assert preview.left == money("100")
    world.allocation("70")
    preview = queries.preview_reservation(programme_id, money("71"), DAY)
    assert preview.refusal is not None
    assert preview.refusal.reasons == ("USD 30.00 is not yet allocated",)
    assert preview.refusal.ways == ("allocate USD 1.00 more to Uganda Country Programme",)
    assert preview.left == money("70")
    assert held(world, "9130") == money("0")


def test_pool_may_pay_first_in_first_out(world: FundingWorld) -> None:
    world.books(pool_policy=PoolPolicy.FIRST_IN_FIRST_OUT)
    world.deposit("60", donor="Sweden", on=DAY)
    world.deposit("60", donor="Norway", on=DAY - timedelta(days=1))
    world.allocation("100")
    assert payers(world.reserved_grant("70")) == {"Norway": "60.00", "Sweden": "10.00"}


def test_released_reservation_goes_back_to_its_layers(world: FundingWorld) -> None:
    world.deposit("60", donor="Sweden")
    world.deposit("40", donor="Norway")
    world.allocation("100")
    grant_id = world.reserved_grant("50")
    with transaction():
        actions.release_reservation(world.director(), grant_id, "The city withdrew")
    assert (held(world, "9120"), held(world, "9130")) == (money("100"), money("0"))
    assert payers(grant_id) == {}
    assert queries.grant(grant_id).state == "cancelled"
    world.prove()
    with pytest.raises(rules.WrongState), transaction():
        actions.release_reservation(world.director(), grant_id, "Again")


def _sixty_forty(world: FundingWorld) -> int:
    """A grant of 333.33, which Sweden and Norway pay 60/40."""
    world.deposit("600", donor="Sweden")
    world.deposit("400", donor="Norway")
    world.allocation("1000")
    return world.active_grant("333.33")


def test_tranche_is_paid_by_the_layers_of_the_commitment(world: FundingWorld) -> None:
    """
    10  Dr 1200 / Cr 2010 and Dr 9140 / Cr 9150; then Dr 2010 / Cr 1010
    """
    grant_id = _sixty_forty(world)
    world.advanced(grant_id, money("100.01"), is_paid=False)
    now = queries.grant_money(grant_id)
    assert (now.net_funded, now.payable, now.paid) == (money("100.01"), money("100.01"), money("0"))
    world.prove()
    with transaction():
        actions.pay(world.treasurer(), grant_id, money("100.01"), on=DAY)
    now = queries.grant_money(grant_id)
    assert (now.committed, now.advances, now.paid) == (
        money("233.32"),
        money("100.01"),
        money("100.01"),
    )
    world.prove()
    with pytest.raises(rules.MoreThanHeld, match=r"USD 233\.32 is committed"), transaction():
        actions.advance(world.treasurer(), grant_id, money("233.33"), on=DAY)
    with (
        pytest.raises(rules.MoreThanHeld, match=r"USD 0\.00 is owed to this grantee"),
        transaction(),
    ):
        actions.pay(world.treasurer(), grant_id, money("1"), on=DAY)


def test_payment_needs_cash_in_dollars(world: FundingWorld) -> None:
    world.rate("SEK", "0.1")
    world.deposit(money("1000", "SEK"))
    world.allocation("100")
    grant_id = world.active_grant("100")
    world.advanced(grant_id, money("50"), is_paid=False)
    with pytest.raises(rules.NotEnoughCash, match=r"USD 0\.00 is in the account"), transaction():
        actions.pay(world.treasurer(), grant_id, money("50"), on=DAY)


def _report(world: FundingWorld, grant_id: int, spent: str, refused: str) -> None:
    """As an accepted partner report posts: Dr 5060 and Dr 1250 / Cr 1200."""
    moves = [
        NewMove(
            debit=chart.expenditure(grant_id, 6),
            credit=chart.advances(grant_id),
            amount=money(spent),
        ),
        NewMove(
            debit=chart.due_from_grantee(grant_id),
            credit=chart.advances(grant_id),
            amount=money(refused),
        ),
    ]
    treasurer, fund_id = world.treasurer(), world.books()
    entry = NewEntry(fund_id=fund_id, event="report.accepted", value_on=DAY, moves=moves)
    with transaction():
        ledger.post(treasurer, entry)


def test_refund_returns_to_the_layers_it_came_from_to_the_cent(world: FundingWorld) -> None:
    """
    12  Dr 1010 19.00 / Cr 1200 17.00, Cr 1250 2.00; Dr 9150 / Cr 9120 19.00 as 11.40 and 7.60
    """
    grant_id = _sixty_forty(world)
    world.advanced(grant_id, money("100"))
    _report(world, grant_id, "80", "3")
    refund = {"unspent": money("17"), "refused": money("2"), "on": DAY}
    with transaction():
        posted = actions.take_refund(world.treasurer(), grant_id, **refund)  # type: ignore[arg-type] # a table
    back = [
        (line.credit.layer_id, line.amount)
        for line in books.entry(posted.id).lines
        if line.credit.number == "9120"
    ]
    assert [amount for _, amount in back] == [money("11.40"), money("7.60")]
    assert payers(grant_id) == {"Sweden": "188.60", "Norway": "125.73"}
    now = queries.grant_money(grant_id)
    assert (now.net_funded, now.expenditure, now.advances, now.owed) == (
        money("81"),
        money("80"),
        money("0"),
        money("1"),
    )
    assert [one.name for one in now.categories] == ["Transfers and grants to counterparts"]
    world.prove()
    with (
        pytest.raises(rules.MoreThanHeld, match=r"USD 1\.00 is owed by this grantee"),
        transaction(),
    ):
        actions.take_refund(
            world.treasurer(), grant_id, unspent=money("0"), refused=money("2"), on=DAY
        )


def test_decommitment_cannot_exceed_what_is_not_yet_advanced(world: FundingWorld) -> None:
    """
    13  Dr 9140 / Cr 9120
    """
    grant_id = _sixty_forty(world)
    world.advanced(grant_id, money("100"))
    steward = world.steward()
    with pytest.raises(rules.MoreThanHeld, match=r"USD 233\.33 is committed"), transaction():
        actions.decommit(steward, grant_id, money("233.34"), on=DAY, reason="Ended early")
    with transaction():
        actions.decommit(steward, grant_id, money("233.33"), on=DAY, reason="Ended early")
    assert payers(grant_id) == {"Sweden": "60.00", "Norway": "40.00"}
    assert queries.programme_money(world.programme_named()).left == money("900")
    world.prove()


def test_approval_needs_authority_that_reaches_the_amount(world: FundingWorld) -> None:
    world.deposit("1000")
    world.allocation("1000")
    new = world.new_grant("501")
    small = world.director("500")
    with pytest.raises(NotAllowed, match=r"authority of USD 500\.00"), transaction():
        actions.reserve(small, new)
    with pytest.raises(NotAllowed, match="approver"), transaction():
        actions.reserve(world.steward(), new)
    unknown = NewGrant(
        fund_id=world.books(),
        programme_id=world.programme_named(),
        grantee_id=999,
        title="X",
        amount=money("1"),
        approved_on=DAY,
        programme_year=2026,
    )
    with pytest.raises(NotFound), transaction():
        actions.reserve(small, unknown)


def test_each_deed_has_its_role(world: FundingWorld) -> None:
    world.deposit("1000")
    world.allocation("1000")
    grant_id = world.active_grant("100")
    auditor, programme_id = world.acting(Role.AUDITOR), world.programme_named()
    waiting = world.reserved_grant("1")
    for deed in (
        lambda: actions.allocate(
            auditor, programme_id, money("1"), decided_on=DAY, decided_by="Board"
        ),
        lambda: actions.commit(auditor, waiting, on=DAY),
        lambda: actions.decommit(auditor, grant_id, money("1"), on=DAY, reason="x"),
        lambda: actions.advance(auditor, grant_id, money("1"), on=DAY),
        lambda: actions.pay(auditor, grant_id, money("1"), on=DAY),
        lambda: actions.take_refund(
            auditor, grant_id, unspent=money("1"), refused=money("0"), on=DAY
        ),
        lambda: actions.release_reservation(auditor, waiting, "x"),
    ):
        with pytest.raises(NotAllowed), transaction():
            deed()


@pytest.mark.parametrize("amount", [Money.zero("USD"), money("-1"), money("1", "EUR")])
def test_only_dollars_above_zero_are_set_aside(world: FundingWorld, amount: Money) -> None:
    steward, programme_id = world.steward(), world.programme_named()
    with pytest.raises(rules.NoAmount), transaction():
        actions.allocate(steward, programme_id, amount, decided_on=DAY, decided_by="Board")


def test_references_count_up_in_their_year_and_are_taken_once(world: FundingWorld) -> None:
    world.deposit("1000")
    world.allocation("1000")
    first, second = world.reserved_grant("1"), world.reserved_grant("1")
    assert [queries.grant(one).reference for one in (first, second)] == [
        "G-2026-0001",
        "G-2026-0002",
    ]
    again, director = world.new_grant("1", reference="G-2026-0001"), world.director()
    with pytest.raises(rules.ReferenceTaken, match="G-2026-0001"), transaction():
        actions.reserve(director, again)


def _imported(
    world: FundingWorld, amount: str, reference: str, on: date = DAY, *, is_committed: bool = True
) -> ImportedGrant:
    return ImportedGrant(
        grant=world.new_grant(amount, reference=reference, on=on), is_committed=is_committed
    )


def test_grants_of_the_past_are_paid_by_what_had_come_in(world: FundingWorld) -> None:
    """
    100 on day 1, 100 on day 30; grants of 80 (day 1), 50 (day 1, not covered), 60 (day 30)
    """
    world.deposit("100", donor="Sweden", on=DAY)
    world.deposit("100", donor="Norway", on=LATER)
    new = [
        _imported(world, "60", "C", LATER),
        _imported(world, "80", "A"),
        _imported(world, "50", "B"),
        _imported(world, "10", "D", LATER, is_committed=False),
    ]
    treasurer = world.treasurer()
    with transaction():
        grants = actions.record_imported_grants(treasurer, new, policy=Policy.FIRST_IN_FIRST_OUT)
        found = [(one.reference, one.is_funded, str(one.state)) for one in grants]
        ids = [one.id for one in grants]
    assert found == [
        ("C", True, "active"),
        ("A", True, "active"),
        ("B", False, "active"),
        ("D", True, "reserved"),
    ]
    assert payers(ids[0]) == {"Norway": "40.00", "Sweden": "20.00"}
    assert payers(ids[2]) == {}
    assert (held(world, "9140"), held(world, "9130")) == (money("140"), money("10"))
    assert len(books.entries(world.books(), event="grant.imported")[0]) == 3
    world.prove()


def test_imported_grant_follows_its_source(world: FundingWorld) -> None:
    world.deposit("100", donor="Sweden")
    treasurer, new = world.treasurer(), _imported(world, "80", "A")
    with transaction():
        grant_id = actions.record_imported_grant(treasurer, new).id
    with transaction():
        actions.replace_imported_grant(
            treasurer, grant_id, _imported(world, "95", "A"), "The source says 95"
        )
    assert (held(world, "9140"), held(world, "9110")) == (money("95"), money("5"))
    assert queries.grant(grant_id).approved == money("95")
    world.prove()
    with transaction():
        actions.replace_imported_grant(
            treasurer, grant_id, _imported(world, "101", "A"), "The source says 101"
        )
    assert (held(world, "9140"), queries.grant(grant_id).is_funded) == (money("0"), False)
    with transaction():
        actions.replace_imported_grant(
            treasurer, grant_id, _imported(world, "7", "A"), "The source says 7"
        )
    with transaction():
        actions.withdraw_imported_grant(treasurer, grant_id, "The source has it no more")
    assert (held(world, "9140"), held(world, "9110")) == (money("0"), money("100"))
    assert queries.grant(grant_id).state == "cancelled"
    world.prove()


def test_deposit_can_be_reversed_once_nothing_is_set_aside_from_it(world: FundingWorld) -> None:
    deposit_id = world.deposit("100", donor="Sweden")
    treasurer, new = world.treasurer(), _imported(world, "80", "A")
    with transaction():
        grant_id = actions.record_imported_grant(treasurer, new).id
    assert queries.grants_paid_by(deposit_id) == [grant_id]
    with transaction():
        actions.withdraw_imported_grant(treasurer, grant_id, "Its deposit was withdrawn")
        donors.reverse_deposit(
            treasurer, deposit_id, "Withdrawn by the source", second_actor_id=world.second().user_id
        )
    assert queries.grants_paid_by(deposit_id) == []
    world.prove()


def test_donor_sees_which_grants_its_money_pays_for(world: FundingWorld) -> None:
    world.deposit("60", donor="Sweden", conditions=UGANDA)
    world.deposit("40", donor="Norway")
    world.allocation("100")
    first, second = world.reserved_grant("50"), world.reserved_grant("30")
    sweden, norway = world.donor_named("Sweden"), world.donor_named("Norway")
    found = queries.grants_financed_by(world.books(), sweden)
    assert [(one.grant.id, one.tracked, one.notional, one.attributed) for one in found] == [
        (first, money("50"), money("0"), money("50")),
        (second, money("10"), money("0"), money("30")),
    ]
    assert [one.amount for one in queries.grants_financed_by(world.books(), norway)] == [
        money("20")
    ]
    assert len(queries.grants_financed_by(world.books())) == 3
    assert queries.grants_financed_by(world.books(), on=DAY - timedelta(days=1)) == []
    assert queries.grants_financed_by(world.books(), last_entry_id=0) == []
    assert len(queries.layers_paid([first, second])[second]) == 2


def test_fund_says_what_it_can_commit(world: FundingWorld) -> None:
    """
    a pledge and a signed agreement do not raise it
    """
    world.pledge(money("500"))
    world.agreement(money("300"))
    world.deposit("100")
    world.allocation("70")
    world.reserved_grant("20")
    status = queries.funding_status(world.books())
    assert (status.cash, status.held, status.free) == (money("100"), money("100"), money("80"))
    assert (status.unallocated, status.allocated, status.reserved) == (
        money("30"),
        money("50"),
        money("20"),
    )
    assert (status.pledged, status.receivable) == (money("500"), money("300"))
    layers = queries.layer_lines(world.books())
    assert [(one.unallocated, one.allocated, one.reserved) for one in layers] == [
        (money("30"), money("50"), money("20"))
    ]
    lines = queries.programme_lines(world.books())
    assert [(one.programme.name, one.money.left, one.grants) for one in lines] == [
        ("Uganda Country Programme", money("50"), 1)
    ]


def test_grants_are_found_by_what_is_known_of_them(world: FundingWorld) -> None:
    world.deposit("1000")
    world.allocation("1000")
    small, large = world.reserved_grant("1"), world.reserved_grant("9")
    fund_id = world.books()
    by_amount, count = queries.grants_of(fund_id, sort="approved")
    assert ([one.id for one in by_amount], count) == ([large, small], 2)
    assert queries.grants_of(fund_id, q="kampala", limit=1)[1] == 2
    assert queries.grants_of(fund_id, q="0002", state="reserved", year=2026)[0][0].id == large
    assert queries.grants_of(fund_id, state="closed") == ([], 0)
    assert queries.grants_of(fund_id, programme_id=999) == ([], 0)
    with pytest.raises(NotFound):
        queries.grant(999)


def test_attribution_that_does_not_hold_is_found(world: FundingWorld) -> None:
    world.deposit("100")
    world.allocation("100")
    grant_id = world.reserved_grant("40")
    with transaction() as session:
        session.execute(
            update(Attribution).where(Attribution.grant_id == grant_id).values(amount_minor=3999)
        )
    found = queries.attribution_breaks(world.books())
    assert [one.what for one in found] == [
        f"layer {layer_of(grant_id)} pays USD 39.99; the books hold USD 40.00 of it",
        "its payers make USD 39.99 of USD 40.00 approved",
    ]


def layer_of(grant_id: int) -> int:
    return queries.attribution_of(grant_id)[0].layer_id


def test_two_funds_never_pay_for_each_other(world: FundingWorld) -> None:
    world.deposit("100", fund="Another Fund")
    with pytest.raises(NotEnoughFunds, match=r"^USD 0\.00 is left .* USD 1\.00 is asked\.$"):
        world.allocation("1")
    other = world.programme_named("Ghana", fund="Another Fund")
    new = NewGrant(
        fund_id=world.books(),
        programme_id=other,
        grantee_id=world.grantee_named(),
        title="X",
        amount=money("1"),
        approved_on=DAY,
        programme_year=2026,
    )
    director = world.director()
    with pytest.raises(rules.NotOfThisFund), transaction():
        actions.reserve(director, new)


def test_database_refuses_a_grant_without_its_state(world: FundingWorld) -> None:
    world.deposit("100")
    world.allocation("100")
    grant_id = world.reserved_grant("40")
    found = db.session.get(Grant, grant_id)
    assert found is not None
    with pytest.raises(Exception, match="grant_state_is_known"), transaction() as session:
        session.execute(text("UPDATE grant_record SET state = 'spent'"))
