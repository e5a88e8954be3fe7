"""Accounts, entries and moves: append-only double entry in two books."""
