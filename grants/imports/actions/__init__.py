"""Bringing in what a fund has today."""

from grants.imports.actions.loading import Outcome
from grants.imports.actions.running import KINDS, run_import, start_run

__all__ = ["KINDS", "Outcome", "run_import", "start_run"]
