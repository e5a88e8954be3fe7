"""Counting words the way the browser, the server and the printed form all count them."""

from __future__ import annotations


def count_words(text: str) -> int:
    """The number of maximal runs of characters that are not white space.

    White space is what `str.split()` splits at. `wordcount.js` and `grants.applications.rules`
    hold the same rule, so that nobody is refused for a word that the screen did not count.
    """
    return len(text.split())
