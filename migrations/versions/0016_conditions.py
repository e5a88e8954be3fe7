"""Changes of the conditions of deposits, by two people; what grants buy."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SQLITE = (
    """CREATE TRIGGER condition_change_stays_as_decided BEFORE UPDATE ON condition_change
WHEN OLD.state <> 'proposed' OR NEW.deposit_id <> OLD.deposit_id OR NEW.was <> OLD.was
  OR NEW.becomes <> OLD.becomes OR NEW.proposed_by_id <> OLD.proposed_by_id
BEGIN SELECT RAISE(ABORT, 'condition_changes_stay_as_decided'); END
""",
    """CREATE TRIGGER condition_change_no_delete BEFORE DELETE ON condition_change
BEGIN SELECT RAISE(ABORT, 'condition_changes_are_never_deleted'); END
""",
)

POSTGRESQL = (
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


def upgrade() -> None:
    op.create_table(
        "condition_change",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("deposit_id", BIG, nullable=False),
        sa.Column("was", sa.JSON(), nullable=False),
        sa.Column("becomes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("proposed_by_id", BIG, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'in_force', 'refused')",
            name=op.f("change_state_is_known"),
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("change_says_why")),
        sa.CheckConstraint(
            "state <> 'in_force' OR decided_by_id <> proposed_by_id",
            name=op.f("conditions_are_changed_by_two"),
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by_id IS NULL)"
            " AND (decided_by_id IS NULL) = (decided_at IS NULL)",
            name=op.f("decided_by_somebody"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{table}.id"],
                name=op.f(f"fk_condition_change_{column}"),
                ondelete="RESTRICT",
            )
            for column, table in (
                ("fund_id", "fund"),
                ("deposit_id", "deposit"),
                ("proposed_by_id", "user_account"),
                ("decided_by_id", "user_account"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_condition_change")),
    )
    op.create_index(
        "ix_condition_change_proposed",
        "condition_change",
        ["deposit_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_index("ix_condition_change_deposit", "condition_change", ["deposit_id", "id"])
    op.create_index("ix_condition_change_fund", "condition_change", ["fund_id", "state"])
    op.add_column("grant_record", sa.Column("items", sa.JSON(), nullable=True))
    op.add_column("grant_record", sa.Column("cost_type", sa.String(length=24), nullable=True))
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        op.execute(statement)
