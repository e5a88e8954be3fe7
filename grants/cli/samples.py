"""A statement of any length for measuring: the same one every time."""

from __future__ import annotations

from datetime import date

from grants.money import Money
from grants.reports.shapes import (
    BalanceLine,
    CategoryLine,
    Contribution,
    Cover,
    DonorStatement,
    GrantLine,
    InstalmentLine,
    PlaceLine,
)

_PLACES = ("Uganda", "Ghana", "Liberia", "Tunisia", "Viet Nam", "Guatemala", "Ethiopia", "Brazil")
_WORKS = ("Water kiosks", "Drains and walkways", "City development strategy", "Toilets kept clean")


def sample_statement(lines: int) -> DonorStatement:
    """A statement of a donor that pays for so many grants."""
    grants = tuple(_grant(number) for number in range(lines))
    zero = Money.zero("USD")
    approved = sum((line.approved for line in grants), zero)
    spent = sum((line.expenditure for line in grants), zero)
    return DonorStatement(
        cover=_cover(),
        contribution=Contribution(
            pledged=zero,
            agreed=approved,
            outstanding=zero,
            received_in_period=zero,
            received=approved,
            share_basis_points=2500,
        ),
        pledges=(),
        agreements=(),
        instalments=tuple(_instalment(number) for number in range(12)),
        flows=(),
        fund=(),
        places=tuple(_place(country, grants) for country in _PLACES),
        categories=(
            CategoryLine(
                number=4,
                name="Contractual services",
                before=zero,
                in_period=spent,
                expenditure=spent,
            ),
        ),
        spending=(),
        grants=grants,
        fees=(),
        balance=(
            BalanceLine(label="Spent", kind="line", tracked=zero, notional=spent),
            BalanceLine(
                label="Paid, not yet spent", kind="line", tracked=zero, notional=approved - spent
            ),
            BalanceLine(label="With the fund", kind="subtotal", tracked=zero, notional=zero),
        ),
        closing_balance=zero,
        notes=("Made up, for measuring.",),
    )


def peer_rows(lines: int) -> list[list[str]]:
    """The table of grants as plain texts, for those that draw no more than a table."""
    heading = ["Grant, partner", "Reference", "Share", "Approved", "Net funded", "Spent"]
    return [
        heading,
        *(
            [
                f"{line.title} {line.partner}",
                f"{line.reference} {line.state}",
                f"{line.share_basis_points}",
                f"{line.approved.amount:,}",
                f"{line.net_funded.amount:,}",
                f"{line.expenditure.amount:,}",
            ]
            for line in sample_statement(lines).grants
        ),
    ]


def _cover() -> Cover:
    return Cover(
        fund="The Measured Fund",
        host="",
        donor="A Contributor",
        constituency="",
        agreements=("A-1",),
        from_on=date(2026, 1, 1),
        until_on=date(2026, 12, 31),
        state="provisional",
        number="TMF-2026-AC-0001",
        version=1,
        verification_code="ABCD-EFGH-JKLM",
        verification_url="http://127.0.0.1/verify/ABCD-EFGH-JKLM",
        ledger_sequence=1,
        ledger_hash="0" * 64,
        prepared_by="",
        prepared_at=None,
        certified_by="",
        certified_at=None,
    )


def _grant(number: int) -> GrantLine:
    country = _PLACES[number % len(_PLACES)]
    approved = 1_000_000 + number * 7_919 % 9_000_000
    return GrantLine(
        reference=f"CUF-{number:05d}",
        title=f"{_WORKS[number % len(_WORKS)]} in settlement {number} of {country}",
        partner=f"City council {number % 97} of {country}",
        country=country,
        window="Country Window",
        state="active",
        grant_approved=Money.of_minor(approved * 2, "USD"),
        share_basis_points=5000,
        basis="notional",
        approved=Money.of_minor(approved, "USD"),
        net_funded=Money.of_minor(approved, "USD"),
        expenditure=Money.of_minor(approved // 3, "USD"),
        delivery_basis_points=3333,
    )


def _instalment(number: int) -> InstalmentLine:
    paid = Money.of_minor(100_000_000 + number, "SEK")
    on = date(2015 + number, 3, 1)
    return InstalmentLine(
        agreement="A-1",
        number=number + 1,
        due_on=on,
        agreed=paid,
        agreed_usd=Money.of_minor(9_600_000, "USD"),
        paid_on=on,
        paid=paid,
        rate="10.638",
        rate_source="UNORE",
        usd=Money.of_minor(9_400_000, "USD"),
        difference=Money.of_minor(-200_000, "USD"),
        days_late=0,
    )


def _place(country: str, grants: tuple[GrantLine, ...]) -> PlaceLine:
    mine = [line for line in grants if line.country == country]
    zero = Money.zero("USD")
    return PlaceLine(
        country=country,
        window="Country Window",
        programme=f"{country} Country Programme",
        grants=len(mine),
        approved=sum((line.approved for line in mine), zero),
        net_funded=sum((line.net_funded for line in mine), zero),
        expenditure=sum((line.expenditure for line in mine), zero),
    )
