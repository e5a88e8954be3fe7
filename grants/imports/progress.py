"""How far a run is, beside the database: its one transaction hides what it does until its end."""

from __future__ import annotations

import json
import os
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_SECONDS_BETWEEN = 0.3


@dataclass(frozen=True)
class HowFar:
    """How many rows of a file are done."""

    done: int
    total: int


class Progress:
    """Called with how many rows are done and how many there are; kept in a small file."""

    def __init__(self, var_dir: Path, run_id: int) -> None:
        self._path = _path(var_dir, run_id)
        self._next = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now < self._next and done < total:
            return
        self._next = now + _SECONDS_BETWEEN
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._path.parent)
        with os.fdopen(handle, "w") as file:
            json.dump([done, total], file)
        Path(temporary).replace(self._path)

    def end(self) -> None:
        """Forget it: the run itself says now what came of it."""
        self._path.unlink(missing_ok=True)


def of_run(var_dir: Path, run_id: int) -> HowFar:
    """How far a run is; nothing of nothing while it has not begun."""
    with suppress(FileNotFoundError):
        done, total = json.loads(_path(var_dir, run_id).read_text())
        return HowFar(done, total)
    return HowFar(0, 0)


def _path(var_dir: Path, run_id: int) -> Path:
    return var_dir / "progress" / f"import-{run_id}.json"
