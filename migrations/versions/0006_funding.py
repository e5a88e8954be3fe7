"""Grants and who pays for them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "grant_record",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("programme_id", BIG, nullable=False),
        sa.Column("grantee_id", BIG, nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("approved_minor", BIG, nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=False),
        sa.Column("programme_year", BIG, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("is_funded", sa.Boolean(), nullable=False),
        sa.Column("round_name", sa.String(length=300), nullable=False),
        sa.Column("sector", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.CheckConstraint(
            "state IN ('reserved', 'active', 'reporting', 'operationally_closed', 'closed', 'cancelled')",
            name=op.f("grant_state_is_known"),
        ),
        sa.CheckConstraint("approved_minor >= 0", name=op.f("approved_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_grant_record_created_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_grant_record_fund_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["grantee_id"],
            ["organisation.id"],
            name=op.f("fk_grant_record_grantee_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
            name=op.f("fk_grant_record_programme_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_record")),
        sa.UniqueConstraint("fund_id", "reference", name="grant_reference_is_unique_in_fund"),
    )
    op.create_index(
        "ix_grant_record_fund_approved_on", "grant_record", ["fund_id", "approved_on"], unique=False
    )
    op.create_index(
        op.f("ix_grant_record_grantee_id"), "grant_record", ["grantee_id"], unique=False
    )
    op.create_index("ix_grant_record_programme", "grant_record", ["programme_id"], unique=False)
    op.create_table(
        "attribution",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("grant_id", BIG, nullable=False),
        sa.Column("layer_id", BIG, nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("basis", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.CheckConstraint("basis IN ('tracked', 'notional')", name=op.f("basis_is_known")),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("attribution_is_something")),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_attribution_fund_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["grant_record.id"],
            name=op.f("fk_attribution_grant_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["layer_id"], ["deposit.id"], name=op.f("fk_attribution_layer_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution")),
    )
    op.create_index("ix_attribution_grant", "attribution", ["grant_id", "layer_id"], unique=False)
    op.create_index("ix_attribution_layer", "attribution", ["layer_id", "grant_id"], unique=False)
