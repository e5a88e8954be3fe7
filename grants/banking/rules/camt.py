"""ISO 20022 camt.053: money, days and balances read here, the words of a payment by pycamt.

pycamt reads the parties, references and remittance information. It takes balances through binary
fractions, overlooks PRCD balances, pending entries, prefixed names and the account's own currency
of a detail, so what counts is read here (docs/decisions.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from lxml import etree
from pycamt.parser import Camt053Parser

from grants.banking.rules.reading import (
    Findings,
    ReadFile,
    ReadLine,
    ReadStatement,
    Unreadable,
    reference_of,
    words_of,
)
from grants.money import Money, NotMoney

_SIGNS: Final = {"CRDT": 1, "DBIT": -1}
_OPENING: Final = ("OPBD", "PRCD", "ITBD")
_CLOSING: Final = ("CLBD", "ITBD")
_ENTRIES_AT_ONCE: Final = 20
_DECLARATIONS: Final = ("<!DOCTYPE", "<!ENTITY")
_OTHERS: Final = {
    "camt.052": "a report of the day (camt.052)",
    "camt.054": "a notice of single payments (camt.054)",
}


class _Missing(Exception):
    """Something that a statement needs is not there: which line, and what."""

    def __init__(self, element: Any, what: str) -> None:
        super().__init__(what)
        self.row = _row(element)


def read_camt(content: bytes, findings: Findings) -> ReadFile:
    """The statements of a camt.053 file, of any version of it.

    Refuses XML that is broken, declares a document type (so no entity is ever expanded and nothing
    is fetched), or is another message.
    """
    document = _parsed(content)
    statements = []
    for element in document.iter("Stmt"):
        try:
            statements.append(_statement(element, findings))
        except _Missing as missing:
            findings.error(missing.row, "incomplete", str(missing))
    if not statements and not findings.errors:
        raise Unreadable(what="it has no statement (Stmt) inside.")
    encoding = document.getroottree().docinfo.encoding or "UTF-8"
    return ReadFile(format="camt.053", encoding=encoding, statements=tuple(statements))


def _parsed(content: bytes) -> Any:
    for codec in ("utf-8", "utf-16-le", "utf-16-be"):
        if any(word.encode(codec) in content for word in _DECLARATIONS):
            raise Unreadable(what="it declares a document type, as no bank statement does.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser=parser)
    except etree.XMLSyntaxError as error:
        reason = str(error.msg or "it is empty").rstrip(".")
        raise Unreadable(what=f"line {error.lineno or 1}: {reason}.") from error
    _check_message(root)
    for element in root.iter():
        element.tag = etree.QName(element).localname
    etree.cleanup_namespaces(root)
    return root


def _check_message(root: Any) -> None:
    name = etree.QName(root)
    space = name.namespace or ""
    if name.localname == "Document" and "camt.053" in space:
        return
    for key, what in _OTHERS.items():
        if key in space:
            raise Unreadable(what=f"it is {what}. Ask the bank for statements (camt.053).")
    raise Unreadable(what=f"it is XML, but begins with {name.localname}; camt.053 with Document.")


def _statement(element: Any, findings: Findings) -> ReadStatement:
    balances = list(_balances(element))
    opening = next((one for one in balances if one[0] in _OPENING), None)
    closing = next((one for one in reversed(balances) if one[0] in _CLOSING), None)
    if opening is None:
        raise _Missing(element, "The statement has no opening balance (OPBD or PRCD).")
    if closing is None:
        raise _Missing(element, "The statement has no closing balance (CLBD).")
    currency = _text(element, "Acct/Ccy") or closing[1].currency
    lines = tuple(_lines(element, currency, findings))
    days = [line.booked_on for line in lines]
    # A balance "previously closed" is of the day before the first one.
    first = opening[2] + timedelta(days=1 if opening[0] == "PRCD" else 0)
    from_on = _day(element.find("FrToDt/FrDtTm")) or min(first, closing[2])
    to_on = _day(element.find("FrToDt/ToDtTm")) or closing[2]
    return ReadStatement(
        row=_row(element),
        number=_text(element, "ElctrncSeqNb") or _text(element, "Id"),
        account=_text(element, "Acct/Id/IBAN") or _text(element, "Acct/Id/Othr/Id"),
        currency=currency,
        from_on=min([from_on, *days]),
        to_on=max([to_on, *days]),
        opening=opening[1],
        closing=closing[1],
        lines=lines,
    )


def _balances(element: Any) -> Iterator[tuple[str, Money, date]]:
    """Kind, amount and day of each balance, as they stand."""
    for found in element.iterfind("Bal"):
        kind = _text(found, "Tp/CdOrPrtry/Cd") or _text(found, "Tp/CdOrPrtry/Prtry")
        if kind not in {*_OPENING, *_CLOSING}:
            continue
        day = _day(found.find("Dt"))
        if day is None:
            raise _Missing(found, f"The balance {kind} has no date.")
        yield kind, _signed(found), day


def _lines(statement: Any, currency: str, findings: Findings) -> Iterator[ReadLine]:
    """Each booked entry, a batch as its payments where they make up the entry."""
    words = _words_by_pycamt(statement)
    for entry in statement.iterfind("Ntry"):
        details = entry.findall("NtryDtls/TxDtls")
        said = [next(words) for _ in details or [None]]
        try:
            state = _text(entry, "Sts/Cd") or _text(entry, "Sts")
            if state not in {"", "BOOK"}:
                what = f"The entry is not booked yet ({state}); it was left out."
                findings.notice(_row(entry), "not_booked", what)
                continue
            whole = _entry(entry, currency, findings)
            yield from _parts(whole, details, said, findings)
        except _Missing as missing:
            findings.error(missing.row, "incomplete", str(missing))


def _entry(entry: Any, currency: str, findings: Findings) -> ReadLine:
    amount = _signed(entry)
    if amount.currency != currency:
        raise _Missing(entry, f"The entry is in {amount.currency}, the account in {currency}.")
    booked_on, value_on = _day(entry.find("BookgDt")), _day(entry.find("ValDt"))
    if booked_on is None and value_on is None:
        raise _Missing(entry, "The entry has neither a booking date nor a value date.")
    if value_on is None:
        findings.notice(_row(entry), "no_value_date", "No value date: the booking date is used.")
    code = [_text(entry, f"BkTxCd/Domn/{part}") for part in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd")]
    return ReadLine(
        row=_row(entry),
        booked_on=booked_on or value_on or date.min,
        value_on=value_on or booked_on or date.min,
        amount=amount,
        reference=reference_of(_text(entry, "AcctSvcrRef")),
        words=_text(entry, "AddtlNtryInf"),
        code="/".join(part for part in code if part) or _text(entry, "BkTxCd/Prtry/Cd"),
        is_reversal=_text(entry, "RvslInd") in {"true", "1"},
        charges=_charges(entry, currency),
    )


def _parts(
    whole: ReadLine, details: list[Any], said: list[dict[str, str]], findings: Findings
) -> Iterator[ReadLine]:
    if len(details) < 2:
        detail = details[0] if details else None
        yield _with_words(whole, detail, said[0])
        return
    amounts = [_amount_of_detail(one, whole) for one in details]
    known = [one for one in amounts if one is not None]
    if len(known) == len(details) and sum(known, Money.zero(whole.amount.currency)) == whole.amount:
        for detail, words, amount in zip(details, said, known, strict=True):
            part = replace(whole, amount=amount, row=_row(detail), charges=None)
            yield _with_words(part, detail, words)
        return
    findings.warning(
        whole.row,
        "batch_not_split",
        f"The {len(details)} payments inside do not make up {whole.amount}: kept as one line.",
    )
    every = replace(whole, words=words_of(whole.words, *(_remittance(one) for one in said)))
    yield every


def _amount_of_detail(detail: Any, whole: ReadLine) -> Money | None:
    """What a payment of a batch comes to in the currency of the account, with its sign."""
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        found = detail.find(path)
        if found is not None and found.get("Ccy") == whole.amount.currency:
            amount = _money(found)
            default = "DBIT" if whole.amount.minor < 0 else "CRDT"
            sign = _SIGNS.get(_text(detail, "CdtDbtInd") or default, 1)
            return amount if sign > 0 else -amount
    return None


def _with_words(line: ReadLine, detail: Any, said: dict[str, str]) -> ReadLine:
    is_in = line.amount.minor > 0
    own = reference_of(_text(detail, "Refs/AcctSvcrRef")) if detail is not None else ""
    other = "Debtor" if is_in else "Creditor"
    return replace(
        line,
        reference=own or line.reference,
        end_to_end=reference_of(said.get("EndToEndId")),
        other_party=words_of(said.get(f"{other}Name")),
        other_account=words_of(said.get(f"{other}IBAN")),
        words=words_of(_remittance(said), _structured(detail), line.words),
        sent=_sent(detail, line),
        is_reversal=line.is_reversal or (detail is not None and detail.find("RtrInf") is not None),
    )


def _remittance(said: dict[str, str]) -> str:
    return words_of(
        said.get("RemittanceInformationFull") or said.get("RemittanceInformation"),
        said.get("AdditionalRemittanceInformation"),
    )


def _structured(detail: Any) -> str:
    """Every reference of structured remittance; pycamt reads the first alone."""
    if detail is None:
        return ""
    paths = ("RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/RfrdDocInf/Nb", "RmtInf/Strd/AddtlRmtInf")
    return words_of(*(one.text for path in paths for one in detail.iterfind(path)))


def _sent(detail: Any, line: ReadLine) -> Money | None:
    found = detail.find("AmtDtls/InstdAmt/Amt") if detail is not None else None
    if found is None or found.get("Ccy") == line.amount.currency:
        return None
    return _money(found)


def _charges(entry: Any, currency: str) -> Money | None:
    """What the bank kept back: the total where it says one, else its records together."""
    found = entry.findall("Chrgs/TtlChrgsAndTaxAmt") or [
        *entry.iterfind("Chrgs/Amt"),
        *entry.iterfind("Chrgs/Rcrd/Amt"),
    ]
    amounts = [_money(one) for one in found if one.get("Ccy", currency) == currency]
    return sum(amounts, Money.zero(currency)) if amounts else None


def _words_by_pycamt(statement: Any) -> Iterator[dict[str, str]]:
    """What pycamt reads of each payment, in the order of the file.

    It looks through all of a statement for each entry: given a few at a time, it stays quick.
    """
    entries = statement.findall("Ntry")
    for start in range(0, len(entries), _ENTRIES_AT_ONCE):
        message = etree.Element("Document")
        part = etree.SubElement(message, "Stmt")
        part.extend(deepcopy(one) for one in entries[start : start + _ENTRIES_AT_ONCE])
        yield from Camt053Parser(etree.tostring(message)).get_transactions()


def _signed(element: Any) -> Money:
    found = element.find("Amt")
    if found is None:
        raise _Missing(element, f"{element.tag} has no amount (Amt).")
    direction = _text(element, "CdtDbtInd")
    if direction not in _SIGNS:
        raise _Missing(element, f"{element.tag} does not say credit or debit (CdtDbtInd).")
    amount = _money(found)
    return amount if _SIGNS[direction] > 0 else -amount


def _money(found: Any) -> Money:
    """An amount as it stands, exact; it has its sign beside it, never in front."""
    text, currency = (found.text or "").strip(), found.get("Ccy", "")
    try:
        amount = Money(Decimal(text), currency)
    except (InvalidOperation, NotMoney) as error:
        raise _Missing(found, f"{text!r} is not an amount of {currency or 'money'}.") from error
    if amount.minor < 0:
        raise _Missing(found, f"{amount} is below nothing; direction is said beside, by CdtDbtInd.")
    return amount


def _day(element: Any) -> date | None:
    """The day of an element that is a date, an instant, or holds one of them."""
    if element is None:
        return None
    text = (element.text or "").strip() or _text(element, "Dt") or _text(element, "DtTm")
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise _Missing(element, f"{text!r} is not a date.") from error


def _text(element: Any, path: str) -> str:
    return " ".join((element.findtext(path) or "").split())


def _row(element: Any) -> int:
    return int(element.sourceline or 0)
