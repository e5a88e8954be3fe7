"""Opening funds."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import select

from grants import clock
from grants.audit import actions as audit
from grants.db import db, lock
from grants.errors import Refused
from grants.people.models import Fund, FundAlias, PoolPolicy
from grants.people.permissions import Actor, Verb, require
from grants.people.rules import NameTaken


def open_fund(
    actor: Actor,
    *,
    name: str,
    slug: str | None = None,
    host: str = "",
    time_zone: str = "UTC",
    fee_basis_points: int = 0,
    pool_policy: PoolPolicy = PoolPolicy.PRO_RATA,
    purpose: str = "",
) -> Fund:
    """Open a fund with books of its own. The fee is in hundredths of a per cent of each deposit."""
    require(actor, Verb.ADMINISTER)
    if db.session.scalar(select(Fund.id).where(Fund.name == name)) is not None:
        raise NameTaken(what="a fund", name=name)
    fund = Fund(
        slug=_free_slug(slug or name),
        name=name,
        host=host,
        time_zone=time_zone,
        fee_basis_points=fee_basis_points,
        pool_policy=pool_policy,
        purpose=purpose,
        created_at=clock.now(),
    )
    db.session.add(fund)
    db.session.flush()
    audit.record(actor, "fund.opened", "fund", fund.id, fund_id=fund.id, name=name)
    return fund


def rename_fund(actor: Actor, fund_id: int, name: str) -> Fund:
    """Give a fund a new name; its address and its books stay. Refuses a name that another bears."""
    require(actor, Verb.ADMINISTER, fund_id)
    fund = lock(Fund, fund_id)
    before = fund.name
    if before == name:
        return fund
    if db.session.scalar(select(Fund.id).where(Fund.name == name)) is not None:
        raise NameTaken(what="a fund", name=name)
    fund.name = name
    db.session.flush()
    audit.record(actor, "fund.renamed", "fund", fund_id, fund_id=fund_id, before=before, after=name)
    return fund


def alias_fund(actor: Actor, fund_id: int, *, source: str, external_key: str) -> None:
    """Note under which name or number another system knows a fund. Known ones stay as they are."""
    require(actor, Verb.IMPORT, fund_id)
    known = db.session.scalar(
        select(FundAlias.fund_id).where(
            FundAlias.source == source, FundAlias.external_key == external_key
        )
    )
    if known is None:
        db.session.add(FundAlias(fund_id=fund_id, source=source, external_key=external_key))
        db.session.flush()
    elif known != fund_id:
        raise Refused(f"{source} already uses {external_key} for another fund.")


def _free_slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:70] or "fund"
    slug, number = stem, 1
    while db.session.scalar(select(Fund.id).where(Fund.slug == slug)) is not None:
        number += 1
        slug = f"{stem}-{number}"
    return slug
