"""Statements: shapes, the numbers in them, and the papers they are printed on."""
