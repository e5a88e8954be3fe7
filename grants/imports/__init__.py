"""What a fund has today, brought in row by row with findings."""
