"""Bank files are read exactly; what is none is refused in a sentence that says where."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from grants.banking.rules import (
    PLAIN,
    DateOrder,
    Findings,
    Layout,
    ReadFile,
    ReadLine,
    Unreadable,
    read_file,
)
from grants.banking.rules.layouts import LayoutIncomplete, UnknownDelimiter
from grants.money import Money
from tests.banking import files
from tests.banking.files import Booking
from tests.makes.banking import IBAN
from tests.makes.donors import money

pytestmark = pytest.mark.once

GERMAN = Layout(
    booked_on="Buchung",
    value_on="Valuta",
    amount="Betrag",
    balance="Saldo",
    other_party="Auftraggeber",
    words=("Verwendungszweck",),
    skipped=1,
)


def _read(
    content: bytes, *, layout: Layout = PLAIN, currency: str = "USD"
) -> tuple[ReadFile, Findings]:
    findings = Findings()
    return read_file(content, layout, currency, findings), findings


def _lines(
    content: bytes, *, layout: Layout = PLAIN, currency: str = "USD"
) -> tuple[ReadLine, ...]:
    read, findings = _read(content, layout=layout, currency=currency)
    assert not findings.errors, findings.errors
    (statement,) = read.statements
    return statement.lines


def _errors(content: bytes, *, layout: Layout = PLAIN, currency: str = "USD") -> list[str]:
    _, findings = _read(content, layout=layout, currency=currency)
    return [f"{one.row}: {one.message}" for one in findings.errors]


@pytest.mark.parametrize("version", ["02", "04", "08", "13"])
@pytest.mark.parametrize("prefix", ["", "ns2"])
def test_camt_of_any_version_and_spelling(version: str, prefix: str) -> None:
    content = files.camt(
        Booking(amount="250.00", value_on=date(2026, 3, 13), reference="BANK-1", end_to_end="E-1"),
        opening="1000.00",
        version=version,
        prefix=prefix,
    )
    read, findings = _read(content)
    (statement,) = read.statements
    assert (read.format, findings.found) == ("camt.053", [])
    assert (statement.account, statement.number, statement.currency) == (IBAN, "7", "USD")
    assert (statement.opening, statement.closing) == (money("1000"), money("1250"))
    assert (statement.from_on, statement.to_on) == (date(2026, 3, 12), date(2026, 3, 31))
    (line,) = statement.lines
    assert (line.amount, line.booked_on, line.value_on) == (
        money("250"),
        date(2026, 3, 12),
        date(2026, 3, 13),
    )
    assert (line.reference, line.end_to_end, line.other_party, line.words) == (
        "BANK-1",
        "E-1",
        "Kingdom of Sweden",
        "Contribution SWE-2026-1",
    )


def test_a_batch_is_told_apart_where_its_payments_make_it_up() -> None:
    parts = _lines(files.camt(Booking(amount="30.00", batch=("10.00", "20.00"), reference="B")))
    assert [(one.amount, one.other_party) for one in parts] == [
        (money("10"), "Kingdom of Sweden 1"),
        (money("20"), "Kingdom of Sweden 2"),
    ]
    read, findings = _read(files.camt(Booking(amount="31.00", batch=("10.00", "20.00"))))
    assert [one.amount for one in read.statements[0].lines] == [money("31")]
    assert [one.code for one in findings.found] == ["batch_not_split"]


def test_the_words_of_many_payments_stay_with_their_own_amounts() -> None:
    bookings = [
        Booking(amount=f"{number}.00", words=f"W{number}", batch=("1.00", f"{number - 1}.00"))
        if number % 7 == 0
        else Booking(
            amount=f"{number}.00", words=f"W{number}", state="PDNG" if number == 40 else "BOOK"
        )
        for number in range(1, 51)
    ]
    lines = _lines(files.camt(*bookings))
    sums: dict[str, Money] = {}
    for line in lines:
        sums[line.words] = sums.get(line.words, money("0")) + line.amount
    assert sums == {f"W{number}": money(str(number)) for number in range(1, 51) if number != 40}


def test_money_that_went_out_and_balances_below_nothing_are_exact() -> None:
    amount = "90071992547409.93"
    read, _ = _read(files.camt(Booking(amount=f"-{amount}", party="Bank"), opening="0.00"))
    (statement,) = read.statements
    assert statement.closing == Money(-Decimal(amount), "USD")
    assert statement.lines[0].amount == Money(-Decimal(amount), "USD")
    assert statement.lines[0].other_party == "Bank"


def test_what_is_not_booked_yet_is_left_out_and_a_previous_balance_opens() -> None:
    read, findings = _read(
        files.camt(
            Booking(amount="250.00"),
            Booking(amount="99.00", state="PDNG"),
            opening_kind="PRCD",
            opened_on=date(2026, 3, 11),
        )
    )
    (statement,) = read.statements
    assert [one.amount for one in statement.lines] == [money("250")]
    assert statement.from_on == date(2026, 3, 12)
    assert [one.code for one in findings.found] == ["not_booked"]


def test_charges_reversals_and_what_was_sent_are_kept_beside() -> None:
    extra = (
        '<AmtDtls><InstdAmt><Amt Ccy="SEK">2500</Amt></InstdAmt></AmtDtls>'
        '<Chrgs><TtlChrgsAndTaxAmt Ccy="USD">15.00</TtlChrgsAndTaxAmt></Chrgs>'
    )
    content = files.camt(Booking(amount="235.00", extra=extra))
    content = content.replace(b"<Sts>", b"<RvslInd>true</RvslInd><Sts>")
    detail = b'<TxDtls><AmtDtls><InstdAmt><Amt Ccy="SEK">2500</Amt></InstdAmt></AmtDtls>'
    (line,) = _lines(content.replace(b"<TxDtls>", detail))
    assert (line.amount, line.charges, line.is_reversal) == (money("235"), money("15"), True)
    assert line.sent == money("2500", "SEK")


def test_structured_remittance_is_read_with_every_reference() -> None:
    strd = (
        b"<RmtInf><Strd><CdtrRefInf><Ref>RF18-1</Ref></CdtrRefInf></Strd>"
        b"<Strd><CdtrRefInf><Ref>SWE-2026-1</Ref></CdtrRefInf></Strd>"
    )
    content = files.camt(Booking(amount="1.00", words="free"))
    (line,) = _lines(content.replace(b"<RmtInf>", strd))
    assert {"RF18-1", "SWE-2026-1", "free"} <= set(line.words.split())


@pytest.mark.parametrize(
    ("currency", "amount"), [("JPY", "250000"), ("TND", "12.345"), ("USD", "0.01")]
)
def test_currencies_of_no_two_and_three_decimals(currency: str, amount: str) -> None:
    (line,) = _lines(files.camt(Booking(amount=amount), opening="0", currency=currency))
    assert line.amount == Money(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("currency", "amount"), [("JPY", "2500.50"), ("USD", "1.005"), ("USD", "ten"), ("USD", "-5")]
)
def test_an_amount_that_the_currency_cannot_hold_is_an_error_of_its_line(
    currency: str, amount: str
) -> None:
    content = files.camt(Booking(amount="1"), opening="0", currency=currency)
    wrong = content.replace(
        b">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>",
        f">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>".encode(),
    )
    (error,) = _errors(wrong, currency=currency)
    assert error.startswith("3: ")
    assert "is not an amount" in error or "below nothing" in error


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (b"<CdtDbtInd>CRDT</CdtDbtInd><Sts>", b"<CdtDbtInd>X</CdtDbtInd><Sts>", "credit or debit"),
        (b"<Cd>CLBD</Cd>", b"<Cd>XPCD</Cd>", "no closing balance (CLBD)"),
        (b"<Cd>OPBD</Cd>", b"<Cd>INFO</Cd>", "no opening balance"),
        (b"2026-03-12</Dt></BookgDt>", b"12.03.2026</Dt></BookgDt>", "'12.03.2026' is not a date"),
        (
            b'Ccy="USD">250.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>',
            b'Ccy="EUR">250.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>',
            "The entry is in EUR, the account in USD",
        ),
    ],
)
def test_what_is_missing_or_wrong_in_camt_is_said(old: bytes, new: bytes, sentence: str) -> None:
    content = files.camt(Booking(amount="250.00"))
    assert old in content
    (error,) = _errors(content.replace(old, new))
    assert sentence in error


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]><Document>&lol2;</Document>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>
<Document>&e;</Document>"""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it is empty"),
        (b"  \n", "it is empty"),
        (BOMB, "it declares a document type"),
        (OUTSIDE, "it declares a document type"),
        (OUTSIDE.decode().encode("utf-16"), "it declares a document type"),
        (files.camt(Booking(amount="1.00"))[:-60], "line "),
        (b"<html><body>Sign in</body></html>", "it is XML, but begins with html"),
        (files.camt().replace(b"camt.053", b"camt.052"), "it is a report of the day"),
        (files.camt().replace(b"camt.053", b"camt.054"), "it is a notice of single payments"),
        (files.message(), "it has no statement"),
        (b"%PDF-1.7 ...", "it is no text"),
        (b"PK\x03\x04 workbook", "it is no text"),
        (b"a;b;c\n1;2;3\n", "the column 'Booking date' is missing. Its columns are: a, b, c."),
        (b"Booking date;Amount\n", "it has a heading and no rows"),
        (b"Booking date,Amount,Amount\n2026-01-01,1,1\n", "the column 'Amount' is there twice"),
        (b'Booking date,Amount\n"2026-01-01,1\n', "line "),
        (b"\xff\xfeB\x00o", "it says that it is UTF-16, and is not"),
    ],
)
def test_what_is_no_bank_file_is_refused_in_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match="cannot be read: ") as refused:
        _read(content)
    assert sentence in str(refused.value)


