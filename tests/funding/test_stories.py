"""Ten stories of earmarks, worked out by hand: who pays, or the sentence that the user reads.

Each table says what came in, what is asked, and what comes out. Amounts in US dollars; the day is
10 March 2026; the programme is Uganda's, of the Country Window, unless the table says otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from grants.db import transaction
from grants.donors.rules import Ceilings, Earmark
from grants.funding import actions, queries
from grants.funding.rules import NotEnoughFunds
from tests.funding.conftest import FundingWorld
from tests.makes.donors import DAY, money

UGANDA = Earmark(countries=frozenset({"UG"}))
EAST_AFRICA = Earmark(regions=frozenset({"014"}))
SOON, IN_A_YEAR = DAY + timedelta(days=30), DAY + timedelta(days=365)


def payers(grant_id: int) -> dict[str, str]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for one in queries.attribution_of(grant_id):
        found[one.donor] += one.amount.amount
    return {donor: str(amount) for donor, amount in found.items()}


def refused(
    world: FundingWorld, amount: str, *, programme: str = "Uganda Country Programme"
) -> str:
    with pytest.raises(NotEnoughFunds) as refusal:
        world.reserved_grant(amount, programme=programme)
    return str(refusal.value)


def test_1_the_country_before_its_region_before_the_pool(world: FundingWorld) -> None:
    """
    in   Sweden 100 Uganda | Norway 100 Eastern Africa | Chile 100 anything
    ask  a grant of 250
    out  Sweden 100, Norway 100, Chile 50
    """
    world.deposit("100", donor="Chile")
    world.deposit("100", donor="Norway", conditions=EAST_AFRICA)
    world.deposit("100", donor="Sweden", conditions=UGANDA)
    world.allocation("300")
    assert payers(world.reserved_grant("250")) == {
        "Sweden": "100.00",
        "Norway": "100.00",
        "Chile": "50.00",
    }
    world.prove()


def test_2_what_would_expire_unused_before_the_tightest_earmark(world: FundingWorld) -> None:
    """
    in   Sweden 100 Uganda | Norway 100 anything, until 9 April | Chile 100 until next March
    ask  a grant of 150
    out  Norway 100, for it would be lost; Sweden 50
    """
    world.deposit("100", donor="Sweden", conditions=UGANDA)
    world.deposit("100", donor="Norway", conditions=Earmark(usable_until=SOON))
    world.deposit("100", donor="Chile", conditions=Earmark(usable_until=IN_A_YEAR))
    world.allocation("300")
    assert payers(world.reserved_grant("150")) == {"Norway": "100.00", "Sweden": "50.00"}


def test_3_a_share_of_each_grant(world: FundingWorld) -> None:
    """
    in   Sweden 1,000 Uganda, at most 30 % of a grant | Norway 1,000 anything
    ask  grants of 100 and of 33.33
    out  Sweden 30, Norway 70; Sweden 9.99 (30 % is 9.999), Norway 23.34
    """
    third = Earmark(countries=frozenset({"UG"}), ceilings=Ceilings(share_of_grant=3000))
    world.deposit("1,000", donor="Norway")
    world.deposit("1,000", donor="Sweden", conditions=third)
    world.allocation("1,200")
    assert payers(world.reserved_grant("100")) == {"Sweden": "30.00", "Norway": "70.00"}
    assert payers(world.reserved_grant("33.33")) == {"Sweden": "9.99", "Norway": "23.34"}


def test_4_so_much_a_year_of_two_instalments_together(world: FundingWorld) -> None:
    """
    in   Sweden, one agreement: 60 and 60, at most 100 a year | Norway 500
    ask  grants of 80 and of 80 this year
    out  Sweden 80; Sweden 20, Norway 60
    """
    yearly = Earmark(countries=frozenset({"UG"}), ceilings=Ceilings(per_year_minor=10_000))
    agreement_id = world.agreement(money("120"), earmark=yearly)
    world.deposit("60", agreement_id=agreement_id)
    world.deposit("60", agreement_id=agreement_id)
    world.deposit("500", donor="Norway")
    world.allocation("620")
    assert payers(world.reserved_grant("80")) == {"Sweden": "80.00"}
    assert payers(world.reserved_grant("80")) == {"Sweden": "20.00", "Norway": "60.00"}


def test_5_equal_conditions_pay_by_their_balances(world: FundingWorld) -> None:
    """
    in   Sweden 60, Norway 40 and Chile 0.01, all Uganda
    ask  a grant of 50
    out  Sweden 30, Norway 20: Chile's cent weighs less than a cent of it
    """
    for donor, amount in (("Sweden", "60"), ("Norway", "40"), ("Chile", "0.01")):
        world.deposit(amount, donor=donor, conditions=UGANDA)
    world.allocation("100.01")
    assert payers(world.reserved_grant("50")) == {"Sweden": "30.00", "Norway": "20.00"}


def test_6_a_deposit_narrower_than_its_agreement(world: FundingWorld) -> None:
    """
    in   Sweden, one agreement for Eastern Africa: 100 narrowed to Kenya, 100 as agreed
    ask  a grant of 100 in Uganda; then one of 1
    out  the second deposit; nothing is left for Uganda
    """
    agreement_id = world.agreement(money("200"), earmark=EAST_AFRICA)
    kenya = Earmark(countries=frozenset({"KE"}))
    world.deposit("100", agreement_id=agreement_id, conditions=kenya)
    second = world.deposit("100", agreement_id=agreement_id)
    world.allocation("100")
    grant_id = world.reserved_grant("100")
    assert [one.layer_id for one in queries.attribution_of(grant_id)] == [second]
    assert refused(world, "1").startswith("USD 0.00 is left for Uganda Country Programme")


def test_7_money_for_cities_alone(world: FundingWorld) -> None:
    """
    in   Sweden 100 for NGOs | Norway 100 for local governments; the grantee is a city
    ask  a grant of 100
    out  Norway 100
    """
    world.deposit("100", donor="Sweden", conditions=Earmark(recipient_kinds=frozenset({"ngo"})))
    cities = Earmark(recipient_kinds=frozenset({"local_government"}))
    world.deposit("100", donor="Norway", conditions=cities)
    world.allocation("200")
    assert payers(world.reserved_grant("100")) == {"Norway": "100.00"}


def test_8_a_sector_and_what_is_never_bought(world: FundingWorld) -> None:
    """
    in   Sweden 100 water (DAC 140) | Norway 100 not for vehicles | Chile 100 anything
    ask  a grant of 150 for sector 14030 that buys vehicles
    out  Sweden 100, Chile 50
    """
    world.deposit("100", donor="Sweden", conditions=Earmark(sectors=frozenset({"140"})))
    world.deposit("100", donor="Norway", conditions=Earmark(excluded=frozenset({"Vehicles"})))
    world.deposit("100", donor="Chile")
    world.allocation("300")
    new = world.new_grant("150", sector="14030", items=frozenset({"vehicles"}))
    director = world.director()
    with transaction():
        grant_id = actions.reserve(director, new).id
    assert payers(grant_id) == {"Sweden": "100.00", "Chile": "50.00"}


def test_9_money_for_ghana_cannot_pay_in_uganda(world: FundingWorld) -> None:
    """
    in   Norway 40 anything | Sweden 1,200,000 Ghana, until 30 June
         Chile's agreement CHL-1 over 500, due on 1 June
    ask  60 for Uganda
    out  20 is missing: wait for Chile, or ask Sweden
    """
    world.deposit("40", donor="Norway")
    ghana = Earmark(countries=frozenset({"GH"}), usable_until=date(2026, 6, 30))
    world.deposit("1,200,000", donor="Sweden", conditions=ghana)
    world.agreement(
        money("500"),
        donor="Chile",
        reference="CHL-1",
        instalments=[(date(2026, 6, 1), money("500"))],
    )
    world.allocation("40")
    assert refused(world, "60") == (
        "USD 40.00 is left for Uganda Country Programme; USD 60.00 is asked."
        " USD 1,200,000.00 more lies in the fund but is earmarked to Ghana"
        " (Sweden, deposit of 10 March 2026)."
        " It would fit if you wait for instalment 1 of CHL-1"
        " (Chile, USD 500.00, due on 1 June 2026);"
        " or ask Sweden to widen its earmark from Ghana to Ghana and Uganda,"
        " and allocate that money."
    )
    world.prove()


def test_10_a_ceiling_a_reservation_and_a_day_gone_by(world: FundingWorld) -> None:
    """
    in   Chile 100 until 28 February, allocated in time
         Norway 30, allocated; 20 of it are reserved for G-2026-0001
         Sweden 100 Uganda, at most 50 % of a grant, not allocated
    ask  90 for Uganda
    out  Norway has 10 and Sweden could add 45: releasing 20 would not be enough, asking is
    """
    february = date(2026, 2, 20)
    gone = Earmark(usable_until=date(2026, 2, 28))
    world.deposit("100", donor="Chile", on=february, conditions=gone)
    world.allocation("100", on=february)
    world.deposit("30", donor="Norway")
    world.allocation("30")
    world.reserved_grant("20")
    half = Earmark(countries=frozenset({"UG"}), ceilings=Ceilings(share_of_grant=5000))
    world.deposit("100", donor="Sweden", conditions=half)
    assert refused(world, "90") == (
        "USD 10.00 is left for Uganda Country Programme; USD 90.00 is asked."
        " USD 100.00 more lies in the fund but could be used until 28 February 2026 only"
        " (Chile, deposit of 20 February 2026); USD 45.00 is not yet allocated."
        " It would fit if you ask Chile to let its money be used until 10 March 2026"
        " instead of 28 February 2026;"
        " or ask Sweden to let it pay up to 88.89 % of a grant instead of up to 50 % of a grant,"
        " and allocate that money."
    )
    world.prove()
