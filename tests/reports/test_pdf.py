"""The PDF: tagged as PDF/UA-1 asks, carrying its data, the same bytes everywhere, no network."""

from __future__ import annotations

import gc
import hashlib
import io
import socket
import subprocess
import sys
from collections import Counter
from datetime import date
from typing import Any

import pdfplumber
import pikepdf
import pytest

from grants.cli.samples import sample_statement
from grants.reports.papers.donor_statement import html_of, render_papers
from grants.reports.papers.pdf import ReachedOut, render
from grants.reports.papers.plain import render_json
from tests.reports.test_papers import whole_statement

DAY = date(2026, 12, 31)
PAGE = '<html lang="en"><head><title>A paper</title></head><body>{}</body></html>'


@pytest.fixture(scope="module")
def paper() -> bytes:
    return render_papers(whole_statement(12))["pdf"]


@pytest.fixture
def opened(paper: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(paper))


def test_it_says_that_it_is_accessible(opened: pikepdf.Pdf) -> None:
    root = opened.Root
    assert bool(root.MarkInfo.Marked)
    assert str(root.Lang) == "en"
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    with opened.open_metadata() as metadata:
        assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
        assert "statement to A Contributor" in str(metadata["dc:title"])


def test_headings_tables_and_pictures_are_tagged_in_reading_order(opened: pikepdf.Pdf) -> None:
    elements = list(_elements(opened.Root.StructTreeRoot.K))
    kinds = [str(one.S) for one in elements]
    counted = Counter(kinds)
    assert counted["/H1"] == 1
    assert counted["/H2"] == 8
    assert [kind for kind in kinds if kind in {"/H1", "/H2"}] == ["/H1"] + ["/H2"] * 8
    figures = [one for one in elements if str(one.S) == "/Figure"]
    assert figures
    assert all(str(one.get("/Alt", "")) for one in figures)


def test_every_header_cell_has_its_scope(opened: pikepdf.Pdf) -> None:
    elements = list(_elements(opened.Root.StructTreeRoot.K))
    scopes = Counter(str(one.A.Scope) for one in elements if str(one.S) == "/TH")
    assert set(scopes) == {"/Column", "/Row"}
    for table in (one for one in elements if str(one.S) == "/Table"):
        cells = [str(one.S) for one in _elements(table.K)]
        assert "/TH" in cells, "a table without a header is no table"
    assert not [one for one in elements if "/ID" in one]


def test_no_heading_or_caption_stands_in_another(opened: pikepdf.Pdf) -> None:
    for one in _elements(opened.Root.StructTreeRoot.K):
        if str(one.S) in {"/H1", "/H2", "/H3", "/Caption", "/P"}:
            assert str(one.P.S) != str(one.S)


def test_it_carries_its_data(opened: pikepdf.Pdf) -> None:
    made = whole_statement(12)
    stem = f"{made.cover.number}-v1"
    assert sorted(opened.attachments) == [f"{stem}.csv", f"{stem}.json", f"{stem}.xlsx"]
    carried = opened.attachments[f"{stem}.json"].get_file().read_bytes()
    assert carried == render_json(made)
    files = [str(one.AFRelationship) for one in opened.Root.AF]
    assert files == ["/Data"] * 3


def test_its_text_has_numbers_pages_and_the_code(paper: bytes) -> None:
    with pdfplumber.open(io.BytesIO(paper)) as document:
        pages = [page.extract_text() for page in document.pages]
    assert "ABCD-EFGH-JKLM" in pages[0]
    assert f"Page 2 of {len(pages)}" in pages[1]
    assert "The Measured Fund" in pages[1]
    whole = "\n".join(pages)
    for heading in (
        "1 Your contribution",
        "2 Sources and uses",
        "3 Where it went",
        "4 Grants financed",
        "5 Fees and exchange",
        "6 Balance",
        "7 Notes and method",
        "8 Certification",
    ):
        assert heading in whole


def test_rendering_never_opens_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert render(html_of(whole_statement()), created_on=DAY).startswith(b"%PDF-")


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/logo.png", "https://example.org/a.png", "file:///etc/passwd", "logo.png"],
)
def test_nothing_outside_the_page_is_fetched(address: str) -> None:
    with pytest.raises(ReachedOut):
        render(PAGE.format(f'<img src="{address}" alt="x">'), created_on=DAY)
    with pytest.raises(ReachedOut):
        render(PAGE.format(f'<style>@import url("{address}");</style>'), created_on=DAY)


def test_the_collector_is_off_while_rendering_and_on_again_afterwards() -> None:
    assert gc.isenabled()
    render(PAGE.format("<p>Short</p>"), created_on=DAY)
    assert gc.isenabled()
    with pytest.raises(ReachedOut):
        render(PAGE.format('<img src="x.png" alt="x">'), created_on=DAY)
    assert gc.isenabled()


@pytest.mark.slow
@pytest.mark.once
def test_two_processes_make_the_same_bytes() -> None:
    program = (
        "import hashlib;from grants.cli.samples import sample_statement;"
        "from grants.reports.papers.donor_statement import render_papers;"
        "print({k: hashlib.sha256(v).hexdigest()"
        " for k, v in sorted(render_papers(sample_statement(8)).items())})"
    )
    here = {
        ending: hashlib.sha256(content).hexdigest()
        for ending, content in sorted(render_papers(sample_statement(8)).items())
    }
    for seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin", "TZ": "Asia/Tokyo"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == str(here)


def _elements(node: Any) -> Any:
    """Every structure element, in reading order."""
    if isinstance(node, pikepdf.Array):
        for one in node:
            yield from _elements(one)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield node
        if "/K" in node:
            yield from _elements(node.K)
