"""Audit trail, files, and what waits to be done."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SQLITE = (
    """CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit_events_are_never_changed'); END
""",
    """CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit_events_are_never_changed'); END
""",
    """CREATE TRIGGER audit_event_follows_head BEFORE INSERT ON audit_event
BEGIN
  SELECT RAISE(ABORT, 'audit_event_follows_the_head_of_its_chain') WHERE NOT EXISTS (
    SELECT 1 FROM audit_head
    WHERE id = 1 AND sequence = NEW.sequence - 1 AND hash = NEW.previous_hash);
  UPDATE audit_head SET sequence = NEW.sequence, hash = NEW.hash WHERE id = 1;
END
""",
    """CREATE TRIGGER audit_head_only_grows BEFORE UPDATE ON audit_head
WHEN NEW.id <> OLD.id OR NEW.sequence <> OLD.sequence + 1
BEGIN SELECT RAISE(ABORT, 'audit_head_only_grows'); END
""",
    """CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'audit_head_is_never_deleted'); END
""",
)

POSTGRESQL = (
    """CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$
""",
    """CREATE TRIGGER audit_event_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse('audit_events_are_never_changed')
""",
    """CREATE TRIGGER audit_head_is_kept BEFORE DELETE OR TRUNCATE ON audit_head
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse('audit_head_is_never_deleted')
""",
    """CREATE TRIGGER audit_head_only_grows BEFORE UPDATE ON audit_head
FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.sequence <> OLD.sequence + 1)
EXECUTE FUNCTION audit_refuse('audit_head_only_grows')
""",
    """CREATE FUNCTION audit_event_follows_head() RETURNS trigger LANGUAGE plpgsql AS $$
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
    """CREATE TRIGGER audit_event_follows_head BEFORE INSERT ON audit_event
FOR EACH ROW EXECUTE FUNCTION audit_event_follows_head()
""",
)


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "job",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("arguments", sa.String(), nullable=False),
        sa.Column("unique_key", sa.String(length=160), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", BIG, nullable=False),
        sa.Column("progress_done", BIG, nullable=False),
        sa.Column("progress_total", BIG, nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed')", name=op.f("job_state_is_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("unique_key", name=op.f("uq_job_unique_key")),
    )
    op.create_index("ix_job_state_run_after", "job", ["state", "run_after"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", BIG, nullable=False),
        sa.Column("recipient_id", BIG, nullable=True),
        sa.Column("to_address", sa.String(length=254), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index(op.f("ix_message_recipient_id"), "message", ["recipient_id"], unique=False)
    op.create_table(
        "audit_event",
        sa.Column("sequence", BIG, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fund_id", BIG, nullable=True),
        sa.Column("actor_id", BIG, nullable=False),
        sa.Column("verb", sa.String(length=60), nullable=False),
        sa.Column("thing_type", sa.String(length=40), nullable=False),
        sa.Column("thing_id", BIG, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["user_account.id"],
            name=op.f("fk_audit_event_actor_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_audit_event_fund_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_event")),
    )
    op.create_index(
        "ix_audit_event_thing", "audit_event", ["thing_type", "thing_id", "sequence"], unique=False
    )
    op.create_table(
        "stored_file",
        sa.Column("id", BIG, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size_bytes", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=True),
        sa.Column("owner_type", sa.String(length=40), nullable=False),
        sa.Column("owner_id", BIG, nullable=True),
        sa.Column("uploaded_by_id", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_stored_file_fund_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"],
            ["user_account.id"],
            name=op.f("fk_stored_file_uploaded_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
    )
    op.create_index(op.f("ix_stored_file_sha256"), "stored_file", ["sha256"], unique=False)
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.get_bind().exec_driver_sql(
            statement.replace("%", "%%") if op.get_bind().dialect.name != "sqlite" else statement
        )
    op.execute("INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, '" + "0" * 64 + "')")
