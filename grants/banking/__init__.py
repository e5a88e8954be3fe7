"""What the bank says: accounts, statements, their lines, and what each line is in the books."""
