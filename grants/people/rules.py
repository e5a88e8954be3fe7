"""What the fund says about people, passwords and names."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from grants.errors import Malformed, Refused

PASSWORD_LENGTH_MIN: Final = 12
SESSION_LENGTH: Final = timedelta(days=14)
ATTEMPT_WINDOW: Final = timedelta(minutes=15)
#: Failed tries in the window: for an address from one place, for an address from anywhere, and
#: from one place in all (an office behind one line shares its place).
ATTEMPTS_MAX: Final = {"pair": 8, "address": 40, "origin": 100}


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
