"""Mail goes out where a server is set up, once, and waits in the outbox elsewhere."""

from __future__ import annotations

import smtplib
import socketserver
import threading
from collections.abc import Iterator

import pytest
from flask import Flask

from grants.db import db, transaction
from grants.jobs import runner
from grants.outbox import actions, queries
from grants.outbox.models import JobState, Message


class Server(socketserver.ThreadingTCPServer):
    """As much of a mail server as one message needs."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.received: list[str] = []
        self.refuses = False


class Session(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "DATA":
                self.say("354 go on")
                self.server.received.append(self.text())
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            elif verb == "RCPT" and self.server.refuses:
                self.say("550 nobody here")
            else:
                self.say("250 fine")

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def text(self) -> str:
        lines = []
        while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
            lines.append(line)
        return "\n".join(lines)


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        app.config["SMTP_URL"] = f"smtp://127.0.0.1:{server.server_address[1]}"
        yield server
        server.shutdown()
        thread.join()


def tell(subject: str = "Votre demande") -> int:
    with transaction():
        recipient = actions.Recipient(user_id=None, email="ada@example.org", name="Ada")
        return actions.tell(recipient, template="hello", subject=subject, body="Été arrive.")


def test_a_message_is_sent_once(server: Server) -> None:
    message_id = tell()
    assert runner.run_waiting() == 1
    (text,) = server.received
    assert "To: ada@example.org" in text
    assert f"Message-ID: <message-{message_id}@127.0.0.1>" in text
    assert db.session.get_one(Message, message_id).sent_at is not None
    with transaction():
        actions.enqueue("mail.send", {"message_id": message_id})
    runner.run_waiting()
    assert len(server.received) == 1


def test_a_subject_cannot_smuggle_in_a_header(server: Server) -> None:
    tell("Hello\r\nBcc: everybody@example.org")
    runner.run_waiting()
    assert "Subject: Hello Bcc: everybody@example.org" in server.received[0]


def test_an_address_that_is_refused_is_said_so(server: Server) -> None:
    server.refuses = True
    message_id = tell()
    runner.run_waiting()
    found = queries.job_by_key(f"mail.send/{message_id}")
    assert found is not None
    assert found.state == JobState.FAILED
    assert "did not take the message for ada@example.org" in found.error


def test_a_server_that_is_away_is_tried_again(app: Flask) -> None:
    app.config["SMTP_URL"] = "smtp://127.0.0.1:1"
    message_id = tell()
    runner.run_waiting()
    found = queries.job_by_key(f"mail.send/{message_id}")
    assert found is not None
    assert found.state == JobState.WAITING
    assert "ConnectionRefusedError" in found.error


def test_without_a_server_the_message_stays_to_be_read(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtplib, "SMTP", None)
    message_id = tell()
    assert runner.run_waiting() == 1
    assert db.session.get_one(Message, message_id).sent_at is None
