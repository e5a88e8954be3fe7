"""HTML to tagged PDF (PDF/UA-1): no network, no files, the same bytes for the same input."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grants.errors import Refused
from grants.money import Money
from grants.reports.papers.tags import mend
from grants.settings import ROOT

TEMPLATES = ROOT / "templates" / "reports"


MISSING = (
    "Papers need Pango and HarfBuzz, which are not on this machine. On Debian or Ubuntu:"
    " apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core"
)


class PapersNotPossible(Refused):
    """What papers are made with is not installed on this machine."""

    status = 503


class ReachedOut(RuntimeError):
    """A paper tried to fetch something. Everything it shows must be in it."""


@dataclass(frozen=True)
class Attachment:
    """A file carried inside the PDF."""

    name: str
    content: bytes
    description: str


def render(
    html: str,
    *,
    created_on: date,
    attachments: Sequence[Attachment] = (),
    variant: str | None = "pdf/ua-1",
) -> bytes:
    """The PDF of an HTML page. Refuses to fetch anything but data: addresses.

    `created_on` dates the document and its attachments, so that the bytes do not depend on the
    clock. Rendering takes long and holds the interpreter: call it in the worker, never in a page.
    """
    made_by = weasyprint()
    at = datetime.combine(created_on, time(12), UTC)
    carried = [
        made_by.Attachment(
            string=each.content,
            name=each.name,
            description=each.description,
            created=at,
            modified=at,
        )
        for each in attachments
    ]
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        document = made_by.HTML(
            string=html, base_url="paper:", url_fetcher=_only_data(made_by)
        ).render()
        document.metadata.attachments = carried
        content: bytes = document.write_pdf(
            pdf_variant=variant, finisher=lambda _document, pdf: mend(pdf)
        )
    except made_by.urls.FatalURLFetchingError as error:
        raise ReachedOut(str(error)) from error
    finally:
        if was_enabled:
            gc.enable()
            gc.collect()
    return content


def page_of(template: str, **values: object) -> str:
    """A page from templates/reports/, everything escaped."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        money=_money,
        amount=_amount,
        day=_day,
        day_short=_day_short,
        share=_share,
        rate=_rate,
        per_cent=_per_cent,
    )
    environment.globals["paper_css"] = Markup(  # noqa: S704 - our own file
        Path(TEMPLATES / "paper.css").read_text(encoding="utf-8")
    )
    return environment


def weasyprint() -> Any:
    """WeasyPrint, loaded when first needed. Refuses with what to install where it cannot be."""
    try:
        import weasyprint as found
    except OSError as error:
        raise PapersNotPossible(MISSING) from error
    return found


def _only_data(made_by: Any) -> Any:
    class OnlyData(made_by.urls.URLFetcher):  # type: ignore[misc] # it ships no types
        """Refuses everything that does not stand in the page itself."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if not url.startswith("data:"):
                raise ReachedOut(f"a paper asks for {url[:100]}")
            return super().fetch(url, headers)

    return OnlyData(allowed_protocols=("data",), fail_on_errors=True)


def _money(value: Money | None) -> str:
    """`USD 1,234.50`; nothing as a dash."""
    return "–" if value is None else f"{value.currency}\N{NO-BREAK SPACE}{_number(value)}"


def _amount(value: Money | None) -> str:
    """The number alone, where the heading says the currency."""
    return "–" if value is None else _number(value)


def _number(value: Money) -> str:
    return f"{value.amount:,}".replace("-", "\N{MINUS SIGN}")


def _day(value: date | datetime | None) -> str:
    return "–" if value is None else f"{value.day} {value:%B %Y}"


def _day_short(value: date | None) -> str:
    return "–" if value is None else f"{value.day} {value:%b %Y}"


def _rate(units_per_usd: str) -> str:
    """Six significant digits: the attached files have them all."""
    rate = Decimal(units_per_usd)
    places = max(5 - rate.adjusted(), 0)
    shown = f"{rate:,.{places}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _per_cent(basis_points: int | None) -> str:
    return "–" if basis_points is None else f"{(basis_points + 50) // 100}\N{NO-BREAK SPACE}%"


def _share(basis_points: int) -> str:
    return f"{basis_points / 100:.2f}\N{NO-BREAK SPACE}%"
