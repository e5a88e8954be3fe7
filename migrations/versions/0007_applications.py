"""Calls, applications, reviews and decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SQLITE = (
    """CREATE TRIGGER decision_no_update BEFORE UPDATE ON decision
BEGIN SELECT RAISE(ABORT, 'decisions_are_never_changed'); END
""",
    """CREATE TRIGGER decision_no_delete BEFORE DELETE ON decision
BEGIN SELECT RAISE(ABORT, 'decisions_are_never_changed'); END
""",
    """CREATE TRIGGER form_version_no_update BEFORE UPDATE ON form_version
BEGIN SELECT RAISE(ABORT, 'published_forms_are_never_changed'); END
""",
    """CREATE TRIGGER form_version_no_delete BEFORE DELETE ON form_version
BEGIN SELECT RAISE(ABORT, 'published_forms_are_never_changed'); END
""",
    """CREATE TRIGGER decision_by_somebody_apart BEFORE INSERT ON decision
BEGIN
  SELECT RAISE(ABORT, 'decider_is_not_a_reviewer') WHERE EXISTS (
SELECT 1 FROM review
WHERE review.application_id = NEW.application_id AND review.reviewer_id = NEW.decided_by_id
);
  SELECT RAISE(ABORT, 'decider_did_not_write') WHERE EXISTS (
SELECT 1 FROM answer_version
WHERE answer_version.application_id = NEW.application_id
AND answer_version.saved_by_id = NEW.decided_by_id
);
  SELECT RAISE(ABORT, 'decision_names_the_author') WHERE EXISTS (
SELECT 1 FROM application
WHERE application.id = NEW.application_id AND application.author_id <> NEW.author_id
);
END
""",
    """CREATE TRIGGER review_by_somebody_apart BEFORE INSERT ON review
BEGIN SELECT RAISE(ABORT, 'decider_is_not_a_reviewer') WHERE EXISTS (
SELECT 1 FROM decision
WHERE decision.application_id = NEW.application_id AND decision.decided_by_id = NEW.reviewer_id
); END
""",
)

POSTGRESQL = (
    """CREATE FUNCTION application_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$
""",
    """CREATE TRIGGER decision_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON decision
FOR EACH STATEMENT EXECUTE FUNCTION application_refuse('decisions_are_never_changed')
""",
    """CREATE TRIGGER form_version_is_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON form_version
FOR EACH STATEMENT EXECUTE FUNCTION application_refuse('published_forms_are_never_changed')
""",
    """CREATE FUNCTION decision_by_somebody_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
SELECT 1 FROM review
WHERE review.application_id = NEW.application_id AND review.reviewer_id = NEW.decided_by_id
) THEN
    RAISE EXCEPTION 'decider_is_not_a_reviewer' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS (
SELECT 1 FROM answer_version
WHERE answer_version.application_id = NEW.application_id
AND answer_version.saved_by_id = NEW.decided_by_id
) THEN
    RAISE EXCEPTION 'decider_did_not_write' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS (
SELECT 1 FROM application
WHERE application.id = NEW.application_id AND application.author_id <> NEW.author_id
) THEN
    RAISE EXCEPTION 'decision_names_the_author' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
""",
    """CREATE TRIGGER decision_by_somebody_apart BEFORE INSERT ON decision
FOR EACH ROW EXECUTE FUNCTION decision_by_somebody_apart()
""",
    """CREATE FUNCTION review_by_somebody_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
SELECT 1 FROM decision
WHERE decision.application_id = NEW.application_id AND decision.decided_by_id = NEW.reviewer_id
) THEN
    RAISE EXCEPTION 'decider_is_not_a_reviewer' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
""",
    """CREATE TRIGGER review_by_somebody_apart BEFORE INSERT ON review
