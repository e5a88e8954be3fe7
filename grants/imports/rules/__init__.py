"""What the rows of a source mean and what is wrong with them: pure functions of values."""
