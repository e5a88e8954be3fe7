"""Statements as banks write them, made up for the tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from tests.makes.banking import IBAN

CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.053.001"
_DAY = date(2026, 3, 12)


@dataclass(frozen=True, kw_only=True)
class Booking:
    """A movement of a made-up statement; below zero it went out."""

    amount: str
    on: date = _DAY
    value_on: date | None = None
    party: str = "Kingdom of Sweden"
    words: str = "Contribution SWE-2026-1"
    reference: str = ""
    end_to_end: str = "NOTPROVIDED"
    code: str = ""
    state: str = "BOOK"
    #: Whatever else stands in the entry, such as its charges.
    extra: str = ""
    #: Amounts of the payments inside, where it is a batch.
    batch: tuple[str, ...] = field(default=())

    @property
    def side(self) -> str:
        return "DBIT" if self.amount.startswith("-") else "CRDT"

    @property
    def size(self) -> str:
        return self.amount.lstrip("-")


def camt(
    *bookings: Booking,
    opening: str = "0.00",
    closing: str | None = None,
    currency: str = "USD",
    iban: str = IBAN,
    number: str = "7",
    version: str = "08",
    opened_on: date = _DAY,
    closed_on: date = date(2026, 3, 31),
    opening_kind: str = "OPBD",
    prefix: str = "",
) -> bytes:
    """A camt.053 message of one statement; without a closing balance, the one that ties."""
    one = statement(
        *bookings,
        opening=opening,
        closing=closing,
        currency=currency,
        iban=iban,
        number=number,
        opened_on=opened_on,
        closed_on=closed_on,
        opening_kind=opening_kind,
    )
    return message(one, version=version, prefix=prefix)


def message(*statements: str, version: str = "08", prefix: str = "") -> bytes:
    """A camt.053 message of several statements; with a prefix, every name bears it."""
    body = (
        "<BkToCstmrStmt><GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-04-01T06:00:00</CreDtTm></GrpHdr>"
        f"{''.join(statements)}</BkToCstmrStmt>"
    )
    space = f"{CAMT}.{version}"
    if prefix:
        body = body.replace("<", f"<{prefix}:").replace(f"<{prefix}:/", f"</{prefix}:")
        return f'<{prefix}:Document xmlns:{prefix}="{space}">{body}</{prefix}:Document>'.encode()
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}\n<Document xmlns="{space}">{body}</Document>'.encode()


def statement(
    *bookings: Booking,
    opening: str = "0.00",
    closing: str | None = None,
    currency: str = "USD",
    iban: str = IBAN,
    number: str = "7",
    opened_on: date = _DAY,
    closed_on: date = date(2026, 3, 31),
    opening_kind: str = "OPBD",
) -> str:
    """One statement (Stmt) of a camt.053 message."""
    booked = [Decimal(one.amount) for one in bookings if one.state == "BOOK"]
    end = closing or str(Decimal(opening) + sum(booked, Decimal(0)))
    entries = "\n".join(_entry(one, currency) for one in bookings)
    return (
        f"<Stmt><Id>S{number}</Id><ElctrncSeqNb>{number}</ElctrncSeqNb>"
        f"<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>{currency}</Ccy></Acct>"
        f"{_balance(opening_kind, opening, currency, opened_on)}"
        f"{_balance('CLBD', end, currency, closed_on)}\n{entries}</Stmt>"
    )


def _balance(kind: str, amount: str, currency: str, on: date) -> str:
    side = "DBIT" if amount.startswith("-") else "CRDT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{amount.lstrip("-")}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
        f"<Dt><Dt>{on.isoformat()}</Dt></Dt></Bal>"
    )


def _entry(one: Booking, currency: str) -> str:
    value_on = one.value_on or one.on
    reference = f"<AcctSvcrRef>{escape(one.reference)}</AcctSvcrRef>" if one.reference else ""
    code = f"<BkTxCd><Prtry><Cd>{one.code}</Cd></Prtry></BkTxCd>" if one.code else ""
    sizes = one.batch or (one.size,)
    details = "".join(
        _detail(one, size, currency, number if one.batch else 0)
        for number, size in enumerate(sizes, 1)
    )
    return (
        f'<Ntry><Amt Ccy="{currency}">{one.size}</Amt><CdtDbtInd>{one.side}</CdtDbtInd>'
        f"<Sts><Cd>{one.state}</Cd></Sts>"
        f"<BookgDt><Dt>{one.on.isoformat()}</Dt></BookgDt>"
        f"<ValDt><Dt>{value_on.isoformat()}</Dt></ValDt>{reference}{code}{one.extra}"
        f"<NtryDtls>{details}</NtryDtls></Ntry>"
    )


def _detail(one: Booking, size: str, currency: str, number: int) -> str:
    role = "Dbtr" if one.side == "CRDT" else "Cdtr"
    party = f"{one.party} {number}" if number else one.party
    return (
        f"<TxDtls><Refs><EndToEndId>{escape(one.end_to_end)}</EndToEndId></Refs>"
        f'<Amt Ccy="{currency}">{size}</Amt><CdtDbtInd>{one.side}</CdtDbtInd>'
        f"<RltdPties><{role}><Pty><Nm>{escape(party)}</Nm></Pty></{role}></RltdPties>"
        f"<RmtInf><Ustrd>{escape(one.words)}</Ustrd></RmtInf></TxDtls>"
    )


def mt940(*lines: str, opening: str = "C260312USD0,00", closing: str = "C260331USD250,00") -> str:
    """An MT940 message with these lines, in its envelope."""
    head = "{1:F01BANKDEFFXXXX0000000000}{2:I940BANKDEFFXXXXN}{4:"
    tags = (":20:STARTUMSE", f":25:{IBAN}", ":28C:00007/001", f":60F:{opening}")
    return "\r\n".join([head, *tags, *lines, f":62F:{closing}", "-}", ""])


MT940_LINES = (
    ":61:2603120312C262,50NTRFREF-77//BANK-1",
    ":86:166?00CREDIT?20EREF+E2E-7?21SVWZ+Gift SWE-20?2226-1?31SE35?32KINGDOM OF?33 SWEDEN",
    ":61:2603130313D12,50NCHGNONREF",
    ":86:/REMI/BANK CHARGES/ORDP//NAME/BANK ONE",
)

GERMAN_CSV = """Kontoauszug;;;;;
Buchung;Valuta;Auftraggeber;Verwendungszweck;Betrag;Saldo
31.03.2026;31.03.2026;Bank Eins;Kontoführung;-12,50;1.250.237,50
12.03.2026;13.03.2026;Königreich Schweden;Beitrag SWE-2026-1;1.250.000,00;1.250.250,00
"""
