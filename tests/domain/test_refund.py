"""Refunds in parts, in any order: together they are the receipt to the cent, and no tender gives more than it took."""

from collections import defaultdict
from typing import Any

import pytest
from builders import a_line
from hypothesis import given
from hypothesis import strategies as st

from kiosk_server.domain.basket import Line, sum_up
from kiosk_server.domain.errors import NotFound, OutOfRange, WrongState
from kiosk_server.domain.payment import Payment, State, TenderKind
from kiosk_server.domain.refund import Returned, Share, in_coins, returned_lines, share_out
from kiosk_server.domain.tax import tax_lines
from kiosk_server.domain.tender import Receipt


def a_receipt(*lines: Line, payments: tuple[Payment, ...] = (), **changes: Any) -> Receipt:
    total = sum_up(lines).total_cents
    plain: dict[str, Any] = {
        "number": 7,
        "basket_id": "b",
        "terminal": "L1",
        "day": "2026-11-20",
        "paid_at": 0,
        "by": "Ada",
        "lines": lines,
        "taxes": tax_lines(lines),
        "total_cents": total,
        "payments": payments,
        "tender": TenderKind.CASH,
        "received_cents": total,
        "change_cents": 0,
    }
    return Receipt(**{**plain, **changes})


def a_payment(payment_id: str, kind: TenderKind, cents: int) -> Payment:
    return Payment(payment_id=payment_id, kind=kind, amount_cents=cents, state=State.CAPTURED)


@st.composite
def sold_lines(draw: st.DrawFn) -> tuple[Line, ...]:
    """Lines as they are sold: discounts make totals that no piece price divides, deposits are so much a piece."""
    lines = []
    for line_id in range(1, draw(st.integers(1, 4)) + 1):
        quantity, deposit = draw(st.integers(1, 9)), draw(st.sampled_from([0, 8, 25]))
        goods = draw(st.integers(0, 5_000))
        total = goods + quantity * deposit
        lines.append(
            a_line(
                line_id,
                quantity=quantity,
                total_cents=total,
                deposit_cents=quantity * deposit,
                is_voided=line_id > 1 and draw(st.booleans()),
            )
        )
    return tuple(lines)


@st.composite
def receipts(draw: st.DrawFn) -> Receipt:
    """Paid with up to four tenders."""
    lines = draw(sold_lines())
    left, payments = sum_up(lines).total_cents, []
    for number in range(draw(st.integers(0, 3))):
        part = draw(st.integers(0, left))
        left -= part
        payments.append(a_payment(f"p{number}", draw(st.sampled_from(list(TenderKind))), part))
    return a_receipt(*lines, payments=(*payments, a_payment("last", draw(st.sampled_from(list(TenderKind))), left)))


class Desk:
    """What a store remembers of the refunds of one receipt."""

    def __init__(self, receipt: Receipt) -> None:
        self.receipt = receipt
        self.already: dict[int, Returned] = {}
        self.given: dict[str, int] = defaultdict(int)
        self.lines: list[Line] = []

    def gives_back(self, wanted: dict[int, int] | None) -> int:
        lines = returned_lines(self.receipt, self.already, wanted)
        cents = -sum_up(lines).total_cents
        for line in lines:
            before = self.already.get(line.line_id, Returned())
            self.already[line.line_id] = Returned(before.pieces + line.quantity, before.cents - line.total_cents)
        shares = share_out(cents, self.receipt, self.given)
        assert sum(share.cents for share in shares) == cents
        assert all(share.cents > 0 for share in shares)
        assert sum(share.payment.kind is TenderKind.CASH for share in shares) <= 1, "coins are handed over once"
        for payment, part in shares:
            self.given[payment.payment_id] += part
        self.lines += lines
        return cents

    def left(self) -> dict[int, int]:
        return {
            line.line_id: line.quantity - self.already.get(line.line_id, Returned()).pieces
            for line in self.receipt.lines
            if not line.is_voided and line.quantity > self.already.get(line.line_id, Returned()).pieces
        }


