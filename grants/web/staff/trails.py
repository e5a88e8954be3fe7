"""What happened to a record, in words, for the timeline beside it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from grants.audit import queries as audit
from grants.web.kit.parts import Event

_WORDS = {
    "pledge.recorded": _l("Pledge recorded"),
    "pledge.withdrawn": _l("Pledge withdrawn"),
    "pledge.agreed": _l("Agreement signed for this pledge"),
    "pledge.paid": _l("Pledge paid"),
    "agreement.signed": _l("Agreement signed"),
    "instalment.requested": _l("Payment requested"),
    "instalment.cancelled": _l("Instalment cancelled"),
    "agreement.amended": _l("Agreement amended"),
    "condition.recorded": _l("Condition recorded"),
    "condition.met": _l("Condition met"),
    "condition.reopened": _l("Condition open again"),
    "duty.recorded": _l("Duty to report recorded"),
    "duty.done": _l("Report delivered"),
    "member.admitted": _l("Became a member"),
    "member.left": _l("Membership ended"),
    "invoice.issued": _l("Invoiced"),
    "invoice.requested": _l("Payment requested"),
    "invoice.cancelled": _l("Invoice cancelled"),
    "deposit.recorded": _l("Deposit recorded"),
    "deposit.matched": _l("Receipt matched to its donor"),
    "deposit.replaced": _l("Deposit corrected"),
    "deposit.reversed": _l("Deposit reversed"),
    "bank_line.deposit": _l("Recorded as a deposit"),
    "bank_line.unidentified": _l("Recorded as an unidentified receipt"),
    "bank_line.booked": _l("Found in the books"),
    "bank_line.charge": _l("Recorded as a charge"),
    "bank_line.interest": _l("Recorded as interest"),
    "bank_line.other_income": _l("Recorded as other income"),
    "bank_line.conversion": _l("Recorded as a conversion"),
    "bank_line.left_out": _l("Left out of the books"),
    "bank_line.opened": _l("Opened again"),
    "deposit.returned": _l("Sent back to its sender"),
    "deposit.converted": _l("Converted into US dollars"),
    "window.opened": _l("Window opened"),
    "programme.opened": _l("Programme opened"),
    "programme.allocated": _l("Allocation decided"),
    "programme.allocation_returned": _l("Allocation taken back"),
    "grant.reserved": _l("Approved, money reserved"),
    "grant.released": _l("Reservation released"),
    "grant.committed": _l("Agreement signed, money committed"),
    "grant.decommitted": _l("De-committed"),
    "grant.advanced": _l("Tranche approved"),
    "grant.paid": _l("Tranche paid"),
    "grant.refunded": _l("Refund received"),
    "grant.imported": _l("Taken over from other books"),
}


def trail(thing_type: str, thing_id: int, *, limit: int = 50) -> list[Event]:
    """The newest first; an amount stands in the note. One statement."""
    lines = audit.trail_of(thing_type, thing_id, limit=limit)
    return [
        Event(
            at=line.at,
            words=str(_WORDS.get(line.verb, line.verb.replace(".", " ").replace("_", " "))),
            actor=line.actor,
            note=" · ".join(str(part) for part in (line.facts.get("amount"), line.reason) if part),
        )
        for line in reversed(lines)
    ]
