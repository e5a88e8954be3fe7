"""Arranging windows and programmes."""

from __future__ import annotations

from grants.db import transaction
from grants.people.models import Role
from grants.people.permissions import Actor
from grants.programmes import actions
from grants.programmes.actions import NewProgramme
from tests.makes.donors import DonorMakes


class ProgrammeMakes(DonorMakes):
    """What tests say about programmes: each is opened the first time it is named."""

    def steward(self) -> Actor:
        """A programme manager of every fund."""
        return self.acting(Role.PROGRAMME_MANAGER)

    def window_named(self, name: str = "Country Window", *, fund: str = "The Fund") -> int:
        fund_id, steward = self.books(fund), self.steward()
        key = f"window {fund_id} {name}"
        if key not in self.made:
            with transaction():
                self.made[key] = actions.open_window(steward, fund_id, name=name).id
        found = self.made[key]
        assert isinstance(found, int)
        return found

    def programme_named(
        self,
        name: str = "Uganda Country Programme",
        *,
        country: str | None = "UG",
        theme: str = "",
        window: str = "Country Window",
        fund: str = "The Fund",
    ) -> int:
        fund_id, steward = self.books(fund), self.steward()
        window_id = self.window_named(window, fund=fund)
        key = f"programme {fund_id} {name}"
        if key not in self.made:
            new = NewProgramme(
                fund_id=fund_id, window_id=window_id, name=name, country_code=country, theme=theme
            )
            with transaction():
                self.made[key] = actions.open_programme(steward, new).id
        found = self.made[key]
        assert isinstance(found, int)
        return found
