"""Versions of contribution agreements, conditions, reporting duties, payment requests, members."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SQLITE = (
    """CREATE TRIGGER agreement_version_no_update BEFORE UPDATE ON agreement_version
BEGIN SELECT RAISE(ABORT, 'versions_are_never_changed'); END
""",
    """CREATE TRIGGER agreement_version_no_delete BEFORE DELETE ON agreement_version
BEGIN SELECT RAISE(ABORT, 'versions_are_never_changed'); END
""",
)

POSTGRESQL = (
    """CREATE FUNCTION contribution_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$
""",
    """CREATE TRIGGER agreement_version_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE
ON agreement_version
FOR EACH STATEMENT EXECUTE FUNCTION contribution_refuse('versions_are_never_changed')
""",
)

#: A pledge that was closed stood until the day of the entry that closed it.
CLOSED_ON = """
UPDATE pledge SET closed_on = (SELECT value_on FROM entry WHERE entry.id = pledge.closing_entry_id)
WHERE closing_entry_id IS NOT NULL
"""


def upgrade() -> None:
    _members()
    _terms()
    _requests()
    op.add_column("contribution_agreement", sa.Column("eligible_from", sa.Date(), nullable=True))
    op.add_column("contribution_agreement", sa.Column("eligible_until", sa.Date(), nullable=True))
    op.add_column("pledge", sa.Column("closed_on", sa.Date(), nullable=True))
    op.add_column("pledge", sa.Column("expected_on", sa.Date(), nullable=True))
    op.execute(CLOSED_ON)
    with op.batch_alter_table("deposit") as deposit:
        deposit.add_column(sa.Column("invoice_id", BIG, nullable=True))
        deposit.create_foreign_key(
            op.f("fk_deposit_invoice_id"),
            "membership_invoice",
            ["invoice_id"],
            ["id"],
            ondelete="RESTRICT",
        )
    op.create_index(op.f("ix_deposit_invoice_id"), "deposit", ["invoice_id"], unique=False)
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        op.execute(statement)


def _members() -> None:
    op.create_table(
        "membership",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("constituency", sa.String(length=24), nullable=False),
        sa.Column("income_group", sa.String(length=16), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "constituency IN ('governments', 'multilateral', 'local_governments',"
            " 'civil_society', 'private', 'knowledge')",
            name=op.f("constituency_is_known"),
        ),
        sa.CheckConstraint(
            "income_group IN ('', 'low', 'lower_middle', 'upper_middle', 'high')",
            name=op.f("member_income_group_is_known"),
        ),
        sa.CheckConstraint("kind IN ('full', 'associate')", name=op.f("member_kind_is_known")),
        sa.CheckConstraint(
            "left_on IS NULL OR left_on >= joined_on", name=op.f("leaves_after_joining")
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_membership_fund_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_membership_organisation_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    op.create_index("ix_membership_organisation", "membership", ["organisation_id"], unique=False)
    op.create_index(
        "ix_membership_present",
        "membership",
        ["fund_id", "organisation_id"],
        unique=True,
        sqlite_where=sa.text("left_on IS NULL"),
        postgresql_where=sa.text("left_on IS NULL"),
    )
    op.create_table(
        "membership_fee",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("constituency", sa.String(length=24), nullable=False),
        sa.Column("income_group", sa.String(length=16), nullable=False),
        sa.Column("from_year", BIG, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("membership_fee_not_negative")),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_membership_fee_created_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_membership_fee_fund_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_fee")),
        sa.UniqueConstraint(
            "fund_id",
            "kind",
            "constituency",
            "income_group",
            "from_year",
            name="fee_is_set_once_a_year",
        ),
    )
    op.create_table(
        "membership_invoice",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("membership_id", BIG, nullable=False),
        sa.Column("donor_id", BIG, nullable=False),
        sa.Column("year", BIG, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("usd_minor", BIG, nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.CheckConstraint("state IN ('issued', 'cancelled')", name=op.f("invoice_state_is_known")),
        sa.CheckConstraint("amount_minor > 0 AND usd_minor > 0", name=op.f("invoice_is_positive")),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_membership_invoice_created_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["organisation.id"],
            name=op.f("fk_membership_invoice_donor_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"],
            ["fund.id"],
            name=op.f("fk_membership_invoice_fund_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_membership_invoice_membership_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_invoice")),
    )
    op.create_index(
        "ix_membership_invoice_fund", "membership_invoice", ["fund_id", "year"], unique=False
    )
    op.create_index(
        "ix_membership_invoice_year",
        "membership_invoice",
        ["membership_id", "year"],
        unique=True,
        sqlite_where=sa.text("state = 'issued'"),
        postgresql_where=sa.text("state = 'issued'"),
    )


def _terms() -> None:
    op.create_table(
        "agreement_version",
        sa.Column("id", BIG, nullable=False),
        sa.Column("agreement_id", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("entry_id", BIG, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.CheckConstraint(
            "kind IN ('signed', 'amended', 'withdrawn')", name=op.f("version_kind_is_known")
        ),
        sa.CheckConstraint("number > 0", name=op.f("versions_count_from_one")),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["contribution_agreement.id"],
            name=op.f("fk_agreement_version_agreement_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_agreement_version_created_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_version")),
        sa.UniqueConstraint("agreement_id", "number", name="version_number_is_unique"),
    )
    op.create_table(
        "agreement_condition",
        sa.Column("id", BIG, nullable=False),
        sa.Column("agreement_id", BIG, nullable=False),
        sa.Column("instalment_id", BIG, nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("met_by_id", BIG, nullable=True),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.CheckConstraint(
            "met_on IS NULL OR (met_by_id IS NOT NULL AND evidence <> '')",
            name=op.f("met_has_its_evidence"),
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["contribution_agreement.id"],
            name=op.f("fk_agreement_condition_agreement_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_agreement_condition_created_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["instalment_id"],
            ["instalment.id"],
            name=op.f("fk_agreement_condition_instalment_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["met_by_id"],
            ["user_account.id"],
            name=op.f("fk_agreement_condition_met_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_condition")),
    )
    op.create_index(
        "ix_agreement_condition_agreement",
        "agreement_condition",
        ["agreement_id", "instalment_id"],
        unique=False,
    )
    op.create_table(
        "reporting_duty",
        sa.Column("id", BIG, nullable=False),
        sa.Column("agreement_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_by_id", BIG, nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.CheckConstraint(
            "kind IN ('narrative', 'financial', 'certified', 'other')",
            name=op.f("duty_kind_is_known"),
        ),
        sa.CheckConstraint(
            "done_on IS NULL OR done_by_id IS NOT NULL", name=op.f("done_by_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["contribution_agreement.id"],
            name=op.f("fk_reporting_duty_agreement_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_reporting_duty_created_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["done_by_id"],
            ["user_account.id"],
            name=op.f("fk_reporting_duty_done_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporting_duty")),
    )
    op.create_index("ix_reporting_duty_agreement", "reporting_duty", ["agreement_id"], unique=False)
    op.create_index(
        "ix_reporting_duty_due", "reporting_duty", ["due_on", "agreement_id"], unique=False
    )


def _requests() -> None:
    op.create_table(
        "payment_instruction",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("lines", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("proposed_by_id", BIG, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by_id", BIG, nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'confirmed' OR (confirmed_by_id IS NOT NULL AND confirmed_at IS NOT NULL)",
            name=op.f("confirmed_by_somebody"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'replaced')",
            name=op.f("instruction_state_is_known"),
        ),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> proposed_by_id",
            name=op.f("bank_details_are_seen_by_two"),
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"],
            ["user_account.id"],
            name=op.f("fk_payment_instruction_confirmed_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"],
            ["fund.id"],
            name=op.f("fk_payment_instruction_fund_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"],
            ["user_account.id"],
            name=op.f("fk_payment_instruction_proposed_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_instruction")),
    )
    op.create_index(
        "ix_payment_instruction_in_force",
        "payment_instruction",
        ["fund_id", "currency"],
        unique=True,
        sqlite_where=sa.text("state = 'confirmed'"),
        postgresql_where=sa.text("state = 'confirmed'"),
    )
    op.create_table(
        "payment_request",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("donor_id", BIG, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("instalment_id", BIG, nullable=True),
        sa.Column("invoice_id", BIG, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("letter", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("document_id", BIG, nullable=True),
        sa.Column("replaces_id", BIG, nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by_id", BIG, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.CheckConstraint(
            "state <> 'cancelled' OR (cancelled_at IS NOT NULL AND cancelled_by_id IS NOT NULL"
            " AND reason <> '')",
            name=op.f("cancelled_request_says_why"),
        ),
        sa.CheckConstraint("state IN ('issued', 'cancelled')", name=op.f("request_state_is_known")),
        sa.CheckConstraint(
            "(instalment_id IS NULL) <> (invoice_id IS NULL)",
            name=op.f("request_asks_for_one_thing"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("request_asks_for_something")),
        sa.ForeignKeyConstraint(
            ["cancelled_by_id"],
            ["user_account.id"],
            name=op.f("fk_payment_request_cancelled_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_payment_request_created_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["stored_file.id"],
            name=op.f("fk_payment_request_document_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["organisation.id"],
            name=op.f("fk_payment_request_donor_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_payment_request_fund_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["instalment_id"],
            ["instalment.id"],
            name=op.f("fk_payment_request_instalment_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["membership_invoice.id"],
            name=op.f("fk_payment_request_invoice_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"],
            ["payment_request.id"],
            name=op.f("fk_payment_request_replaces_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_request")),
        sa.UniqueConstraint("fund_id", "number", name="request_number_is_unique_in_fund"),
    )
    op.create_index(
        "ix_payment_request_donor", "payment_request", ["donor_id", "fund_id"], unique=False
    )
    op.create_index(
        "ix_payment_request_instalment",
        "payment_request",
        ["instalment_id"],
        unique=True,
        sqlite_where=sa.text("state = 'issued'"),
        postgresql_where=sa.text("state = 'issued'"),
    )
    op.create_index(
        "ix_payment_request_invoice",
        "payment_request",
        ["invoice_id"],
        unique=True,
        sqlite_where=sa.text("state = 'issued'"),
        postgresql_where=sa.text("state = 'issued'"),
    )
    op.create_table(
        "reminder",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("thing_type", sa.String(length=40), nullable=False),
        sa.Column("thing_id", BIG, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("stage", BIG, nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("messages", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_reminder_fund_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "thing_type", "thing_id", "due_on", "stage", name="reminded_once_per_stage"
        ),
    )
    op.create_index(op.f("ix_reminder_fund_id"), "reminder", ["fund_id"], unique=False)
