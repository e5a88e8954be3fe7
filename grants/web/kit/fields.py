"""Form fields that check shape only and keep what was typed.

`part` names the macro that draws a field (`templates/parts/field.html`). Every field takes `hint`,
`required` (True, or the sentence shown when it is empty), `is_needed` (before the end, not now),
`shown_if` ("question:value|value") and `width` ("short", "medium", "wide").
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import Field, Form
from wtforms.validators import StopValidation

from grants.web.kit.formats import number
from grants.web.kit.words import count_words

CHARS_MAX = 100_000
_DIGITS_MAX = 18


class KitField(Field):
    """What all our fields share. Subclasses say what is blank and what the typed text means."""

    part = "text"
    input_type = "text"
    data: Any  # of the type that the subclass names
    errors: list[str]
    process_errors: list[str]

    def __init__(
        self,
        label: object = "",
        *,
        hint: object = "",
        required: object = False,
        is_needed: bool = False,
        shown_if: str = "",
        width: str = "",
        **options: Any,
    ) -> None:
        super().__init__(label, **options)
        self.hint = hint
        self.required = required
        #: Not refused when empty (a draft may be unfinished), but not called optional either.
        self.is_needed = is_needed
        self.shown_if = shown_if
        self.width = width

    @property
    def typed(self) -> str:
        """What stands in the control: what was typed, or the present value."""
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)

    @property
    def is_blank(self) -> bool:
        return self.data is None or self.data in ("", [], ())

    @property
    def error(self) -> str:
        """The first thing that is wrong, in words."""
        return str(self.errors[0]) if self.errors else ""

    @property
    def target(self) -> str:
        """The id of the control to which the error summary leads."""
        return str(self.id)

    def values_chosen(self) -> set[str]:
        """The answers as `shown_if` of other questions compares them."""
        return {"" if self.data is None else str(self.data)}

    def is_shown(self, form: Form) -> bool:
        """Whether the answers so far ask this question at all."""
        if not self.shown_if:
            return True
        name, _colon, wanted = self.shown_if.partition(":")
        other = form._fields.get(name)
        if not isinstance(other, KitField) or not other.is_shown(form):
            return False
        return bool(other.values_chosen() & set(wanted.split("|")))

    def pre_validate(self, form: Form) -> None:
        """Stop at once when the question is not asked, unreadable, or empty."""
        if not self.is_shown(form):
            self.process_errors = []
            self.errors = []
            raise StopValidation
        if self.process_errors:
            raise StopValidation
        if self.is_blank:
            raise StopValidation(self._missing() if self.required else "")
        try:
            self.check()
        except ValueError as refused:
            raise StopValidation(str(refused)) from refused

    def check(self) -> None:
        """Refuse with ValueError what is there but has the wrong shape."""

    def _missing(self) -> str:
        if self.required is not True:
            return str(self.required)
        return str(_("Please answer: %(label)s", label=self.label.text))

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = self.read(str(valuelist[0]).strip())

    def read(self, typed: str) -> object:
        """The value that the typed text means. Refuses with ValueError."""
        return typed


class TextField(KitField):
    """One line of text; empty is ''."""

    def __init__(
        self,
        label: object = "",
        *,
        chars_max: int = 500,
        autocomplete: str = "",
        prefix: str = "",
        suffix: str = "",
        **options: Any,
    ) -> None:
        super().__init__(label, **options)
        self.chars_max = chars_max
        self.autocomplete = autocomplete
        self.prefix = prefix
        self.suffix = suffix

    def process_data(self, value: object) -> None:
        self.data = "" if value is None else str(value)

    def read(self, typed: str) -> str:
        return "".join(each for each in typed if each >= " " or each in "\t\n\r")

    def check(self) -> None:
        if len(self.data) > self.chars_max:
            raise ValueError(
                ngettext(
                    "Use at most %(num)s character.",
                    "Use at most %(num)s characters.",
                    self.chars_max,
                )
            )


class EmailField(TextField):
    """An e-mail address of a well-formed kind."""

    input_type = "email"

    def check(self) -> None:
        super().check()
        try:
            validate_email(self.data, check_deliverability=False)
        except EmailNotValidError:
            raise ValueError(_("Enter an e-mail address such as name@example.org.")) from None


class PasswordField(TextField):
    """A password: never shown again, never trimmed."""

    input_type = "password"

    def __init__(self, label: object = "", *, is_new: bool = False, **options: Any) -> None:
        super().__init__(label, **options)
        self.autocomplete = "new-password" if is_new else "current-password"

    @property
    def typed(self) -> str:
        return ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = str(valuelist[0])


class HiddenField(TextField):
    """A value that the page carries."""

    part = "hidden"


class LongTextField(TextField):
    """Several lines of text, with a limit of words where `words_max` is given."""

    part = "textarea"

    def __init__(
        self, label: object = "", *, words_max: int = 0, rows: int = 6, **options: Any
    ) -> None:
        options.setdefault("chars_max", CHARS_MAX)
        super().__init__(label, **options)
        self.words_max = words_max
        self.rows = rows

    @property
    def words(self) -> int:
        return count_words(self.typed)

    def check(self) -> None:
        super().check()
        words = count_words(self.data)
        if self.words_max and words > self.words_max:
            raise ValueError(
                _(
                    "This has %(words)s words; the limit is %(limit)s. Please shorten it.",
                    words=number(words),
                    limit=number(self.words_max),
                )
            )


class IntegerField(KitField):
    """A whole number, between `least` and `most` where they are given."""

    part = "number"

    def __init__(
        self,
        label: object = "",
        *,
        least: int | None = None,
        most: int | None = None,
        suffix: str = "",
        **options: Any,
    ) -> None:
        super().__init__(label, **options)
        self.least = least
        self.most = most
        self.suffix = suffix

    def read(self, typed: str) -> int | None:
        if not typed:
            return None
        value = _plain_decimal(typed)
        if value != value.to_integral_value():
            raise ValueError(_("Enter a whole number, without decimals."))
        return int(value)

    def check(self) -> None:
        _check_between(self.data, self.least, self.most)


class DecimalField(KitField):
    """A number with at most `places` decimals."""

    part = "number"

    def __init__(
        self,
        label: object = "",
        *,
        places: int = 2,
        least: Decimal | None = None,
        most: Decimal | None = None,
        suffix: str = "",
        **options: Any,
    ) -> None:
        super().__init__(label, **options)
        self.places = places
        self.least = least
        self.most = most
        self.suffix = suffix

    def read(self, typed: str) -> Decimal | None:
        if not typed:
            return None
        value = _plain_decimal(typed)
        if -int(value.as_tuple().exponent) > self.places:
            raise ValueError(
                ngettext(
                    "Use at most %(num)s decimal.", "Use at most %(num)s decimals.", self.places
                )
            )
        return value

    def check(self) -> None:
        _check_between(self.data, self.least, self.most)


class DateField(KitField):
    """A calendar day."""

    part = "date"

    def read(self, typed: str) -> date | None:
        if not typed:
            return None
        return _day(typed)

    @property
    def typed(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.isoformat() if self.data else ""


class MomentField(KitField):
    """An instant, given as a day and a time on the clocks of `zone`."""

    part = "moment"

    def __init__(self, label: object = "", *, zone: str = "UTC", **options: Any) -> None:
        super().__init__(label, **options)
        self.zone = zone
        self.time_typed: str | None = None

    def process(self, formdata: Any, *given: Any, **options: Any) -> None:
        if formdata is not None and f"{self.name}-time" in formdata:
            self.time_typed = str(formdata[f"{self.name}-time"]).strip()
        super().process(formdata, *given, **options)

    def read(self, typed: str) -> datetime | None:
        if not typed and not self.time_typed:
            return None
        if not typed or not self.time_typed:
            raise ValueError(_("Give both the day and the time."))
        try:
            clock = time.fromisoformat(self.time_typed)
        except ValueError:
            raise ValueError(_("Enter the time as hours and minutes, such as 23:59.")) from None
        local = datetime.combine(_day(typed), clock, tzinfo=ZoneInfo(self.zone))
        if local.astimezone(UTC).astimezone(ZoneInfo(self.zone)).time() != clock:
            raise ValueError(_("On this day the clocks skip that time. Choose another."))
        return local.astimezone(UTC)

    @property
    def typed(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else self._local("%Y-%m-%d")

    @property
    def typed_time(self) -> str:
        return self._local("%H:%M") if self.time_typed is None else self.time_typed

    def _local(self, pattern: str) -> str:
        return self.data.astimezone(ZoneInfo(self.zone)).strftime(pattern) if self.data else ""


def _day(typed: str) -> date:
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        raise ValueError(_("Enter a day as year-month-day, such as 2026-12-31.")) from None
    if not 1900 <= found.year <= 2200:
        raise ValueError(_("Check the year: it should lie between 1900 and 2200."))
    return found


def _plain_decimal(typed: str) -> Decimal:
    cleaned = "".join(typed.split()).replace("\N{MINUS SIGN}", "-")
    head, comma, tail = cleaned.rpartition(",")
    if comma and "." not in cleaned and "," not in head and len(tail) != 3:
        cleaned = f"{head}.{tail}"
    cleaned = cleaned.replace(",", "")
    try:
        value = Decimal(cleaned)
    except InvalidOperation:
        raise ValueError(_("Enter a number, such as 1200.")) from None
    if not value.is_finite() or len(value.as_tuple().digits) > _DIGITS_MAX or value.adjusted() > 17:
        raise ValueError(_("Enter a number, such as 1200."))
    return value


def _check_between(
    value: int | Decimal, least: int | Decimal | None, most: int | Decimal | None
) -> None:
    if least is not None and value < least:
        raise ValueError(_("Enter %(least)s or more.", least=number(least)))
    if most is not None and value > most:
        raise ValueError(_("Enter %(most)s or less.", most=number(most)))
