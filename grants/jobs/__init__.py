"""What the worker does, by name."""
