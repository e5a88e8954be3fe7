"""Verifying a document: by its code, by its fingerprint, or by the file itself."""

from __future__ import annotations

import hashlib
import re

from flask import redirect, render_template, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants.errors import NotFound
from grants.reports import queries as reports
from grants.reports.queries import Verified
from grants.web.kit.forms import Form, TextField, UploadField
from grants.web.public import desk

_SHA256 = re.compile(r"[0-9a-f]{64}")


class VerifyForm(Form):
    """The code on the first page, or the file."""

    code = TextField(
        _l("Verification code, or SHA-256 of the file"),
        chars_max=100,
        hint=_l("The code stands on the first page, such as ABCD-EFGH-JKLM."),
    )
    file = UploadField(
        _l("Or the file itself"),
        accept=[".pdf", ".xlsx", ".csv", ".json"],
        hint=_l("Its fingerprint is compared; the file is not kept."),
    )


@desk.route("/verify", methods=["GET", "POST"])
def verify() -> Response | str | tuple[str, int]:
    """Ask for a code or a file; the answer has an address of its own."""
    form = VerifyForm()
    if form.validate_on_submit():
        if form.file.data is not None:
            digest = hashlib.sha256(form.file.data.read()).hexdigest()
            return redirect(url_for(".verified", code=digest), 303)
        if form.code.data:
            return redirect(url_for(".verified", code=form.code.data.strip()), 303)
        form.attach(_l("Enter the code, or choose the file."), field="code")
    return render_template("public/verify.html", form=form), 422 if form.error_lines else 200


@desk.get("/verify/<code>")
def verified(code: str) -> str | tuple[str, int]:
    """What the fund issued under this code, or as the file with this fingerprint."""
    try:
        found = _found(code)
    except NotFound as refusal:
        form = VerifyForm(data={"code": code[:100]})
        form.attach(str(refusal), field="code")
        return render_template("public/verify.html", form=form), 404
    return render_template("public/verified.html", found=found)


def _found(code: str) -> Verified:
    cleaned = code.strip().lower()
    if _SHA256.fullmatch(cleaned):
        return reports.verified_by_bytes(cleaned)
    return reports.verified(code)
