"""The worked example of the domain rules, section 7, entry by entry, with its invariants."""

from __future__ import annotations

import pytest

from grants.db import transaction
from grants.ledger import actions, chart, queries
from grants.ledger.actions import Posted
from grants.ledger.chart import COSTS, INCOME, AccountRef
from grants.ledger.queries import sum_usd
from grants.money import Money
from tests.ledger.books import Books, move, open_books, sek, usd

DONOR, LAYER, PROGRAMME, GRANT = 1, 2, 3, 4

RESERVED = chart.reserved(LAYER, PROGRAMME, GRANT)
COMMITTED = chart.committed(LAYER, PROGRAMME, GRANT)
DISBURSED = chart.disbursed(LAYER, PROGRAMME, GRANT)
ALLOCATED = chart.allocated(LAYER, PROGRAMME)
UNALLOCATED = chart.unallocated(LAYER)
SPENDABLE = chart.spendable(LAYER)
PLEDGED = chart.pledge_outstanding(DONOR, "SEK")
CASH_SEK, CASH = chart.cash("SEK"), chart.cash("USD")


@pytest.fixture
def books(app: object) -> Books:
    return open_books()


def _check(books: Books) -> None:
    """Invariants (i) to (iv) after each entry."""
    found = queries.verify(books.fund_id)
    assert found.holds, found.breaks


def _income_side(books: Books) -> None:
    """Rows 1 to 6: pledge, agreement, first instalment, conversion, fee."""
    pledge = books.post(
        [move(chart.pledge_control(DONOR, "SEK"), PLEDGED, sek("20,000,000"), usd("1,900,000"))]
    )
    _check(books)
    assert books.usd_of("9010") == usd("1,900,000")

    books.post(
        [
            move(
                chart.receivable(DONOR, "SEK"),
                chart.deferred(DONOR, "SEK"),
                sek("20,000,000"),
                usd("1,920,000"),
            )
        ]
    )
    _reverse(books, pledge)
    _check(books)
    assert not books.usd_of("9010", "9011")
    assert books.usd_of("1100") == usd("1,920,000")

    books.post(
        [
            move(
                chart.deferred(DONOR, "SEK"),
                chart.receivable(DONOR, "SEK"),
                sek("10,000,000"),
                usd("960,000"),
            ),
            move(
                CASH_SEK,
                chart.revenue(DONOR, "SEK", is_core=False),
                sek("10,000,000"),
                usd("940,000"),
            ),
            move(SPENDABLE, UNALLOCATED, usd("940,000")),
        ]
    )
    _check(books)
    assert books.holds(CASH_SEK) == sek("10,000,000")
    assert books.holds(UNALLOCATED) == usd("940,000")

    books.post(
        [
            move(chart.trading("SEK"), CASH_SEK, sek("10,000,000"), usd("940,000")),
            move(CASH, chart.trading("USD"), usd("938,500")),
            move(chart.exchange_realised(), chart.trading("USD"), usd("1,500")),
            move(UNALLOCATED, SPENDABLE, usd("1,500")),
        ]
    )
    _check(books)
    assert books.usd_of("1095") == usd(0)

    books.post(
        [
            move(chart.fee_cost(), chart.fees_payable(), usd("9,400")),
            move(UNALLOCATED, SPENDABLE, usd("9,400")),
        ]
    )
    _check(books)
    books.post([move(chart.fees_payable(), CASH, usd("9,400"))])
    _check(books)


def _reverse(books: Books, posted: Posted) -> None:

    with transaction():
        actions.reverse(books.actor, posted.id, reason="The agreement is signed")


