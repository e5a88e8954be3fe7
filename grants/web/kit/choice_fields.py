"""Fields that are answered by choosing: from a list, a box to tick, a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from grants.web.kit.fields import KitField
from grants.web.kit.formats import filesize
from grants.web.kit.parts import Option

FILE_BYTES_MAX = 20_000_000


class ChoiceField(KitField):
    """One of several answers, as radios or as a list; no answer is ''."""

    def __init__(
        self,
        label: object = "",
        *,
        choices: Sequence[tuple[str, object] | Option] = (),
        look: str = "radios",
        **options: Any,
    ) -> None:
        super().__init__(label, **options)
        self.part = look
        self.choices = choices

    @property
    def options(self) -> list[Option]:
        return options_of(self.choices)

    def process_data(self, value: object) -> None:
        self.data = "" if value is None else str(value)

    def check(self) -> None:
        if self.data not in {option.value for option in self.options}:
            raise ValueError(_("Choose one of the answers in the list."))

    def is_chosen(self, value: str) -> bool:
        return bool(self.data == value)

    def _missing(self) -> str:
        if self.required is not True:
            return str(self.required)
        return str(_("Please choose: %(label)s", label=self.label.text))


class YesNoField(ChoiceField):
    """Yes, no, or not answered yet: True, False or None."""

    def __init__(self, label: object = "", **options: Any) -> None:
        super().__init__(label, **options)
        self.choices = [("yes", _("Yes")), ("no", _("No"))]

    def process_data(self, value: object) -> None:
        self.data = value if isinstance(value, bool) else None

    def read(self, typed: str) -> bool | None:
        if typed not in {"yes", "no", ""}:
            raise ValueError(_("Choose one of the answers in the list."))
        return {"yes": True, "no": False}.get(typed)

    def check(self) -> None:
        """Nothing but yes and no can be read."""

    def is_chosen(self, value: str) -> bool:
        return value in self.values_chosen()

    def values_chosen(self) -> set[str]:
        return {{True: "yes", False: "no"}.get(self.data, "")}


class ChoicesField(ChoiceField):
    """Any number of several answers: a list of their values."""

    def __init__(self, label: object = "", **options: Any) -> None:
        super().__init__(label, look="checkboxes", **options)

    def process_data(self, value: object) -> None:
        self.data = [str(each) for each in value] if isinstance(value, (list, tuple, set)) else []

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = list(dict.fromkeys(str(each) for each in valuelist if each))

    def process(self, formdata: Any, *given: Any, **options: Any) -> None:
        super().process(formdata, *given, **options)
        if formdata is not None and self.name not in formdata:
            self.data = []

    def check(self) -> None:
        if set(self.data) - {option.value for option in self.options}:
            raise ValueError(_("Choose only from the answers in the list."))

    def is_chosen(self, value: str) -> bool:
        return value in self.data

    def values_chosen(self) -> set[str]:
        return set(self.data or ())


class TickField(KitField):
    """One box to tick, for a declaration."""

    part = "tick"

    def process_data(self, value: object) -> None:
        self.data = bool(value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = bool(valuelist and valuelist[-1] not in {"", "no", "false"})

    @property
    def is_blank(self) -> bool:
        return not self.data

    def values_chosen(self) -> set[str]:
        return {"yes" if self.data else "no"}

    def _missing(self) -> str:
        if self.required is not True:
            return str(self.required)
        return str(_("Please tick: %(label)s", label=self.label.text))


class UploadField(KitField):
    """A file. `kept` may be set by the desk to the name of the file that is there already."""

    part = "file"

    def __init__(
        self,
        label: object = "",
        *,
        accept: Sequence[str] = (),
        bytes_max: int = FILE_BYTES_MAX,
        **options: Any,
    ) -> None:
        super().__init__(label, **options)
        self.accept = [suffix.lower() for suffix in accept]
        self.bytes_max = bytes_max
        self.kept = ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        files = [each for each in valuelist if isinstance(each, FileStorage) and each.filename]
        self.data = files[0] if files else None

    @property
    def is_blank(self) -> bool:
        return self.data is None and not self.kept

    def check(self) -> None:
        if self.data is None:
            return
        name = str(self.data.filename).lower()
        if self.accept and not name.endswith(tuple(self.accept)):
            kinds = ", ".join(suffix.removeprefix(".").upper() for suffix in self.accept)
            raise ValueError(_("Choose a file of one of these kinds: %(kinds)s.", kinds=kinds))
        self.data.stream.seek(0, 2)
        size_bytes = self.data.stream.tell()
        self.data.stream.seek(0)
        if size_bytes > self.bytes_max:
            raise ValueError(
                _(
                    "The file has %(size)s; the limit is %(limit)s.",
                    size=filesize(size_bytes),
                    limit=filesize(self.bytes_max),
                )
            )
        if size_bytes == 0:
            raise ValueError(_("The file is empty. Choose another."))


def options_of(choices: Sequence[tuple[str, object] | Option]) -> list[Option]:
    return [each if isinstance(each, Option) else Option(each[0], str(each[1])) for each in choices]
