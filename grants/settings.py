"""The settings, under a name of ours: the wheel carries `config.py` itself in this file's place.

A module named `config` at the top of everybody's Python would meet others of that name.
"""

from __future__ import annotations

from config import ROOT, Settings, from_environment

__all__ = ["ROOT", "Settings", "from_environment"]
