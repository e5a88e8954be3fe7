"""What the database itself refuses about decisions and forms: SQL for both databases."""

from __future__ import annotations

from typing import Final

_SQLITE_FREEZE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{sentence}'); END
"""

_FROZEN: Final = (
    ("decision", "decisions_are_never_changed"),
    ("form_version", "published_forms_are_never_changed"),
)

#: Who may not decide, as a query that finds something when they try.
_REVIEWED = """
SELECT 1 FROM review
WHERE review.application_id = NEW.application_id AND review.reviewer_id = NEW.decided_by_id
"""
_WROTE = """
SELECT 1 FROM answer_version
WHERE answer_version.application_id = NEW.application_id
AND answer_version.saved_by_id = NEW.decided_by_id
"""
_OTHER_AUTHOR = """
SELECT 1 FROM application
WHERE application.id = NEW.application_id AND application.author_id <> NEW.author_id
"""
_DECIDED = """
SELECT 1 FROM decision
WHERE decision.application_id = NEW.application_id AND decision.decided_by_id = NEW.reviewer_id
"""

SQLITE: Final[tuple[str, ...]] = (
    *(
        _SQLITE_FREEZE.format(table=table, verb=verb, VERB=verb.upper(), sentence=sentence)
        for table, sentence in _FROZEN
        for verb in ("update", "delete")
    ),
    f"""
CREATE TRIGGER decision_by_somebody_apart BEFORE INSERT ON decision
BEGIN
  SELECT RAISE(ABORT, 'decider_is_not_a_reviewer') WHERE EXISTS ({_REVIEWED});
  SELECT RAISE(ABORT, 'decider_did_not_write') WHERE EXISTS ({_WROTE});
  SELECT RAISE(ABORT, 'decision_names_the_author') WHERE EXISTS ({_OTHER_AUTHOR});
END
""",
    f"""
CREATE TRIGGER review_by_somebody_apart BEFORE INSERT ON review
BEGIN SELECT RAISE(ABORT, 'decider_is_not_a_reviewer') WHERE EXISTS ({_DECIDED}); END
""",
)

POSTGRESQL: Final[tuple[str, ...]] = (
    """
CREATE FUNCTION application_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$
""",
    *(
        f"""
CREATE TRIGGER {table}_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION application_refuse('{sentence}')
"""
        for table, sentence in _FROZEN
    ),
    f"""
CREATE FUNCTION decision_by_somebody_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS ({_REVIEWED}) THEN
    RAISE EXCEPTION 'decider_is_not_a_reviewer' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS ({_WROTE}) THEN
    RAISE EXCEPTION 'decider_did_not_write' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS ({_OTHER_AUTHOR}) THEN
    RAISE EXCEPTION 'decision_names_the_author' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
""",
    """
CREATE TRIGGER decision_by_somebody_apart BEFORE INSERT ON decision
FOR EACH ROW EXECUTE FUNCTION decision_by_somebody_apart()
""",
    f"""
CREATE FUNCTION review_by_somebody_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS ({_DECIDED}) THEN
    RAISE EXCEPTION 'decider_is_not_a_reviewer' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
""",
    """
CREATE TRIGGER review_by_somebody_apart BEFORE INSERT ON review
FOR EACH ROW EXECUTE FUNCTION review_by_somebody_apart()
""",
)
