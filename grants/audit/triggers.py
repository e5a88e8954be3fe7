"""What the database itself refuses about the audit trail: SQL for both databases."""

from __future__ import annotations

from typing import Final

_SQLITE_FREEZE = """
CREATE TRIGGER audit_event_no_{verb} BEFORE {VERB} ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit_events_are_never_changed'); END
"""

_SQLITE_FOLLOWS = """
CREATE TRIGGER audit_event_follows_head BEFORE INSERT ON audit_event
BEGIN
  SELECT RAISE(ABORT, 'audit_event_follows_the_head_of_its_chain') WHERE NOT EXISTS (
    SELECT 1 FROM audit_head
    WHERE id = 1 AND sequence = NEW.sequence - 1 AND hash = NEW.previous_hash);
  UPDATE audit_head SET sequence = NEW.sequence, hash = NEW.hash WHERE id = 1;
END
"""

SQLITE: Final[tuple[str, ...]] = (
    *(_SQLITE_FREEZE.format(verb=verb, VERB=verb.upper()) for verb in ("update", "delete")),
    _SQLITE_FOLLOWS,
    """
CREATE TRIGGER audit_head_only_grows BEFORE UPDATE ON audit_head
WHEN NEW.id <> OLD.id OR NEW.sequence <> OLD.sequence + 1
BEGIN SELECT RAISE(ABORT, 'audit_head_only_grows'); END
""",
    """
CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'audit_head_is_never_deleted'); END
""",
)

POSTGRESQL: Final[tuple[str, ...]] = (
    """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$
""",
    """
CREATE TRIGGER audit_event_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse('audit_events_are_never_changed')
""",
    """
CREATE TRIGGER audit_head_is_kept BEFORE DELETE OR TRUNCATE ON audit_head
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse('audit_head_is_never_deleted')
""",
    """
CREATE TRIGGER audit_head_only_grows BEFORE UPDATE ON audit_head
FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.sequence <> OLD.sequence + 1)
EXECUTE FUNCTION audit_refuse('audit_head_only_grows')
""",
    """
CREATE FUNCTION audit_event_follows_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE audit_head SET sequence = NEW.sequence, hash = NEW.hash
  WHERE id = 1 AND sequence = NEW.sequence - 1 AND hash = NEW.previous_hash;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'audit_event_follows_the_head_of_its_chain'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
""",
    """
CREATE TRIGGER audit_event_follows_head BEFORE INSERT ON audit_event
FOR EACH ROW EXECUTE FUNCTION audit_event_follows_head()
""",
)
