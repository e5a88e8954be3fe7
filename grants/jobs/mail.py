"""Delivering messages where a mail server is set up; elsewhere they stay in the outbox."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import current_app

from grants import clock
from grants.db import db
from grants.errors import Refused
from grants.jobs.registry import Effect, Progress, job
from grants.outbox.models import Message

_TIMEOUT_SECONDS = 20


class NotDelivered(Refused):
    """The mail server did not take the message for {address}: {answer}"""


@job("mail.send")
def send(arguments: dict[str, Any], _progress: Progress) -> Effect | None:
    """Send one message by SMTP. Without a server it stays as it is: shown to its recipient."""
    message = db.session.get_one(Message, arguments["message_id"])
    server = current_app.config["SMTP_URL"]
    if not server or message.sent_at is not None or not message.to_address:
        return None
    mail, message_id = _written(message), message.id
    # The network is slow: nothing of the database is held while it is waited for.
    db.session.rollback()
    try:
        _deliver(mail, server)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused) as error:
        raise NotDelivered(address=mail["To"], answer=error) from error

    def note() -> None:
        db.session.get_one(Message, message_id).sent_at = clock.now()

    return note


def _written(message: Message) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = current_app.config["MAIL_FROM"]
    mail["To"] = message.to_address
    mail["Subject"] = " ".join(message.subject.split())
    # The same message sent twice, after a crash, is known by its id.
    mail["Message-ID"] = (
        f"<message-{message.id}@{urlsplit(current_app.config['BASE_URL']).hostname}>"
    )
    mail.set_content(message.body)
    return mail


def _deliver(mail: EmailMessage, server: str) -> None:
    """smtp:// in the clear, smtp+tls:// with STARTTLS, smtps:// encrypted from the first byte."""
    place = urlsplit(server)
    opened = smtplib.SMTP_SSL if place.scheme == "smtps" else smtplib.SMTP
    with opened(place.hostname or "", place.port or 0, timeout=_TIMEOUT_SECONDS) as smtp:
        if place.scheme == "smtp+tls":
            smtp.starttls()
        if place.username:
            smtp.login(unquote(place.username), unquote(place.password or ""))
        smtp.send_message(mail)
