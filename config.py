"""Settings from the environment, read by `grants.app`, `grants.cli` and `grants.wsgi` only."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

#: Where `templates/` and `migrations/` lie: beside this file, in a checkout and when installed.
ROOT = Path(__file__).resolve().parent


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that differs between one installation and another."""

    database_url: str
    secret_key: str
    var_dir: Path
    base_url: str = "http://127.0.0.1:8000"
    is_development: bool = False
    is_testing: bool = False
    secure_cookies: bool = False
    upload_bytes_max: int = 20 * 1024 * 1024
    smtp_url: str = ""
    mail_from: str = "fund@example.org"
    #: How many proxies of our own stand before the server and tell who asks.
    proxies: int = 0


def from_environment() -> Settings:
    """Read the settings. Without DATABASE_URL the database is SQLite under `var/`.

    GRANTS_VAR is where data lies: without it `var/` of the checkout, or of the present folder
    when the package is installed.

    The secret key is taken from SECRET_KEY, or made once and kept in `var/secret_key`
    with permissions for its owner alone.
    """
    var_dir = Path(os.environ.get("GRANTS_VAR") or _home() / "var")
    var_dir.mkdir(parents=True, exist_ok=True)
    port = os.environ.get("PORT", "8000")
    return Settings(
        database_url=os.environ.get("DATABASE_URL") or f"sqlite:///{var_dir / 'grants.sqlite3'}",
        secret_key=os.environ.get("SECRET_KEY") or _kept_secret(var_dir / "secret_key"),
        var_dir=var_dir,
        base_url=os.environ.get("BASE_URL", f"http://127.0.0.1:{port}"),
        is_development=os.environ.get("GRANTS_ENV") == "development",
        secure_cookies=os.environ.get("BASE_URL", "").startswith("https:"),
        smtp_url=os.environ.get("SMTP_URL", ""),
        mail_from=os.environ.get("MAIL_FROM", "fund@example.org"),
        proxies=int(os.environ.get("PROXIES", "0")),
    )


def _home() -> Path:
    return ROOT if (ROOT / "pyproject.toml").exists() else Path.cwd()


def _kept_secret(path: Path) -> str:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key
