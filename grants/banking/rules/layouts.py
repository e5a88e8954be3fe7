"""How a bank lays out its CSV: kept as data, so that a new bank needs no new code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from grants.errors import Malformed

DELIMITERS: Final = (",", ";", "\t", "|")


class DateOrder(StrEnum):
    """In which order the parts of a day stand; DETECT: where the file leaves no doubt."""

    DETECT = ""
    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"
    YEAR_FIRST = "ymd"


class LayoutIncomplete(Malformed):
    """A layout needs the columns of the booking date, and of the amount or of money in and out."""


class UnknownDelimiter(Malformed):
    """Cells are parted by a comma, a semicolon, a tab or a bar."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The headings of a bank's CSV, and how it writes days and numbers. '' means: not there.

    Money in and out stand in one column with a sign, or in two; or one column says the direction
    (`direction`), where the words of `out_words` mean that money went out.
    """

    booked_on: str
    value_on: str = ""
    amount: str = ""
    credit: str = ""
    debit: str = ""
    direction: str = ""
    out_words: tuple[str, ...] = ("D", "DR", "DEBIT", "DBIT", "S", "SOLL")
    currency: str = ""
    balance: str = ""
    reference: str = ""
    end_to_end: str = ""
    other_party: str = ""
    other_account: str = ""
    words: tuple[str, ...] = ()
    code: str = ""
    account: str = ""
    delimiter: str = ""
    #: `.` or `,`; '' where the file leaves no doubt.
    decimal_mark: str = ""
    date_order: DateOrder = DateOrder.DETECT
    #: Lines above the heading.
    skipped: int = 0

    def __post_init__(self) -> None:
        if not self.booked_on or not (self.amount or (self.credit and self.debit)):
            raise LayoutIncomplete
        if self.delimiter and self.delimiter not in DELIMITERS:
            raise UnknownDelimiter

    @property
    def needed(self) -> list[str]:
        """The headings without which nothing can be read."""
        return [one for one in (self.booked_on, *(self.amounts)) if one]

    @property
    def amounts(self) -> tuple[str, ...]:
        return (self.amount,) if self.amount else (self.credit, self.debit)

    def stored(self) -> dict[str, Any]:
        """As it is kept: plain text, numbers and lists."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def of_stored(cls, kept: Mapping[str, Any]) -> Layout:
        """The layout that was kept."""
        facts: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()
        }
        return cls(**{**facts, "date_order": DateOrder(facts.get("date_order", ""))})


#: What most banks' own exports come to once their headings are put into English.
PLAIN: Final = Layout(
    booked_on="Booking date",
    value_on="Value date",
    amount="Amount",
    currency="Currency",
    balance="Balance",
    reference="Reference",
    end_to_end="End to end",
    other_party="Name",
    other_account="Account",
    words=("Details",),
    code="Code",
)
