"""Turnover by account, month and event, kept with each move; and the proofs of the books."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

FILL = """
INSERT INTO month_turnover
  (account_id, month, event, debit_minor, credit_minor, debit_usd_minor, credit_usd_minor)
SELECT account_id, month, event, SUM(debit), SUM(credit), SUM(debit_usd), SUM(credit_usd)
FROM (
  SELECT move.debit_id AS account_id, {month} AS month, entry.event AS event,
    move.amount_minor AS debit, 0 AS credit, move.usd_minor AS debit_usd, 0 AS credit_usd
  FROM move JOIN entry ON entry.id = move.entry_id
  UNION ALL
  SELECT move.credit_id, {month}, entry.event, 0, move.amount_minor, 0, move.usd_minor
  FROM move JOIN entry ON entry.id = move.entry_id
) AS sides
GROUP BY account_id, month, event
"""

SQLITE = (
    """CREATE TRIGGER month_follows_move AFTER INSERT ON move
BEGIN
  INSERT INTO month_turnover
    (account_id, month, event, debit_minor, credit_minor, debit_usd_minor, credit_usd_minor)
  VALUES (NEW.debit_id, strftime('%Y-%m-01', NEW.value_on),
    (SELECT event FROM entry WHERE id = NEW.entry_id), NEW.amount_minor, 0, NEW.usd_minor, 0)
  ON CONFLICT (account_id, month, event) DO UPDATE SET
    debit_minor = debit_minor + excluded.debit_minor,
    debit_usd_minor = debit_usd_minor + excluded.debit_usd_minor;
  INSERT INTO month_turnover
    (account_id, month, event, debit_minor, credit_minor, debit_usd_minor, credit_usd_minor)
  VALUES (NEW.credit_id, strftime('%Y-%m-01', NEW.value_on),
    (SELECT event FROM entry WHERE id = NEW.entry_id), 0, NEW.amount_minor, 0, NEW.usd_minor)
  ON CONFLICT (account_id, month, event) DO UPDATE SET
    credit_minor = credit_minor + excluded.credit_minor,
    credit_usd_minor = credit_usd_minor + excluded.credit_usd_minor;
END
""",
    """CREATE TRIGGER month_turnover_no_delete BEFORE DELETE ON month_turnover
BEGIN SELECT RAISE(ABORT, 'month_turnover_is_never_deleted'); END
""",
)

POSTGRESQL = (
    """CREATE TRIGGER month_turnover_is_kept BEFORE DELETE OR TRUNCATE ON month_turnover
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('month_turnover_is_never_deleted')
""",
    """CREATE FUNCTION ledger_month_follows_move() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kind varchar(40);
  first_day date := date_trunc('month', NEW.value_on)::date;
BEGIN
  SELECT event INTO kind FROM entry WHERE id = NEW.entry_id;
  INSERT INTO month_turnover AS t
    (account_id, month, event, debit_minor, credit_minor, debit_usd_minor, credit_usd_minor)
  VALUES (NEW.debit_id, first_day, kind, NEW.amount_minor, 0, NEW.usd_minor, 0)
  ON CONFLICT (account_id, month, event) DO UPDATE SET
    debit_minor = t.debit_minor + excluded.debit_minor,
    debit_usd_minor = t.debit_usd_minor + excluded.debit_usd_minor;
  INSERT INTO month_turnover AS t
    (account_id, month, event, debit_minor, credit_minor, debit_usd_minor, credit_usd_minor)
  VALUES (NEW.credit_id, first_day, kind, 0, NEW.amount_minor, 0, NEW.usd_minor)
  ON CONFLICT (account_id, month, event) DO UPDATE SET
    credit_minor = t.credit_minor + excluded.credit_minor,
    credit_usd_minor = t.credit_usd_minor + excluded.credit_usd_minor;
  RETURN NULL;
END $$
""",
    """CREATE TRIGGER month_follows_move AFTER INSERT ON move FOR EACH ROW EXECUTE FUNCTION ledger_month_follows_move()
""",
)

PROOF_SQLITE = (
    """CREATE TRIGGER proof_no_update BEFORE UPDATE ON proof
BEGIN SELECT RAISE(ABORT, 'proofs_are_never_changed'); END
""",
    """CREATE TRIGGER proof_no_delete BEFORE DELETE ON proof
BEGIN SELECT RAISE(ABORT, 'proofs_are_never_changed'); END
""",
)

PROOF_POSTGRESQL = (
    """CREATE TRIGGER proof_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON proof
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('proofs_are_never_changed')
""",
)


def upgrade() -> None:
    op.create_table(
        "month_turnover",
        sa.Column("account_id", BIG, autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("debit_minor", BIG, nullable=False),
        sa.Column("credit_minor", BIG, nullable=False),
        sa.Column("debit_usd_minor", BIG, nullable=False),
        sa.Column("credit_usd_minor", BIG, nullable=False),
        sa.CheckConstraint(
            "debit_minor >= 0 AND credit_minor >= 0"
            " AND debit_usd_minor >= 0 AND credit_usd_minor >= 0",
            name=op.f("turnover_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_month_turnover_account_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("account_id", "month", "event", name=op.f("pk_month_turnover")),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    month = (
        "strftime('%Y-%m-01', move.value_on)"
        if is_sqlite
        else "date_trunc('month', move.value_on)::date"
    )
    op.get_bind().exec_driver_sql(FILL.format(month=month))
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement if is_sqlite else statement.replace("%", "%%"))
    op.create_table(
        "proof",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=True),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", BIG, nullable=False),
        sa.Column("entries", BIG, nullable=False),
        sa.Column("moves", BIG, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("breaks", sa.String(), nullable=False),
        sa.CheckConstraint("holds = (breaks = '[]')", name=op.f("proof_holds_without_breaks")),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_proof_actor_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_proof_fund_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof")),
    )
    op.create_index("ix_proof_fund_id_id", "proof", ["fund_id", "id"])
    for statement in PROOF_SQLITE if is_sqlite else PROOF_POSTGRESQL:
        op.get_bind().exec_driver_sql(statement if is_sqlite else statement.replace("%", "%%"))
