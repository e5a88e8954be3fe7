"""Delivering messages where a mail server is set up; elsewhere they stay in the outbox."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from grants import clock
from grants.db import db
from grants.jobs.registry import Effect, Progress, job
from grants.outbox.models import Message


@job("mail.send")
def send(arguments: dict[str, Any], _progress: Progress) -> Effect | None:
    """Send one message by SMTP. Without a server it stays as it is: shown to its recipient."""
    message = db.session.get_one(Message, arguments["message_id"])
    server = current_app.config["SMTP_URL"]
    if not server or message.sent_at is not None:
        return None
    mail = EmailMessage()
    mail["From"] = current_app.config["MAIL_FROM"]
    mail["To"] = message.to_address
    mail["Subject"] = message.subject
    mail.set_content(message.body)
    place = urlsplit(server)
    with smtplib.SMTP(place.hostname or "", place.port or 25, timeout=20) as smtp:
        if place.scheme == "smtps":
            smtp.starttls()
        if place.username:
            smtp.login(place.username, place.password or "")
        smtp.send_message(mail)
    message_id = message.id

    def note() -> None:
        db.session.get_one(Message, message_id).sent_at = clock.now()

    return note
