"""The life of periods in sealed steps, frozen trial balances, and corrections that two people make."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SQLITE = (
    "DROP TRIGGER entry_follows_head",
    """CREATE TRIGGER period_step_no_update BEFORE UPDATE ON period_step
BEGIN SELECT RAISE(ABORT, 'steps_of_periods_are_never_changed'); END
""",
    """CREATE TRIGGER period_step_no_delete BEFORE DELETE ON period_step
BEGIN SELECT RAISE(ABORT, 'steps_of_periods_are_never_changed'); END
""",
    """CREATE TRIGGER trial_balance_line_no_update BEFORE UPDATE ON trial_balance_line
BEGIN SELECT RAISE(ABORT, 'frozen_balances_are_never_changed'); END
""",
    """CREATE TRIGGER trial_balance_line_no_delete BEFORE DELETE ON trial_balance_line
BEGIN SELECT RAISE(ABORT, 'frozen_balances_are_never_changed'); END
""",
    """CREATE TRIGGER entry_follows_head BEFORE INSERT ON entry
BEGIN
  SELECT RAISE(ABORT, 'entry_follows_the_head_of_its_journal') WHERE NOT EXISTS (
    SELECT 1 FROM journal_head
    WHERE fund_id = NEW.fund_id AND sequence = NEW.sequence - 1 AND hash = NEW.previous_hash);
  SELECT RAISE(ABORT, 'closed_period_refuses_entries') WHERE EXISTS (
    SELECT 1 FROM period
    WHERE fund_id = NEW.fund_id AND state = 'closed' AND NEW.value_on <= ends_on);
  UPDATE journal_head SET sequence = NEW.sequence, hash = NEW.hash WHERE fund_id = NEW.fund_id;
END
""",
    """CREATE TRIGGER period_stays_closed BEFORE UPDATE ON period
WHEN OLD.state = 'closed' OR NEW.fund_id <> OLD.fund_id OR NEW.name <> OLD.name
  OR NEW.starts_on <> OLD.starts_on OR NEW.ends_on <> OLD.ends_on
BEGIN SELECT RAISE(ABORT, 'period_stays_as_it_was_closed'); END
""",
    """CREATE TRIGGER period_no_delete BEFORE DELETE ON period
BEGIN SELECT RAISE(ABORT, 'period_is_never_deleted'); END
""",
)

POSTGRESQL = (
    """CREATE TRIGGER period_step_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON period_step
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('steps_of_periods_are_never_changed')
""",
    """CREATE TRIGGER trial_balance_line_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON trial_balance_line
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('frozen_balances_are_never_changed')
""",
    """CREATE TRIGGER period_is_kept BEFORE DELETE OR TRUNCATE ON period
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('period_is_never_deleted')
""",
    """CREATE OR REPLACE FUNCTION ledger_entry_follows_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM period WHERE fund_id = NEW.fund_id AND state = 'closed'
             AND NEW.value_on <= ends_on) THEN
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
    """CREATE FUNCTION ledger_period_stays_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'closed' OR NEW.fund_id <> OLD.fund_id OR NEW.name <> OLD.name
     OR NEW.starts_on <> OLD.starts_on OR NEW.ends_on <> OLD.ends_on THEN
    RAISE EXCEPTION 'period_stays_as_it_was_closed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
""",
    """CREATE TRIGGER period_stays_closed BEFORE UPDATE ON period FOR EACH ROW EXECUTE FUNCTION ledger_period_stays_closed()
""",
)

CORRECTION_SQLITE = (
    """CREATE TRIGGER correction_stays_as_decided BEFORE UPDATE ON correction
WHEN OLD.state <> 'proposed' OR NEW.payload <> OLD.payload OR NEW.kind <> OLD.kind
  OR NEW.proposed_by_id <> OLD.proposed_by_id OR NEW.usd_minor <> OLD.usd_minor
BEGIN SELECT RAISE(ABORT, 'correction_stays_as_decided'); END
""",
    """CREATE TRIGGER correction_no_delete BEFORE DELETE ON correction
BEGIN SELECT RAISE(ABORT, 'corrections_are_never_deleted'); END
""",
)

