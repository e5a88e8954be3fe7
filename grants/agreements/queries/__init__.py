"""Reading grants: the record, its tranches and reports, one's own grants."""

from grants.agreements.queries.proof import document_breaks
from grants.agreements.queries.records import (
    AgreementView,
    GrantRecord,
    RefundView,
    ReportLineView,
    ReportView,
    TrancheView,
    agreement_paper,
    my_grant,
    my_grants,
    record,
    report_page,
    waiting_reports,
    waiting_tranches,
)

__all__ = [
    "AgreementView",
    "GrantRecord",
    "RefundView",
    "ReportLineView",
    "ReportView",
    "TrancheView",
    "agreement_paper",
    "document_breaks",
    "my_grant",
    "my_grants",
    "record",
    "report_page",
    "waiting_reports",
    "waiting_tranches",
]
