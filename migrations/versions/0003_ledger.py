"""Accounts, entries and moves, with what the database refuses."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SQLITE = (
    """CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'entries_are_never_changed'); END
""",
    """CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'entries_are_never_changed'); END
""",
    """CREATE TRIGGER move_no_update BEFORE UPDATE ON move
BEGIN SELECT RAISE(ABORT, 'moves_are_never_changed'); END
""",
    """CREATE TRIGGER move_no_delete BEFORE DELETE ON move
BEGIN SELECT RAISE(ABORT, 'moves_are_never_changed'); END
""",
    """CREATE TRIGGER account_no_update BEFORE UPDATE ON account
BEGIN SELECT RAISE(ABORT, 'accounts_are_never_changed'); END
""",
    """CREATE TRIGGER account_no_delete BEFORE DELETE ON account
BEGIN SELECT RAISE(ABORT, 'accounts_are_never_changed'); END
""",
    """CREATE TRIGGER entry_follows_head BEFORE INSERT ON entry
BEGIN
  SELECT RAISE(ABORT, 'entry_follows_the_head_of_its_journal') WHERE NOT EXISTS (
    SELECT 1 FROM journal_head
    WHERE fund_id = NEW.fund_id AND sequence = NEW.sequence - 1 AND hash = NEW.previous_hash);
  SELECT RAISE(ABORT, 'closed_period_refuses_entries') WHERE EXISTS (
    SELECT 1 FROM period
    WHERE fund_id = NEW.fund_id AND state = 'closed'
      AND NEW.value_on BETWEEN starts_on AND ends_on);
  UPDATE journal_head SET sequence = NEW.sequence, hash = NEW.hash WHERE fund_id = NEW.fund_id;
END
""",
    """CREATE TRIGGER move_is_declared BEFORE INSERT ON move
BEGIN
  SELECT RAISE(ABORT, 'move_is_one_of_its_entry') WHERE NOT EXISTS (
    SELECT 1 FROM entry
    WHERE id = NEW.entry_id AND sequence = NEW.sequence AND value_on = NEW.value_on
      AND NEW.line BETWEEN 1 AND lines);
END
""",
    """CREATE TRIGGER balance_follows_move AFTER INSERT ON move
BEGIN
  UPDATE account_balance SET
    balance_minor = balance_minor
      + NEW.amount_minor * (SELECT normal_side FROM account WHERE id = NEW.debit_id),
    usd_minor = usd_minor
      + NEW.usd_minor * (SELECT normal_side FROM account WHERE id = NEW.debit_id),
    moves = moves + 1
  WHERE account_id = NEW.debit_id;
  UPDATE account_balance SET
    balance_minor = balance_minor
      - NEW.amount_minor * (SELECT normal_side FROM account WHERE id = NEW.credit_id),
    usd_minor = usd_minor
      - NEW.usd_minor * (SELECT normal_side FROM account WHERE id = NEW.credit_id),
    moves = moves + 1
  WHERE account_id = NEW.credit_id;
END
""",
    """CREATE TRIGGER journal_head_only_grows BEFORE UPDATE ON journal_head
WHEN NEW.fund_id <> OLD.fund_id OR NEW.sequence <> OLD.sequence + 1
BEGIN SELECT RAISE(ABORT, 'journal_head_only_grows'); END
""",
    """CREATE TRIGGER journal_head_no_delete BEFORE DELETE ON journal_head
BEGIN SELECT RAISE(ABORT, 'journal_head_is_never_deleted'); END
""",
    """CREATE TRIGGER account_balance_no_delete BEFORE DELETE ON account_balance
BEGIN SELECT RAISE(ABORT, 'account_balance_is_never_deleted'); END
""",
)

POSTGRESQL = (
    """CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$
""",
    """CREATE TRIGGER entry_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('entries_are_never_changed')
""",
    """CREATE TRIGGER move_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON move
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('moves_are_never_changed')
""",
    """CREATE TRIGGER account_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON account
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('accounts_are_never_changed')
""",
    """CREATE TRIGGER journal_head_is_kept BEFORE DELETE OR TRUNCATE ON journal_head
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('journal_head_is_never_deleted')
""",
    """CREATE TRIGGER account_balance_is_kept BEFORE DELETE OR TRUNCATE ON account_balance
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('account_balance_is_never_deleted')
""",
    """CREATE FUNCTION ledger_entry_follows_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM period WHERE fund_id = NEW.fund_id AND state = 'closed'
             AND NEW.value_on BETWEEN starts_on AND ends_on) THEN
    RAISE EXCEPTION 'closed_period_refuses_entries'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  UPDATE journal_head SET sequence = NEW.sequence, hash = NEW.hash
  WHERE fund_id = NEW.fund_id AND sequence = NEW.sequence - 1 AND hash = NEW.previous_hash;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'entry_follows_the_head_of_its_journal'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
