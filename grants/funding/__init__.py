"""Who may pay for what: layers, reservations, attribution, release and refund."""
