"""What the database itself refuses about agreements and conditions: SQL for both databases."""

from __future__ import annotations

from typing import Final

SQLITE: Final[tuple[str, ...]] = (
    *(
        f"""CREATE TRIGGER agreement_version_no_{verb} BEFORE {verb.upper()} ON agreement_version
BEGIN SELECT RAISE(ABORT, 'versions_are_never_changed'); END
"""
        for verb in ("update", "delete")
    ),
    """CREATE TRIGGER condition_change_stays_as_decided BEFORE UPDATE ON condition_change
WHEN OLD.state <> 'proposed' OR NEW.deposit_id <> OLD.deposit_id OR NEW.was <> OLD.was
  OR NEW.becomes <> OLD.becomes OR NEW.proposed_by_id <> OLD.proposed_by_id
BEGIN SELECT RAISE(ABORT, 'condition_changes_stay_as_decided'); END
""",
    """CREATE TRIGGER condition_change_no_delete BEFORE DELETE ON condition_change
BEGIN SELECT RAISE(ABORT, 'condition_changes_are_never_deleted'); END
""",
)

POSTGRESQL: Final[tuple[str, ...]] = (
    """CREATE FUNCTION contribution_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$
""",
    """CREATE TRIGGER agreement_version_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE
ON agreement_version
FOR EACH STATEMENT EXECUTE FUNCTION contribution_refuse('versions_are_never_changed')
""",
    """CREATE FUNCTION condition_change_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'proposed' OR NEW.deposit_id <> OLD.deposit_id
     OR NEW.was::text <> OLD.was::text OR NEW.becomes::text <> OLD.becomes::text
     OR NEW.proposed_by_id <> OLD.proposed_by_id THEN
    RAISE EXCEPTION 'condition_changes_stay_as_decided'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
""",
    """CREATE TRIGGER condition_change_stays_as_decided BEFORE UPDATE ON condition_change
FOR EACH ROW EXECUTE FUNCTION condition_change_stays()
""",
    """CREATE TRIGGER condition_change_is_kept BEFORE DELETE OR TRUNCATE ON condition_change
FOR EACH STATEMENT EXECUTE FUNCTION contribution_refuse('condition_changes_are_never_deleted')
""",
)
