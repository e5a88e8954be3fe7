"""Revisions of rates of exchange, held and confirmed ones, sealed; who bears differences."""

import hashlib
import json
from datetime import timezone

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SQLITE = (
    """CREATE TRIGGER exchange_rate_no_update BEFORE UPDATE ON exchange_rate
BEGIN SELECT RAISE(ABORT, 'rates_are_never_changed'); END
""",
    """CREATE TRIGGER exchange_rate_no_delete BEFORE DELETE ON exchange_rate
BEGIN SELECT RAISE(ABORT, 'rates_are_never_changed'); END
""",
    """CREATE TRIGGER rate_confirmation_no_update BEFORE UPDATE ON rate_confirmation
BEGIN SELECT RAISE(ABORT, 'confirmations_are_never_changed'); END
""",
    """CREATE TRIGGER rate_confirmation_no_delete BEFORE DELETE ON rate_confirmation
BEGIN SELECT RAISE(ABORT, 'confirmations_are_never_changed'); END
""",
)

POSTGRESQL = (
    """CREATE TRIGGER exchange_rate_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON exchange_rate
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('rates_are_never_changed')
""",
    """CREATE TRIGGER rate_confirmation_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON rate_confirmation
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('confirmations_are_never_changed')
""",
)

OLD = sa.table(
    "exchange_rate",
    sa.column("id", BIG),
    sa.column("currency", sa.String),
    sa.column("units_per_usd", sa.String),
    sa.column("source", sa.String),
    sa.column("effective_on", sa.Date),
    sa.column("recorded_at", sa.DateTime(timezone=True)),
    sa.column("actor_id", BIG),
)
NEW = sa.table(
    "exchange_rate",
    *(sa.column(column.name, column.type) for column in OLD.columns),
    sa.column("revision", BIG),
    sa.column("reason", sa.String),
    sa.column("is_held", sa.Boolean),
    sa.column("seal", sa.String),
)


def sealed(rows):
    """The rows of before as first revisions, each sealed to the one before it."""
    previous = ""
    for row in rows:
        at = row["recorded_at"]
        utc = at if at.tzinfo is None else at.astimezone(timezone.utc)
        spelt = utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "+00:00"
        content = [
            previous,
            row["currency"],
            row["units_per_usd"],
            row["source"],
            row["effective_on"].isoformat(),
            1,
            "",
            False,
            spelt,
            row["actor_id"],
        ]
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        previous = hashlib.sha256(text.encode()).hexdigest()
        yield {**row, "revision": 1, "reason": "", "is_held": False, "seal": previous}


def upgrade() -> None:
    connection = op.get_bind()
    known = [dict(row) for row in connection.execute(sa.select(OLD).order_by(OLD.c.id)).mappings()]
    op.drop_table("exchange_rate")
    op.create_table(
        "exchange_rate",
        sa.Column("id", BIG, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("units_per_usd", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("revision", BIG, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", BIG, nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint('revision = 1 OR length(reason) > 0', name=op.f("revision_gives_its_reason")),
        sa.ForeignKeyConstraint(['actor_id'], ['user_account.id'], name=op.f("fk_exchange_rate_actor_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rate")),
        sa.UniqueConstraint("currency", "source", "effective_on", "revision", name=op.f("one_rate_per_source_and_day")),
    )
    op.create_table(
        "rate_confirmation",
        sa.Column("rate_id", BIG, autoincrement=False, nullable=False),
        sa.Column("by_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint('length(reason) > 0', name=op.f("confirmation_gives_its_reason")),
        sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f("fk_rate_confirmation_by_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(['rate_id'], ['exchange_rate.id'], name=op.f("fk_rate_confirmation_rate_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("rate_id", name=op.f("pk_rate_confirmation")),
    )
    op.create_table(
        "exchange_policy",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("bearer", sa.String(length=16), nullable=False),
        sa.Column("allows_fallback", sa.Boolean(), nullable=False),
        sa.Column("rate_days_max", BIG, nullable=False),
        sa.Column("set_by_id", BIG, nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", BIG, nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("bearer IN ('contributor', 'fund', 'shared')", name=op.f("bearer_is_known")),
        sa.CheckConstraint('approved_by_id IS NULL OR approved_by_id <> set_by_id', name=op.f("policy_is_approved_by_another_person")),
        sa.CheckConstraint('rate_days_max BETWEEN 1 AND 3660', name=op.f("rate_age_is_in_days")),
        sa.ForeignKeyConstraint(['approved_by_id'], ['user_account.id'], name=op.f("fk_exchange_policy_approved_by_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(['fund_id'], ['fund.id'], name=op.f("fk_exchange_policy_fund_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(['set_by_id'], ['user_account.id'], name=op.f("fk_exchange_policy_set_by_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_policy")),
    )
    op.create_index("ix_exchange_policy_fund_id_from_on", "exchange_policy", ['fund_id', 'from_on'], unique=False)
    op.create_table(
        "revaluation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("deposit_id", BIG, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("left_minor", BIG, nullable=False),
        sa.Column("book_usd_minor", BIG, nullable=False),
        sa.Column("difference_minor", BIG, nullable=False),
        sa.Column("rate", sa.String(length=40), nullable=False),
        sa.Column("rate_source", sa.String(length=60), nullable=False),
        sa.Column("rate_on", sa.Date(), nullable=False),
        sa.Column("bearer", sa.String(length=16), nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("reversal_entry_id", BIG, nullable=False),
        sa.Column("by_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint('difference_minor <> 0', name=op.f("revaluation_is_something")),
        sa.ForeignKeyConstraint(['by_id'], ['user_account.id'], name=op.f("fk_revaluation_by_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(['deposit_id'], ['deposit.id'], name=op.f("fk_revaluation_deposit_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], name=op.f("fk_revaluation_entry_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(['fund_id'], ['fund.id'], name=op.f("fk_revaluation_fund_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(['reversal_entry_id'], ['entry.id'], name=op.f("fk_revaluation_reversal_entry_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revaluation")),
    )
    op.create_index("ix_revaluation_fund_id_on", "revaluation", ['fund_id', 'on'], unique=False)
    rows = list(sealed(known))
    if rows:
        connection.execute(sa.insert(NEW), rows)
    is_sqlite = connection.dialect.name == "sqlite"
    if rows and not is_sqlite:
        op.execute(
            "SELECT setval(pg_get_serial_sequence('exchange_rate', 'id'), MAX(id)) FROM exchange_rate"
        )
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        connection.exec_driver_sql(statement)
