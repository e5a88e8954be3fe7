"""What the database itself refuses about the bank's word: SQL for both databases."""

from __future__ import annotations

from typing import Final

_FROZEN: Final = {
    "bank_import": "files_of_banks_are_never_changed",
    "bank_finding": "findings_are_never_changed",
    "bank_statement": "statements_of_banks_are_never_changed",
    "bank_line": "movements_are_never_changed",
}

SQLITE: Final[tuple[str, ...]] = (
    *(
        f"""CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table}
BEGIN SELECT RAISE(ABORT, '{sentence}'); END
"""
        for table, sentence in _FROZEN.items()
        for verb in ("update", "delete")
    ),
    """CREATE TRIGGER bank_match_no_delete BEFORE DELETE ON bank_match
BEGIN SELECT RAISE(ABORT, 'matches_are_ended_and_never_deleted'); END
""",
    """CREATE TRIGGER bank_match_ends_once BEFORE UPDATE ON bank_match
WHEN OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR NEW.line_id <> OLD.line_id
 OR NEW.kind <> OLD.kind OR NEW.entry_id IS NOT OLD.entry_id
BEGIN SELECT RAISE(ABORT, 'matches_are_ended_and_never_changed'); END
""",
)

POSTGRESQL: Final[tuple[str, ...]] = (
    *(
        f"""CREATE TRIGGER {table}_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('{sentence}')
"""
        for table, sentence in _FROZEN.items()
    ),
    """CREATE TRIGGER bank_match_is_kept BEFORE DELETE OR TRUNCATE ON bank_match
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('matches_are_ended_and_never_deleted')
""",
    """CREATE TRIGGER bank_match_ends_once BEFORE UPDATE ON bank_match FOR EACH ROW
WHEN (OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR NEW.line_id <> OLD.line_id
 OR NEW.kind <> OLD.kind OR NEW.entry_id IS DISTINCT FROM OLD.entry_id)
EXECUTE FUNCTION ledger_refuse('matches_are_ended_and_never_changed')
""",
)
