"""Every job that the worker does: importing this registers them all."""

from grants.jobs import agreements, imports, mail, nightly, payment_requests, proofs, statements

__all__ = ["agreements", "imports", "mail", "nightly", "payment_requests", "proofs", "statements"]
