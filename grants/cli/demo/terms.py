"""What agreements ask for and how they changed; letters that ask for money; members."""

from __future__ import annotations

from datetime import date
from functools import partial

from grants import clock
from grants.cli.demo.story import Scene, Story, money
from grants.donors import actions
from grants.donors import queries as donors
from grants.donors.actions import (
    AmendedInstalment,
    Amendment,
    NewCondition,
    NewDeposit,
    NewDuty,
)
from grants.people import actions as people
from grants.people.models import Constituency, IncomeGroup, MemberKind

_BANK = {
    "CHF": "CH93 0076 2011 6238 5295 7",
    "EUR": "BE71 0961 2345 6769",
    "GBP": "GB33 BUKB 2020 1555 5555 55",
    "SEK": "SE45 5000 0000 0583 9825 7466",
    "USD": "BE68 5390 0754 7034",
}

_FULL, _ASSOCIATE = MemberKind.FULL, MemberKind.ASSOCIATE
_LOW, _UPPER, _HIGH = IncomeGroup.LOW, IncomeGroup.UPPER_MIDDLE, IncomeGroup.HIGH
_NONE = IncomeGroup.NONE

_MEMBERS = (
    ("sweden", _FULL, Constituency.GOVERNMENTS, _HIGH),
    ("switzerland", _FULL, Constituency.GOVERNMENTS, _HIGH),
    ("germany", _FULL, Constituency.GOVERNMENTS, _HIGH),
    ("uk", _FULL, Constituency.GOVERNMENTS, _HIGH),
    ("south africa", _FULL, Constituency.GOVERNMENTS, _UPPER),
    ("brazil", _FULL, Constituency.GOVERNMENTS, _UPPER),
    ("unhabitat", _FULL, Constituency.MULTILATERAL, _NONE),
    ("uclg", _FULL, Constituency.LOCAL_GOVERNMENTS, _NONE),
    ("sdi", _FULL, Constituency.CIVIL_SOCIETY, _NONE),
    ("ford", _ASSOCIATE, Constituency.PRIVATE, _NONE),
    ("ihs", _ASSOCIATE, Constituency.KNOWLEDGE, _NONE),
)

#: Invented amounts: what members contribute is for each fund to set.
_FEES = (
    (_FULL, Constituency.GOVERNMENTS, _NONE, "8,000"),
    (_FULL, Constituency.GOVERNMENTS, _HIGH, "25,000"),
    (_FULL, Constituency.MULTILATERAL, _NONE, "25,000"),
    (_FULL, Constituency.LOCAL_GOVERNMENTS, _NONE, "5,000"),
    (_FULL, Constituency.CIVIL_SOCIETY, _NONE, "1,000"),
    (_ASSOCIATE, Constituency.PRIVATE, _NONE, "10,000"),
    (_ASSOCIATE, Constituency.KNOWLEDGE, _NONE, "500"),
)

#: Who paid its contribution of the year, and how many days after the invoice.
_PAID = (("uclg", 12), ("sdi", 25), ("south africa", 31), ("ihs", 34))


def scenes() -> list[tuple[int, Scene]]:
    """Everything about the terms of agreements, letters and members, each at its day."""
    return [
        (902, _bank_details),
        (901, _admit_members),
        (866, _swedish_reports),
        (853, _german_terms),
        (140, _invoice_members),
        *((140 - days, partial(_member_pays, key)) for key, days in _PAID),
        (95, _report_delivered),
        (70, _sweden_adds),
        (61, _ask_the_uk),
        (20, _new_bank_details),
    ]


def _bank_details(story: Story) -> None:
    for currency, iban in _BANK.items():
        proposed = actions.propose_instruction(
            story.actor("finance"),
            story.fund_id,
            currency,
            "Banque de Démonstration, Brussels\nAccount holder: UNOPS Cities Alliance\n"
            f"IBAN {iban}\nSWIFT DEMOBEBB",
        )
        actions.confirm_instruction(story.actor("director"), proposed.id)


def _new_bank_details(story: Story) -> None:
    """They wait for the second person."""
    actions.propose_instruction(
        story.actor("finance"),
        story.fund_id,
        "USD",
        "Banque de Démonstration, Geneva\nAccount holder: UNOPS Cities Alliance\n"
        "IBAN CH56 0483 5012 3456 7800 9\nSWIFT DEMOCHGG",
    )


def _admit_members(story: Story) -> None:
    finance = story.actor("finance")
    for key, kind, constituency, group in _MEMBERS:
        people.admit_member(
            finance,
            story.fund_id,
            story.made[key],
            kind=kind,
            constituency=constituency,
            income_group=group,
            joined_on=date(2014, 1, 1),
        )
    for kind, constituency, group, amount in _FEES:
        people.set_membership_fee(
            finance,
            story.fund_id,
            kind=kind,
            constituency=constituency,
            income_group=group,
            from_year=2014,
            amount=money(amount),
        )


def _invoice_members(story: Story) -> None:
    made = actions.issue_invoices(story.actor("finance"), story.fund_id, clock.today().year)
    story.made |= {f"invoice {one.donor_id}": one.id for one in made}


def _member_pays(key: str, story: Story) -> None:
    donor_id = story.made[key]
    invoice = donors.invoice(story.made[f"invoice {donor_id}"])
    new = NewDeposit(
        fund_id=story.fund_id,
        donor_id=donor_id,
        invoice_id=invoice.id,
        amount=invoice.left,
        value_on=clock.today(),
        remitter=invoice.donor,
        bank_reference=f"Membership {invoice.year}",
    )
    actions.record_deposit(story.actor("finance"), new)


def _swedish_reports(story: Story) -> None:
    for kind, due, words in (
        ("narrative", 100, "The second year"),
        ("certified", -38, "Calendar year, with the auditor's opinion"),
    ):
        duty = _duty(story, "SIDA-61050142", kind, due, words)
        story.made[f"duty {kind}"] = duty


def _report_delivered(story: Story) -> None:
    actions.note_report_delivered(
        story.actor("finance"),
        story.made["duty narrative"],
        done_on=clock.today(),
        note="By letter, with the annual report",
    )


def _german_terms(story: Story) -> None:
    agreement_id = story.made["agreement BMZ-2460-A"]
    actions.add_condition(
        story.actor("finance"),
        agreement_id,
        NewCondition(
            words="The mid-term review is accepted by both sides",
            due_on=story.day(-25),
            instalment=3,
        ),
    )
    _duty(story, "BMZ-2460-A", "financial", -12, "Expenditure until the mid-term review")


def _sweden_adds(story: Story) -> None:
    """A fourth instalment, in ten months."""
    agreement_id = story.made["agreement SIDA-61050142"]
    page = donors.agreement_page(agreement_id, clock.today())
    more = money("6,000,000", "SEK")
    actions.amend_agreement(
        story.actor("finance"),
        agreement_id,
        Amendment(
            signed_on=clock.today(),
            reason="Additional contribution for the regional programme",
            amount=page.amount + more,
            instalments=(AmendedInstalment(number=None, due_on=story.day(-230), amount=more),),
        ),
    )


def _ask_the_uk(story: Story) -> None:
    agreement_id = story.made["agreement FCDO-300912"]
    for line in donors.agreement_page(agreement_id, clock.today()).instalments:
        if line.state == "scheduled":
            actions.request_payment(story.actor("finance"), line.id)


def _duty(story: Story, reference: str, kind: str, due: int, words: str) -> int:
    new = NewDuty(kind=kind, due_on=story.day(due), words=words)
    agreement_id = story.made[f"agreement {reference}"]
    return actions.add_duty(story.actor("finance"), agreement_id, new).id
