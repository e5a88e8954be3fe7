"""Imports that were started from a screen."""

from __future__ import annotations

from typing import Any

from grants.db import db
from grants.files import queries as files
from grants.imports import actions
from grants.imports import queries as imports
from grants.jobs.registry import Effect, Progress, job


@job("import.run")
def run(arguments: dict[str, Any], progress: Progress) -> Effect | None:
    """Bring in an uploaded file, or try it out.

    The whole file is one transaction of its own, and a run that is over is not run again.
    """
    run_id, file_id = int(arguments["run_id"]), int(arguments["file_id"])
    if imports.is_over(run_id):
        return None
    content = files.open_file(file_id).read()
    db.session.rollback()
    actions.run_import(run_id, content, progress)
    return None
