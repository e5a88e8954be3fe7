"""How alike two names are, as a bank writes them and as the fund knows them: pure."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

#: Words that say nothing about whose a name is.
_EMPTY: Final = frozenset(
    re.findall(
        r"\w+",
        "the of for and de la le les des du von und der die das el los y et a an dept department"
        " ministry min account ltd inc gmbh ag sa asbl ev llc plc",
    )
)
ALIKE: Final = 85
VERY_ALIKE: Final = 94


@lru_cache(maxsize=4096)
def tokens(name: str) -> tuple[str, ...]:
    """The words of a name that mean something: without accents, in order of the alphabet."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    found = [word for word in re.findall(r"[^\W_]+", plain) if word not in _EMPTY]
    return tuple(sorted(set(found)))


def likeness(one: str, other: str) -> int:
    """From 0 to 100: 100 for the same words in whatever order, less for every letter that differs.

    A name of two words or more that stands whole within the other is very alike.
    """
    mine, theirs = tokens(one), tokens(other)
    if not mine or not theirs:
        return 0
    if mine == theirs:
        return 100
    smaller, larger = sorted((set(mine), set(theirs)), key=len)
    if smaller <= larger:
        return 96 if len(smaller) > 1 else 88
    matcher = SequenceMatcher(None, " ".join(mine), " ".join(theirs), autojunk=False)
    if matcher.real_quick_ratio() * 100 < ALIKE or matcher.quick_ratio() * 100 < ALIKE:
        return 0
    return int(matcher.ratio() * 100)
