"""Arranging people: a fund, persons with roles, and browsers in which they are signed in."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from grants.db import transaction
from grants.people import actions, queries
from grants.people.models import Role
from grants.people.permissions import Actor


class PeopleMakes:
    """Who there is."""

    app: Flask
    made: dict[str, object]

    def fund(self, name: str = "The Fund") -> int:
        """The fund of that name, opened the first time it is asked for; its id."""
        key = f"books {name}"
        if key not in self.made:
            with transaction():
                self.made[key] = actions.open_fund(queries.system_actor(), name=name).id
        found = self.made[key]
        assert isinstance(found, int)
        return found

    def person(
        self,
        *roles: Role,
        fund_id: int | None = None,
        organisation_id: int | None = None,
        name: str = "",
        password: str | None = None,
    ) -> Actor:
        """A new person who holds these roles: in one fund, or without one in all."""
        number = len(self.made) + 1
        self.made[f"person {number}"] = number
        called = name or f"{' and '.join(roles) or 'nobody'} {number}"
        with transaction():
            system = queries.system_actor()
            user = actions.register_user(
                system,
                email=f"person-{number}@example.org",
                name=called,
                password=password,
                organisation_id=organisation_id,
            )
            for role in roles:
                actions.give_role(system, user.id, role, fund_id)
            return queries.actor_of(user.id)

    def browser(self, actor: Actor) -> FlaskClient:
        """A browser in which this person is signed in."""
        with transaction():
            token = actions.open_session(actor.user_id)
        client = self.app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
        return client
