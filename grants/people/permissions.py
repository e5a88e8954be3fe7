"""Who may do what: deny by default, and say why in words.

`require` is the first thing an action does after loading what it is about. `may` only decides
which buttons are shown. Lists are narrowed in their query, with the actor's `funds_with`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from grants.errors import NotAllowed, NotFound
from grants.money import Money
from grants.people.models import Role


class Verb(StrEnum):
    """Everything a person can be allowed to do, in the order of the money's way."""

    SEE_MONEY = "see the fund's money"
    RECORD_CONTRIBUTION = "record contributions"
    POST_ADJUSTMENT = "correct the books"
    APPROVE_ADJUSTMENT = "approve a correction of the books"
    MANAGE_PROGRAMMES = "set up windows, programmes and allocations"
    MANAGE_CALLS = "run calls"
    APPLY = "apply for a grant"
    SEE_APPLICATIONS = "see applications"
    SCREEN = "check eligibility"
    ASSIGN_REVIEWS = "assign reviews"
    REVIEW = "review applications"
    APPROVE = "decide on applications"
    MANAGE_GRANTS = "manage grant agreements"
    REQUEST_TRANCHE = "request a tranche"
    CERTIFY_TRANCHE = "certify a tranche"
    RELEASE_TRANCHE = "release a tranche"
    SUBMIT_REPORT = "report on a grant"
    ACCEPT_REPORT = "accept a partner's report"
    SEE_OWN_STATEMENTS = "see your own statements"
    ISSUE_STATEMENT = "issue statements"
    CERTIFY_STATEMENT = "certify statements"
    IMPORT = "import books"
    AUDIT = "read the audit trail and verify the books"
    ADMINISTER = "manage people and settings"


_STAFF = {
    Role.GRANT_OFFICER,
    Role.PROGRAMME_MANAGER,
    Role.FINANCE_OFFICER,
    Role.CERTIFYING_OFFICER,
    Role.APPROVER,
    Role.AUDITOR,
}

#: Which roles may do a thing. Nobody else may; the administrator has no money verbs on purpose.
MAY: dict[Verb, set[Role]] = {
    Verb.SEE_MONEY: _STAFF,
    Verb.RECORD_CONTRIBUTION: {Role.FINANCE_OFFICER},
    Verb.POST_ADJUSTMENT: {Role.FINANCE_OFFICER},
    Verb.APPROVE_ADJUSTMENT: {Role.CERTIFYING_OFFICER, Role.APPROVER},
    Verb.MANAGE_PROGRAMMES: {Role.PROGRAMME_MANAGER, Role.APPROVER},
    Verb.MANAGE_CALLS: {Role.GRANT_OFFICER},
    Verb.APPLY: {Role.APPLICANT},
    Verb.SEE_APPLICATIONS: _STAFF,
    Verb.SCREEN: {Role.GRANT_OFFICER},
    Verb.ASSIGN_REVIEWS: {Role.GRANT_OFFICER},
    Verb.REVIEW: {Role.REVIEWER},
    Verb.APPROVE: {Role.APPROVER},
    Verb.MANAGE_GRANTS: {Role.GRANT_OFFICER, Role.PROGRAMME_MANAGER},
    Verb.REQUEST_TRANCHE: {Role.GRANT_OFFICER, Role.PROGRAMME_MANAGER},
    Verb.CERTIFY_TRANCHE: {Role.CERTIFYING_OFFICER, Role.FINANCE_OFFICER},
    Verb.RELEASE_TRANCHE: {Role.FINANCE_OFFICER, Role.APPROVER},
    Verb.SUBMIT_REPORT: {Role.APPLICANT},
    Verb.ACCEPT_REPORT: {Role.GRANT_OFFICER, Role.FINANCE_OFFICER},
    Verb.SEE_OWN_STATEMENTS: {Role.DONOR},
    Verb.ISSUE_STATEMENT: {Role.FINANCE_OFFICER},
    Verb.CERTIFY_STATEMENT: {Role.CERTIFYING_OFFICER},
    Verb.IMPORT: {Role.FINANCE_OFFICER, Role.GRANT_OFFICER},
    Verb.AUDIT: {Role.AUDITOR, Role.FINANCE_OFFICER},
    Verb.ADMINISTER: {Role.ADMINISTRATOR},
}

