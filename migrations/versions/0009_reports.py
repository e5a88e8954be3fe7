"""Issued reports."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "issued_report",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("donor_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("ledger_sequence", BIG, nullable=True),
        sa.Column("ledger_hash", sa.String(length=64), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=True),
        sa.Column("figures_hash", sa.String(length=64), nullable=False),
        sa.Column("verification_code", sa.String(length=40), nullable=False),
        sa.Column("pdf_file_id", BIG, nullable=True),
        sa.Column("xlsx_file_id", BIG, nullable=True),
        sa.Column("csv_file_id", BIG, nullable=True),
        sa.Column("json_file_id", BIG, nullable=True),
        sa.Column("prepared_by_id", BIG, nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("certified_by_id", BIG, nullable=True),
        sa.Column("certified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state <> 'certified' OR certified_by_id IS NOT NULL",
            name=op.f("certified_has_its_certifier"),
        ),
        sa.CheckConstraint(
            "certified_by_id IS NULL OR certified_by_id <> prepared_by_id",
            name=op.f("certifier_is_not_the_preparer"),
        ),
        sa.CheckConstraint("until_on >= from_on", name=op.f("statement_ends_after_it_starts")),
        sa.ForeignKeyConstraint(
            ["certified_by_id"],
            ["user_account.id"],
            name=op.f("fk_issued_report_certified_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["csv_file_id"], ["stored_file.id"], name=op.f("fk_issued_report_csv_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["organisation.id"],
            name=op.f("fk_issued_report_donor_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_issued_report_fund_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["json_file_id"], ["stored_file.id"], name=op.f("fk_issued_report_json_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["pdf_file_id"], ["stored_file.id"], name=op.f("fk_issued_report_pdf_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["prepared_by_id"],
            ["user_account.id"],
            name=op.f("fk_issued_report_prepared_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["xlsx_file_id"], ["stored_file.id"], name=op.f("fk_issued_report_xlsx_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_report")),
        sa.UniqueConstraint("number", "version", name="number_and_version_are_unique"),
        sa.UniqueConstraint("verification_code", name=op.f("uq_issued_report_verification_code")),
    )
    op.create_index(
        "ix_issued_report_fund_donor",
        "issued_report",
        ["fund_id", "donor_id", "until_on"],
        unique=False,
    )
