"""The catalogues: complete for what every page shows, and with the placeholders of the original."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from grants.web.kit.languages import CATALOGUES, LANGUAGES
from tests.web.kit_app import ROOT

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")
SHOWN_EVERYWHERE = ("parts", "errors")
TRANSLATED = [language.locale for language in LANGUAGES if language.code != "en"]


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_translation_keeps_the_placeholders(locale: str) -> None:
    for message in _messages(locale):
        if not message.id:
            continue
        originals = [message.id] if isinstance(message.id, str) else list(message.id)
        wanted = set(PLACEHOLDER.findall(originals[-1]))
        texts = message.string or ()
        for text in [texts] if isinstance(texts, str) else texts:
            used = set(PLACEHOLDER.findall(text))
            # One and two may be words of their own; no placeholder may be made up.
            assert used <= wanted, f"{locale}: {text}"
            assert isinstance(message.id, tuple) or used == wanted, f"{locale}: {text}"


@pytest.mark.parametrize("locale", TRANSLATED)
def test_what_every_page_shows_is_translated(locale: str) -> None:
    known = {
        message.id if isinstance(message.id, str) else message.id[0]
        for message in _messages(locale)
        if message.id and message.string and all(message.string)
    }
    missing = [
        text
        for folder in SHOWN_EVERYWHERE
        for text in _texts(ROOT / "templates" / folder)
        if text not in known
    ]
    assert missing == [], f"add these to the catalogue of {locale}"


def _messages(locale: str) -> list[Message]:
    with (CATALOGUES / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return list(read_po(file))


def _texts(folder: Path) -> list[str]:
    found = extract_from_dir(
        folder, [("**.html", "jinja2")], {"**.html": {"encoding": "utf-8", "silent": "false"}}
    )
    return [text if isinstance(text, str) else text[0] for _file, _line, text, *_rest in found]
