"""Format, never compute."""
