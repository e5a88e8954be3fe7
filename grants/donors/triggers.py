"""What the database itself refuses about agreements: SQL for both databases."""

from __future__ import annotations

from typing import Final

SQLITE: Final[tuple[str, ...]] = tuple(
    f"""CREATE TRIGGER agreement_version_no_{verb} BEFORE {verb.upper()} ON agreement_version
BEGIN SELECT RAISE(ABORT, 'versions_are_never_changed'); END
"""
    for verb in ("update", "delete")
)

POSTGRESQL: Final[tuple[str, ...]] = (
    """CREATE FUNCTION contribution_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$
""",
    """CREATE TRIGGER agreement_version_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE
ON agreement_version
FOR EACH STATEMENT EXECUTE FUNCTION contribution_refuse('versions_are_never_changed')
""",
)