""",
    """CREATE FUNCTION ledger_move_is_declared() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM entry WHERE id = NEW.entry_id AND sequence = NEW.sequence
                 AND value_on = NEW.value_on AND NEW.line BETWEEN 1 AND lines) THEN
    RAISE EXCEPTION 'move_is_one_of_its_entry' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
""",
    """CREATE FUNCTION ledger_balance_follows_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE account_balance AS b SET
    balance_minor = b.balance_minor + NEW.amount_minor * a.normal_side,
    usd_minor = b.usd_minor + NEW.usd_minor * a.normal_side,
    moves = b.moves + 1
  FROM account AS a WHERE a.id = NEW.debit_id AND b.account_id = a.id;
  UPDATE account_balance AS b SET
    balance_minor = b.balance_minor - NEW.amount_minor * a.normal_side,
    usd_minor = b.usd_minor - NEW.usd_minor * a.normal_side,
    moves = b.moves + 1
  FROM account AS a WHERE a.id = NEW.credit_id AND b.account_id = a.id;
  RETURN NULL;
END $$
""",
    """CREATE FUNCTION ledger_head_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.fund_id <> OLD.fund_id OR NEW.sequence <> OLD.sequence + 1 THEN
    RAISE EXCEPTION 'journal_head_only_grows' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
""",
    """CREATE TRIGGER entry_follows_head BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION ledger_entry_follows_head()
""",
    """CREATE TRIGGER move_is_declared BEFORE INSERT ON move FOR EACH ROW EXECUTE FUNCTION ledger_move_is_declared()
""",
    """CREATE TRIGGER balance_follows_move AFTER INSERT ON move FOR EACH ROW EXECUTE FUNCTION ledger_balance_follows_move()
""",
    """CREATE TRIGGER journal_head_only_grows BEFORE UPDATE ON journal_head FOR EACH ROW EXECUTE FUNCTION ledger_head_only_grows()
