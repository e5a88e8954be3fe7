"""Bank accounts, the statements of banks and what each movement is; receipts that went back."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SQLITE = (
    """CREATE TRIGGER bank_import_no_update BEFORE UPDATE ON bank_import
BEGIN SELECT RAISE(ABORT, 'files_of_banks_are_never_changed'); END
""",
    """CREATE TRIGGER bank_import_no_delete BEFORE DELETE ON bank_import
BEGIN SELECT RAISE(ABORT, 'files_of_banks_are_never_changed'); END
""",
    """CREATE TRIGGER bank_finding_no_update BEFORE UPDATE ON bank_finding
BEGIN SELECT RAISE(ABORT, 'findings_are_never_changed'); END
""",
    """CREATE TRIGGER bank_finding_no_delete BEFORE DELETE ON bank_finding
BEGIN SELECT RAISE(ABORT, 'findings_are_never_changed'); END
""",
    """CREATE TRIGGER bank_statement_no_update BEFORE UPDATE ON bank_statement
BEGIN SELECT RAISE(ABORT, 'statements_of_banks_are_never_changed'); END
""",
    """CREATE TRIGGER bank_statement_no_delete BEFORE DELETE ON bank_statement
BEGIN SELECT RAISE(ABORT, 'statements_of_banks_are_never_changed'); END
""",
    """CREATE TRIGGER bank_line_no_update BEFORE UPDATE ON bank_line
BEGIN SELECT RAISE(ABORT, 'movements_are_never_changed'); END
""",
    """CREATE TRIGGER bank_line_no_delete BEFORE DELETE ON bank_line
BEGIN SELECT RAISE(ABORT, 'movements_are_never_changed'); END
""",
    """CREATE TRIGGER bank_match_no_delete BEFORE DELETE ON bank_match
BEGIN SELECT RAISE(ABORT, 'matches_are_ended_and_never_deleted'); END
""",
    """CREATE TRIGGER bank_match_ends_once BEFORE UPDATE ON bank_match
WHEN OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR NEW.line_id <> OLD.line_id
 OR NEW.kind <> OLD.kind OR NEW.entry_id IS NOT OLD.entry_id
BEGIN SELECT RAISE(ABORT, 'matches_are_ended_and_never_changed'); END
""",
)

POSTGRESQL = (
    """CREATE TRIGGER bank_import_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON bank_import
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('files_of_banks_are_never_changed')
""",
    """CREATE TRIGGER bank_finding_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON bank_finding
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('findings_are_never_changed')
""",
    """CREATE TRIGGER bank_statement_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON bank_statement
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('statements_of_banks_are_never_changed')
""",
    """CREATE TRIGGER bank_line_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON bank_line
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('movements_are_never_changed')
""",
    """CREATE TRIGGER bank_match_is_kept BEFORE DELETE OR TRUNCATE ON bank_match
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('matches_are_ended_and_never_deleted')
""",
    """CREATE TRIGGER bank_match_ends_once BEFORE UPDATE ON bank_match FOR EACH ROW
WHEN (OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR NEW.line_id <> OLD.line_id
 OR NEW.kind <> OLD.kind OR NEW.entry_id IS DISTINCT FROM OLD.entry_id)