def test_mt940_with_its_envelope_and_both_kinds_of_details() -> None:
    read, findings = _read(files.mt940(*files.MT940_LINES).encode())
    (statement,) = read.statements
    assert (read.format, findings.found) == ("MT940", [])
    assert (statement.account, statement.number) == (IBAN, "00007/001")
    assert (statement.opening, statement.closing) == (money("0"), money("250"))
    gift, charge = statement.lines
    assert (gift.row, gift.amount, gift.value_on) == (6, money("262.50"), date(2026, 3, 12))
    assert (gift.reference, gift.end_to_end, gift.other_party) == (
        "BANK-1",
        "E2E-7",
        "KINGDOM OF SWEDEN",
    )
    assert "SWE-2026-1" in gift.words
    assert (charge.row, charge.amount, charge.code) == (8, money("-12.50"), "NCHG")
    assert (charge.other_party, charge.reference) == ("BANK ONE", "")
    assert "BANK CHARGES" in charge.words


def test_mt940_of_several_statements_follows_on() -> None:
    first = files.mt940(closing="C260331USD0,00")
    second = files.mt940(*files.MT940_LINES, opening="C260401USD0,00", closing="C260430USD250,00")
    read, findings = _read((first + second).encode())
    assert [len(one.lines) for one in read.statements] == [0, 2]
    assert not findings.found


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (
            files.mt940(*files.MT940_LINES).replace(":62F:C260331USD250,00\r\n", ""),
            "2: The statement has no closing (:62F:).",
        ),
        (
            files.mt940(*files.MT940_LINES).replace(":60F:C260312USD0,00\r\n", ""),
            "2: The statement has no opening balance (:60F:).",
        ),
        (
            files.mt940(":61:260312C262,50NTRFA", ":61:26031XC1,00NTRFB"),
            "7: The tag :61: cannot be read: '26031XC1,00NTRFB'.",
        ),
        (
            files.mt940(":61:261312C262,50NTRFA"),
            "6: A day or an amount cannot be read: month must be in 1..12.",
        ),
    ],
)
def test_what_is_wrong_in_mt940_is_told_by_its_line(content: str, error: str) -> None:
    assert _errors(content.encode()) == [error]


