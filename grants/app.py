"""The application, made in five named steps."""

from __future__ import annotations

from importlib import import_module, resources
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from grants.db import db
from grants.settings import ROOT, Settings
from grants.web.kit import init_kit
from grants.web.kit.access import init_access

#: The desks, each a blueprint named `desk` in its package.
DESKS = ("public", "account", "staff", "donor", "applicant", "reviewer")


def create_app(settings: Settings) -> Flask:
    """The application for these settings. Two of them never share anything but the database."""
    app = Flask("grants", root_path=str(_package()), template_folder=str(ROOT / "templates"))
    _configure(app, settings)
    _connect_database(app)
    init_kit(app)
    init_access(app)
    _open_desks(app, is_development=settings.is_development)
    _load_jobs(app, is_testing=settings.is_testing)
    return app


def _package() -> Path:
    return Path(str(resources.files("grants")))


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings.database_url),
        VAR_DIR=settings.var_dir,
        BASE_URL=settings.base_url,
        SMTP_URL=settings.smtp_url,
        MAIL_FROM=settings.mail_from,
        MAX_CONTENT_LENGTH=settings.upload_bytes_max,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        TESTING=settings.is_testing,
        WTF_CSRF_ENABLED=not settings.is_testing,
    )
    if settings.proxies:
        proxies = settings.proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign] # as its documentation says
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )


def _engine_options(database_url: str) -> dict[str, object]:
    if database_url.startswith("sqlite"):
        return {"connect_args": {"check_same_thread": False, "timeout": 30}}
    return {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True}


def _connect_database(app: Flask) -> None:
    db.init_app(app)


def _open_desks(app: Flask, *, is_development: bool) -> None:
    for name in DESKS:
        app.register_blueprint(import_module(f"grants.web.{name}").desk)
    if is_development:
        app.register_blueprint(import_module("grants.web.gallery").desk)


def _load_jobs(app: Flask, *, is_testing: bool) -> None:
    import_module("grants.jobs.every")
    if not is_testing:
        app.extensions["huey"] = import_module("grants.jobs.transport").connect(app)