EXECUTE FUNCTION ledger_refuse('matches_are_ended_and_never_changed')
""",
)


def upgrade() -> None:
    _accounts()
    _statements()
    _matches()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        op.execute(statement)
    with op.batch_alter_table("deposit") as deposit:
        deposit.drop_constraint("deposit_state_is_known", type_="check")
        deposit.create_check_constraint(
            op.f("deposit_state_is_known"),
            "state IN ('matched', 'unidentified', 'reversed', 'returned')",
        )


def _accounts() -> None:
    op.create_table(
        "bank_layout",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_bank_layout_created_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_bank_layout_fund_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_layout")),
        sa.UniqueConstraint("fund_id", "name", name=op.f("layout_name_is_unique_in_fund")),
    )
    op.create_table(
        "bank_account",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("bank", sa.String(length=120), nullable=False),
        sa.Column("bic", sa.String(length=11), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("tolerance_minor", BIG, nullable=False),
        sa.Column("layout_id", BIG, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.CheckConstraint("tolerance_minor >= 0", name=op.f("tolerance_not_negative")),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_bank_account_created_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_bank_account_fund_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["layout_id"],
            ["bank_layout.id"],
            name=op.f("fk_bank_account_layout_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
        sa.UniqueConstraint("number", "currency", name=op.f("account_belongs_to_one_fund")),
    )
    op.create_index("ix_bank_account_fund_id", "bank_account", ["fund_id"], unique=False)


def _statements() -> None:
    op.create_table(
        "bank_import",
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("file_id", BIG, nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(length=16), nullable=False),
        sa.Column("encoding", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("is_trial", sa.Boolean(), nullable=False),
        sa.Column("statements", BIG, nullable=False),
        sa.Column("lines_read", BIG, nullable=False),
        sa.Column("lines_new", BIG, nullable=False),
        sa.Column("lines_known", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", BIG, nullable=False),
        sa.CheckConstraint(
            "state IN ('loaded', 'tried', 'refused')", name=op.f("bank_import_state_is_known")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["bank_account.id"],
            name=op.f("fk_bank_import_account_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["user_account.id"],
            name=op.f("fk_bank_import_actor_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["stored_file.id"],
            name=op.f("fk_bank_import_file_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_import")),
    )
    op.create_index("ix_bank_import_account", "bank_import", ["account_id", "id"], unique=False)
    op.create_index(
        "ix_bank_import_once",
        "bank_import",
        ["account_id", "sha256"],
        unique=True,
        sqlite_where=sa.text("state = 'loaded'"),
        postgresql_where=sa.text("state = 'loaded'"),
    )
    op.create_table(
        "bank_finding",
        sa.Column("id", BIG, nullable=False),
        sa.Column("import_id", BIG, nullable=False),
        sa.Column("row_number", BIG, nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.CheckConstraint(
            "severity IN ('notice', 'warning', 'error')", name=op.f("bank_severity_is_known")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["bank_import.id"],
            name=op.f("fk_bank_finding_import_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_finding")),
    )
    op.create_index("ix_bank_finding_import", "bank_finding", ["import_id", "id"], unique=False)
    op.create_table(
        "bank_statement",
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("import_id", BIG, nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("opening_minor", BIG, nullable=False),
        sa.Column("closing_minor", BIG, nullable=False),
        sa.Column("has_balances", sa.Boolean(), nullable=False),
        sa.CheckConstraint("to_on >= from_on", name=op.f("statement_ends_after_it_begins")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["bank_account.id"],
            name=op.f("fk_bank_statement_account_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["bank_import.id"],
            name=op.f("fk_bank_statement_import_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statement")),
        sa.UniqueConstraint(
            "import_id", "position", name=op.f("statement_stands_once_in_its_file")
        ),
    )
    op.create_index(
        "ix_bank_statement_account", "bank_statement", ["account_id", "to_on", "id"], unique=False
    )
    op.create_table(
        "bank_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("statement_id", BIG, nullable=False),
        sa.Column("row_number", BIG, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("occurrence", BIG, nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("end_to_end", sa.String(length=200), nullable=False),
        sa.Column("other_party", sa.String(length=300), nullable=False),
        sa.Column("other_account", sa.String(length=60), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("is_reversal", sa.Boolean(), nullable=False),
        sa.Column("charges", sa.String(length=40), nullable=False),
        sa.Column("sent", sa.String(length=40), nullable=False),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("movement_moves_something")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["bank_account.id"],
            name=op.f("fk_bank_line_account_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["bank_statement.id"],
            name=op.f("fk_bank_line_statement_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_line")),
        sa.UniqueConstraint(
            "account_id", "fingerprint", "occurrence", name=op.f("movement_is_kept_once")
        ),
    )
    op.create_index(
        "ix_bank_line_account", "bank_line", ["account_id", "booked_on", "id"], unique=False
    )
    op.create_index("ix_bank_line_statement", "bank_line", ["statement_id", "id"], unique=False)


def _matches() -> None:
    op.create_table(
        "bank_match",
        sa.Column("id", BIG, nullable=False),
        sa.Column("line_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("entry_id", BIG, nullable=True),
        sa.Column("deposit_id", BIG, nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("grounds", sa.JSON(), nullable=False),
        sa.Column("score", BIG, nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", BIG, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", BIG, nullable=True),
        sa.Column("ended_reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "kind <> 'left_out' OR reason <> ''", name=op.f("left_out_with_its_reason")
        ),
        sa.CheckConstraint(
            "(kind = 'left_out') = (entry_id IS NULL)",
            name=op.f("match_has_its_entry_or_is_left_out"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("match_is_ended_by_somebody")
        ),
        sa.CheckConstraint(
            "kind IN ('deposit', 'unidentified', 'booked', 'charge', 'interest', 'other_income', 'conversion', 'left_out')",
            name=op.f("match_kind_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["deposit_id"],
            ["deposit.id"],
            name=op.f("fk_bank_match_deposit_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"],
            ["user_account.id"],
            name=op.f("fk_bank_match_ended_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_bank_match_entry_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["bank_line.id"], name=op.f("fk_bank_match_line_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"],
            ["user_account.id"],
            name=op.f("fk_bank_match_made_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_match")),
    )
    op.create_index(
        "ix_bank_match_entry",
        "bank_match",
        ["entry_id", "currency"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_bank_match_line", "bank_match", ["line_id"], unique=False)
