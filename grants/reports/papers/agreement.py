"""The Grant Support Agreement on paper: the agreement and its annexes in their order."""

from __future__ import annotations

from grants.agreements.queries import GrantRecord
from grants.agreements.rules import TERMS, Terms
from grants.people.queries import FundView
from grants.reports.papers.pdf import page_of, render

#: Order of precedence: what stands first decides where two differ.
ANNEXES = (
    ("A", "Terms of reference"),
    ("B", "Grant budget and tranches"),
    ("C", "Reporting"),
    ("D", "General conditions"),
    ("E", "Environmental and social clauses"),
    ("F", "Prevention of sexual exploitation, abuse and harassment"),
)


def render_agreement(record: GrantRecord, fund: FundView, terms: Terms = TERMS) -> bytes:
    """Tagged PDF (PDF/UA-1) of an agreement that was prepared."""
    assert record.agreement is not None
    return render(agreement_html(record, fund, terms), created_on=record.agreement.starts_on)


def agreement_html(record: GrantRecord, fund: FundView, terms: Terms = TERMS) -> str:
    """The page that the paper is made from."""
    return page_of(
        "agreement.html",
        r=record,
        a=record.agreement,
        fund=fund,
        t=terms,
        annexes=ANNEXES,
    )
