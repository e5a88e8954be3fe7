"""The bank against the books, as of any day."""

from __future__ import annotations

from collections.abc import Iterator

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants import clock
from grants.banking import queries as banking
from grants.banking.queries import Reconciliation
from grants.web.kit.access import current_fund
from grants.web.kit.exports import Cell, money_columns, table_response
from grants.web.kit.paging import Filter, ListSpec
from grants.web.staff import bank_words as words
from grants.web.staff import desk
from grants.web.staff.bank import seen_account
from grants.web.staff.ledger_explorer import event_words

AS_OF = ListSpec(filters=(Filter("as_of", _l("As of"), kind="date"),))
_ALL = 100_000


@desk.get("/contributions/bank/accounts/<int:account_id>/reconciliation")
def bank_reconciliation(account_id: int) -> str | Response:
    """What the bank holds, what the books hold, and all that lies between."""
    account = seen_account(account_id)
    state = AS_OF.read()
    typed = state.values["as_of"]
    today = clock.today(current_fund().time_zone)
    on = typed if typed and not isinstance(typed, str) else account.until_on or today
    ending = request.args.get("format", "")
    found = (
        banking.reconciliation(account_id, on, limit=_ALL)
        if ending
        else banking.reconciliation(account_id, on)
    )
    if found is not None:
        name = f"reconciliation-{account.number}-{on}"
        sent = table_response(ending, name, _columns(), _rows(found))
        if sent is not None:
            return sent
    return render_template(
        "staff/bank/reconciliation.html",
        account=account,
        found=found,
        on=on,
        state=state,
        words=words,
    )


def _columns() -> list[str]:
    return [
        _("What"),
        _("Day"),
        *money_columns(_("Amount")),
        _("Text"),
        _("Reference"),
        _("State"),
    ]


def _rows(found: Reconciliation) -> Iterator[tuple[Cell, ...]]:
    yield (_("By the bank"), found.on, found.by_bank, "", "", "")
    yield (_("By the books"), found.on, found.by_books, "", "", "")
    yield (_("Difference"), found.on, found.difference, "", "", "")
    yield (_("Before the first statement"), found.from_on, found.before, "", "", "")
    for one in found.lines:
        yield (
            _("At the bank, not in the books"),
            one.booked_on,
            one.amount,
            one.words or one.other_party,
            one.reference,
            str(words.OPEN_STATES[one.state]),
        )
    for entry in found.entries:
        yield (
            _("In the books, not at the bank"),
            entry.value_on,
            -entry.amount,
            event_words(entry.event),
            str(entry.sequence),
            "",
        )
    yield (_("Not explained"), found.on, found.unexplained, "", "", "")
