"""Running calls, writing applications, reviewing and deciding."""

from grants.applications.actions.calls import (
    NewCall,
    change_call,
    new_call,
    publish_call,
    publish_form,
)
from grants.applications.actions.decisions import approve, decline
from grants.applications.actions.drafts import (
    Saved,
    attach_file,
    remove_file,
    save_answers,
    save_page,
    start_draft,
)
from grants.applications.actions.imported import (
    ImportedCall,
    change_imported_call,
    record_imported_calls,
)
from grants.applications.actions.reviews import (
    assign_review,
    check_eligibility,
    close_reviewing,
    declare_conflict,
    save_scores,
    submit_review,
)
from grants.applications.actions.submissions import submit, withdraw

__all__ = [
    "ImportedCall",
    "NewCall",
    "Saved",
    "approve",
    "assign_review",
    "attach_file",
    "change_call",
    "change_imported_call",
    "check_eligibility",
    "close_reviewing",
    "declare_conflict",
    "decline",
    "new_call",
    "publish_call",
    "publish_form",
    "record_imported_calls",
    "remove_file",
    "save_answers",
    "save_page",
    "save_scores",
    "start_draft",
    "submit",
    "submit_review",
    "withdraw",
]
