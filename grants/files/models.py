"""Files by the hash of their content; the bytes lie in the file store, not in the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from grants.db import Base


class StoredFile(Base):
    """A file as somebody gave it or as the fund issued it. The same bytes are kept once."""

    __tablename__ = "stored_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(120))
    size_bytes: Mapped[int]
    fund_id: Mapped[int | None] = mapped_column(ForeignKey("fund.id", ondelete="RESTRICT"))
    #: What the file belongs to, such as ("application", 7): whoever may see that may open this.
    owner_type: Mapped[str] = mapped_column(String(40))
    owner_id: Mapped[int | None]
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]
