"""Screening, scoring and deciding."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from grants.errors import Malformed, NotAllowed, Refused
from grants.money import Money


class NotWaitingForThis(Refused):
    """{reference} is {state}, so it cannot be {done}."""


class OwnApplication(NotAllowed):
    """You wrote this application, so someone else must decide on it."""


class OwnReview(NotAllowed):
    """You reviewed this application, so someone else must decide on it."""


class OwnOrganisation(NotAllowed):
    """Your own organisation applies here, so someone else must decide."""


class NoReview(Refused):
    """{reference} has no submitted review yet, so it cannot be approved."""


class ReasonMissing(Malformed):
    """Give the reason: the applicant reads it."""


class AmountOutsideCall(Malformed):
    """{amount} is outside what this call gives: from {least} to {most}."""


class ScoresIncomplete(Malformed):
    """Score every criterion before you submit: {missing} is still open."""


class ScoreOutOfRange(Malformed):
    """{criterion} is scored from 0 to {most}."""


@dataclass(frozen=True, kw_only=True)
class Decider:
    """Whoever wants to decide."""

    user_id: int
    organisation_id: int | None


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """What reviewers score, with its weight in the whole."""

    key: str
    name: str
    help: str = ""
    weight: int = 1
    most: int = 5


@dataclass(frozen=True, kw_only=True)
class EligibilityRule:
    """What an officer checks before review, as a sentence that is true or not."""

    key: str
    rule: str


def check_screening(
    rules: Sequence[EligibilityRule], answers: Mapping[str, bool], reason: str
) -> bool:
    """Whether the application is eligible. Refuses open answers, and a no without its reason."""
    missing = [rule.rule for rule in rules if rule.key not in answers]
    if missing:
        raise Malformed(f"Answer every rule: {missing[0]} is still open.")
    is_eligible = all(answers[rule.key] for rule in rules)
    if not is_eligible and not reason.strip():
        raise ReasonMissing
    return is_eligible


def check_scores(
    criteria: Sequence[Criterion], scores: Mapping[str, int | None], *, must_be_complete: bool
) -> None:
    """Refuse a score outside its range and, where all must be there, one that is missing."""
    for criterion in criteria:
        score = scores.get(criterion.key)
        if score is None:
            if must_be_complete:
                raise ScoresIncomplete(missing=criterion.name)
        elif not 0 <= score <= criterion.most:
            raise ScoreOutOfRange(criterion=criterion.name, most=criterion.most)


def weighted_score(
    criteria: Sequence[Criterion], scores: Mapping[str, int | None]
) -> Decimal | None:
    """The score out of 100, weighted; None while a criterion is open."""
    points, weights = Decimal(0), 0
    for criterion in criteria:
        score = scores.get(criterion.key)
        if score is None:
            return None
        points += Decimal(score * criterion.weight) / criterion.most
        weights += criterion.weight
    if not weights:
        return None
    return (points / weights * 100).quantize(Decimal("0.1"))


def check_can_be_decided(
    *,
    reference: str,
    state: str,
    decidable: Iterable[str],
    decider: Decider,
    author_ids: Collection[int],
    reviewer_ids: Collection[int],
    organisation_id: int,
) -> None:
    """Refuse a decision out of turn, or by an author, a reviewer or the applying organisation."""
    check_may_decide(
        decider,
        author_ids=author_ids,
        reviewer_ids=reviewer_ids,
        organisation_id=organisation_id,
    )
    if state not in set(decidable):
        raise NotWaitingForThis(reference=reference, state=state.replace("_", " "), done="decided")


def check_may_decide(
    decider: Decider,
    *,
    author_ids: Collection[int],
    reviewer_ids: Collection[int],
    organisation_id: int,
) -> None:
    """Refuse whoever wrote in the application, was asked to review it, or is one of those."""
    if decider.user_id in author_ids:
        raise OwnApplication
    if decider.user_id in reviewer_ids:
        raise OwnReview
    if decider.organisation_id is not None and decider.organisation_id == organisation_id:
        raise OwnOrganisation


def check_reason(reason: str) -> None:
    """Refuse a decision that does not say why."""
    if not reason.strip():
        raise ReasonMissing


def check_amount(amount: Money, least: Money | None, most: Money | None) -> None:
    """Refuse an amount outside what the call gives."""
    if amount.minor <= 0 or (least and amount < least) or (most and amount > most):
        raise AmountOutsideCall(
            amount=amount, least=least or Money.zero("USD"), most=most or "the envelope"
        )
