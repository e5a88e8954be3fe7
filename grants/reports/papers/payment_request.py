"""A payment request on paper: one page that a donor's finance office can pay by."""

from __future__ import annotations

from grants.donors.rules import Letter
from grants.reports.papers.pdf import page_of, render


def render_payment_request(letter: Letter) -> bytes:
    """Tagged PDF (PDF/UA-1) of a letter as it was frozen: the same letter, the same bytes."""
    return render(payment_request_html(letter), created_on=letter.requested_on)


def payment_request_html(letter: Letter) -> str:
    """The page that the paper is made from."""
    return page_of("payment_request.html", letter=letter)
