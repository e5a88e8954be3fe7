"""What the database itself refuses about proofs. The migration holds a frozen copy."""

from __future__ import annotations

from typing import Final

SQLITE: Final[tuple[str, ...]] = tuple(
    f"""
CREATE TRIGGER proof_no_{verb} BEFORE {verb.upper()} ON proof
BEGIN SELECT RAISE(ABORT, 'proofs_are_never_changed'); END
"""
    for verb in ("update", "delete")
)

POSTGRESQL: Final[tuple[str, ...]] = (
    """
CREATE TRIGGER proof_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON proof
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse('proofs_are_never_changed')
""",
)
