"""Pledges, contribution agreements, instalments, deposits and fees."""