#: Done on behalf of the person's own organisation, and for no other.
_FOR_OWN_ORGANISATION = {Verb.APPLY, Verb.SUBMIT_REPORT, Verb.SEE_OWN_STATEMENTS}


@dataclass(frozen=True, kw_only=True)
class DelegatedAuthority:
    """The most that an actor may decide in a fund (US dollars, minor units), and when."""

    fund_id: int
    ceiling_minor: int
    valid_from: date
    valid_until: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Whoever acts: a person with the roles held, or the system itself (import, worker).

    `roles` are pairs of fund id (None: every fund) and role. The system may do everything that is
    not a decision: it has no role to approve, certify or release.
    """

    user_id: int
    name: str
    organisation_id: int | None = None
    roles: frozenset[tuple[int | None, Role]] = frozenset()
    delegations: tuple[DelegatedAuthority, ...] = ()
    time_zone: str = "UTC"
    locale: str = "en"
    is_system: bool = field(default=False)

    def has_role(self, role: Role, fund_id: int | None) -> bool:
        return (None, role) in self.roles or (fund_id, role) in self.roles

    def has_any_fund_role(self, role: Role) -> bool:
        return any(held is role for _, held in self.roles)

    def funds_with(self, verb: Verb) -> set[int] | None:
        """The funds where the actor may do this; None means in every fund."""
        held = {fund_id for fund_id, role in self.roles if role in MAY[verb]}
        if self.is_system or None in held:
            return None
        return {fund_id for fund_id in held if fund_id is not None}

    def ceiling_in(self, fund_id: int, day: date) -> Money:
        """The largest amount that the actor may decide in the fund on a day."""
        ceilings = [
            held.ceiling_minor
            for held in self.delegations
            if held.fund_id == fund_id and held.holds_on(day)
        ]
        return Money.of_minor(max(ceilings, default=0), "USD")


_NOT_FOR_THE_SYSTEM = {
    Verb.APPROVE_ADJUSTMENT,
    Verb.APPROVE,
    Verb.REVIEW,
    Verb.CERTIFY_TRANCHE,
    Verb.RELEASE_TRANCHE,
    Verb.CERTIFY_STATEMENT,
}


def may(
    actor: Actor, verb: Verb, fund_id: int | None = None, *, organisation_id: int | None = None
) -> bool:
    """Whether the actor may do this in the fund (and for the organisation, where it matters)."""
    if actor.is_system:
        return verb not in _NOT_FOR_THE_SYSTEM
    if not any(actor.has_role(role, fund_id) for role in MAY[verb]):
        return False
    return verb not in _FOR_OWN_ORGANISATION or _is_own(actor, organisation_id)


def require(
    actor: Actor,
    verb: Verb,
    fund_id: int | None = None,
    *,
    organisation_id: int | None = None,
    amount: Money | None = None,
    on: date | None = None,
) -> None:
    """Refuse unless the actor may do this.

    With an amount (US dollars) and a day, the actor's delegated authority must reach it too.
    Another organisation's thing is NotFound; anything else forbidden is NotAllowed, with why.
    """
    if verb in _FOR_OWN_ORGANISATION and not actor.is_system:
        held = any(actor.has_role(role, fund_id) for role in MAY[verb])
        if held and not _is_own(actor, organisation_id):
            raise NotFound
    if not may(actor, verb, fund_id, organisation_id=organisation_id):
        roles = " or ".join(sorted(role.replace("_", " ") for role in MAY[verb]))
        raise NotAllowed(f"Only a {roles} of this fund may {verb}.")
    if amount is not None:
        assert fund_id is not None
        assert on is not None
        check_ceiling(actor, fund_id, amount, on)


def check_ceiling(actor: Actor, fund_id: int, amount: Money, on: date) -> None:
    """Refuse what lies above the actor's delegated authority in the fund on that day."""
    ceiling = actor.ceiling_in(fund_id, on)
    if amount > ceiling:
        raise NotAllowed(
            f"{amount} is above your delegated authority of {ceiling}. "
            "Someone with a higher delegation must decide."
        )


def _is_own(actor: Actor, organisation_id: int | None) -> bool:
    return organisation_id is not None and organisation_id == actor.organisation_id
