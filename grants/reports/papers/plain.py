"""A statement as plain JSON: the figures that are frozen, hashed and handed out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

from grants.money import Money
from grants.reports.shapes import DonorStatement


def figures_of(statement: DonorStatement) -> dict[str, Any]:
    """The whole statement as plain values: amounts as {"amount", "currency"}, days as ISO dates."""
    found: dict[str, Any] = _plain(statement)
    return found


def canonical(figures: dict[str, Any]) -> bytes:
    """The figures in the one form that is hashed: keys sorted, no blanks, UTF-8."""
    return json.dumps(figures, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def figures_hash(figures: dict[str, Any]) -> str:
    """The SHA-256 of the figures in canonical form, without what the proof itself adds."""
    cover = {
        key: value
        for key, value in figures["cover"].items()
        if key not in {"state", "certified_by", "certified_at"}
    }
    return hashlib.sha256(canonical({**figures, "cover": cover})).hexdigest()


def render_json(figures: dict[str, Any]) -> bytes:
    """The figures as a file for people and programs."""
    return (json.dumps(figures, sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode()


def _plain(value: object) -> Any:
    if isinstance(value, Money):
        return {"amount": f"{value.amount:f}", "currency": value.currency}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
