"""What a form says of days that are closed: late items are dated today."""

from __future__ import annotations

from flask_babel import gettext as _

from grants.ledger import queries as ledger
from grants.web.kit import formats
from grants.web.kit.fields import KitField


def say_what_is_late(field: KitField, fund_id: int) -> None:
    """Tell at a date, once a period is closed, what becomes of a day on or before its end."""
    closed_until = ledger.closed_until(fund_id)
    if closed_until is not None:
        field.hint = _(
            "The books are closed up to %(day)s. What happened by then is dated today, and says"
            " which period it relates to.",
            day=formats.day(closed_until),
        )
