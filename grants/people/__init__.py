"""Who is here: funds, organisations, people, what each may do, and on whose behalf."""