def test_reversals_in_mt940_go_the_other_way() -> None:
    (line,) = _lines(files.mt940(":61:260312RC20,00NTRFA", closing="D260331USD20,00").encode())
    assert (line.amount, line.is_reversal) == (money("-20"), True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "utf-16-le"])
def test_csv_in_the_manner_of_a_german_bank(encoding: str) -> None:
    content = files.GERMAN_CSV.encode(encoding)
    read, findings = _read(content, layout=GERMAN, currency="EUR")
    (statement,) = read.statements
    assert not findings.errors
    assert (statement.opening, statement.closing) == (
        money("250", "EUR"),
        money("1250237.50", "EUR"),
    )
    gift, charge = statement.lines
    assert (gift.amount, gift.other_party) == (money("1250000", "EUR"), "Königreich Schweden")
    assert (gift.booked_on, gift.value_on) == (date(2026, 3, 12), date(2026, 3, 13))
    assert charge.amount == money("-12.50", "EUR")
    told = {one.code for one in findings.found}
    assert told == ({"encoding"} if encoding in {"latin-1", "utf-16-le"} else set())


@pytest.mark.parametrize(
    ("row", "amount"),
    [
        ("1,234.50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1.234,50-", "-1234.50"),
        ("(1,234.50)", "-1234.50"),
        ("\N{MINUS SIGN}1234.5", "-1234.50"),
        ("+7.00", "7"),
        ("12.00 DR", "-12"),
        ("12.00 CR", "12"),
    ],
)
def test_amounts_as_banks_write_them(row: str, amount: str) -> None:
    (line,) = _lines(f'Booking date;Amount\n2026-03-12;"{row}"\n'.encode())
    assert line.amount == money(amount)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [("12.345", "TND", "12.345"), ("12,345", "TND", "12.345"), ("12,345", "JPY", "12345")],
)
def test_a_mark_before_three_digits_is_what_the_currency_makes_of_it(
    text: str, currency: str, amount: str
) -> None:
    content = f'Booking date;Amount\n2026-03-12;"{text}"\n'.encode()
    (line,) = _lines(content, currency=currency)
    assert line.amount == Money(Decimal(amount), currency)
    if currency == "TND":
        with pytest.raises(Unreadable, match="may be thousands or decimals"):
            _read(content)


