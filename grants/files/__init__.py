"""Uploads and issued papers, kept under the hash of their content."""
