"""Uploads: what is kept, under which name, and what is refused."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from grants.db import transaction
from grants.errors import Malformed, NotFound
from grants.files import actions, queries, rules, store
from grants.people.models import Role
from grants.people.permissions import Actor
from grants.web.kit.downloads import download
from tests.make import Make

PDF = b"%PDF-1.7\n1 0 obj"


def packed(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


@pytest.fixture
def ada(make: Make) -> Actor:
    return make.person(Role.APPLICANT)


def upload(actor: Actor, name: str, content: bytes) -> int:
    with transaction():
        return actions.upload(
            actor, content, name=name, owner_type="application", owner_id=7, fund_id=None
        ).id


def test_a_file_is_kept_under_the_hash_of_its_content(app: Flask, ada: Actor) -> None:
    opened = queries.open_file(upload(ada, "plan.pdf", PDF))
    digest = hashlib.sha256(PDF).hexdigest()
    assert opened.sha256 == digest
    assert opened.path == app.config["VAR_DIR"] / "files" / digest[:2] / digest
    assert opened.read() == PDF
    assert [each.id for each in queries.files_of("application", 7)] == [opened.id]


def test_the_same_bytes_are_kept_once_and_called_as_each_person_called_them(ada: Actor) -> None:
    first = queries.open_file(upload(ada, "a.pdf", PDF))
    second = queries.open_file(upload(ada, "b.pdf", PDF))
    assert first.path == second.path
    assert (first.name, second.name) == ("a.pdf", "b.pdf")
    assert len(list(store.folder().rglob("*"))) == 2  # its folder and itself


def test_an_unknown_file_is_not_there(app: Flask) -> None:
    with pytest.raises(NotFound):
        queries.open_file(12345)


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("plan.PDF", PDF, "application/pdf"),
        ("photo.jpeg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("list.csv", b"a,b\n1,2\n", "text/csv"),
        ("note.txt", "Été, 100 €".encode(), "text/plain"),
        ("letter.docx", packed("[Content_Types].xml", "word/document.xml"), None),
        ("sheet.ods", packed("mimetype", "content.xml"), None),
    ],
)
def test_what_people_send_is_taken(name: str, content: bytes, media_type: str | None) -> None:
    found = rules.check_upload(name, content, 1000)
    assert media_type is None or found == media_type


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("program.exe", b"MZ\x90\x00"),
        ("page.html", b"<html>"),
        ("drawing.svg", b"<svg>"),
        ("script.sh", b"#!/bin/sh"),
        ("program.pdf", b"MZ\x90\x00"),
        ("page.txt", b"\xef\xbb\xbf <!DOCTYPE html><script>"),
        ("page.csv", b"<svg onload=alert(1)>"),
        ("binary.csv", b"a,b\x00"),
        ("archive.docx", packed("evil.exe")),
        ("macro.xlsx", packed("xl/workbook.xml", "xl/vbaProject.bin")),
        ("broken.xlsx", b"PK\x03\x04 and nothing more"),
        ("noending", PDF),
        ("plan.pdf\x00.exe", PDF),
    ],
)
def test_what_is_dangerous_or_disguised_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(rules.FileKindRefused):
        rules.check_upload(name, content, 1000)


def test_the_empty_and_the_too_large_are_refused_with_what_to_do() -> None:
    with pytest.raises(rules.EmptyFile, match=r"plan\.pdf is empty"):
        rules.check_upload("plan.pdf", b"", 1000)
    with pytest.raises(rules.FileTooLarge, match="at most 1 MB") as refusal:
        rules.check_upload("plan.pdf", PDF + b"x" * 1_000_000, 1_000_000)
    assert refusal.value.status == 413


def test_a_refused_file_leaves_nothing_behind(ada: Actor) -> None:
    with pytest.raises(Malformed):
        upload(ada, "program.exe", b"MZ")
    assert not store.folder().exists()


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\ada\plan.pdf", "plan.pdf"),
        ("  a \n b\t.pdf ", "a b.pdf"),
        ("..", "file"),
        ("\u202efdp.exe", "fdp.exe"),
    ],
)
def test_names_are_cleaned(given_name: str, kept: str) -> None:
    assert rules.clean_name(given_name) == kept


@given(st.text(max_size=600))
def test_a_clean_name_is_short_and_stays_in_its_folder(name: str) -> None:
    kept = rules.clean_name(name)
    assert 0 < len(kept) <= 200
    assert Path(kept).name == kept
    assert rules.clean_name(kept) == kept


def test_a_download_is_never_shown_by_the_browser(app: Flask, ada: Actor) -> None:
    opened = queries.open_file(upload(ada, "Été.pdf", PDF))
    with app.test_request_context():
        response = app.process_response(download(opened))
        response.direct_passthrough = False
        assert response.get_data() == PDF
        response.close()
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response.headers["Cache-Control"]
    opened.path.unlink()
    with app.test_request_context(), pytest.raises(NotFound, match="file store"):
        download(opened)