@pytest.mark.parametrize(
    ("days", "first"),
    [
        (("31/03/2026", "01/04/2026"), date(2026, 3, 31)),
        (("03/31/2026", "04/01/2026"), date(2026, 3, 31)),
        (("01.04.2026", "02.04.2026"), date(2026, 4, 1)),
        (("2026-04-01", "2026-04-02"), date(2026, 4, 1)),
        (("31.03.26", "01.04.26"), date(2026, 3, 31)),
    ],
)
def test_days_in_the_one_order_in_which_they_are_days(days: tuple[str, str], first: date) -> None:
    rows = "".join(f"{day},1.00\n" for day in days)
    assert _lines(f"Booking date,Amount\n{rows}".encode())[0].booked_on == first


def test_days_that_may_be_read_in_two_ways_are_refused_unless_the_layout_says() -> None:
    content = b"Booking date,Amount\n03/04/2026,1.00\n"
    with pytest.raises(Unreadable, match="03/04/2026 may be day or month first"):
        _read(content)
    said = Layout(booked_on="Booking date", amount="Amount", date_order=DateOrder.MONTH_FIRST)
    assert _lines(content, layout=said)[0].booked_on == date(2026, 3, 4)


def test_money_in_and_out_in_columns_of_their_own_or_by_a_word() -> None:
    two = Layout(booked_on="Day", credit="In", debit="Out")
    content = b"Day,In,Out\n2026-03-12,10.00,\n2026-03-13,,4.00\n2026-03-14,,-1.00\n"
    amounts = [one.amount for one in _lines(content, layout=two)]
    assert amounts == [money("10"), money("-4"), money("-1")]
    assert _errors(b"Day,In,Out\n2026-03-12,1.00,2.00\n", layout=two) == [
        "2: the row has neither or both of money in and money out."
    ]
    word = Layout(booked_on="Day", amount="Sum", direction="Side")
    content = b"Day,Sum,Side\n2026-03-12,10.00,CR\n2026-03-13,4.00,DR\n"
    assert [one.amount for one in _lines(content, layout=word)] == [money("10"), money("-4")]


def test_every_wrong_row_of_a_csv_is_told() -> None:
    content = (
        b"Booking date,Amount,Currency,Balance\n"
        b"2026-03-12,1.00,USD,1.00\n2026-02-30,1.00,USD,2.00\n"
        b"2026-03-13,abc,USD,3.00\n2026-03-14,1.005,USD,4.00\n2026-03-15,1.00,EUR,5.00\n"
    )
    assert _errors(content) == [
        "3: '2026-02-30' is not a day.",
        "4: 'abc' is not an amount.",
        "5: 1.005 has more than 2 decimals of USD.",
        "6: The row is in EUR, the account in USD.",
    ]


def test_balances_of_a_csv_that_do_not_tie_are_told_by_row() -> None:
    content = b"Booking date,Amount,Balance\n2026-03-12,1.00,1.00\n2026-03-13,1.00,5.00\n"
    (error,) = _errors(content)
    assert error.startswith("3: The balance USD 5.00 is not the one before")


def test_a_layout_is_kept_as_it_is_and_refuses_what_cannot_be_read() -> None:
    assert Layout.of_stored(GERMAN.stored()) == GERMAN
    with pytest.raises(LayoutIncomplete):
        Layout(booked_on="Day", credit="In")
    with pytest.raises(UnknownDelimiter):
        Layout(booked_on="Day", amount="Sum", delimiter="#")
