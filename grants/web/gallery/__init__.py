"""The component gallery: every part of the design system on a page, in development only."""

from __future__ import annotations

from grants.web.gallery.views import desk

__all__ = ["desk"]
