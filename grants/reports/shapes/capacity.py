"""What a fund can still commit, before anybody prints it: frozen values. Amounts are US dollars.

The layout is that of a trustee's report on resources available for commitments: A what was
received, B what was committed, the balance, reserves, C what is unrestricted, D what of it is
income for administration, E what can be committed to programmes (domain rules, section 8).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from grants.money import Money


@dataclass(frozen=True, kw_only=True)
class CapacityLine:
    """A row of the layout. `kind` is heading, line, subtotal or total."""

    key: str
    label: str
    amount: Money | None
    kind: str = "line"
    #: The letter that the published layout gives it.
    letter: str = ""
    #: The accounts that it is read from, where it is read and not added up.
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PlaceCapacity:
    """What one window, programme or donor has set aside, in grants, and still free."""

    name: str
    window: str
    set_aside: Money
    reserved: Money
    committed: Money
    disbursed: Money
    free: Money
    programme_id: int | None = None
    donor_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """Can we commit? As of a day, as the journal up to one entry has it."""

    fund_id: int
    fund: str
    on: date
    known_at: int
    ledger_hash: str
    risk_basis_points: int
    lines: tuple[CapacityLine, ...]
    #: E, what can be allocated; what is free in programmes; and both together.
    unrestricted: Money
    free_in_programmes: Money
    #: Not counted: promised, and signed but not paid.
    pledged: Money
    receivable: Money
    foreign_cash: Money
    #: Whether A - B is what funds control has free: the two books agree.
    is_tied: bool
    programmes: tuple[PlaceCapacity, ...]
    windows: tuple[PlaceCapacity, ...]
    donors: tuple[PlaceCapacity, ...]

    @property
    def can_commit(self) -> Money:
        return self.unrestricted + self.free_in_programmes

    def line(self, key: str) -> Money:
        """The amount of a row. Refuses a key that there is not."""
        found = next(line.amount for line in self.lines if line.key == key)
        assert found is not None
        return found
