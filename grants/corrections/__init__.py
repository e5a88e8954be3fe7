"""Corrections of the books: proposed by one person, approved by another, then posted."""
