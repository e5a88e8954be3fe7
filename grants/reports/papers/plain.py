"""A statement as a JSON file, for people and programs."""

from __future__ import annotations

import json

from grants.reports.shapes import DonorStatement
from grants.reports.shapes.plain import figures_of


def render_json(statement: DonorStatement) -> bytes:
    """The figures as they are frozen, one to a line, keys sorted."""
    figures = figures_of(statement)
    return (json.dumps(figures, sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode()
