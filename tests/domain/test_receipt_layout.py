"""A receipt on paper: every row fits, the lines add up, and nothing in a name can command the printer."""

import msgspec
import pytest
from builders import POLICY
from hypothesis import given
from hypothesis import strategies as st

from kiosk_server.domain.basket import Discount, Line
from kiosk_server.domain.catalog import ItemKind, Modifier
from kiosk_server.domain.payment import Payment, State
from kiosk_server.domain.policy import ReceiptRules
from kiosk_server.domain.receipt_layout import Marks, Weight, lay_out
from kiosk_server.domain.receipt_words import NAMES, WORDS, choose_language
from kiosk_server.domain.tax import tax_lines
from kiosk_server.domain.tender import Receipt, TenderKind
from kiosk_server.domain.typesetting import Code, Row, plain, typeset, width_of, wrap

RULES = ReceiptRules(
    header=("Welcome",), address=("Main Street 1", "12345 Town"), tax_id="DE 123", legal=("§ 19",), footer=("Bye",)
)
STORE = msgspec.structs.replace(POLICY, receipt=RULES)
names = st.text(min_size=1, max_size=60) | st.sampled_from(
    [
        "全脂牛奶一升装",
        "حليب كامل الدسم 1 لتر",
        "Donaudampfschifffahrtsgesellschaftskapitänsmütze",
        "e\u0301" * 50,
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    ]
)


@st.composite
def lines(draw: st.DrawFn, line_id: int) -> Line:
    """Any line that adds up: price - discounts + deposit."""
    quantity, unit = draw(st.integers(1, 999)), draw(st.integers(0, 99_999))
    extra = draw(st.integers(0, 500))
    modifiers = (Modifier(modifier_id="m", name=draw(names), price_cents=extra),) if draw(st.booleans()) else ()
    price = quantity * (unit + sum(modifier.price_cents for modifier in modifiers))
    off, deposit = draw(st.integers(0, price)), draw(st.integers(0, 2_500))
    return Line(
        line_id=line_id,
        item_id="x",
        name=draw(names),
        kind=ItemKind.GROCERY,
        quantity=quantity,
        unit_price_cents=unit,
        total_cents=price - off + deposit,
        tax_class="standard",
        tax_rate_bp=1900,
        modifiers=modifiers,
        is_voided=draw(st.booleans()),
        deposit_cents=deposit,
        discounts=(Discount(promotion_id="p", name=draw(names), amount_cents=off),) if off else (),
    )


@st.composite
def receipts(draw: st.DrawFn) -> Receipt:
    count = draw(st.integers(1, 6))
    return a_receipt(*(draw(lines(number)) for number in range(1, count + 1)))


def a_receipt(*of: Line) -> Receipt:
    total = sum(line.total_cents for line in of if not line.is_voided)
    return Receipt(
        number=12,
        basket_id="b",
        terminal="L1",
        day="2026-11-20",
        paid_at=1_795_172_400_000,
        lines=of,
        taxes=tax_lines(of),
        total_cents=total,
        tender=TenderKind.CASH,
        received_cents=total + 100,
        change_cents=100,
        by="Ada",
    )


MILK = Line(
    line_id=1,
    item_id="milk",
    name="Whole milk 1 l",
    kind=ItemKind.GROCERY,
    quantity=2,
    unit_price_cents=119,
    total_cents=223,
    tax_class="reduced",
    tax_rate_bp=700,
    deposit_cents=25,
    discounts=(Discount(promotion_id="p", name="2 for less", amount_cents=40),),
)


@given(receipts(), st.sampled_from(sorted(WORDS)), st.sampled_from([24, 32, 42, 48]), st.booleans())
def test_every_row_fits_the_paper(receipt: Receipt, language: str, columns: int, is_duplicate: bool) -> None:
    practice = msgspec.structs.replace(receipt, is_training=not is_duplicate)
    marks = Marks(is_duplicate=is_duplicate)
    slip = lay_out(practice, STORE, language, marks=marks, link="http://192.168.1.2/receipt/1.x")
    for row in typeset(slip, columns):
        if isinstance(row, Code):
            continue
        at = 0
        for span in sorted(row.spans, key=lambda span: span.at):
            assert width_of(span.text) <= span.width
            assert span.at >= at, "two texts overlap"
            at = span.at + span.width
        assert at <= columns // row.scale


@given(receipts(), st.sampled_from(sorted(WORDS)))
def test_lines_add_up_to_the_total(receipt: Receipt, language: str) -> None:
    slip = lay_out(receipt, STORE, language)
    assert sum(row.amount_cents for row in slip.lines) == receipt.total_cents
    assert slip.sums[0].amount_cents == receipt.total_cents
    assert slip.sums[0].is_total


@given(names)
def test_nothing_in_a_name_commands_a_printer(name: str) -> None:
    printed = plain(f"{name}\x1b@\x1dV\x00\x10\x04\x02\u202e\n")
    assert not [c for c in printed if ord(c) < 32 or 127 <= ord(c) < 160 or c == "\u202e"]


