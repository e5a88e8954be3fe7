"""Statements: asked for, made, issued, certified."""

from grants.reports.actions.issuing import (
    build,
    certified_statement,
    certify,
    fail,
    issue,
    keep_certified,
)
from grants.reports.actions.requesting import request_statement

__all__ = [
    "build",
    "certified_statement",
    "certify",
    "fail",
    "issue",
    "keep_certified",
    "request_statement",
]