FOR EACH ROW EXECUTE FUNCTION review_by_somebody_apart()
""",
)


def upgrade() -> None:
    op.create_table(
        "form_version",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_form_version_fund_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_version")),
        sa.UniqueConstraint("fund_id", "name", "version", name="form_version_is_unique"),
    )
    op.create_table(
        "call",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("programme_id", BIG, nullable=True),
        sa.Column("form_version_id", BIG, nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("year", BIG, nullable=False),
        sa.Column("envelope_minor", BIG, nullable=True),
        sa.Column("grant_min_minor", BIG, nullable=True),
        sa.Column("grant_max_minor", BIG, nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("grace_minutes", BIG, nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("eligibility", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("is_imported", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", BIG, nullable=False),
        sa.CheckConstraint(
            "closes_at IS NULL OR opens_at IS NULL OR closes_at > opens_at",
            name=op.f("call_closes_after_it_opens"),
        ),
        sa.CheckConstraint(
            "envelope_minor IS NULL OR envelope_minor >= 0", name=op.f("envelope_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_call_created_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["form_version_id"],
            ["form_version.id"],
            name=op.f("fk_call_form_version_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_call_fund_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
            name=op.f("fk_call_programme_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("fund_id", "reference", name="call_reference_is_unique_in_fund"),
    )
    op.create_index(op.f("ix_call_programme_id"), "call", ["programme_id"], unique=False)
    op.create_table(
        "application",
        sa.Column("id", BIG, nullable=False),
        sa.Column("fund_id", BIG, nullable=False),
        sa.Column("call_id", BIG, nullable=False),
        sa.Column("form_version_id", BIG, nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("author_id", BIG, nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("revision", BIG, nullable=False),
        sa.Column("requested_minor", BIG, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_number", sa.String(length=40), nullable=True),
        sa.Column("answers_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'eligible', 'ineligible', 'in_review', 'reviewed', 'approved', 'declined', 'withdrawn')",
            name=op.f("application_state_is_known"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL",
            name=op.f("submitted_has_its_instant"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["user_account.id"],
            name=op.f("fk_application_author_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["call_id"], ["call.id"], name=op.f("fk_application_call_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["form_version_id"],
            ["form_version.id"],
            name=op.f("fk_application_form_version_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_application_fund_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_application_organisation_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("receipt_number", name=op.f("uq_application_receipt_number")),
        sa.UniqueConstraint("reference", name="application_reference_is_unique"),
    )
    op.create_index("ix_application_call", "application", ["call_id", "state"], unique=False)
    op.create_index(
        "ix_application_fund_state",
        "application",
        ["fund_id", "state", "submitted_at"],
        unique=False,
    )
    op.create_index(
        "ix_application_organisation", "application", ["organisation_id", "state"], unique=False
    )
    op.create_index(
        "one_draft_per_organisation_and_call",
        "application",
        ["call_id", "organisation_id"],
        unique=True,
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_table(
        "answer_version",
        sa.Column("id", BIG, nullable=False),
        sa.Column("application_id", BIG, nullable=False),
        sa.Column("revision", BIG, nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("saved_by_id", BIG, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_answer_version_application_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["saved_by_id"],
            ["user_account.id"],
            name=op.f("fk_answer_version_saved_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_version")),
        sa.UniqueConstraint("application_id", "revision", name="one_version_per_revision"),
    )
    op.create_table(
        "decision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("application_id", BIG, nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("amount_minor", BIG, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("author_id", BIG, nullable=False),
        sa.Column("decided_by_id", BIG, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ceiling_minor", BIG, nullable=False),
        sa.Column("grant_id", BIG, nullable=True),
        sa.CheckConstraint(
            "outcome <> 'approved' OR (amount_minor IS NOT NULL AND amount_minor > 0 AND grant_id IS NOT NULL)",
            name=op.f("approval_has_amount_and_grant"),
        ),
        sa.CheckConstraint("outcome IN ('approved', 'declined')", name=op.f("outcome_is_known")),
        sa.CheckConstraint("decided_by_id <> author_id", name=op.f("decider_is_not_the_author")),
        sa.CheckConstraint("length(reason) > 0", name=op.f("decision_gives_its_reason")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_decision_application_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["user_account.id"],
            name=op.f("fk_decision_author_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["user_account.id"],
            name=op.f("fk_decision_decided_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["grant_record.id"],
            name=op.f("fk_decision_grant_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("application_id", name="one_decision_per_application"),
    )
    op.create_table(
        "eligibility_check",
        sa.Column("id", BIG, nullable=False),
        sa.Column("application_id", BIG, nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("is_eligible", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("checked_by_id", BIG, nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "is_eligible OR length(reason) > 0", name=op.f("ineligible_gives_its_reason")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_eligibility_check_application_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["checked_by_id"],
            ["user_account.id"],
            name=op.f("fk_eligibility_check_checked_by_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_check")),
        sa.UniqueConstraint("application_id", name=op.f("uq_eligibility_check_application_id")),
    )
    op.create_table(
        "review",
        sa.Column("id", BIG, nullable=False),
        sa.Column("application_id", BIG, nullable=False),
        sa.Column("reviewer_id", BIG, nullable=False),
        sa.Column("assigned_by_id", BIG, nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("conflict", sa.String(length=16), nullable=True),
        sa.Column("conflict_reason", sa.String(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("recommendation", sa.String(length=24), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "submitted_at IS NULL OR (conflict IS NOT NULL AND conflict = 'none')",
            name=op.f("no_scores_without_a_declaration"),
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_review_application_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["assigned_by_id"],
            ["user_account.id"],
            name=op.f("fk_review_assigned_by_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"],
            ["user_account.id"],
            name=op.f("fk_review_reviewer_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("application_id", "reviewer_id", name="one_review_per_reviewer"),
    )
    op.create_index("ix_review_reviewer", "review", ["reviewer_id", "submitted_at"], unique=False)
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.get_bind().exec_driver_sql(
            statement.replace("%", "%%") if op.get_bind().dialect.name != "sqlite" else statement
        )
