"""The desks on the web."""
