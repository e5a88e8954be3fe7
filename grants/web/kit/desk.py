"""What every page needs to know of the desk it lies on and of the person who looks at it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class NavItem:
    """One entry of a desk's navigation; `count` is shown beside it when it is not None."""

    label: str
    url: str
    active: bool = False
    count: int | None = None


@dataclass(frozen=True)
class DeskLink:
    """Another desk that the person may change to."""

    name: str
    label: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One audience's room on the web. Dense desks have a side navigation and small rows."""

    name: str
    label: str
    home: str = "/"
    nav: list[NavItem] = field(default_factory=list)
    is_dense: bool = False
    fund: str = ""
    sign_in: str = ""


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """The person signed in, as the page shows them."""

    name: str
    organisation: str = ""
    desks: list[DeskLink] = field(default_factory=list)
    account: str = ""
    sign_out: str = ""
    locale: str = ""
    zone: str = "UTC"

    @property
    def initials(self) -> str:
        """The first letters of the first and the last name, for narrow screens."""
        names = self.name.split()
        return "".join(each[0] for each in (names[:1] + names[1:][-1:])).upper()
