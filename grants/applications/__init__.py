"""Calls, forms, drafts, submissions, reviews and decisions."""
