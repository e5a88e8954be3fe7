"""How gunicorn serves the house. What differs between machines comes from the environment."""

from __future__ import annotations

import gc
import os
from typing import Any

worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 60
graceful_timeout = 20
keepalive = 5
# A worker that grew is replaced after a while, not all at the same time.
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = os.environ.get("ACCESS_LOG")
loglevel = "warning"


def post_worker_init(worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Leave what was loaded out of every later collection: it slows the slowest pages most."""
    gc.collect()
    gc.freeze()
