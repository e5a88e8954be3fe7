"""Imports that were started from a screen."""

from __future__ import annotations

from typing import Any

from flask import current_app

from grants.db import db
from grants.files import queries as files
from grants.imports import actions
from grants.imports import queries as imports
from grants.imports.progress import Progress as Shown
from grants.jobs.registry import Effect, Progress, job


@job("import.run")
def run(arguments: dict[str, Any], progress: Progress) -> Effect | None:  # noqa: ARG001 - see below
    """Bring in an uploaded file, or try it out.

    The whole file is one transaction of its own, which hides what it writes: how far it is lies
    beside the database. A run that is over is not run again.
    """
    run_id, file_id = int(arguments["run_id"]), int(arguments["file_id"])
    if imports.is_over(run_id):
        return None
    content = files.open_file(file_id).read()
    db.session.rollback()
    shown = Shown(current_app.config["VAR_DIR"], run_id)
    try:
        actions.run_import(run_id, content, shown)
    finally:
        shown.end()
    return None
