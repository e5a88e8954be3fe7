"""Imported books and their findings."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "import_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("stored_file_id", BIG, nullable=True),
        sa.Column("fund_id", BIG, nullable=True),
        sa.Column("is_dry_run", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("rows_read", BIG, nullable=False),
        sa.Column("rows_loaded", BIG, nullable=False),
        sa.Column("rows_updated", BIG, nullable=False),
        sa.Column("rows_withdrawn", BIG, nullable=False),
        sa.Column("rows_unchanged", BIG, nullable=False),
        sa.Column("rows_refused", BIG, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor_id", BIG, nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["user_account.id"],
            name=op.f("fk_import_run_actor_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_import_run_fund_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["stored_file_id"], ["stored_file.id"], name=op.f("fk_import_run_stored_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index(op.f("ix_import_run_fund_id"), "import_run", ["fund_id"], unique=False)
    op.create_table(
        "import_finding",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("row_number", BIG, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("column", sa.String(length=60), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.CheckConstraint(
            "severity IN ('notice', 'warning', 'error')", name=op.f("severity_is_known")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["import_run.id"],
            name=op.f("fk_import_finding_run_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_finding")),
    )
    op.create_index(
        "ix_import_finding_run",
        "import_finding",
        ["run_id", "severity", "row_number"],
        unique=False,
    )
    op.create_table(
        "imported_row",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("occurrence", BIG, nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("fund_id", BIG, nullable=True),
        sa.Column("first_run_id", BIG, nullable=False),
        sa.Column("last_run_id", BIG, nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("deposit_id", BIG, nullable=True),
        sa.Column("pledge_id", BIG, nullable=True),
        sa.Column("call_id", BIG, nullable=True),
        sa.Column("grant_id", BIG, nullable=True),
        sa.Column("rounding_usd", sa.String(length=40), nullable=False),
        sa.Column("rounding_original", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["call.id"], name=op.f("fk_imported_row_call_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["deposit_id"],
            ["deposit.id"],
            name=op.f("fk_imported_row_deposit_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["first_run_id"],
            ["import_run.id"],
            name=op.f("fk_imported_row_first_run_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_imported_row_fund_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["grant_record.id"],
            name=op.f("fk_imported_row_grant_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["last_run_id"],
            ["import_run.id"],
            name=op.f("fk_imported_row_last_run_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["pledge_id"],
            ["pledge.id"],
            name=op.f("fk_imported_row_pledge_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_row")),
        sa.UniqueConstraint(
            "kind", "source", "key", "occurrence", name="row_of_a_source_is_known_once"
        ),
    )
    op.create_index("ix_imported_row_fund", "imported_row", ["fund_id", "kind"], unique=False)
