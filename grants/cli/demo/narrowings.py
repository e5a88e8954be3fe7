"""What donors wrote about their money after it had come: one letter in force, one to be decided."""

from __future__ import annotations

from dataclasses import replace

from grants.cli.demo.story import Scene, Story
from grants.donors import actions
from grants.donors import queries as donors
from grants.donors.rules import Ceilings

_SWISS, _GERMAN = "deposit SECO-UR-01188 2", "deposit BMZ-2460-A 2"


def scenes() -> list[tuple[int, Scene]]:
    """Each at its day, when all grants of the story are decided."""
    return [(7, _swiss_letter), (6, _confirm), (4, _german_letter)]


def _swiss_letter(story: Story) -> None:
    """Vehicles are excluded, and others are to share in every grant."""
    deposit_id = story.made[_SWISS]
    now = donors.deposit(deposit_id).conditions
    narrower = replace(
        now, excluded=frozenset({"vehicles"}), ceilings=Ceilings(share_of_grant=7500)
    )
    change = actions.propose_conditions(
        story.actor("finance"), deposit_id, narrower, reason="Letter of SECO, on our file 214"
    )
    story.made["change of conditions"] = change.id


def _confirm(story: Story) -> None:
    actions.confirm_conditions(story.actor("certifying"), story.made["change of conditions"])


def _german_letter(story: Story) -> None:
    deposit_id = story.made[_GERMAN]
    now = donors.deposit(deposit_id).conditions
    narrower = replace(now, countries=frozenset({"TN"}))
    actions.propose_conditions(
        story.actor("finance"), deposit_id, narrower, reason="BMZ's message: Tunisia first"
    )
