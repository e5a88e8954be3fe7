"""Windows, country programmes and allocations."""
