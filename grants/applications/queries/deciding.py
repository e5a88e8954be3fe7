"""Everything that somebody needs to decide on an application, on one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grants import clock
from grants.applications import rules
from grants.applications.models import ApplicationState
from grants.applications.queries.cases import Case, case_of, submitted_row
from grants.applications.queries.scope import authors_of
from grants.applications.rules import BudgetRow, CategoryTotal, Form, Kind, Question
from grants.errors import NotAllowed
from grants.funding import queries as funding
from grants.funding.queries import Preview, ProgrammeMoney
from grants.funding.rules import Purpose
from grants.money import Money
from grants.people import queries as people
from grants.people.permissions import Actor, Verb, may


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The budget of an application, counted."""

    rows: tuple[BudgetRow, ...]
    categories: tuple[CategoryTotal, ...]
    total: Money


@dataclass(frozen=True, kw_only=True)
class DecisionPage:
    """The whole case, what is left in the programme, and what the decision would do."""

    case: Case
    budget: Budget | None
    money: ProgrammeMoney | None
    #: Who would pay for `amount`, or why it cannot be paid for.
    preview: Preview | None
    amount: Money | None
    left_after: Money | None
    ceiling: Money
    #: Why this person may not decide; empty when they may.
    against: str
    is_decidable: bool
    is_declinable: bool


def decision_page(
    actor: Actor, application_id: int, *, amount: Money | None = None
) -> DecisionPage:
    """The case for whoever decides; without `amount` it is what the applicant asks for."""
    application = submitted_row(actor, application_id)
    case = case_of(actor, application)
    today = clock.today(people.fund(application.fund_id).time_zone)
    wanted = amount or case.requested
    if wanted is not None and wanted.minor <= 0:
        wanted = None
    programme_id = case.call.programme_id
    money = funding.programme_money(programme_id) if programme_id else None
    preview = (
        funding.preview_reservation(programme_id, wanted, today, _purpose(case))
        if programme_id and wanted
        else None
    )
    is_open = case.decision is None
    return DecisionPage(
        case=case,
        budget=budget_of(case),
        money=money,
        preview=preview,
        amount=wanted,
        left_after=money.left - wanted if money and wanted else None,
        ceiling=actor.ceiling_in(application.fund_id, today),
        against=_against(actor, case, authors_of(application)) if is_open else "",
        is_decidable=case.state == ApplicationState.REVIEWED,
        is_declinable=is_open
        and case.state not in {ApplicationState.INELIGIBLE, ApplicationState.WITHDRAWN},
    )


def budget_of(case: Case) -> Budget | None:
    """The budget in dollars and by category, if the form asks for one."""
    question = _budget_question(case.form)
    if question is None:
        return None
    rows = rules.budget_rows(question, case.answers)
    return Budget(
        rows=tuple(rows),
        categories=tuple(rules.category_totals(question, rows)),
        total=rules.budget_total(rows, question.currency),
    )


def items_of(form: Form, answers: Mapping[str, str]) -> frozenset[str]:
    """What an application would buy, by its budget; donors may exclude some of it."""
    question = _budget_question(form)
    if question is None:
        return frozenset()
    return rules.items_bought(question, rules.budget_rows(question, answers))


def _purpose(case: Case) -> Purpose:
    return Purpose(
        sectors=frozenset(),
        recipient_kind=people.organisation(case.organisation_id).kind,
        items=items_of(case.form, case.answers),
    )


def _budget_question(form: Form) -> Question | None:
    asked = (each for each in form.questions() if each.kind is Kind.BUDGET_TABLE)
    return next(asked, None)


def _against(actor: Actor, case: Case, author_ids: set[int]) -> str:
    if not may(actor, Verb.APPROVE, case.fund_id):
        return "Only an approver of this fund may decide on applications."
    try:
        rules.check_may_decide(
            rules.Decider(user_id=actor.user_id, organisation_id=actor.organisation_id),
            author_ids=author_ids,
            reviewer_ids=[review.reviewer_id for review in case.reviews],
            organisation_id=case.organisation_id,
        )
    except NotAllowed as refusal:
        return str(refusal)
    return ""