CORRECTION_POSTGRESQL = (
    """CREATE FUNCTION correction_stays_as_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'proposed' OR NEW.payload <> OLD.payload OR NEW.kind <> OLD.kind
     OR NEW.proposed_by_id <> OLD.proposed_by_id OR NEW.usd_minor <> OLD.usd_minor THEN
    RAISE EXCEPTION 'correction_stays_as_decided'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
""",
    """CREATE TRIGGER correction_stays_as_decided BEFORE UPDATE ON correction
FOR EACH ROW EXECUTE FUNCTION correction_stays_as_decided()
""",
    """CREATE TRIGGER correction_is_kept BEFORE DELETE OR TRUNCATE ON correction
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('corrections_are_never_deleted')
""",
)


def upgrade() -> None:
    op.create_table(
        "period_step",
        sa.Column("id", BIG, nullable=False),
        sa.Column("period_id", BIG, nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("by_id", BIG, nullable=False),
        sa.Column("first_person_id", BIG, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("checklist", sa.String(), nullable=False),
        sa.Column("through_sequence", BIG, nullable=True),
        sa.Column("balance_sha256", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "step IN ('opened', 'soft_closed', 'reopened', 'closed')",
            name=op.f("period_step_is_known"),
        ),
        sa.CheckConstraint(
            "step <> 'closed' OR (first_person_id IS NOT NULL AND first_person_id <> by_id)",
            name=op.f("period_is_closed_by_two_people"),
        ),
        sa.CheckConstraint(
            "step <> 'closed' OR (through_sequence IS NOT NULL AND balance_sha256 <> '')",
            name=op.f("closing_freezes_a_trial_balance"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user_account.id"], name=op.f("fk_period_step_by_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["first_person_id"],
            ["user_account.id"],
            name=op.f("fk_period_step_first_person_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["period_id"], ["period.id"], name=op.f("fk_period_step_period_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_step")),
    )
    op.create_index("ix_period_step_period_id_id", "period_step", ["period_id", "id"])
    op.create_table(
        "trial_balance_line",
        sa.Column("period_id", BIG, autoincrement=False, nullable=False),
        sa.Column("account_id", BIG, autoincrement=False, nullable=False),
        sa.Column("opening_minor", BIG, nullable=False),
        sa.Column("debit_minor", BIG, nullable=False),
        sa.Column("credit_minor", BIG, nullable=False),
        sa.Column("closing_minor", BIG, nullable=False),
        sa.Column("opening_usd_minor", BIG, nullable=False),
        sa.Column("debit_usd_minor", BIG, nullable=False),
        sa.Column("credit_usd_minor", BIG, nullable=False),
        sa.Column("closing_usd_minor", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_trial_balance_line_account_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["period.id"],
            name=op.f("fk_trial_balance_line_period_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("period_id", "account_id", name=op.f("pk_trial_balance_line")),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)
    op.create_table(
        "correction",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("payload", sa.String(), nullable=False),
        sa.Column("usd_minor", BIG, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("proposed_by_id", BIG, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("entry_id", BIG, nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'refused', 'withdrawn')",
            name=op.f("correction_state_is_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'refused')"
            " OR (decided_by_id IS NOT NULL AND decided_by_id <> proposed_by_id)",
            name=op.f("correction_is_decided_by_another_person"),
        ),
        sa.CheckConstraint(
            "(state = 'approved') = (entry_id IS NOT NULL)",
            name=op.f("approved_correction_has_its_entry"),
        ),
        sa.CheckConstraint("length(reason) > 0", name=op.f("correction_gives_its_reason")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["user_account.id"],
            name=op.f("fk_correction_decided_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_correction_entry_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_correction_fund_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"],
            ["user_account.id"],
            name=op.f("fk_correction_proposed_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index("ix_correction_fund_state", "correction", ["fund_id", "state", "id"])
    for statement in CORRECTION_SQLITE if is_sqlite else CORRECTION_POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)
