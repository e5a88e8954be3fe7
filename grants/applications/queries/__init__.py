"""Reading calls, applications and reviews: each for whoever may see it."""

from grants.applications.queries.applications import (
    ApplicationLine,
    applications,
    asked_for,
    counts_by_state,
    my_applications,
)
from grants.applications.queries.calls import (
    CallLine,
    CallPage,
    call_page,
    calls,
    calls_choice,
    forms,
    open_calls,
)
from grants.applications.queries.cases import (
    Case,
    DecisionLine,
    ReviewLine,
    Screening,
    case_for_applicant,
    case_for_staff,
    may_open_files,
    open_attachment,
)
from grants.applications.queries.deciding import Budget, DecisionPage, budget_of, decision_page
from grants.applications.queries.drafts import (
    DraftPage,
    SectionPage,
    SectionState,
    VersionLine,
    draft_page,
    section_page,
    version,
    versions_of,
)
from grants.applications.queries.reviews import MyReview, ReviewPage, my_reviews, review_page
from grants.applications.queries.waiting import (
    Happening,
    WaitingApplication,
    timeline,
    waiting_for,
)

__all__ = [
    "ApplicationLine",
    "Budget",
    "CallLine",
    "CallPage",
    "Case",
    "DecisionLine",
    "DecisionPage",
    "DraftPage",
    "Happening",
    "MyReview",
    "ReviewLine",
    "ReviewPage",
    "Screening",
    "SectionPage",
    "SectionState",
    "VersionLine",
    "WaitingApplication",
    "applications",
    "asked_for",
    "budget_of",
    "call_page",
    "calls",
    "calls_choice",
    "case_for_applicant",
    "case_for_staff",
    "counts_by_state",
    "decision_page",
    "draft_page",
    "forms",
    "may_open_files",
    "my_applications",
    "my_reviews",
    "open_attachment",
    "open_calls",
    "review_page",
    "section_page",
    "timeline",
    "version",
    "versions_of",
    "waiting_for",
]
