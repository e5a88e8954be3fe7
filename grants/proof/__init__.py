"""The books, the audit trail and the papers prove themselves, every night and when asked."""
