"""The system of a multi-donor fund: from a donor's pledge to a community's result."""
