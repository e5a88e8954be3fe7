"""Mails and jobs that wait, written together with the change that caused them."""
