"""Tables of people and organisations, and of the fund itself."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.db import Base


class PoolPolicy(StrEnum):
    """How layers of equal conditions share a grant."""

    PRO_RATA = "pro_rata"
    FIRST_IN_FIRST_OUT = "fifo"


class OrganisationKind(StrEnum):
    """What an organisation is (IATI OrganisationType in brackets)."""

    GOVERNMENT = "government"  # 10
    LOCAL_GOVERNMENT = "local_government"  # 11
    NGO = "ngo"  # 21, 22, 24
    MULTILATERAL = "multilateral"  # 40
    FOUNDATION = "foundation"  # 60
    PRIVATE = "private"  # 70
    ACADEMIC = "academic"  # 80
    OTHER = "other"


class Constituency(StrEnum):
    """The six groups of members."""

    GOVERNMENTS = "governments"
    MULTILATERAL = "multilateral"
    LOCAL_GOVERNMENTS = "local_governments"
    CIVIL_SOCIETY = "civil_society"
    PRIVATE = "private"
    KNOWLEDGE = "knowledge"


class MemberKind(StrEnum):
    FULL = "full"
    ASSOCIATE = "associate"


class IncomeGroup(StrEnum):
    """Of a member's country, as the World Bank groups them; not every member has one."""

    LOW = "low"
    LOWER_MIDDLE = "lower_middle"
    UPPER_MIDDLE = "upper_middle"
    HIGH = "high"
    NONE = ""


class Role(StrEnum):
    """What a person does here. A role is held for one fund, or for all."""

    APPLICANT = "applicant"
    REVIEWER = "reviewer"
    GRANT_OFFICER = "grant_officer"
    PROGRAMME_MANAGER = "programme_manager"
    FINANCE_OFFICER = "finance_officer"
    CERTIFYING_OFFICER = "certifying_officer"
    APPROVER = "approver"
    DONOR = "donor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Fund(Base):
    """One multi-donor fund, apart from every other. Its functional currency is the US dollar."""

    __tablename__ = "fund"
    __table_args__ = (
        CheckConstraint("fee_basis_points BETWEEN 0 AND 10000", name="fee_is_a_share_of_the_whole"),
        CheckConstraint("pool_policy IN ('pro_rata', 'fifo')", name="pool_policy_is_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    host: Mapped[str] = mapped_column(String(200), default="")
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    #: The administrative agent's fee in hundredths of a per cent of each deposit.
    fee_basis_points: Mapped[int] = mapped_column(default=0)
    pool_policy: Mapped[str] = mapped_column(String(16), default=PoolPolicy.PRO_RATA)
    purpose: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]


class FundAlias(Base):
    """The name or number by which another system knows a fund."""

    __tablename__ = "fund_alias"
    __table_args__ = (UniqueConstraint("source", "external_key", name="alias_names_one_fund"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"), index=True)
    source: Mapped[str] = mapped_column(String(40))
    external_key: Mapped[str] = mapped_column(String(200))


class Organisation(Base):
    """A donor, member, grantee or other body. Its earlier names are kept as aliases."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(300), unique=True)
    short_name: Mapped[str] = mapped_column(String(60), default="")
    kind: Mapped[str] = mapped_column(String(24), default=OrganisationKind.OTHER)
    country_code: Mapped[str | None] = mapped_column(String(2))
    #: In words, as of its latest membership: see Membership.
    constituency: Mapped[str] = mapped_column(String(60), default="")
    membership: Mapped[str] = mapped_column(String(16), default="")
    iati_identifier: Mapped[str] = mapped_column(String(100), default="")
    is_donor: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class OrganisationAlias(Base):
    """A name that an organisation bears or bore in a source."""

    __tablename__ = "organisation_alias"
    __table_args__ = (UniqueConstraint("source", "name", name="alias_names_one_organisation"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="RESTRICT"), index=True
    )
    source: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(300))


class Membership(Base):
    """An organisation's time as a member of a fund: another kind or group begins a new one."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("kind IN ('full', 'associate')", name="member_kind_is_known"),
        CheckConstraint(
            "constituency IN ('governments', 'multilateral', 'local_governments',"
            " 'civil_society', 'private', 'knowledge')",
            name="constituency_is_known",
        ),
        CheckConstraint(
            "income_group IN ('', 'low', 'lower_middle', 'upper_middle', 'high')",
            name="member_income_group_is_known",
        ),
        CheckConstraint("left_on IS NULL OR left_on >= joined_on", name="leaves_after_joining"),
        Index(
            "ix_membership_present",
            "fund_id",
            "organisation_id",
            unique=True,
            sqlite_where=text("left_on IS NULL"),
            postgresql_where=text("left_on IS NULL"),
        ),
        Index("ix_membership_organisation", "organisation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(16))
    constituency: Mapped[str] = mapped_column(String(24))
    income_group: Mapped[str] = mapped_column(String(16), default=IncomeGroup.NONE)
    joined_on: Mapped[date]
    #: The last day.
    left_on: Mapped[date | None]
    created_at: Mapped[datetime]


class MembershipFee(Base):
    """What members of a kind, constituency and income group contribute, from a year on."""

    __tablename__ = "membership_fee"
    __table_args__ = (
        UniqueConstraint(
            "fund_id",
            "kind",
            "constituency",
            "income_group",
            "from_year",
            name="fee_is_set_once_a_year",
        ),
        CheckConstraint("amount_minor >= 0", name="membership_fee_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(16))
    constituency: Mapped[str] = mapped_column(String(24))
    #: '': for every member of the constituency for which no group says otherwise.
    income_group: Mapped[str] = mapped_column(String(16))
    from_year: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))


class User(Base):
    """A person who signs in. Removing one blanks what is personal; the row and its deeds stay."""

    __tablename__ = "user_account"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_is_lower_case"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="RESTRICT"), index=True
    )
    locale: Mapped[str] = mapped_column(String(10), default="en")
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    anonymised_at: Mapped[datetime | None]

    organisation: Mapped[Organisation | None] = relationship(lazy="raise")


class UserSession(Base):
    """One signed-in browser. The cookie carries the token; here lies only its SHA-256."""

    __tablename__ = "user_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """A try to sign in, counted so that passwords cannot be guessed."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]
    is_success: Mapped[bool]


class RoleAssignment(Base):
    """A role that a person holds, for one fund or (without one) for all."""

    __tablename__ = "role_assignment"
    __table_args__ = (UniqueConstraint("user_id", "fund_id", "role", name="role_is_held_once"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    fund_id: Mapped[int | None] = mapped_column(ForeignKey("fund.id"), index=True)
    role: Mapped[str] = mapped_column(String(24))


class Delegation(Base):
    """Authority to decide up to a ceiling in US dollars, between two dates, both included."""

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("ceiling_minor >= 0", name="ceiling_not_negative"),
        CheckConstraint(
            "valid_until IS NULL OR valid_until >= valid_from", name="ends_after_start"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("fund.id"), index=True)
    ceiling_minor: Mapped[int]
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    reason: Mapped[str] = mapped_column(default="")
