"""The form base of every desk, and all the fields that it may hold."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request
from flask_wtf import FlaskForm
from wtforms import Field

from grants.web.kit.choice_fields import (
    ChoiceField,
    ChoicesField,
    TickField,
    UploadField,
    YesNoField,
)
from grants.web.kit.fields import (
    DateField,
    DecimalField,
    EmailField,
    HiddenField,
    IntegerField,
    KitField,
    LongTextField,
    MomentField,
    PasswordField,
    TextField,
)
from grants.web.kit.money_fields import BudgetField, BudgetLine, MoneyField
from grants.web.kit.parts import ErrorLine, Option

__all__ = [
    "BudgetField",
    "BudgetLine",
    "ChoiceField",
    "ChoicesField",
    "DateField",
    "DecimalField",
    "EmailField",
    "Form",
    "HiddenField",
    "IntegerField",
    "LongTextField",
    "MomentField",
    "MoneyField",
    "Option",
    "PasswordField",
    "TextField",
    "TickField",
    "UploadField",
    "YesNoField",
    "make_form",
]


class Form(FlaskForm):
    """A form that checks shape. Whether the fund allows it is for the rules to say."""

    def validate_on_submit(self) -> bool:
        """Whether the form was sent and is well formed. Asking for more rows is not sending."""
        return request.method == "POST" and not self.is_adding_row and bool(self.validate())

    @property
    def is_adding_row(self) -> bool:
        """Whether the person asked for more rows of a budget, and the page is to be shown again."""
        return "add_row" in request.form

    @property
    def sent(self) -> dict[str, Field]:
        """The fields that the request carries: autosave sends only those that changed."""
        received = {**request.form, **request.files}
        return {
            name: field
            for name, field in self._fields.items()
            if name in received or (isinstance(field, BudgetField) and field.is_sent(received))
        }

    @property
    def visible(self) -> list[KitField]:
        """The fields that a person fills in, in order."""
        return [
            each
            for each in self._fields.values()
            if isinstance(each, KitField) and not isinstance(each, HiddenField)
        ]

    @property
    def hidden(self) -> list[HiddenField]:
        return [each for each in self._fields.values() if isinstance(each, HiddenField)]

    @property
    def takes_files(self) -> bool:
        return any(isinstance(each, UploadField) for each in self._fields.values())

    @property
    def error_lines(self) -> list[ErrorLine]:
        """What the error summary lists: the form's own refusals first, then each field's."""
        lines = [ErrorLine("", str(sentence)) for sentence in self.form_errors]
        for name, field in self._fields.items():
            target = field.target if isinstance(field, KitField) else name
            lines.extend(ErrorLine(target, str(sentence)) for sentence in field.errors)
        return lines

    def attach(self, refusal: object, field: str = "") -> None:
        """Show what the rules refused, at a field or (without one) above the form."""
        if field:
            found = self._fields[field]
            found.errors = [*found.errors, str(refusal)]
        else:
            self.form_errors.append(str(refusal))


def make_form(
    name: str | Mapping[str, object], fields: Mapping[str, object] | None = None
) -> type[Form]:
    """A form class from a stored definition: `make_form({"q1": TextField("..."), ...})`."""
    title, given = (name, fields or {}) if isinstance(name, str) else ("StoredForm", name)
    return type(title, (Form,), dict(given))
