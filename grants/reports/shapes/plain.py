"""A statement as plain values: the figures that are frozen and hashed, and back again."""

from __future__ import annotations

import hashlib
import json
import types
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Union, get_args, get_origin, get_type_hints

from grants.money import Money
from grants.reports.shapes import DonorStatement

#: What certifying adds to the cover: it is no figure, and no part of what is hashed.
_ADDED_BY_CERTIFYING = frozenset({"state", "certified_by", "certified_at"})


def figures_of(statement: DonorStatement) -> dict[str, Any]:
    """The whole statement as plain values: amounts as {"amount", "currency"}, days as ISO dates."""
    found: dict[str, Any] = _plain(statement)
    return found


def statement_of(figures: dict[str, Any]) -> DonorStatement:
    """The statement that was frozen as these figures: the very same values."""
    found: DonorStatement = _shape(DonorStatement, figures)
    return found


def canonical(figures: dict[str, Any]) -> bytes:
    """The figures in the one form that is hashed: keys sorted, no blanks, UTF-8."""
    return json.dumps(figures, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def figures_hash(figures: dict[str, Any]) -> str:
    """The SHA-256 of the figures in canonical form, without what certifying adds."""
    cover = {
        key: value for key, value in figures["cover"].items() if key not in _ADDED_BY_CERTIFYING
    }
    return hashlib.sha256(canonical({**figures, "cover": cover})).hexdigest()


def _plain(value: object) -> Any:
    if isinstance(value, Money):
        return {"amount": f"{value.amount:f}", "currency": value.currency}
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


def _shape(shape: Any, stored: dict[str, Any]) -> Any:
    kinds = get_type_hints(shape)
    return shape(
        **{each.name: _value(kinds[each.name], stored[each.name]) for each in fields(shape)}
    )


def _value(kind: Any, stored: Any) -> Any:
    """The value that was written down, by the type of its field."""
    if stored is None:
        return None
    if get_origin(kind) in {types.UnionType, Union}:
        kind = next(one for one in get_args(kind) if one is not types.NoneType)
    if get_origin(kind) is tuple:
        return tuple(_value(get_args(kind)[0], one) for one in stored)
    if kind is Money:
        return Money(Decimal(stored["amount"]), stored["currency"])
    if kind in {date, datetime}:
        return kind.fromisoformat(stored)
    return _shape(kind, stored) if is_dataclass(kind) else stored
