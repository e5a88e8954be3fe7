"""What the database itself refuses about corrections. The migration holds a frozen copy."""

from __future__ import annotations

from typing import Final

SQLITE: Final[tuple[str, ...]] = (
    """
CREATE TRIGGER correction_stays_as_decided BEFORE UPDATE ON correction
WHEN OLD.state <> 'proposed' OR NEW.payload <> OLD.payload OR NEW.kind <> OLD.kind
  OR NEW.proposed_by_id <> OLD.proposed_by_id OR NEW.usd_minor <> OLD.usd_minor
BEGIN SELECT RAISE(ABORT, 'correction_stays_as_decided'); END
""",
    """
CREATE TRIGGER correction_no_delete BEFORE DELETE ON correction
BEGIN SELECT RAISE(ABORT, 'corrections_are_never_deleted'); END
""",
)

POSTGRESQL: Final[tuple[str, ...]] = (
    """
CREATE FUNCTION correction_stays_as_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'proposed' OR NEW.payload <> OLD.payload OR NEW.kind <> OLD.kind
     OR NEW.proposed_by_id <> OLD.proposed_by_id OR NEW.usd_minor <> OLD.usd_minor THEN
    RAISE EXCEPTION 'correction_stays_as_decided'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
""",
    """
CREATE TRIGGER correction_stays_as_decided BEFORE UPDATE ON correction
FOR EACH ROW EXECUTE FUNCTION correction_stays_as_decided()
""",
    """
CREATE TRIGGER correction_is_kept BEFORE DELETE OR TRUNCATE ON correction
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('corrections_are_never_deleted')
""",
)
