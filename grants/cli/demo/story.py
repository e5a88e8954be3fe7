"""Telling the story of the demonstration fund: scenes, each at its day, each a transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from grants import clock
from grants.db import transaction
from grants.ledger import actions as ledger
from grants.money import Money, Rate
from grants.people import queries as people
from grants.people.permissions import Actor

Scene = Callable[["Story"], None]

#: US dollars for one unit; each month lies a little beside it.
_RATES = {"CHF": "1.125", "EUR": "1.085", "GBP": "1.268", "SEK": "0.0962"}


@dataclass
class Story:
    """What has happened so far: who there is, and the ids of what was made, by a name."""

    today: date
    made: dict[str, int] = field(default_factory=dict)
    _actors: dict[str, Actor] = field(default_factory=dict)
    _months: set[date] = field(default_factory=set)

    @property
    def fund_id(self) -> int:
        return self.made["fund"]

    def actor(self, name: str) -> Actor:
        """Somebody of the cast, with the roles held by now."""
        if name not in self._actors:
            self._actors[name] = people.actor_of(self.made[f"user {name}"])
        return self._actors[name]

    def day(self, days_ago: int) -> date:
        return self.today - timedelta(days=days_ago)

    def tell(self, scenes: Sequence[tuple[int, Scene]], seen: Callable[[int], None]) -> None:
        """Have every scene happen, the oldest first; `seen` hears how many are over."""
        in_order = sorted(enumerate(scenes), key=lambda one: (-one[1][0], one[0]))
        for number, (place, (days_ago, scene)) in enumerate(in_order, 1):
            with clock.stopped_at(self._instant(days_ago, place)), transaction():
                self._record_rates()
                scene(self)
            seen(number)
        with transaction():
            self._record_rates()

    def _instant(self, days_ago: int, place: int) -> datetime:
        """Some moment of a working day, other ones on other days."""
        start = datetime.combine(self.day(days_ago), time(7, 30), UTC)
        seconds = days_ago * 53 % 360 * 60 + days_ago * 17 % 60
        return start + timedelta(seconds=seconds + 97 * place)

    def _record_rates(self) -> None:
        """The operational rates of the month, as soon as there is somebody to record them."""
        month = clock.today().replace(day=1)
        if month in self._months or "user finance" not in self.made:
            return
        self._months.add(month)
        for place, (currency, text) in enumerate(_RATES.items()):
            number = month.year * 12 + month.month
            percent = Decimal((number * 7 + place * 5) % 11 - 5) * Decimal("0.35")
            value = Decimal(text) * (1 + percent / 100)
            rate = Rate.of_usd_value(currency, value, "UNORE", month)
            ledger.record_rate(self.actor("finance"), self.fund_id, rate)


def money(text: str, currency: str = "USD") -> Money:
    """`money("1,000")` is a thousand dollars."""
    return Money(Decimal(text.replace(",", "")), currency)
