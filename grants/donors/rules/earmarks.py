"""What money may be used for: the earmark of an agreement, and of each of its deposits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from grants.errors import Malformed


@dataclass(frozen=True, kw_only=True)
class Earmark:
    """What money may be used for. An empty set of windows, countries or themes allows them all."""

    windows: frozenset[int] = frozenset()
    countries: frozenset[str] = frozenset()
    themes: frozenset[str] = frozenset()
    usable_from: date | None = None
    usable_until: date | None = None

    def __post_init__(self) -> None:
        if self.usable_from and self.usable_until and self.usable_until < self.usable_from:
            raise Malformed("The money would have to be used before it may be used.")

    @property
    def is_earmarked(self) -> bool:
        """Whether a window, country or theme is named: dates alone do not make an earmark."""
        return bool(self.windows or self.countries or self.themes)

    @property
    def places(self) -> tuple[frozenset[int], frozenset[str], frozenset[str]]:
        return (self.windows, self.countries, self.themes)

    def is_within(self, wider: Earmark) -> bool:
        """Whether everything that this allows is allowed by the other too."""
        return (
            _is_subset(self.windows, wider.windows)
            and _is_subset(self.countries, wider.countries)
            and _is_subset(self.themes, wider.themes)
            and (self.usable_from or date.min) >= (wider.usable_from or date.min)
            and (self.usable_until or date.max) <= (wider.usable_until or date.max)
        )

    def stored(self) -> dict[str, object]:
        """The places alone, as a JSON column keeps them."""
        if not self.is_earmarked:
            return {}
        return {
            "windows": sorted(self.windows),
            "countries": sorted(self.countries),
            "themes": sorted(self.themes),
        }

    def stored_with_dates(self) -> dict[str, object]:
        """Places and dates, as a JSON column keeps them."""
        dates = {
            "from": self.usable_from.isoformat() if self.usable_from else None,
            "until": self.usable_until.isoformat() if self.usable_until else None,
        }
        return {**self.stored(), **{key: value for key, value in dates.items() if value}}

    @classmethod
    def of_stored(
        cls,
        stored: Mapping[str, object],
        usable_from: date | None = None,
        usable_until: date | None = None,
    ) -> Earmark:
        """Read a JSON column; dates in it yield to dates that are given."""
        return cls(
            windows=frozenset(int(str(window)) for window in _listed(stored, "windows")),
            countries=frozenset(str(country) for country in _listed(stored, "countries")),
            themes=frozenset(str(theme) for theme in _listed(stored, "themes")),
            usable_from=usable_from or _day(stored.get("from")),
            usable_until=usable_until or _day(stored.get("until")),
        )


#: Money that may pay for anything, at any time.
EVERYTHING: Final = Earmark()


def _is_subset(narrow: frozenset[int] | frozenset[str], wide: frozenset[object]) -> bool:
    return not wide or (bool(narrow) and narrow <= wide)


def _listed(stored: Mapping[str, object], key: str) -> list[object]:
    found = stored.get(key) or []
    assert isinstance(found, list)
    return found


def _day(stored: object) -> date | None:
    return date.fromisoformat(str(stored)) if stored else None