@given(receipts(), st.data())
def test_parts_in_any_order_are_the_receipt_to_the_cent(receipt: Receipt, data: st.DataObject) -> None:
    desk, total = Desk(receipt), 0
    while left := desk.left():
        chosen = data.draw(st.sets(st.sampled_from(sorted(left)), min_size=1))
        wanted = {line_id: data.draw(st.integers(1, left[line_id])) for line_id in sorted(chosen)}
        total += desk.gives_back(wanted if data.draw(st.booleans()) else None)
    assert total == receipt.total_cents
    live = [line for line in receipt.lines if not line.is_voided]
    for line in live:
        assert desk.already[line.line_id] == Returned(line.quantity, line.total_cents)
        assert -sum(back.deposit_cents for back in desk.lines if back.line_id == line.line_id) == line.deposit_cents
    with pytest.raises(WrongState):
        desk.gives_back(None)


@given(receipts(), st.data())
def test_no_card_gives_back_more_than_it_paid(receipt: Receipt, data: st.DataObject) -> None:
    """Coins may stand in for other coins: a share of cash joins the others."""
    desk = Desk(receipt)
    while left := desk.left():
        line_id = data.draw(st.sampled_from(sorted(left)))
        desk.gives_back({line_id: data.draw(st.integers(1, left[line_id]))})
    for paid in receipt.payments:
        if paid.kind is not TenderKind.CASH:
            assert desk.given[paid.payment_id] <= paid.amount_cents
    cash = sum(paid.amount_cents for paid in receipt.payments if paid.kind is TenderKind.CASH)
    not_cash = {paid.payment_id for paid in receipt.payments if paid.kind is not TenderKind.CASH}
    assert sum(cents for payment_id, cents in desk.given.items() if payment_id not in not_cash) == cash


@given(receipts(), st.data())
def test_part_is_worth_its_pieces_to_the_cent(receipt: Receipt, data: st.DataObject) -> None:
    live = [line for line in receipt.lines if not line.is_voided]
    line = data.draw(st.sampled_from(live))
    pieces = data.draw(st.integers(1, line.quantity))
    (back,) = returned_lines(receipt, {}, {line.line_id: pieces})
    assert abs(-back.total_cents * line.quantity - line.total_cents * pieces) < line.quantity
    assert (back.quantity, back.discounts) == (pieces, ())


def test_what_was_paid_last_is_given_back_first() -> None:
    payments = (
        a_payment("gift", TenderKind.GIFT, 100),
        a_payment("card", TenderKind.CARD, 100),
        a_payment("cash", TenderKind.CASH, 100),
    )
    receipt = a_receipt(a_line(total_cents=300), payments=payments)
    assert [(share.payment.payment_id, share.cents) for share in share_out(150, receipt, {})] == [
        ("card", 50),
        ("cash", 100),
    ]
    assert [share.payment.payment_id for share in share_out(150, receipt, {"cash": 100, "card": 50})] == [
        "card",
        "gift",
    ]


def test_receipt_from_before_there_were_payments_is_given_back_in_cash() -> None:
    (share,) = share_out(129, a_receipt(a_line()), {})
    assert (share.payment.kind, share.cents) == (TenderKind.CASH, 129)


@pytest.mark.parametrize(
    ("wanted", "already", "refusal"),
    [
        ({9: 1}, {}, NotFound),
        ({2: 1}, {}, NotFound),
        ({1: 4}, {}, OutOfRange),
        ({1: 2}, {1: Returned(2, 86)}, OutOfRange),
        ({}, {}, WrongState),
        (None, {1: Returned(3, 129)}, WrongState),
    ],
)
def test_more_than_is_left_is_refused(
    wanted: dict[int, int] | None, already: dict[int, Returned], refusal: type[Exception]
) -> None:
    receipt = a_receipt(a_line(1, quantity=3), a_line(2, is_voided=True))
    with pytest.raises(refusal):
        returned_lines(receipt, already, wanted)


def test_receipt_of_a_refund_is_not_refunded() -> None:
    with pytest.raises(WrongState):
        returned_lines(a_receipt(a_line(), refund_of=3), {})


@given(st.lists(st.integers(1, 400), min_size=1, max_size=12), st.sampled_from([1, 5, 10, 50, 100, 500]))
def test_coins_of_all_parts_together_are_rounded_once(parts: list[int], step: int) -> None:
    cash, worth, given_cents = a_payment("cash", TenderKind.CASH, sum(parts)), 0, 0
    for cents in parts:
        (share,) = in_coins([Share(cash, cents)], step, given_cents - worth)
        worth, given_cents = worth + cents, given_cents + share.cents
        assert share.cents >= 0 == share.cents % step
        assert 2 * abs(given_cents - worth) <= step
