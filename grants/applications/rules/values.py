"""What typed text means: a number, an amount, a day. None when it cannot be read."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from grants.money import Money, NotMoney

_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{0,6})?|[+-]?\.\d{1,6}")
_AMOUNT_CHARS_MAX = 40


def count_words(text: str) -> int:
    """The number of maximal runs of non-white-space, exactly as the browser counts."""
    return len(text.split())


def read_number(typed: str) -> Decimal | None:
    """The number: spaces and commas between thousands, a point or a lone comma for decimals."""
    cleaned = "".join(typed.split()).replace("\N{MINUS SIGN}", "-")
    head, comma, tail = cleaned.rpartition(",")
    if comma and "." not in cleaned and "," not in head and len(tail) != 3:
        cleaned = f"{head}.{tail}"
    cleaned = cleaned.replace(",", "")
    return Decimal(cleaned) if _NUMBER.fullmatch(cleaned) else None


def read_money(typed: str, currency: str) -> Money | None:
    """The amount, with or without its currency's code before it."""
    cleaned = typed.strip().replace("\N{MINUS SIGN}", "-")
    if cleaned.upper().startswith(currency):
        cleaned = cleaned[len(currency) :].strip()
    if not cleaned or len(cleaned) > _AMOUNT_CHARS_MAX or "e" in cleaned.lower():
        return None
    try:
        return Money.parse(cleaned, currency)
    except NotMoney:
        return None


def read_date(typed: str) -> date | None:
    """The day, as the browser writes it: year-month-day."""
    try:
        found = date.fromisoformat(typed.strip())
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2200 else None
