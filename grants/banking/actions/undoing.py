"""Taking back what was said of a movement."""

from __future__ import annotations

from grants.audit import actions as audit
from grants.banking import rules
from grants.banking.actions.settling import end, present_matches, reversed_now
from grants.banking.models import BankAccount, BankLine, MatchKind
from grants.corrections import actions as corrections
from grants.corrections.models import Correction
from grants.corrections.rules import Reversal
from grants.db import db, lock
from grants.people.permissions import Actor, Verb, require

#: What posted nothing of its own: it was in the books before, or never.
_NOT_POSTED = {MatchKind.BOOKED, MatchKind.LEFT_OUT}


def undo(actor: Actor, line_id: int, *, reason: str) -> Correction | None:
    """Take back what was said of a movement, with the reason.

    What was only ticked off or left out is open at once (None). What was posted from the movement
    is proposed as a reversal, which another person approves; the movement is open from then on.
    Refuses a movement that is open, and what the bank converted.
    """
    line = lock(BankLine, line_id)
    account = db.session.get_one(BankAccount, line.account_id)
    require(actor, Verb.RECORD_CONTRIBUTION, account.fund_id)
    if not reason.strip():
        raise rules.ReasonWanted
    matches = present_matches(line_id)
    if not matches or any(reversed_now(matches)):
        raise rules.LineIsOpen
    kind, entry_id = MatchKind(matches[0].kind), matches[0].entry_id
    if kind is MatchKind.CONVERSION:
        raise rules.ConversionStands
    if kind in _NOT_POSTED:
        for one in matches:
            end(actor, one, reason.strip())
        audit.record(
            actor,
            "bank_line.opened",
            "bank_line",
            line_id,
            fund_id=account.fund_id,
            reason=reason.strip(),
        )
        return None
    assert entry_id is not None
    return corrections.propose(
        actor, account.fund_id, Reversal(entry_id=entry_id), reason=reason.strip()
    )
