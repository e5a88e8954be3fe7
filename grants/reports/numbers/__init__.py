"""Compute, never format."""
