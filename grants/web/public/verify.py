"""Verifying a document: by its code, or by the file itself."""

from __future__ import annotations

import hashlib

from flask import redirect, render_template, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants.errors import NotFound
from grants.reports import queries as reports
from grants.web.kit.forms import Form, TextField, UploadField
from grants.web.public import desk


class VerifyForm(Form):
    """The code on the first page, or the file."""

    code = TextField(
        _l("Verification code"), chars_max=40, width="medium", hint=_l("Such as ABCD-EFGH-JKLM.")
    )
    file = UploadField(
        _l("Or the file itself"),
        accept=[".pdf", ".xlsx", ".csv", ".json"],
        hint=_l("It is compared and not kept."),
    )


@desk.route("/verify", methods=["GET", "POST"])
def verify() -> Response | str | tuple[str, int]:
    """Ask for a code or a file."""
    form = VerifyForm()
    if form.validate_on_submit():
        if form.file.data is not None:
            digest = hashlib.sha256(form.file.data.read()).hexdigest()
            try:
                found = reports.verified_by_bytes(digest)
            except NotFound as refusal:
                form.attach(str(refusal), field="file")
                return render_template("public/verify.html", form=form), 404
            return render_template("public/verified.html", found=found, digest=digest)
        if form.code.data:
            return redirect(url_for(".verified", code=form.code.data.strip()), 303)
        form.attach(_l("Enter the code, or choose the file."), field="code")
    return render_template("public/verify.html", form=form), 422 if form.error_lines else 200


@desk.get("/verify/<code>")
def verified(code: str) -> str | tuple[str, int]:
    """What the fund issued under this code."""
    try:
        found = reports.verified(code)
    except NotFound as refusal:
        form = VerifyForm(data={"code": code})
        form.attach(str(refusal), field="code")
        return render_template("public/verify.html", form=form), 404
    return render_template("public/verified.html", found=found, digest="")
