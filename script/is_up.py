"""Does the house answer?

`is_up.py ADDRESS once` asks once; `is_up.py ADDRESS PID` waits while the process lives.
"""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request

PATIENCE_SECONDS = 60


def answers(address: str) -> bool:
    """Whether anybody answers at /healthz, be it with a refusal."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def is_healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(address: str, process: int) -> bool:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and is_alive(process):
        if is_healthy(address):
            return True
        time.sleep(0.2)
    return False


if __name__ == "__main__":
    where, what = sys.argv[1:]
    sys.exit(0 if (answers(where) if what == "once" else wait_for(where, int(what))) else 1)
