"""What the fund says about people, passwords and names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from grants.errors import Malformed, Refused
from grants.money import Money

PASSWORD_LENGTH_MIN: Final = 12
SESSION_LENGTH: Final = timedelta(days=14)
ATTEMPT_WINDOW: Final = timedelta(minutes=15)
#: Failed tries in the window: for an address from one place, for an address from anywhere, and
#: from one place in all (an office behind one line shares its place).
ATTEMPTS_MAX: Final = {"pair": 8, "address": 40, "origin": 100}


#: The six groups of members by their stored name, in the order of the charter.
CONSTITUENCIES: Final = {
    "governments": "National governments",
    "multilateral": "Inter-governmental and multilateral institutions",
    "local_governments": "Associations of local governments",
    "civil_society": "Civil society and non-governmental organisations",
    "private": "Private sector and foundations",
    "knowledge": "Universities, research centres and knowledge networks",
}


class NameTaken(Refused):
    """There is already {what} named {name}."""


class WrongPassword(Refused):
    """This address and this password do not belong together. Check both and try again."""

    status = 422


class TooManyAttempts(Refused):
    """There were too many tries. Wait {minutes} minutes, or ask the administrator for help."""

    status = 429


class WeakPassword(Malformed):
    """A password needs at least {length} characters. A short sentence is easy to remember."""


class IsAMember(Refused):
    """{name} is a member since {since}. End that membership on an earlier day first."""


class MembershipIsOver(Refused):
    """This membership ended on {left_on} already."""


class LeftBeforeJoining(Refused):
    """The membership began on {joined_on}. Give that day or a later one."""

    status = 422


class FeeIsSet(Refused):
    """The contribution of this group from {year} on is set already. Set it for a later year."""


def attempt_keys(address: str, origin: str) -> dict[str, str]:
    """Under which keys a try to sign in is counted."""
    address = address.strip().lower()
    return {"pair": f"{address} from {origin}", "address": address, "origin": f"from {origin}"}


def check_attempts(failures: dict[str, int]) -> None:
    """Refuse another try after too many that failed."""
    if any(failures[kind] >= most for kind, most in ATTEMPTS_MAX.items()):
        raise TooManyAttempts(minutes=int(ATTEMPT_WINDOW.total_seconds() // 60))


def check_password_is_strong(password: str) -> None:
    """Refuse a password that is too short to be one."""
    if len(password.strip()) < PASSWORD_LENGTH_MIN:
        raise WeakPassword(length=PASSWORD_LENGTH_MIN)


@dataclass(frozen=True, kw_only=True)
class Fee:
    """What members of a kind, constituency and income group contribute from a year on."""

    kind: str
    constituency: str
    #: '': whichever group has nothing of its own.
    income_group: str
    from_year: int
    amount: Money


def is_member_in(year: int, joined_on: date, left_on: date | None) -> bool:
    """Whether a membership covers any day of a year."""
    return joined_on.year <= year and (left_on is None or left_on.year >= year)


def fee_for(
    fees: Iterable[Fee], *, kind: str, constituency: str, income_group: str, year: int
) -> Money | None:
    """The contribution of a member: its own group's latest, or else that of the constituency."""
    for group in dict.fromkeys((income_group, "")):
        found = [
            fee
            for fee in fees
            if (fee.kind, fee.constituency, fee.income_group) == (kind, constituency, group)
            and fee.from_year <= year
        ]
        if found:
            return max(found, key=lambda fee: fee.from_year).amount
    return None


def contribution_due(year: int, today: date) -> date:
    """The end of March of the year, or 30 days from today if that is later."""
    return max(date(year, 3, 31), today + timedelta(days=30))
