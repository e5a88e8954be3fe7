"""The life of each grant: agreement, tranches, reports, refund, closure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from grants import clock
from grants.agreements import actions, queries
from grants.agreements.actions import ClaimedLine, NewAgreement, NewTranche, RefusedCost
from grants.cli.demo.story import Scene, Story, money
from grants.funding import actions as funding
from grants.funding.actions import NewGrant


@dataclass(frozen=True, kw_only=True)
class Step:
    """A tranche: amount, and the days ago on which it was requested, certified and released."""

    amount: str
    requested: int | None = None
    certified: int | None = None
    released: int | None = None


@dataclass(frozen=True, kw_only=True)
class Account:
    """A partner report: days ago, what was spent by category, and how it went on."""

    submitted: int
    spent: Mapping[int, str]
    narrative: str
    accepted: int | None = None
    returned: int | None = None
    refused: tuple[int, str, str] | None = None
    is_final: bool = False


@dataclass(frozen=True, kw_only=True)
class Life:
    """A grant from its agreement on."""

    grant: str
    writer: str
    signer: str
    prepared: int
    signed: int | None
    terms: str
    steps: Sequence[Step]
    accounts: Sequence[Account] = ()
    ends: int = -300


LIVES = (
    Life(
        grant="jinja",
        writer="applicant",
        signer="The Town Clerk of Jinja",
        prepared=684,
        signed=674,
        terms="Twelve kiosks in operation, 1.8 km of drains, accounts published each month.",
        steps=(
            Step(amount="108,000", requested=669, certified=666, released=663),
            Step(amount="72,000", requested=411, certified=408, released=404),
        ),
        accounts=(
            Account(
                submitted=427,
                accepted=418,
                spent={1: "9,200", 2: "41,600", 4: "38,400", 5: "4,300", 7: "2,500", 8: "4,000"},
                narrative="Seven kiosks sell water; the first kilometre of drains is covered. The"
                " forum met nine times. The price of a jerrycan fell from 200 to 50 shillings.",
            ),
            Account(
                submitted=192,
                accepted=176,
                is_final=True,
                spent={1: "9,200", 2: "18,000", 4: "38,100", 5: "4,200", 7: "4,500", 8: "2,000"},
                refused=(5, "1,500", "Two journeys have no receipts."),
                narrative="All twelve kiosks and 1.8 km of drains are in use. 12,900 people have"
                " water within 200 metres. The savings groups hold a reserve for repairs.",
            ),
        ),
        ends=200,
    ),
    Life(
        grant="savers",
        writer="savers",
        signer="The chairperson of the Federation",
        prepared=685,
        signed=677,
        terms="120 toilet blocks, each with a group that keeps it and publishes its fees.",
        steps=(
            Step(amount="72,000", requested=672, certified=670, released=667),
            Step(amount="48,000", requested=372, certified=369, released=365),
        ),
        accounts=(
            Account(
                submitted=388,
                accepted=379,
                spent={1: "10,400", 6: "50,400", 5: "2,100", 8: "3,600"},
                narrative="Seventy blocks are built. One group gave up; another took its place.",
            ),
            Account(
                submitted=8,
                is_final=True,
                spent={1: "10,400", 6: "36,000", 5: "2,800", 8: "2,900"},
                narrative="All 120 blocks stand. Fees of the first seventy pay for their upkeep.",
            ),
        ),
        ends=20,
    ),
    Life(
        grant="monrovia",
        writer="monrovia",
        signer="The Mayor of Monrovia",
        prepared=566,
        signed=559,
        terms="Twenty kiosks, 4 km of mains, and monthly accounts on the board of each kiosk.",
        steps=(
            Step(amount="120,000", requested=556, certified=553, released=551),
            Step(amount="100,000", requested=292, certified=289, released=286),
            Step(amount="65,000", requested=5),
        ),
        accounts=(
            Account(
                submitted=309,
                accepted=301,
                spent={1: "22,800", 2: "63,000", 4: "14,700", 7: "5,400", 8: "6,000"},
                narrative="Two kilometres of mains are laid. The committees of seven kiosks are"
                " elected, with 34 women among 56 members.",
            ),
            Account(
                submitted=58,
                accepted=47,
                spent={1: "17,100", 2: "37,800", 4: "24,500", 7: "4,050", 8: "4,500"},
                narrative="Twelve kiosks sell water. The water company took over 3.2 km of mains.",
            ),
        ),
        ends=-120,
    ),
    Life(
        grant="vietnam",
        writer="vietnam",
        signer="The Secretary General of the Association",
        prepared=342,
        signed=333,
        terms="A national urban upgrading strategy to 2035, agreed with fifty cities.",
        steps=(
            Step(amount="200,000", requested=330, certified=327, released=323),
            Step(amount="200,000", requested=104, certified=101, released=96),
        ),
        accounts=(
            Account(
                submitted=128,
                accepted=111,
                spent={1: "52,000", 4: "84,000", 5: "18,000", 7: "9,000", 8: "9,000"},
                narrative="Thirty-four cities have held their workshops; the draft is in"
                " consultation with three ministries.",
            ),
        ),
    ),
    Life(
        grant="kumasi-migration",
        writer="kumasi",
        signer="The Chief Executive of the Assembly",
        prepared=281,
        signed=272,
        terms="600 apprenticeships of nine months, with a hostel place for those without one.",
        steps=(
            Step(amount="120,000", requested=269, certified=266, released=263),
            Step(amount="80,000"),
        ),
        accounts=(
            Account(
                submitted=41,
                returned=33,
                spent={1: "9,100", 4: "25,200", 6: "58,800", 8: "5,000"},
                narrative="280 apprentices have begun.",
            ),
        ),
    ),
    Life(
        grant="sfax",
        writer="sfax",
        signer="La maire de Sfax",
        prepared=280,
        signed=271,
        terms="Un guichet municipal ouvert cinq jours par semaine, 900 baux écrits.",
        steps=(
            Step(amount="130,000", requested=268, certified=265, released=262),
            Step(amount="90,000", requested=9, certified=6),
        ),
        accounts=(
            Account(
                submitted=72,
                accepted=61,
                spent={1: "39,600", 4: "23,200", 5: "4,300", 6: "32,500", 8: "6,400"},
                narrative="Le guichet est ouvert depuis cinq mois ; 412 baux sont signés.",
            ),
        ),
    ),
    Life(
        grant="tunisia",
        writer="sfax",
        signer="La maire de Sfax",
        prepared=10,
        signed=None,
        terms="Une stratégie de ville avec six communes du Grand Sfax.",
        steps=(Step(amount="180,000"), Step(amount="120,000")),
    ),
)

#: Decided by the Board without a call: key, programme, grantee, title, amount, days ago.
DIRECT = (
    (
        "vietnam",
        "vietnam",
        "vietnam",
        "A national urban upgrading strategy to 2035",
        "400,000",
        352,
    ),
    ("tunisia", "tunisia", "sfax", "Une stratégie pour le Grand Sfax", "300,000", 14),
)


def scenes() -> list[tuple[int, Scene]]:
    """Everything that happened to the grants after their approval."""
    found: list[tuple[int, Scene]] = [
        (days_ago, partial(_reserve, key, programme, grantee, title, amount))
        for key, programme, grantee, title, amount, days_ago in DIRECT
    ]
    for life in LIVES:
        found.append((life.prepared, partial(_prepare, life)))
        if life.signed is not None:
            found.append((life.signed, partial(_sign, life)))
        for number, step in enumerate(life.steps, 1):
            found += _tranche(life, number, step)
        for account in life.accounts:
            found += _report(life, account)
    return [*found, (150, _refund), (141, _close), (138, _close)]


def _tranche(life: Life, number: int, step: Step) -> list[tuple[int, Scene]]:
    deeds = ((step.requested, _request), (step.certified, _certify), (step.released, _release))
    return [(day, partial(deed, life, number)) for day, deed in deeds if day is not None]


def _report(life: Life, account: Account) -> list[tuple[int, Scene]]:
    deeds = (
        (account.submitted, _submit),
        (account.accepted, _accept),
        (account.returned, _return),
    )
    return [(day, partial(deed, life, account)) for day, deed in deeds if day is not None]


def _reserve(key: str, programme: str, grantee: str, title: str, amount: str, story: Story) -> None:
    new = NewGrant(
        fund_id=story.fund_id,
        programme_id=story.made[f"programme {programme}"],
        grantee_id=story.made[grantee],
        title=title,
        amount=money(amount),
        approved_on=clock.today(),
        programme_year=clock.today().year,
    )
    story.made[f"grant {key}"] = funding.reserve(story.actor("director"), new).id


def _prepare(life: Life, story: Story) -> None:
    starts_on = clock.today() + timedelta(days=14)
    planned = [
        NewTranche(
            amount=money(step.amount),
            due_on=story.day(-80 if step.requested is None else step.requested - 14),
            condition="" if place == 0 else "75 % of the tranche before is spent and accepted",
        )
        for place, step in enumerate(life.steps)
    ]
    new = NewAgreement(
        starts_on=starts_on,
        ends_on=story.day(life.ends),
        tranches=planned,
        terms_of_reference=life.terms,
    )
    actions.prepare_agreement(story.actor("officer"), story.made[f"grant {life.grant}"], new)


def _sign(life: Life, story: Story) -> None:
    actions.sign(
        story.actor("officer"),
        story.made[f"grant {life.grant}"],
        signed_on=clock.today(),
        for_fund=story.actor("director").name,
        for_grantee=life.signer,
    )


def _request(life: Life, number: int, story: Story) -> None:
    actions.request_tranche(
        story.actor("officer"), _tranche_id(life, number, story), note="Conditions are met."
    )


def _certify(life: Life, number: int, story: Story) -> None:
    tranche_id = _tranche_id(life, number, story)
    actions.certify_tranche(story.actor("certifying"), tranche_id, on=clock.today())


def _release(life: Life, number: int, story: Story) -> None:
    tranche_id = _tranche_id(life, number, story)
    actions.release_tranche(
        story.actor("finance"),
        tranche_id,
        paid_on=clock.today(),
        bank_reference=f"PAY {tranche_id:06d}",
    )


def _tranche_id(life: Life, number: int, story: Story) -> int:
    record = queries.record(story.actor("officer"), story.made[f"grant {life.grant}"])
    return next(tranche.id for tranche in record.tranches if tranche.number == number)


def _submit(life: Life, account: Account, story: Story) -> None:
    writer = story.actor(life.writer)
    from_on, until_on = clock.today() - timedelta(days=200), clock.today() - timedelta(days=10)
    report = actions.start_report(
        writer, story.made[f"grant {life.grant}"], from_on=from_on, until_on=until_on
    )
    actions.save_report(
        writer,
        report.id,
        narrative=account.narrative,
        lines=[
            ClaimedLine(category=category, claimed=money(amount))
            for category, amount in account.spent.items()
        ],
        is_final=account.is_final,
        from_on=from_on,
        until_on=until_on,
    )
    actions.submit_report(writer, report.id)
    story.made[f"report {life.grant} {account.submitted}"] = report.id


def _accept(life: Life, account: Account, story: Story) -> None:
    refused = []
    if account.refused is not None:
        category, amount, reason = account.refused
        refused = [RefusedCost(category=category, amount=money(amount), reason=reason)]
    actions.accept_report(
        story.actor("officer"),
        story.made[f"report {life.grant} {account.submitted}"],
        on=clock.today(),
        refused=refused,
    )


def _return(life: Life, account: Account, story: Story) -> None:
    actions.return_report(
        story.actor("officer"),
        story.made[f"report {life.grant} {account.submitted}"],
        reason="Please say how many of the apprentices are women, and add the hostel's list.",
    )


def _refund(story: Story) -> None:
    actions.record_refund(
        story.actor("finance"),
        story.made["grant jinja"],
        unspent=money("4,000"),
        refused=money("1,500"),
        value_on=clock.today(),
        bank_reference="BOU 2291-77",
        reason="Unspent balance and refused travel, after the final report",
    )


def _close(story: Story) -> None:
    actions.close_grant(story.actor("officer"), story.made["grant jinja"])
