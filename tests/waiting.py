"""Waiting for another process."""

from __future__ import annotations

import time
from pathlib import Path


def wait_for(path: Path) -> None:
    """Wait until a file is there; fail when it does not come."""
    end = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < end, f"{path} never came"
        time.sleep(0.05)
