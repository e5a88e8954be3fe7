"""What the database itself refuses, and the balances it keeps: SQL for both databases.

The names of the refusals are sentences, as with constraints. The migration holds a frozen copy.
"""

from __future__ import annotations

from typing import Final

_FROZEN: Final = {
    "entry": "entries_are_never_changed",
    "move": "moves_are_never_changed",
    "account": "accounts_are_never_changed",
    "period_step": "steps_of_periods_are_never_changed",
    "trial_balance_line": "frozen_balances_are_never_changed",
    "exchange_rate": "rates_are_never_changed",
    "rate_confirmation": "confirmations_are_never_changed",
}

_SQLITE_FREEZE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""

_SQLITE_ENTRY_FOLLOWS_HEAD = """
CREATE TRIGGER entry_follows_head BEFORE INSERT ON entry
BEGIN
  SELECT RAISE(ABORT, 'entry_follows_the_head_of_its_journal') WHERE NOT EXISTS (
    SELECT 1 FROM journal_head
    WHERE fund_id = NEW.fund_id AND sequence = NEW.sequence - 1 AND hash = NEW.previous_hash);
  SELECT RAISE(ABORT, 'closed_period_refuses_entries') WHERE EXISTS (
    SELECT 1 FROM period
    WHERE fund_id = NEW.fund_id AND state = 'closed' AND NEW.value_on <= ends_on);
  UPDATE journal_head SET sequence = NEW.sequence, hash = NEW.hash WHERE fund_id = NEW.fund_id;
END
"""

_SQLITE_MOVE_IS_DECLARED = """
CREATE TRIGGER move_is_declared BEFORE INSERT ON move
BEGIN
  SELECT RAISE(ABORT, 'move_is_one_of_its_entry') WHERE NOT EXISTS (
    SELECT 1 FROM entry
    WHERE id = NEW.entry_id AND sequence = NEW.sequence AND value_on = NEW.value_on
      AND NEW.line BETWEEN 1 AND lines);
END
"""

_SQLITE_BALANCE_FOLLOWS_MOVE = """
CREATE TRIGGER balance_follows_move AFTER INSERT ON move
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
"""

_SQLITE_MONTH_FOLLOWS_MOVE = """
CREATE TRIGGER month_follows_move AFTER INSERT ON move
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
"""

_SQLITE_HEAD_ONLY_GROWS = """
CREATE TRIGGER journal_head_only_grows BEFORE UPDATE ON journal_head
WHEN NEW.fund_id <> OLD.fund_id OR NEW.sequence <> OLD.sequence + 1
BEGIN SELECT RAISE(ABORT, 'journal_head_only_grows'); END
"""

_SQLITE_PERIOD_STAYS_CLOSED = """
CREATE TRIGGER period_stays_closed BEFORE UPDATE ON period
WHEN OLD.state = 'closed' OR NEW.fund_id <> OLD.fund_id OR NEW.name <> OLD.name
  OR NEW.starts_on <> OLD.starts_on OR NEW.ends_on <> OLD.ends_on
BEGIN SELECT RAISE(ABORT, 'period_stays_as_it_was_closed'); END
"""

_SQLITE_KEEP = """
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table}_is_never_deleted'); END
"""

SQLITE: Final[tuple[str, ...]] = (
    *(
        _SQLITE_FREEZE.format(table=table, verb=verb, VERB=verb.upper(), message=message)
        for table, message in _FROZEN.items()
        for verb in ("update", "delete")
    ),
    _SQLITE_ENTRY_FOLLOWS_HEAD,
    _SQLITE_MOVE_IS_DECLARED,
    _SQLITE_BALANCE_FOLLOWS_MOVE,
    _SQLITE_MONTH_FOLLOWS_MOVE,
    _SQLITE_HEAD_ONLY_GROWS,
    _SQLITE_PERIOD_STAYS_CLOSED,
    _SQLITE_KEEP.format(table="period"),
    _SQLITE_KEEP.format(table="journal_head"),
    _SQLITE_KEEP.format(table="account_balance"),
    _SQLITE_KEEP.format(table="month_turnover"),
)

_POSTGRESQL_REFUSE = """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$
"""

_POSTGRESQL_FREEZE = """
CREATE TRIGGER {table}_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('{message}')
"""

_POSTGRESQL_KEEP = """
CREATE TRIGGER {table}_is_kept BEFORE DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('{table}_is_never_deleted')
"""

_POSTGRESQL_ENTRY = """
CREATE FUNCTION ledger_entry_follows_head() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""

_POSTGRESQL_MOVE_IS_DECLARED = """
CREATE FUNCTION ledger_move_is_declared() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM entry WHERE id = NEW.entry_id AND sequence = NEW.sequence
                 AND value_on = NEW.value_on AND NEW.line BETWEEN 1 AND lines) THEN
    RAISE EXCEPTION 'move_is_one_of_its_entry' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
"""

_POSTGRESQL_BALANCE = """
CREATE FUNCTION ledger_balance_follows_move() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""

_POSTGRESQL_PERIOD = """
CREATE FUNCTION ledger_period_stays_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'closed' OR NEW.fund_id <> OLD.fund_id OR NEW.name <> OLD.name
     OR NEW.starts_on <> OLD.starts_on OR NEW.ends_on <> OLD.ends_on THEN
    RAISE EXCEPTION 'period_stays_as_it_was_closed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
"""

_POSTGRESQL_MONTH = """
CREATE FUNCTION ledger_month_follows_move() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""

_POSTGRESQL_HEAD = """
CREATE FUNCTION ledger_head_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.fund_id <> OLD.fund_id OR NEW.sequence <> OLD.sequence + 1 THEN
    RAISE EXCEPTION 'journal_head_only_grows' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
"""

POSTGRESQL: Final[tuple[str, ...]] = (
    _POSTGRESQL_REFUSE,
    *(_POSTGRESQL_FREEZE.format(table=table, message=text) for table, text in _FROZEN.items()),
    _POSTGRESQL_KEEP.format(table="period"),
    _POSTGRESQL_KEEP.format(table="journal_head"),
    _POSTGRESQL_KEEP.format(table="account_balance"),
    _POSTGRESQL_KEEP.format(table="month_turnover"),
    _POSTGRESQL_ENTRY,
    _POSTGRESQL_MOVE_IS_DECLARED,
    _POSTGRESQL_BALANCE,
    _POSTGRESQL_MONTH,
    _POSTGRESQL_PERIOD,
    _POSTGRESQL_HEAD,
    (
        "CREATE TRIGGER entry_follows_head BEFORE INSERT ON entry"
        " FOR EACH ROW EXECUTE FUNCTION ledger_entry_follows_head()"
    ),
    (
        "CREATE TRIGGER move_is_declared BEFORE INSERT ON move"
        " FOR EACH ROW EXECUTE FUNCTION ledger_move_is_declared()"
    ),
    (
        "CREATE TRIGGER balance_follows_move AFTER INSERT ON move"
        " FOR EACH ROW EXECUTE FUNCTION ledger_balance_follows_move()"
    ),
    (
        "CREATE TRIGGER period_stays_closed BEFORE UPDATE ON period"
        " FOR EACH ROW EXECUTE FUNCTION ledger_period_stays_closed()"
    ),
    (
        "CREATE TRIGGER month_follows_move AFTER INSERT ON move"
        " FOR EACH ROW EXECUTE FUNCTION ledger_month_follows_move()"
    ),
    (
        "CREATE TRIGGER journal_head_only_grows BEFORE UPDATE ON journal_head"
        " FOR EACH ROW EXECUTE FUNCTION ledger_head_only_grows()"
    ),
)
