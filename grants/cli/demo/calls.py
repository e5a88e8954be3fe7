"""Calls, applications, reviews and decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from grants import clock
from grants.applications import actions
from grants.applications.actions import NewCall
from grants.applications.rules.starter_form import (
    STARTER_CRITERIA,
    STARTER_ELIGIBILITY,
    STARTER_FORM,
)
from grants.cli.demo.proposals import PROPOSALS
from grants.cli.demo.story import Scene, Story, money


@dataclass(frozen=True, kw_only=True)
class DemoCall:
    """A call, and how many days ago it opened and closed (below zero: it will)."""

    key: str
    programme: str
    reference: str
    title: str
    summary: str
    zone: str
    opens: int
    closes: int
    envelope: str
    most: str


CALLS = (
    DemoCall(
        key="uganda",
        programme="uganda",
        reference="CUF-UG-01",
        title="Community Upgrading Fund, Uganda, first round",
        summary="For what communities decide to build themselves: water, sanitation, lanes,"
        " drains and light in the settlements of secondary cities.",
        zone="Africa/Kampala",
        opens=788,
        closes=740,
        envelope="400,000",
        most="250,000",
    ),
    DemoCall(
        key="liberia",
        programme="liberia",
        reference="GML-LR-01",
        title="Greater Monrovia: services with the urban poor",
        summary="Water, sanitation and markets in the townships of Greater Monrovia.",
        zone="Africa/Monrovia",
        opens=668,
        closes=622,
        envelope="600,000",
        most="350,000",
    ),
    DemoCall(
        key="migration",
        programme="migration",
        reference="MIG-01",
        title="Cities and Migration: secondary cities",
        summary="For cities that receive newcomers and want the move to be a gain for both.",
        zone="Europe/Brussels",
        opens=388,
        closes=342,
        envelope="500,000",
        most="250,000",
    ),
    DemoCall(
        key="ghana",
        programme="ghana",
        reference="PLN-GH-02",
        title="Planning together, Ghana",
        summary="Assemblies and community organisations plan one place together.",
        zone="Africa/Accra",
        opens=68,
        closes=22,
        envelope="450,000",
        most="250,000",
    ),
    DemoCall(
        key="uganda again",
        programme="uganda",
        reference="CUF-UG-02",
        title="Community Upgrading Fund, Uganda, second round",
        summary="For what communities decide to build themselves. What was learnt in the first"
        " round: start with the settlement forum, and agree on who keeps what is built.",
        zone="Africa/Kampala",
        opens=30,
        closes=-24,
        envelope="650,000",
        most="250,000",
    ),
)

#: Call, proposal, who wrote it, days ago of the first word and of the submission.
SUBMITTED = (
    ("uganda", "jinja", "applicant", 780, 741),
    ("uganda", "savers", "savers", 770, 744),
    ("uganda", "mbale", "mbale", 760, 741),
    ("liberia", "monrovia", "monrovia", 655, 624),
    ("liberia", "paynesville", "paynesville", 640, 630),
    ("migration", "sfax", "sfax", 380, 345),
    ("migration", "kumasi-migration", "kumasi", 375, 343),
    ("ghana", "accra", "accra", 60, 31),
    ("ghana", "kumasi", "kumasi", 55, 26),
    ("ghana", "tamale", "tamale", 52, 25),
    ("ghana", "sekondi", "sekondi", 40, 23),
    ("ghana", "capecoast", "capecoast", 50, 36),
    ("uganda again", "mbale-again", "mbale", 20, 4),
)

_COMMENTS = {
    5: "Convincing: it builds on what the community has begun, and says who keeps it afterwards.",
    4: "Sound. The budget is reasonable; who pays for upkeep could be clearer.",
    3: "A real need, but the way from the activities to the change is thin.",
    2: "Those concerned do not seem to have been asked.",
    1: "Not shown.",
}

#: Proposal, reviewer, days ago, scores for need, approach and capacity.
REVIEWS = (
    ("jinja", "reviewer", 722, (5, 4, 4)),
    ("jinja", "reviewer2", 720, (5, 5, 4)),
    ("savers", "reviewer", 722, (5, 5, 5)),
    ("mbale", "reviewer2", 719, (3, 2, 3)),
    ("monrovia", "reviewer", 600, (5, 4, 4)),
    ("monrovia", "reviewer2", 597, (5, 4, 5)),
    ("sfax", "reviewer2", 320, (4, 5, 4)),
    ("kumasi-migration", "reviewer", 321, (4, 4, 3)),
    ("accra", "reviewer", 12, (5, 4, 4)),
    ("accra", "reviewer2", 9, (4, 5, 4)),
)

#: Proposal, days ago, amount (none: declined), reason.
DECISIONS = (
    (
        "jinja",
        700,
        "180,000",
        "A forum that has met for three years, a clear division of work, open accounts.",
    ),
    (
        "savers",
        700,
        "120,000",
        "The groups pay a third themselves and have shown in two settlements that it works.",
    ),
    (
        "mbale",
        698,
        "",
        "The need is real, but the traders who would have to move were not asked. Apply again.",
    ),
    (
        "monrovia",
        580,
        "285,000",
        "Committees decide, sign and publish; the water company has confirmed the mains.",
    ),
    (
        "sfax",
        292,
        "220,000",
        "Un guichet que la ville garde après le projet, avec les associations de quartier.",
    ),
    (
        "kumasi-migration",
        292,
        "200,000",
        "Employers train and the assembly houses. Please report on how many stay in the trade.",
    ),
)


def scenes() -> list[tuple[int, Scene]]:
    """Everything from the first call to the last word typed."""
    found: list[tuple[int, Scene]] = [(795, _publish_form), (6, _write_next_call)]
    found += [(call.opens, partial(_open_call, call)) for call in CALLS]
    for call, proposal, writer, started, submitted in SUBMITTED:
        found += [
            (started, partial(_start, call, proposal, writer)),
            (submitted, partial(_submit, proposal, writer)),
        ]
    found += [(27, partial(_withdraw, "capecoast", "capecoast")), (15, _draft), (2, _write_on)]
    found += _screenings()
    for proposal, reviewer, days_ago, scores in REVIEWS:
        found += [
            (days_ago + 5, partial(_assign, proposal, reviewer)),
            (days_ago, partial(_review, proposal, reviewer, scores)),
        ]
    found += [(13, partial(_assign, "kumasi", "reviewer"))]
    found += [(11, partial(_assign, "kumasi", "reviewer2")), (10, partial(_recuse, "kumasi"))]
    for proposal, days_ago, amount, reason in DECISIONS:
        found.append((days_ago, partial(_decide, proposal, amount, reason)))
    return found


def _screenings() -> list[tuple[int, Scene]]:
    days = {"uganda": 732, "liberia": 615, "migration": 334, "ghana": 18}
    left = {"sekondi", "capecoast"}
    return [
        (days[call], partial(_screen, proposal))
        for call, proposal, *_ in SUBMITTED
        if call in days and proposal not in left
    ]


def _publish_form(story: Story) -> None:
    form = actions.publish_form(
        story.actor("officer"), story.fund_id, name="Concept note", definition=STARTER_FORM
    )
    story.made["form"] = form.id


def _open_call(call: DemoCall, story: Story) -> None:
    zone = ZoneInfo(call.zone)
    closes_at = datetime.combine(story.day(call.closes), time(17, 0), zone)
    new = NewCall(
        programme_id=story.made[f"programme {call.programme}"],
        form_version_id=story.made["form"],
        reference=call.reference,
        title=call.title,
        summary=call.summary,
        year=closes_at.year,
        envelope=money(call.envelope),
        grant_min=money("20,000"),
        grant_max=money(call.most),
        opens_at=clock.now(),
        closes_at=closes_at,
        time_zone=call.zone,
        grace_minutes=30,
        criteria=STARTER_CRITERIA,
        eligibility=STARTER_ELIGIBILITY,
    )
    made = actions.new_call(story.actor("officer"), new)
    actions.publish_call(story.actor("officer"), made.id)
    story.made[f"call {call.key}"] = made.id


def _write_next_call(story: Story) -> None:
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    new = NewCall(
        programme_id=story.made["programme vietnam"],
        form_version_id=story.made["form"],
        reference="CDS-VN-01",
        title="City development strategies, Viet Nam",
        summary="For cities of the second and third class. This call is still being written.",
        year=story.day(-90).year,
        envelope=money("200,000"),
        grant_min=money("20,000"),
        grant_max=money("80,000"),
        opens_at=None,
        closes_at=datetime.combine(story.day(-90), time(17, 0), zone),
        time_zone="Asia/Ho_Chi_Minh",
        criteria=STARTER_CRITERIA,
        eligibility=STARTER_ELIGIBILITY,
    )
    actions.new_call(story.actor("officer"), new)


def _start(call: str, proposal: str, writer: str, story: Story) -> None:
    actor = story.actor(writer)
    application = actions.start_draft(actor, story.made[f"call {call}"])
    story.made[f"application {proposal}"] = application.id
    answers = _answers(proposal, writer, story)
    half = dict(list(answers.items())[:7])
    actions.save_answers(actor, application.id, half, base_revision=None)


def _submit(proposal: str, writer: str, story: Story) -> None:
    actor, application_id = story.actor(writer), story.made[f"application {proposal}"]
    answers = _answers(proposal, writer, story)
    actions.save_answers(actor, application_id, answers, base_revision=None)
    actions.attach_file(
        actor,
        application_id,
        "support_letter",
        name="Letter of support.txt",
        content=f"To the Cities Alliance\n\nWe support: {answers['title']}\n".encode(),
    )
    actions.submit(actor, application_id)


def _answers(proposal: str, writer: str, story: Story) -> dict[str, str]:
    starts_on = (clock.today() + timedelta(days=120)).replace(day=1)
    return PROPOSALS[proposal].answers(story.actor(writer).name, starts_on.isoformat())


def _draft(story: Story) -> None:
    """What the visitor finds begun when signing in as the applicant."""
    actor = story.actor("applicant")
    application = actions.start_draft(actor, story.made["call uganda again"])
    story.made["application jinja-again"] = application.id
    answers = _answers("jinja-again", "applicant", story)
    first = {key: answers[key] for key in ("organisation_kind", "contact_name", "title")}
    actions.save_answers(actor, application.id, first, base_revision=None)


def _write_on(story: Story) -> None:
    actor = story.actor("applicant")
    answers = {key: text for key, text in _answers("jinja-again", "applicant", story).items()}
    for key in ("starts_on", "own_contribution", "moves_people", "has_partner"):
        del answers[key]
    written = {key: text for key, text in answers.items() if text}
    application_id = story.made["application jinja-again"]
    actions.save_answers(actor, application_id, written, base_revision=None)


def _withdraw(proposal: str, writer: str, story: Story) -> None:
    application_id = story.made[f"application {proposal}"]
    actions.withdraw(
        story.actor(writer), application_id, reason="We found another source for the whole."
    )


def _screen(proposal: str, story: Story) -> None:
    answers = {rule.key: True for rule in STARTER_ELIGIBILITY}
    reason = ""
    if proposal == "paynesville":
        answers["legal"] = False
        reason = (
            "The group is not registered, so it cannot receive a grant in its own name. Apply"
            " together with a registered organisation, or register first."
        )
    actions.check_eligibility(
        story.actor("officer"), story.made[f"application {proposal}"], answers, reason=reason
    )


def _assign(proposal: str, reviewer: str, story: Story) -> None:
    review = actions.assign_review(
        story.actor("officer"),
        story.made[f"application {proposal}"],
        story.made[f"user {reviewer}"],
        due_on=clock.today() + timedelta(days=14),
    )
    story.made[f"review {proposal} {reviewer}"] = review.id


def _review(proposal: str, reviewer: str, scores: tuple[int, ...], story: Story) -> None:
    actor, review_id = story.actor(reviewer), story.made[f"review {proposal} {reviewer}"]
    actions.declare_conflict(actor, review_id, has_conflict=False)
    keys = [criterion.key for criterion in STARTER_CRITERIA]
    is_good = sum(scores) >= 11
    actions.save_scores(
        actor,
        review_id,
        dict(zip(keys, scores, strict=True)),
        {key: _COMMENTS[score] for key, score in zip(keys, scores, strict=True)},
        comment=_COMMENTS[min(scores)],
        recommendation="fund" if is_good else "do_not_fund",
    )
    actions.submit_review(actor, review_id)


def _recuse(proposal: str, story: Story) -> None:
    actions.declare_conflict(
        story.actor("reviewer2"),
        story.made[f"review {proposal} reviewer2"],
        has_conflict=True,
        reason="I advised the assembly on the first phase of this market.",
    )


def _decide(proposal: str, amount: str, reason: str, story: Story) -> None:
    director, application_id = story.actor("director"), story.made[f"application {proposal}"]
    if not amount:
        actions.decline(director, application_id, reason)
        return
    decision = actions.approve(director, application_id, money(amount), reason)
    assert decision.grant_id is not None
    story.made[f"grant {proposal}"] = decision.grant_id
