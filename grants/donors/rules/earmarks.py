"""What money may be used for: the earmark of an agreement, and of each of its deposits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final

from grants.donors.rules.regions import countries_in, countries_of
from grants.errors import Malformed

#: A share of a grant is stated in basis points: 10,000 is the whole grant.
WHOLE_BASIS_POINTS: Final = 10_000
#: The first digits of a DAC sector code name its group: 140 is water, 14030 basic drinking water.
_SECTOR_GROUP_DIGITS: Final = 3


class CostType(StrEnum):
    """What kind of outgoing the money of a donor may bear."""

    GRANT = "grant"
    DIRECT_COST = "direct_cost"
    FUND_TRANSFER = "fund_transfer"


@dataclass(frozen=True, kw_only=True)
class Ceilings:
    """At most so much, in US dollars (minor units); None is no ceiling.

    They bind together all that comes under one agreement; money without one, each deposit alone.
    """

    #: Of what is approved for a grant, in basis points.
    share_of_grant: int | None = None
    per_grant_minor: int | None = None
    #: Of all grants that are approved in a calendar year.
    per_year_minor: int | None = None

    def __post_init__(self) -> None:
        if self.share_of_grant is not None and not 0 < self.share_of_grant <= WHOLE_BASIS_POINTS:
            raise Malformed("A share of a grant is above 0 % and at most 100 %.")
        if any(amount is not None and amount <= 0 for amount in self._amounts):
            raise Malformed("A ceiling is an amount above zero.")

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) is not None for one in fields(self))

    def is_within(self, wider: Ceilings) -> bool:
        """Whether each ceiling is at most as high as the other's."""
        return all(
            _is_lower(getattr(self, one.name), getattr(wider, one.name)) for one in fields(self)
        )

    def stored(self) -> dict[str, int]:
        """As a JSON column keeps them: those that are set."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in found.items() if value is not None}

    @property
    def _amounts(self) -> tuple[int | None, int | None]:
        return (self.per_grant_minor, self.per_year_minor)


NO_CEILINGS: Final = Ceilings()


@dataclass(frozen=True, kw_only=True)
class Earmark:
    """What money may be used for. An empty set allows everything of its kind.

    A place is allowed by its country or by a region (M49) that it lies in. `excluded` are words
    (categories of cost, things bought, sectors) that the money may never pay for.
    """

    windows: frozenset[int] = frozenset()
    countries: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    themes: frozenset[str] = frozenset()
    sectors: frozenset[str] = frozenset()
    cost_types: frozenset[str] = frozenset()
    recipient_kinds: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    ceilings: Ceilings = field(default=NO_CEILINGS)
    usable_from: date | None = None
    usable_until: date | None = None

    def __post_init__(self) -> None:
        if self.usable_from and self.usable_until and self.usable_until < self.usable_from:
            raise Malformed("The money would have to be used before it may be used.")
        if any(not countries_of(region) for region in self.regions):
            raise Malformed("Name regions by their numbers in the UN standard M49.")

    @property
    def is_earmarked(self) -> bool:
        """Whether a purpose is named: dates, ceilings and exclusions alone make no earmark."""
        return any(self.purposes)

    @property
    def purposes(self) -> tuple[frozenset[int] | frozenset[str], ...]:
        """What it names, kind by kind; an empty set allows everything of its kind."""
        return (
            self.windows,
            self.places,
            self.themes,
            self.sectors,
            self.cost_types,
            self.recipient_kinds,
        )

    @cached_property
    def places(self) -> frozenset[str]:
        """Every country that is allowed by name or by region; empty where all are."""
        return self.countries | countries_in(self.regions)

    def covers_sector(self, sector: str) -> bool:
        """Whether a sector is named: itself, or the group of three digits that it belongs to."""
        return _covers(self.sectors, sector)

    def is_within(self, wider: Earmark) -> bool:
        """Whether everything that this allows is allowed by the other too."""
        return (
            _is_subset(self.windows, wider.windows)
            and _is_subset(self.places, wider.places)
            and _is_subset(folded(self.themes), folded(wider.themes))
            and self._has_sectors_within(wider)
            and _is_subset(self.cost_types, wider.cost_types)
            and _is_subset(self.recipient_kinds, wider.recipient_kinds)
            and folded(self.excluded) >= folded(wider.excluded)
            and self.ceilings.is_within(wider.ceilings)
            and (self.usable_from or date.min) >= (wider.usable_from or date.min)
            and (self.usable_until or date.max) <= (wider.usable_until or date.max)
        )

    def inheriting(self, wider: Earmark) -> Earmark:
        """This, with what it does not say taken over: how a deposit narrows its agreement."""
        has_place = bool(self.places)
        return Earmark(
            windows=self.windows or wider.windows,
            countries=self.countries if has_place else wider.countries,
            regions=self.regions if has_place else wider.regions,
            themes=self.themes or wider.themes,
            sectors=self.sectors or wider.sectors,
            cost_types=self.cost_types or wider.cost_types,
            recipient_kinds=self.recipient_kinds or wider.recipient_kinds,
            excluded=self.excluded | wider.excluded,
            ceilings=Ceilings(**(wider.ceilings.stored() | self.ceilings.stored())),
            usable_from=self.usable_from or wider.usable_from,
            usable_until=self.usable_until or wider.usable_until,
        )

    def stored(self) -> dict[str, object]:
        """All but the dates, as a JSON column keeps it; what is not said is left out."""
        stored: dict[str, object] = {}
        if self.windows or self.countries or self.themes:
            stored = {
                "windows": sorted(self.windows),
                "countries": sorted(self.countries),
                "themes": sorted(self.themes),
            }
        stored |= {name: sorted(getattr(self, name)) for name in _MORE if getattr(self, name)}
        if self.ceilings:
            stored["ceilings"] = self.ceilings.stored()
        return stored

    def stored_with_dates(self) -> dict[str, object]:
        """All of it, as a JSON column keeps it."""
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
        """Read a JSON column, of an older row too; dates in it yield to dates that are given."""
        ceilings = stored.get("ceilings") or {}
        assert isinstance(ceilings, dict)
        return cls(
            windows=frozenset(int(str(window)) for window in _listed(stored, "windows")),
            countries=_words(stored, "countries"),
            regions=_words(stored, "regions"),
            themes=_words(stored, "themes"),
            sectors=_words(stored, "sectors"),
            cost_types=_words(stored, "cost_types"),
            recipient_kinds=_words(stored, "recipient_kinds"),
            excluded=_words(stored, "excluded"),
            ceilings=Ceilings(**ceilings) if ceilings else NO_CEILINGS,
            usable_from=usable_from or _day(stored.get("from")),
            usable_until=usable_until or _day(stored.get("until")),
        )

    def _has_sectors_within(self, wider: Earmark) -> bool:
        if not wider.sectors:
            return True
        return bool(self.sectors) and all(wider.covers_sector(one) for one in self.sectors)


#: Money that may pay for anything, at any time.
EVERYTHING: Final = Earmark()
#: What later rows say beside windows, countries and themes.
_MORE: Final = ("regions", "sectors", "cost_types", "recipient_kinds", "excluded")


@lru_cache(maxsize=4096)
def folded(words: frozenset[str]) -> frozenset[str]:
    """The words as they are compared: without regard to case."""
    return frozenset(word.casefold() for word in words)


@lru_cache(maxsize=4096)
def _covers(sectors: frozenset[str], sector: str) -> bool:
    named = folded(sectors)
    asked = sector.casefold()
    return asked in named or (asked.isdigit() and asked[:_SECTOR_GROUP_DIGITS] in named)


def _is_subset(
    narrow: frozenset[int] | frozenset[str], wide: frozenset[int] | frozenset[str]
) -> bool:
    return not wide or (bool(narrow) and set(narrow) <= set(wide))


def _is_lower(ceiling: int | None, wider: int | None) -> bool:
    return wider is None or (ceiling is not None and ceiling <= wider)


def _listed(stored: Mapping[str, object], key: str) -> list[object]:
    found = stored.get(key) or []
    assert isinstance(found, list)
    return found


def _words(stored: Mapping[str, object], key: str) -> frozenset[str]:
    return frozenset(str(word) for word in _listed(stored, key))


def _day(stored: object) -> date | None:
    return date.fromisoformat(str(stored)) if stored else None
