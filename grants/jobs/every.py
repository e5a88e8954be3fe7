"""Every job that the worker does: importing this registers them all."""

from grants.jobs import mail, statements

__all__ = ["mail", "statements"]