def _grant_side(books: Books) -> None:
    """Rows 7 to 15b: allocation, approval, agreement, tranche, report, refund, closing."""
    grant = chart.advances(GRANT)
    owed = chart.payable_to_grantee(GRANT)
    books.post([move(UNALLOCATED, ALLOCATED, usd("600,000"))])
    books.post([move(ALLOCATED, RESERVED, usd("250,000"))])
    books.post([move(RESERVED, COMMITTED, usd("250,000"))])
    _check(books)
    books.post([move(grant, owed, usd("100,000")), move(COMMITTED, DISBURSED, usd("100,000"))])
    _check(books)
    books.post([move(owed, CASH, usd("100,000"))])
    _check(books)
    books.post(
        [
            move(chart.expenditure(GRANT, 1), grant, usd("9,400")),
            move(chart.expenditure(GRANT, 4), grant, usd("55,000")),
            move(chart.expenditure(GRANT, 5), grant, usd("10,000")),
            move(chart.expenditure(GRANT, 8), grant, usd("5,600")),
        ]
    )
    books.post([move(chart.due_from_grantee(GRANT), grant, usd("3,000"))])
    _check(books)
    books.post(
        [
            move(CASH, grant, usd("17,000")),
            move(CASH, chart.due_from_grantee(GRANT), usd("2,000")),
            move(DISBURSED, ALLOCATED, usd("19,000")),
        ]
    )
    _check(books)
    books.post([move(COMMITTED, ALLOCATED, usd("150,000"))])
    books.post([move(chart.write_offs(GRANT), chart.due_from_grantee(GRANT), usd("1,000"))])
    _check(books)
    books.post(
        [move(CASH, chart.interest(), usd("1,200")), move(SPENDABLE, UNALLOCATED, usd("1,200"))]
    )
    books.post(
        [move(chart.bank_charges(), CASH, usd("50")), move(UNALLOCATED, SPENDABLE, usd("50"))]
    )
    _check(books)


def test_worked_example_of_the_rules(books: Books) -> None:
    """
    cash 849,250 = 330,250 unallocated + 519,000 allocated
    net assets 849,250 = income 941,200 - cost 91,950
    """
    _income_side(books)
    _grant_side(books)

    assert books.holds(CASH) == usd("849,250")
    assert books.holds(UNALLOCATED) == usd("330,250")
    assert books.holds(ALLOCATED) == usd("519,000")
    assert books.holds(DISBURSED) == usd("81,000")
    assert books.usd_of(*INCOME) == usd("941,200")
    assert books.usd_of(*COSTS) == usd("91,950")


def test_an_instalment_that_will_not_come_never_was_spendable(books: Books) -> None:
    """
    17  Dr 2100 / Cr 1100 960,000; book B: none
    """
    _income_side(books)
    before = books.holds(UNALLOCATED)
    books.post(
        [
            move(
                chart.deferred(DONOR, "SEK"),
                chart.receivable(DONOR, "SEK"),
                sek("10,000,000"),
                usd("960,000"),
            )
        ]
    )
    _check(books)
    assert not books.usd_of("1100", "2100")
    assert books.holds(UNALLOCATED) == before


def test_revaluation_moves_dollars_alone(books: Books) -> None:
    """
    16  Dr 1012 g / Cr 5510 g; gain into 9115, not spendable
    """
    books.post(
        [
            move(
                CASH_SEK,
                chart.revenue(DONOR, "SEK", is_core=True),
                sek("10,000,000"),
                usd("940,000"),
            ),
            move(SPENDABLE, UNALLOCATED, usd("940,000")),
        ]
    )
    books.post(
        [
            move(CASH_SEK, chart.exchange_unrealised("SEK"), sek(0), usd("5,000")),
            move(SPENDABLE, chart.fx_reserve(LAYER), usd("5,000")),
        ]
    )
    _check(books)
    assert books.holds(CASH_SEK) == sek("10,000,000")
    assert books.usd_of("1010") == usd("945,000")
    assert books.holds(UNALLOCATED) == usd("940,000")


def test_returning_money_to_a_contributor(books: Books) -> None:
    """
    18  Dr 4900 / Cr 2030; Dr 2030 / Cr cash; book B: Dr 9110 / Cr 9100
    """
    _income_side(books)
    owed = chart.contributors_payable(DONOR)
    books.post(
        [
            move(chart.returned_to_contributors(DONOR), owed, usd("100")),
            move(UNALLOCATED, SPENDABLE, usd("100")),
        ]
    )
    _check(books)
    books.post([move(owed, CASH, usd("100"))])
    _check(books)
    held: Money = sum_usd(queries.balances(books.fund_id, ["4900"]))
    assert held == usd("100")


def test_levy_passes_through_without_being_income(books: Books) -> None:
    """
    4b  Dr 1012 / Cr 2050; paid on: Dr 2050 / Cr cash; book B: none
    """
    levy = AccountRef("2050", "SEK")
    books.post([move(CASH_SEK, levy, sek("100,000"), usd("9,400"))])
    _check(books)
    books.post([move(levy, CASH_SEK, sek("100,000"), usd("9,400"))])
    _check(books)
    assert not books.usd_of("4010", "4020")
