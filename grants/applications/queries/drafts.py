"""A draft as its authors work on it: sections, versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from grants.applications import rules
from grants.applications.models import AnswerVersion
from grants.applications.queries.cases import Case, application_row, case_for_applicant
from grants.applications.rules import Problem, Progress, Section
from grants.db import db
from grants.errors import NotFound
from grants.people.models import User
from grants.people.permissions import Actor, Verb, require


@dataclass(frozen=True, kw_only=True)
class SectionState:
    """A section of the form and how far it is."""

    section: Section
    progress: Progress


@dataclass(frozen=True, kw_only=True)
class DraftPage:
    """An application with its sections: what is done, what is still open, who saved it last."""

    case: Case
    sections: tuple[SectionState, ...]
    problems: tuple[Problem, ...]
    saved_by: str

    @property
    def done(self) -> int:
        return sum(each.progress.is_done for each in self.sections)


@dataclass(frozen=True, kw_only=True)
class SectionPage:
    """One section of a draft, with what stands before and after it."""

    case: Case
    section: Section
    number: int
    count: int
    #: What is wrong with the answers that are there.
    flaws: tuple[Problem, ...]
    #: All that stands against submitting, empty answers too.
    problems: tuple[Problem, ...]
    before: Section | None
    after: Section | None


@dataclass(frozen=True, kw_only=True)
class VersionLine:
    """One save of a draft."""

    revision: int
    saved_at: datetime
    saved_by: str
    changes: Mapping[str, str]


def draft_page(actor: Actor, application_id: int) -> DraftPage:
    """One's own organisation's application, section by section."""
    case = case_for_applicant(actor, application_id)
    saved_by = db.session.scalar(
        select(User.name)
        .join(AnswerVersion, AnswerVersion.saved_by_id == User.id)
        .where(
            AnswerVersion.application_id == application_id,
            AnswerVersion.revision == case.revision,
        )
    )
    return DraftPage(
        case=case,
        sections=tuple(
            SectionState(
                section=section, progress=rules.progress_of(case.form, section, case.answers)
            )
            for section in case.form.sections
        ),
        problems=tuple(case.problems),
        saved_by=saved_by or "",
    )


def section_page(actor: Actor, application_id: int, section_key: str) -> SectionPage:
    """One section of one's own organisation's draft. What is no draft any more is not there."""
    case = case_for_applicant(actor, application_id)
    section = case.form.section(section_key)
    if section is None:
        raise NotFound
    sections = case.form.sections
    index = sections.index(section)
    return SectionPage(
        case=case,
        section=section,
        number=index + 1,
        count=len(sections),
        flaws=tuple(rules.flaws_of(case.form, case.answers, section=section_key)),
        problems=tuple(rules.problems_of(case.form, case.answers, section=section_key)),
        before=sections[index - 1] if index else None,
        after=sections[index + 1] if index + 1 < len(sections) else None,
    )


def versions_of(
    actor: Actor, application_id: int, *, offset: int = 0, limit: int = 50
) -> list[VersionLine]:
    """Every save of a draft, newest first: what was typed before can be copied back."""
    return _versions(actor, application_id, offset=offset, limit=limit)


def version(actor: Actor, application_id: int, revision: int) -> VersionLine:
    """One save of a draft. Refuses with NotFound."""
    found = _versions(actor, application_id, AnswerVersion.revision == revision, limit=1)
    if not found:
        raise NotFound
    return found[0]


def _versions(
    actor: Actor, application_id: int, *where: ColumnElement[bool], limit: int, offset: int = 0
) -> list[VersionLine]:
    application = application_row(application_id)
    require(actor, Verb.APPLY, application.fund_id, organisation_id=application.organisation_id)
    rows = db.session.execute(
        select(AnswerVersion, User.name)
        .join(User, User.id == AnswerVersion.saved_by_id)
        .where(AnswerVersion.application_id == application_id, *where)
        .order_by(AnswerVersion.revision.desc())
        .offset(offset)
        .limit(min(limit, 500))
    )
    return [
        VersionLine(
            revision=version.revision,
            saved_at=version.saved_at,
            saved_by=name,
            changes=version.changes,
        )
        for version, name in rows
    ]