@given(st.text(), st.integers(2, 40))
def test_wrapping_loses_nothing_but_spaces(text: str, width: int) -> None:
    pieces = wrap(text, width)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(width_of(piece) <= width for piece in pieces)


def printed(receipt: Receipt, language: str, columns: int = 42, **marks: bool) -> list[str]:
    found = []
    slip = lay_out(receipt, STORE, language, marks=Marks(**marks))
    for row in typeset(slip, columns):
        assert isinstance(row, Row)
        text = ""
        for span in sorted(row.spans, key=lambda span: span.at):
            text += " " * (span.at - width_of(text)) + span.text
        found.append(text)
    return found


def test_receipt_says_everything_in_order() -> None:
    assert printed(a_receipt(MILK), "en", 32, is_duplicate=True) == [
        "            Welcome",
        "  Corner Store",
        "         Main Street 1",
        "           12345 Town",
        "         Tax ID DE 123",
        "   DUPLICATE",
        "-" * 32,
        "Whole milk 1 l             €2.38",
        "  2 × €1.19",
        "  2 for less              -€0.40",
        "  Deposit                  €0.25",
        "-" * 32,
        "Total      €2.23",
        "Cash                       €3.23",
        "Change                     €1.00",
        "-" * 32,
        "Tax 7% (net €2.08)         €0.15",
        "-" * 32,
        "           Receipt 12",
        "    11/20/26, 12:00 PM · L1",
        "              § 19",
        "              Bye",
        "           Thank you",
        "   DUPLICATE",
    ]


def test_weighed_line_shows_its_weight_and_price() -> None:
    bananas = msgspec.structs.replace(
        MILK, name="Bananas", quantity=1, weight_g=742, price_per_kg_cents=199, total_cents=148, deposit_cents=0,
        discounts=(),
    )  # fmt: skip
    rows = printed(a_receipt(bananas), "de")
    assert "  0,742 kg × 1,99 €/kg" in rows


def test_each_payment_has_its_row() -> None:
    paid = msgspec.structs.replace(
        a_receipt(MILK),
        payments=(
            Payment(payment_id="1", kind=TenderKind.CARD, amount_cents=200, state=State.CAPTURED, masked="•••• 1234"),
            Payment(
                payment_id="2",
                kind=TenderKind.CASH,
                amount_cents=25,
                state=State.CAPTURED,
                received_cents=50,
                change_cents=25,
            ),
        ),
        change_cents=25,
        rounding_cents=2,
    )
    slip = lay_out(paid, STORE, "en")
    assert [(row.start, row.amount_cents) for row in slip.sums] == [
        ("Total", 223),
        ("Rounding", 2),
        ("Card •••• 1234", 200),
        ("Cash", 50),
        ("Change", 25),
    ]


def test_refund_names_what_it_takes_back() -> None:
    refund = msgspec.structs.replace(a_receipt(MILK), refund_of=7, reason="broken")
    rows = [row.strip() for row in printed(refund, "en")]
    assert rows.index("Refund of receipt 7") + 1 == rows.index("broken")


def test_arabic_receipt_is_the_mirror_image() -> None:
    slip = lay_out(a_receipt(MILK), STORE, "ar")
    row = next(row for row in typeset(slip, 32) if isinstance(row, Row) and row.spans[0].text == "Whole milk 1 l")
    name, amount = row.spans
    assert slip.is_rtl
    assert name.at + name.width == 32
    assert amount.at == 0


def test_voided_line_is_printed_and_taken_back() -> None:
    voided = msgspec.structs.replace(MILK, is_voided=True)
    slip = lay_out(a_receipt(MILK, voided), STORE, "en")
    assert [(row.start, row.amount_cents) for row in slip.lines if row.start == "Taken back"] == [("Taken back", -223)]


def test_training_is_marked_first_and_last() -> None:
    rows = printed(msgspec.structs.replace(a_receipt(MILK), is_training=True), "en", 48)
    assert rows.count("TRAINING - NOT A RECEIPT") == 2
    assert rows[-1] == "TRAINING - NOT A RECEIPT"


def test_marks_are_loud() -> None:
    slip = lay_out(a_receipt(MILK), STORE, "en", marks=Marks(is_duplicate=True))
    assert [mark.weight for mark in slip.marks] == [Weight.ALARM]


def test_paper_that_is_too_narrow_is_refused() -> None:
    with pytest.raises(ValueError, match="24"):
        typeset(lay_out(a_receipt(MILK), STORE, "en"), 23)


def test_every_language_has_every_word() -> None:
    assert all(set(words) == set(NAMES) and all(words.values()) for words in WORDS.values())
    assert all("{date}" in words["until"] for words in WORDS.values())


@pytest.mark.parametrize(("wanted", "chosen"), [("fr", "fr"), ("it", "de"), (None, "de"), ("<b>", "de")])
def test_language_is_one_that_the_store_offers(wanted: str | None, chosen: str) -> None:
    assert choose_language(wanted, ("de", "fr", "it")) == chosen
