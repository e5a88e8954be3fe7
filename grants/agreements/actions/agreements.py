"""Grant agreements: prepared, signed (which commits the money), closed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from grants import clock
from grants.agreements import rules
from grants.agreements.models import GrantAgreement, PartnerReport, ReportState, Tranche
from grants.agreements.queries.scope import agreement_of, grantee_people, usd
from grants.agreements.rules import NewAgreement
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Malformed
from grants.files import actions as files
from grants.funding import actions as funding
from grants.funding import queries as funds
from grants.funding.models import Grant, GrantState
from grants.money import Money
from grants.outbox import actions as outbox
from grants.people import queries as people
from grants.people.permissions import Actor, Verb, require


def prepare_agreement(actor: Actor, grant_id: int, new: NewAgreement) -> GrantAgreement:
    """Draft the agreement of an approved grant with its tranches; its document is then made.

    A draft can be prepared anew until it is signed. Refuses tranches that do not sum to the grant.
    """
    grant = lock(Grant, grant_id)
    require(actor, Verb.MANAGE_GRANTS, grant.fund_id)
    if grant.state != GrantState.RESERVED:
        raise rules.WrongMoment(
            what=grant.reference, state=grant.state.replace("_", " "), done="prepared"
        )
    rules.check_plan(new, usd(grant.approved_minor))
    agreement = db.session.scalar(select(GrantAgreement).where(GrantAgreement.grant_id == grant_id))
    if agreement is None:
        agreement = GrantAgreement(fund_id=grant.fund_id, grant_id=grant_id, created_at=clock.now())
        db.session.add(agreement)
    agreement.amount_minor = grant.approved_minor
    agreement.starts_on = new.starts_on
    agreement.ends_on = new.ends_on
    agreement.template_version = rules.TERMS.version
    agreement.terms_of_reference = new.terms_of_reference
    agreement.prepared_by_id = actor.user_id
    agreement.document_id = None
    _plan_tranches(grant, new)
    grant.starts_on, grant.ends_on = new.starts_on, new.ends_on
    db.session.flush()
    audit.record(actor, "agreement.prepared", "grant", grant_id, fund_id=grant.fund_id)
    _have_rendered(agreement)
    return agreement


def sign(
    actor: Actor, grant_id: int, *, signed_on: date, for_fund: str, for_grantee: str
) -> GrantAgreement:
    """Record both signatures: the reserved money is committed, the grant is active.

    Refuses a grant without a prepared agreement, a day in the future, and missing names.
    """
    agreement = _locked(grant_id)
    require(actor, Verb.MANAGE_GRANTS, agreement.fund_id)
    if agreement.signed_on is not None:
        raise rules.WrongMoment(what="The agreement", state="signed", done="signed again")
    if not for_fund.strip() or not for_grantee.strip():
        raise Malformed("Name who signed for the fund and who signed for the grantee.")
    if signed_on > clock.today(people.fund(agreement.fund_id).time_zone):
        raise Malformed("The day of signature lies in the future.")
    posted = funding.commit(actor, grant_id, on=signed_on, source=("grant_agreement", agreement.id))
    agreement.signed_on = signed_on
    agreement.signed_by_fund = for_fund.strip()
    agreement.signed_by_grantee = for_grantee.strip()
    agreement.entry_id = posted.id
    db.session.flush()
    audit.record(
        actor,
        "agreement.signed",
        "grant",
        grant_id,
        fund_id=agreement.fund_id,
        signed_on=signed_on,
        entry=posted.sequence,
    )
    _have_rendered(agreement)
    grant = db.session.get_one(Grant, grant_id)
    for person in grantee_people(grant):
        outbox.tell(
            person,
            template="agreement_signed",
            subject=f"Your grant {grant.reference} is signed",
            body=(
                f"The agreement over {usd(agreement.amount_minor)} is in force from"
                f" {agreement.starts_on:%d %B %Y}. The first tranche is requested next."
            ),
        )
    return agreement


def keep_document(agreement_id: int, content: bytes) -> None:
    """Keep the rendered document of an agreement (for the worker)."""
    agreement = lock(GrantAgreement, agreement_id)
    grant = db.session.get_one(Grant, agreement.grant_id)
    stored = files.save(
        people.system_actor(),
        content,
        name=f"{grant.reference.replace('/', '-')}-agreement.pdf",
        owner_type="grant",
        owner_id=grant.id,
        fund_id=grant.fund_id,
        media_type="application/pdf",
    )
    agreement.document_id = stored.id
    db.session.flush()


def decommit_rest(actor: Actor, grant_id: int, *, on: date, reason: str) -> Money:
    """Give back what is committed and will not be paid, to the layers it came from."""
    grant = lock(Grant, grant_id)
    require(actor, Verb.MANAGE_GRANTS, grant.fund_id)
    if not reason.strip():
        raise Malformed("Say why the rest is given back.")
    rest = funds.grant_money(grant_id).committed
    if not rest:
        raise rules.WrongMoment(what="Nothing", state="left", done="given back")
    funding.decommit(actor, grant_id, rest, on=on, reason=reason)
    return rest


def close_grant(actor: Actor, grant_id: int) -> Grant:
    """Close a grant operationally once its final report is accepted, then financially.

    Financial closure refuses while anything is committed, payable, advanced or owed.
    """
    grant = lock(Grant, grant_id)
    require(actor, Verb.MANAGE_GRANTS, grant.fund_id)
    if grant.state in {GrantState.ACTIVE, GrantState.REPORTING}:
        final = db.session.scalar(
            select(PartnerReport.id).where(
                PartnerReport.grant_id == grant_id,
                PartnerReport.is_final,
                PartnerReport.state == ReportState.ACCEPTED,
            )
        )
        if final is None:
            raise rules.CannotClose(why="its final report is not accepted yet")
        grant.state = GrantState.OPERATIONALLY_CLOSED
    elif grant.state == GrantState.OPERATIONALLY_CLOSED:
        money = funds.grant_money(grant_id)
        for left, what in (
            (money.committed, "committed"),
            (money.payable, "approved and unpaid"),
            (money.advances, "advanced and not accounted for"),
            (money.owed, "owed by the grantee"),
        ):
            if left:
                raise rules.CannotClose(why=f"{left} is still {what}")
        grant.state = GrantState.CLOSED
    else:
        raise rules.WrongMoment(
            what=grant.reference, state=grant.state.replace("_", " "), done="closed"
        )
    db.session.flush()
    audit.record(actor, f"grant.{grant.state}", "grant", grant_id, fund_id=grant.fund_id)
    return grant


def _have_rendered(agreement: GrantAgreement) -> None:
    """Have the worker make the document as the agreement stands now: drafted, or signed."""
    outbox.enqueue(
        "agreement.render",
        {"agreement_id": agreement.id},
        unique_key=f"agreement.render/{agreement.id}",
    )


def _locked(grant_id: int) -> GrantAgreement:
    return lock(GrantAgreement, agreement_of(grant_id).id)


def _plan_tranches(grant: Grant, new: NewAgreement) -> None:
    for old in db.session.scalars(select(Tranche).where(Tranche.grant_id == grant.id)):
        db.session.delete(old)
    db.session.flush()
    db.session.add_all(
        Tranche(
            fund_id=grant.fund_id,
            grant_id=grant.id,
            number=number,
            amount_minor=tranche.amount.minor,
            due_on=tranche.due_on,
            condition=tranche.condition,
        )
        for number, tranche in enumerate(new.tranches, 1)
    )
