"""Grant agreements, tranches, partner reports and refunds."""
