"""Reading calls, applications and reviews: each for whoever may see it."""

from grants.applications.queries.applications import (
    ApplicationLine,
    Case,
    ReviewLine,
    VersionLine,
    applications,
    case_for_applicant,
    case_for_staff,
    counts_by_state,
    may_open_files,
    my_applications,
    versions_of,
)
from grants.applications.queries.calls import (
    CallLine,
    CallPage,
    call_page,
    calls,
    forms,
    open_calls,
)
from grants.applications.queries.reviews import MyReview, ReviewPage, my_reviews, review_page

__all__ = [
    "ApplicationLine",
    "CallLine",
    "CallPage",
    "Case",
    "MyReview",
    "ReviewLine",
    "ReviewPage",
    "VersionLine",
    "applications",
    "call_page",
    "calls",
    "case_for_applicant",
    "case_for_staff",
    "counts_by_state",
    "forms",
    "may_open_files",
    "my_applications",
    "my_reviews",
    "open_calls",
    "review_page",
    "versions_of",
]
