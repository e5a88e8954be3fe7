"""What a programme is: pure values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from babel import Locale

from grants.errors import Malformed, Refused

_ENGLISH = Locale("en")


class NameTaken(Refused):
    """{what} called {name} exists already in this fund."""


class NotOfThisFund(Refused):
    """The window belongs to another fund."""

    status = 422


@dataclass(frozen=True, kw_only=True)
class NewProgramme:
    """A Country Programme, or a global or regional one (then without a country)."""

    fund_id: int
    window_id: int
    name: str
    country_code: str | None = None
    theme: str = ""
    purpose: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    manager_id: int | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise Malformed("A programme needs a name.")
        if self.country_code is not None and not is_country(self.country_code):
            raise Malformed(f"{self.country_code} is not a country code of ISO 3166.")
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise Malformed("A programme ends after it starts.")


def is_country(code: str) -> bool:
    """Whether the code is of two letters and names a territory."""
    return len(code) == 2 and code.isalpha() and code in _ENGLISH.territories


def country_name(code: str | None) -> str:
    """The English name of a country; empty for none, the code itself if it is unknown."""
    return str(_ENGLISH.territories.get(code, code)) if code else ""


def country_codes() -> list[str]:
    """Every country code that is known, in the order of the English names."""
    known = [str(code) for code in _ENGLISH.territories]
    codes = [code for code in known if is_country(code) and code not in _NOT_PLACES]
    return sorted(codes, key=country_name)


#: Codes that CLDR names but that are no countries: groupings, and test data.
_NOT_PLACES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