""",
)


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("book", sa.String(length=1), nullable=False),
        sa.Column("number", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("normal_side", BIG, nullable=False),
        sa.Column("donor_id", BIG, nullable=True),
        sa.Column("layer_id", BIG, nullable=True),
        sa.Column("programme_id", BIG, nullable=True),
        sa.Column("grant_id", BIG, nullable=True),
        sa.CheckConstraint("book IN ('A', 'B')", name=op.f("book_is_known")),
        sa.CheckConstraint("normal_side IN (1, -1)", name=op.f("normal_side_is_debit_or_credit")),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_account_fund_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("fund_id", "key", name="account_key_is_unique_in_fund"),
        sa.UniqueConstraint(
            "id", "fund_id", "book", "currency", name="account_with_book_and_currency"
        ),
    )
    op.create_index("ix_account_fund_number", "account", ["fund_id", "number"], unique=False)
    op.create_index("ix_account_grant", "account", ["fund_id", "grant_id", "number"], unique=False)
    op.create_index("ix_account_layer", "account", ["fund_id", "layer_id", "number"], unique=False)
    op.create_index(
        "ix_account_programme", "account", ["fund_id", "programme_id", "number"], unique=False
    )
    op.create_table(
        "journal_head",
        sa.Column("fund_id", BIG, autoincrement=False, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_journal_head_fund_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("fund_id", name=op.f("pk_journal_head")),
    )
    op.create_table(
        "period",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'soft_closed', 'closed')", name=op.f("period_state_is_known")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("period_ends_after_it_starts")),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_period_fund_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period")),
        sa.UniqueConstraint("fund_id", "starts_on", name="period_starts_once"),
    )
    op.create_table(
        "account_balance",
        sa.Column("account_id", BIG, autoincrement=False, nullable=False),
        sa.Column("balance_minor", BIG, nullable=False),
        sa.Column("usd_minor", BIG, nullable=False),
        sa.Column("moves", BIG, nullable=False),
        sa.Column("floor_minor", BIG, nullable=True),
        sa.CheckConstraint(
            "floor_minor IS NULL OR balance_minor >= floor_minor",
            name=op.f("balance_not_below_floor"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_account_balance_account_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_balance")),
    )
    op.create_table(
        "entry",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("period_id", BIG, nullable=True),
        sa.Column("relates_to_on", sa.Date(), nullable=True),
        sa.Column("actor_id", BIG, nullable=False),
        sa.Column("second_actor_id", BIG, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("source_type", sa.String(length=40), nullable=False),
        sa.Column("source_id", BIG, nullable=True),
        sa.Column("reverses_id", BIG, nullable=True),
        sa.Column("lines", BIG, nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("lines > 0", name=op.f("entry_has_moves")),
        sa.CheckConstraint(
            "reverses_id IS NULL OR length(reason) > 0", name=op.f("reversal_gives_its_reason")
        ),
        sa.CheckConstraint(
            "second_actor_id IS NULL OR second_actor_id <> actor_id",
            name=op.f("second_person_is_another_person"),
        ),
        sa.CheckConstraint("sequence > 0", name=op.f("sequence_starts_at_one")),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_entry_actor_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_entry_fund_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["period_id"], ["period.id"], name=op.f("fk_entry_period_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["entry.id"], name=op.f("fk_entry_reverses_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["second_actor_id"],
            ["user_account.id"],
            name=op.f("fk_entry_second_actor_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("fund_id", "sequence", name="sequence_is_unique_in_fund"),
        sa.UniqueConstraint("id", "fund_id", name="entry_with_fund"),
        sa.UniqueConstraint("reverses_id", name="entry_is_reversed_once"),
    )
    op.create_index("ix_entry_fund_value_on", "entry", ["fund_id", "value_on"], unique=False)
    op.create_index(
        "ix_entry_source", "entry", ["fund_id", "source_type", "source_id"], unique=False
    )
    op.create_table(
        "exchange_rate",
        sa.Column("id", BIG, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("units_per_usd", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["user_account.id"],
            name=op.f("fk_exchange_rate_actor_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rate")),
        sa.UniqueConstraint(
            "currency", "source", "effective_on", name="one_rate_per_source_and_day"
        ),
    )
    op.create_table(
        "move",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("line", BIG, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("value_on", sa.Date(), nullable=False),
        sa.Column("book", sa.String(length=1), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("debit_id", BIG, nullable=False),
        sa.Column("credit_id", BIG, nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("usd_minor", BIG, nullable=False),
        sa.Column("rate", sa.String(length=40), nullable=False),
        sa.Column("rate_source", sa.String(length=60), nullable=False),
        sa.Column("rate_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "currency <> 'USD' OR amount_minor = usd_minor",
            name=op.f("dollars_are_worth_themselves"),
        ),
        sa.CheckConstraint("amount_minor > 0 OR usd_minor > 0", name=op.f("move_moves_something")),
        sa.CheckConstraint(
            "amount_minor >= 0 AND usd_minor >= 0", name=op.f("amounts_not_negative")
        ),
        sa.CheckConstraint("debit_id <> credit_id", name=op.f("accounts_of_a_move_differ")),
        sa.ForeignKeyConstraint(
            ["credit_id", "fund_id", "book", "currency"],
            ["account.id", "account.fund_id", "account.book", "account.currency"],
            name="credit_account_has_book_and_currency",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["debit_id", "fund_id", "book", "currency"],
            ["account.id", "account.fund_id", "account.book", "account.currency"],
            name="debit_account_has_book_and_currency",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["entry_id", "fund_id"],
            ["entry.id", "entry.fund_id"],
            name="move_is_in_the_fund_of_its_entry",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move")),
        sa.UniqueConstraint("entry_id", "line", name="line_is_unique_in_entry"),
    )
    op.create_index(
        "ix_move_credit",
        "move",
        ["credit_id", "value_on", "sequence", "amount_minor", "usd_minor"],
        unique=False,
    )
    op.create_index(
        "ix_move_debit",
        "move",
        ["debit_id", "value_on", "sequence", "amount_minor", "usd_minor"],
        unique=False,
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.get_bind().exec_driver_sql(
            statement.replace("%", "%%") if op.get_bind().dialect.name != "sqlite" else statement
        )
