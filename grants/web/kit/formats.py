"""How amounts, days, instants and shares are written: the template filters.

Digits are grouped as the reader's language does it, always in Latin digits, because they are copied
into spreadsheets and bank forms. The currency code stands first in every language.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_compact_decimal, format_decimal
from flask import Flask, g
from flask_babel import get_locale
from markupsafe import Markup, escape

from grants.money import Money, decimals

NOTHING = "\N{EN DASH}"
_NBSP = "\N{NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"


def money(amount: Money | None) -> str:
    """`USD 1,234,567.50`, exact; nothing is a dash."""
    if amount is None:
        return NOTHING
    return f"{amount.currency}{_NBSP}{figures(amount)}"


def figures(amount: Money | None) -> str:
    """The amount without its currency, for columns whose head names it."""
    if amount is None:
        return NOTHING
    places = decimals(amount.currency)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return _signed(format_decimal(amount.amount, pattern, _locale(), numbering_system="latn"))


def money_short(amount: Money | None) -> str:
    """`USD 1.2M`, for charts and cards beside which the exact amount can be opened."""
    if amount is None:
        return NOTHING
    short = format_compact_decimal(amount.amount, locale=_locale(), fraction_digits=1)
    return f"{amount.currency}{_NBSP}{_signed(short)}"


def number(value: int | Decimal | None) -> str:
    """Digits grouped as the language does it."""
    if value is None:
        return NOTHING
    return _signed(format_decimal(value, locale=_locale(), numbering_system="latn"))


def percent(ratio: Decimal | None, places: int = 1) -> str:
    """0.375 is `37.5 %`."""
    if ratio is None:
        return NOTHING
    pattern = "0" + ("." + "#" * places if places else "")
    shown = format_decimal(ratio * 100, pattern, _locale(), numbering_system="latn")
    return f"{_signed(shown)}{_NBSP}%"


def basis_points(points: int | None) -> str:
    """Hundredths of a per cent, as a percentage: 700 is `7 %`."""
    return NOTHING if points is None else percent(Decimal(points) / 10_000, 2)


def day(value: date | None) -> str:
    """`12 Dec 2026`; never only digits, which are read differently in different countries."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(viewer_zone())).date()
    return format_date(value, "d MMM y", locale=_locale())


def instant(at: datetime | None, zone: str = "") -> Markup:
    """`12 Dec 2026, 14:02 Nairobi` in the zone given, or in that of the person who looks."""
    if at is None:
        return Markup(NOTHING)  # noqa: S704 - a constant
    zone = zone or viewer_zone()
    local = at.astimezone(ZoneInfo(zone))
    shown = f"{format_date(local.date(), 'd MMM y', locale=_locale())}, "
    shown += f"{format_time(local, 'HH:mm', locale=_locale())}{_NBSP}{zone_city(zone)}"
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Markup('<time datetime="{}">{}</time>').format(stamp, shown)


def clock_time(at: datetime, zone: str = "") -> str:
    """`14:02:11` on the clock of the zone."""
    return at.astimezone(ZoneInfo(zone or viewer_zone())).strftime("%H:%M:%S")


def hour_and_minute(at: datetime, zone: str = "") -> str:
    """`14:02` on the clock of the zone."""
    return at.astimezone(ZoneInfo(zone or viewer_zone())).strftime("%H:%M")


def day_in_zone(at: datetime, zone: str = "") -> str:
    """The calendar day of an instant in a zone."""
    return day(at.astimezone(ZoneInfo(zone or viewer_zone())).date())


def zone_city(zone: str) -> str:
    """The city that names a time zone: `Africa/Nairobi` is `Nairobi`."""
    return zone.rsplit("/", maxsplit=1)[-1].replace("_", " ")


def filesize(size_bytes: int | None) -> str:
    """`830 B`, `12 KB`, `4.5 MB`."""
    if size_bytes is None:
        return NOTHING
    if size_bytes < 1000:
        return f"{size_bytes}{_NBSP}B"
    if size_bytes < 1_000_000:
        return f"{number(round(Decimal(size_bytes) / 1000))}{_NBSP}KB"
    return f"{number(round(Decimal(size_bytes) / 1_000_000, 1))}{_NBSP}MB"


def paragraphs(text: str | None) -> Markup:
    """What somebody typed, escaped, with its paragraphs and line breaks."""
    blocks = [block.strip() for block in (text or "").replace("\r\n", "\n").split("\n\n")]
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in block.split("\n")))
        for block in blocks
        if block
    )


def shown(value: object) -> str | Markup:
    """Anything a component may hold, written as its type is written."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, Money):
        return money(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return number(value)
    return value if isinstance(value, Markup) else str(value)


def viewer_zone() -> str:
    """The time zone of the person who looks, or UTC."""
    viewer = g.get("viewer") if g else None
    return getattr(viewer, "zone", "") or "UTC"


def init_formats(app: Flask) -> None:
    """Give the filters to every template."""
    for each in (
        money,
        figures,
        money_short,
        number,
        percent,
        basis_points,
        day,
        instant,
        clock_time,
        hour_and_minute,
        day_in_zone,
        zone_city,
        filesize,
        paragraphs,
        shown,
    ):
        app.add_template_filter(each)


def _locale() -> str:
    return str(get_locale() or "en")


def _signed(text: str) -> str:
    return text.replace("\N{LEFT-TO-RIGHT MARK}", "").replace("-", _MINUS)
