"""The ways out of a shortage in words."""

from __future__ import annotations

from collections.abc import Mapping

from grants.donors.rules import Earmark
from grants.funding.rules.ways import Change, Coming, Lies, Take, Wait, Way, Widen
from grants.funding.rules.words import in_words, limits_in_words, purposes_in_words
from grants.money import Money


def way_in_words(
    way: Way, *, purpose: str, donors: Mapping[int, str], windows: Mapping[int, str]
) -> str:
    """What somebody would have to do, as an order: allocate USD 20.00 more to Uganda.

    `purpose` is the programme that lacks money; `donors` and `windows` are names by their numbers.
    """
    return " and ".join(
        _in_words(change, purpose=purpose, donors=donors, windows=windows) for change in way
    )


def _in_words(
    change: Change, *, purpose: str, donors: Mapping[int, str], windows: Mapping[int, str]
) -> str:
    if isinstance(change, Take):
        return _take_in_words(change, purpose)
    if isinstance(change, Wait):
        return _wait_in_words(change.coming)
    return _widening_in_words(change, donors[change.donor_id], windows)


def _take_in_words(change: Take, purpose: str) -> str:
    amount = Money.of_minor(change.amount_minor, "USD")
    if change.source.lies is Lies.UNALLOCATED:
        return f"allocate {amount} more to {purpose}"
    if change.source.lies is Lies.PROGRAMME:
        return f"take back {amount} that is free in {change.source.name}"
    return f"release the reservation of {amount} for {change.source.name}"


def _wait_in_words(coming: Coming) -> str:
    amount = Money.of_minor(coming.layer.available_minor, "USD")
    held = ", once its condition is met" if coming.is_held else ""
    due = "was due" if coming.due_on < coming.layer.value_on else "due"
    return (
        f"wait for instalment {coming.number} of {coming.reference}"
        f" ({coming.donor}, {amount}, {due} on {in_words(coming.due_on)}{held})"
    )


def _widening_in_words(change: Widen, donor: str, windows: Mapping[int, str]) -> str:
    before, after = change.before, change.after
    asked = []
    if before.purposes != after.purposes:
        wider = purposes_in_words(after, windows) or "everything"
        asked.append(f"widen its earmark from {purposes_in_words(before, windows)} to {wider}")
    if before.excluded != after.excluded:
        lifted = ", ".join(sorted(before.excluded - after.excluded))
        asked.append(f"let its money pay for {lifted}")
    if before.ceilings != after.ceilings:
        asked.append(f"let it pay {_ceilings(after)} instead of {_ceilings(before)}")
    asked += _days_in_words(before, after)
    then = ", and allocate that money" if change.is_elsewhere else ""
    return f"ask {donor} to {' and to '.join(asked)}{then}"


def _days_in_words(before: Earmark, after: Earmark) -> list[str]:
    said = []
    if before.usable_until != after.usable_until and before.usable_until and after.usable_until:
        said.append(
            f"let its money be used until {in_words(after.usable_until)}"
            f" instead of {in_words(before.usable_until)}"
        )
    if before.usable_from != after.usable_from and before.usable_from and after.usable_from:
        said.append(
            f"let its money be used from {in_words(after.usable_from)}"
            f" instead of {in_words(before.usable_from)}"
        )
    return said


def _ceilings(conditions: Earmark) -> str:
    return " and ".join(
        one for one in limits_in_words(conditions) if one.startswith("at most")
    ).replace("at most ", "up to ")
