"""Pledges, contribution agreements and deposits."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pledge",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("donor_id", BIG, nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("stated_currency", sa.String(length=3), nullable=True),
        sa.Column("stated_amount", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("usd_minor", BIG, nullable=False),
        sa.Column("pledged_on", sa.Date(), nullable=False),
        sa.Column("fiscal_year", BIG, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("entry_id", BIG, nullable=True),
        sa.Column("closing_entry_id", BIG, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'agreed', 'paid', 'withdrawn')", name=op.f("pledge_state_is_known")
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"], ["organisation.id"], name=op.f("fk_pledge_donor_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_pledge_fund_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge")),
    )
    op.create_index("ix_pledge_fund_donor", "pledge", ["fund_id", "donor_id"], unique=False)
    op.create_table(
        "contribution_agreement",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("donor_id", BIG, nullable=False),
        sa.Column("pledge_id", BIG, nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("is_core", sa.Boolean(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("usd_minor", BIG, nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("earmark", sa.JSON(), nullable=False),
        sa.Column("provider_activity_id", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("entry_id", BIG, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.CheckConstraint(
            "state <> 'signed' OR signed_on IS NOT NULL", name=op.f("signed_has_its_date")
        ),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("agreed_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_contribution_agreement_created_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["organisation.id"],
            name=op.f("fk_contribution_agreement_donor_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"],
            ["fund.id"],
            name=op.f("fk_contribution_agreement_fund_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["pledge_id"],
            ["pledge.id"],
            name=op.f("fk_contribution_agreement_pledge_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution_agreement")),
        sa.UniqueConstraint("fund_id", "reference", name="agreement_reference_is_unique_in_fund"),
    )
    op.create_index(
        "ix_contribution_agreement_donor",
        "contribution_agreement",
        ["fund_id", "donor_id"],
        unique=False,
    )
    op.create_table(
        "instalment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("agreement_id", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("usd_minor", BIG, nullable=False),
        sa.Column("cancelled_minor", BIG, nullable=False),
        sa.Column("cancelled_usd_minor", BIG, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("instalment_not_negative")),
        sa.CheckConstraint(
            "state IN ('scheduled', 'requested', 'paid', 'cancelled')",
            name=op.f("instalment_state_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["contribution_agreement.id"],
            name=op.f("fk_instalment_agreement_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instalment")),
        sa.UniqueConstraint("agreement_id", "number", name="instalment_number_is_unique"),
    )
    op.create_table(
        "deposit",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("donor_id", BIG, nullable=True),
        sa.Column("agreement_id", BIG, nullable=True),
        sa.Column("instalment_id", BIG, nullable=True),
        sa.Column("stated_currency", sa.String(length=3), nullable=True),
        sa.Column("stated_amount", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("usd_minor", BIG, nullable=False),
        sa.Column("rate", sa.String(length=40), nullable=False),
        sa.Column("rate_source", sa.String(length=60), nullable=False),
        sa.Column("rate_on", sa.Date(), nullable=True),
        sa.Column("value_on", sa.Date(), nullable=False),
        sa.Column("programming_year", BIG, nullable=False),
        sa.Column("is_core", sa.Boolean(), nullable=False),
        sa.Column("fee_minor", BIG, nullable=False),
        sa.Column("settled_minor", BIG, nullable=False),
        sa.Column("settled_usd_minor", BIG, nullable=False),
        sa.Column("converted_minor", BIG, nullable=False),
        sa.Column("converted_usd_minor", BIG, nullable=False),
        sa.Column("remitter", sa.String(length=300), nullable=False),
        sa.Column("bank_reference", sa.String(length=200), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("usable_from", sa.Date(), nullable=True),
        sa.Column("usable_until", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("entry_id", BIG, nullable=True),
        sa.Column("matching_entry_id", BIG, nullable=True),
        sa.Column("reversal_entry_id", BIG, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state <> 'matched' OR donor_id IS NOT NULL", name=op.f("matched_has_its_donor")
        ),
        sa.CheckConstraint("amount_minor > 0 AND usd_minor > 0", name=op.f("deposit_is_positive")),
        sa.CheckConstraint(
            "settled_minor BETWEEN 0 AND amount_minor AND settled_usd_minor >= 0",
            name=op.f("deposit_settles_no_more_than_it_is"),
        ),
        sa.CheckConstraint(
            "converted_minor BETWEEN 0 AND amount_minor"
            " AND converted_usd_minor BETWEEN 0 AND usd_minor",
            name=op.f("no_more_is_converted_than_came_in"),
        ),
        sa.CheckConstraint(
            "state IN ('matched', 'unidentified', 'reversed')", name=op.f("deposit_state_is_known")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["contribution_agreement.id"],
            name=op.f("fk_deposit_agreement_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"], ["organisation.id"], name=op.f("fk_deposit_donor_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_deposit_fund_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["instalment_id"],
            ["instalment.id"],
            name=op.f("fk_deposit_instalment_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposit")),
    )
    op.create_index(op.f("ix_deposit_agreement_id"), "deposit", ["agreement_id"], unique=False)
    op.create_index(
        "ix_deposit_fund_donor", "deposit", ["fund_id", "donor_id", "value_on"], unique=False
    )
    op.create_index("ix_deposit_fund_value_on", "deposit", ["fund_id", "value_on"], unique=False)
    op.create_index(op.f("ix_deposit_instalment_id"), "deposit", ["instalment_id"], unique=False)
