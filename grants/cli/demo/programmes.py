"""Windows, programmes, and what the Board set aside for them."""

from __future__ import annotations

from functools import partial

from grants import clock
from grants.cli.demo.story import Scene, Story, money
from grants.funding import actions as funding
from grants.programmes import actions
from grants.programmes.actions import NewProgramme

#: Key, name, country, window, theme, purpose.
PROGRAMMES = (
    (
        "uganda",
        "Uganda Country Programme",
        "UG",
        "country",
        "",
        "Municipal forums, settlement profiles and community upgrading in secondary cities.",
    ),
    (
        "ghana",
        "Ghana Country Programme",
        "GH",
        "country",
        "",
        "National urban policy, participatory planning and services in fast-growing cities.",
    ),
    (
        "vietnam",
        "Viet Nam Country Programme",
        "VN",
        "country",
        "",
        "A national urban upgrading strategy and city development strategies.",
    ),
    (
        "liberia",
        "Liberia Country Programme",
        "LR",
        "country",
        "",
        "Greater Monrovia: water kiosks, markets and waste with the urban poor.",
    ),
    (
        "tunisia",
        "Tunisia Country Programme",
        "TN",
        "country",
        "",
        "City strategies of medium-sized municipalities after decentralisation.",
    ),
    (
        "migration",
        "Cities and Migration",
        None,
        "global",
        "migration",
        "Secondary cities that receive newcomers, and what makes the move a gain for both.",
    ),
)

#: Days ago, programme, amount, which meeting.
ALLOCATIONS = (
    (800, "uganda", "450,000", "14th"),
    (800, "liberia", "420,000", "14th"),
    (650, "migration", "250,000", "15th"),
    (370, "vietnam", "450,000", "16th"),
    (370, "ghana", "400,000", "16th"),
    (370, "liberia", "250,000", "16th"),
    (370, "tunisia", "330,000", "16th"),
    (370, "migration", "220,000", "16th"),
    (90, "uganda", "650,000", "17th"),
)


def scenes() -> list[tuple[int, Scene]]:
    """The programmes, and the decisions of the Board."""
    found: list[tuple[int, Scene]] = [(899, _open_windows), (898, _open_programmes)]
    for days_ago, programme, amount, meeting in ALLOCATIONS:
        found.append((days_ago, partial(_allocate, programme, amount, meeting)))
    return found


def _open_windows(story: Story) -> None:
    manager = story.actor("programme")
    for key, name, purpose in (
        ("country", "Country and City Window", "Long-term programmes in partner countries"),
        ("global", "Global Window", "Knowledge, advocacy and work across countries"),
    ):
        window = actions.open_window(manager, story.fund_id, name=name, purpose=purpose)
        story.made[f"window {key}"] = window.id


def _open_programmes(story: Story) -> None:
    for key, name, country, window, theme, purpose in PROGRAMMES:
        new = NewProgramme(
            fund_id=story.fund_id,
            window_id=story.made[f"window {window}"],
            name=name,
            country_code=country,
            theme=theme,
            purpose=purpose,
            starts_on=clock.today(),
            ends_on=story.day(-540),
            manager_id=story.made["user programme"],
        )
        programme = actions.open_programme(story.actor("programme"), new)
        story.made[f"programme {key}"] = programme.id


def _allocate(programme: str, amount: str, meeting: str, story: Story) -> None:
    funding.allocate(
        story.actor("director"),
        story.made[f"programme {programme}"],
        money(amount),
        decided_on=clock.today(),
        decided_by=f"Management Board, {meeting} meeting",
        reason="Annual work plan",
    )
