"""Grant agreements, tranches, reports and refunds."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "grant_agreement",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("grant_id", BIG, nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("template_version", sa.String(length=40), nullable=False),
        sa.Column("terms_of_reference", sa.String(), nullable=False),
        sa.Column("document_id", BIG, nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("signed_by_fund", sa.String(length=200), nullable=False),
        sa.Column("signed_by_grantee", sa.String(length=200), nullable=False),
        sa.Column("entry_id", BIG, nullable=True),
        sa.Column("prepared_by_id", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(signed_on IS NULL) = (entry_id IS NULL)",
            name=op.f("signature_and_commitment_together"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("agreement_amount_is_positive")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("agreement_ends_after_it_starts")),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["stored_file.id"],
            name=op.f("fk_grant_agreement_document_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_grant_agreement_fund_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["grant_record.id"],
            name=op.f("fk_grant_agreement_grant_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["prepared_by_id"],
            ["user_account.id"],
            name=op.f("fk_grant_agreement_prepared_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_agreement")),
        sa.UniqueConstraint("grant_id", name=op.f("uq_grant_agreement_grant_id")),
    )
    op.create_index(
        op.f("ix_grant_agreement_fund_id"), "grant_agreement", ["fund_id"], unique=False
    )
    op.create_table(
        "partner_report",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("grant_id", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("narrative", sa.String(), nullable=False),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("submitted_by_id", BIG, nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.String(), nullable=False),
        sa.Column("entry_id", BIG, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state <> 'accepted' OR (decided_by_id IS NOT NULL AND entry_id IS NOT NULL)",
            name=op.f("accepted_only_with_its_entry"),
        ),
        sa.CheckConstraint(
            "decided_by_id <> submitted_by_id", name=op.f("accepter_is_not_the_reporter")
        ),
        sa.CheckConstraint("until_on >= from_on", name=op.f("report_ends_after_it_starts")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["user_account.id"],
            name=op.f("fk_partner_report_decided_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_partner_report_fund_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["grant_record.id"],
            name=op.f("fk_partner_report_grant_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"],
            ["user_account.id"],
            name=op.f("fk_partner_report_submitted_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_report")),
        sa.UniqueConstraint("grant_id", "number", name="report_number_is_unique"),
    )
    op.create_index(op.f("ix_partner_report_fund_id"), "partner_report", ["fund_id"], unique=False)
    op.create_table(
        "refund",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("grant_id", BIG, nullable=False),
        sa.Column("unspent_minor", BIG, nullable=False),
        sa.Column("refused_minor", BIG, nullable=False),
        sa.Column("value_on", sa.Date(), nullable=False),
        sa.Column("bank_reference", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("recorded_by_id", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("unspent_minor + refused_minor > 0", name=op.f("refund_is_something")),
        sa.CheckConstraint(
            "unspent_minor >= 0 AND refused_minor >= 0", name=op.f("refund_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_refund_fund_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grant_record.id"], name=op.f("fk_refund_grant_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"],
            ["user_account.id"],
            name=op.f("fk_refund_recorded_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
    )
    op.create_index(op.f("ix_refund_fund_id"), "refund", ["fund_id"], unique=False)
    op.create_index(op.f("ix_refund_grant_id"), "refund", ["grant_id"], unique=False)
    op.create_table(
        "tranche",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("grant_id", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("condition", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requested_by_id", BIG, nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_note", sa.String(), nullable=False),
        sa.Column("certified_by_id", BIG, nullable=True),
        sa.Column("certified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by_id", BIG, nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("bank_reference", sa.String(length=200), nullable=False),
        sa.Column("advance_entry_id", BIG, nullable=True),
        sa.Column("entry_id", BIG, nullable=True),
        sa.CheckConstraint(
            "state <> 'released' OR (released_by_id IS NOT NULL AND entry_id IS NOT NULL)",
            name=op.f("released_only_with_its_entry"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('certified', 'released') OR (requested_by_id IS NOT NULL AND certified_by_id IS NOT NULL)",
            name=op.f("certified_only_after_a_request"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("tranche_is_positive")),
        sa.CheckConstraint(
            "certified_by_id <> requested_by_id", name=op.f("certifier_is_not_the_requester")
        ),
        sa.CheckConstraint(
            "released_by_id <> requested_by_id AND released_by_id <> certified_by_id",
            name=op.f("releaser_is_a_third_person"),
        ),
        sa.ForeignKeyConstraint(
            ["certified_by_id"],
            ["user_account.id"],
            name=op.f("fk_tranche_certified_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_tranche_fund_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grant_record.id"], name=op.f("fk_tranche_grant_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["released_by_id"],
            ["user_account.id"],
            name=op.f("fk_tranche_released_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"],
            ["user_account.id"],
            name=op.f("fk_tranche_requested_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tranche")),
        sa.UniqueConstraint("grant_id", "number", name="tranche_number_is_unique"),
    )
    op.create_index(op.f("ix_tranche_fund_id"), "tranche", ["fund_id"], unique=False)
    op.create_table(
        "report_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("report_id", BIG, nullable=False),
        sa.Column("category", BIG, nullable=False),
        sa.Column("claimed_minor", BIG, nullable=False),
        sa.Column("refused_minor", BIG, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("category BETWEEN 1 AND 8", name=op.f("category_is_of_the_unsdg_list")),
        sa.CheckConstraint(
            "claimed_minor >= 0 AND refused_minor >= 0", name=op.f("report_amounts_not_negative")
        ),
        sa.CheckConstraint(
            "refused_minor <= claimed_minor", name=op.f("no_more_refused_than_claimed")
        ),
        sa.CheckConstraint(
            "refused_minor = 0 OR length(reason) > 0", name=op.f("refusal_gives_its_reason")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["partner_report.id"],
            name=op.f("fk_report_line_report_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_line")),
        sa.UniqueConstraint("report_id", "category", name="category_is_reported_once"),
    )
