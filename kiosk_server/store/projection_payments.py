"""How payments, refunds and gift cards change the state tables; rows of `projection.PROJECTIONS`."""

import sqlite3
from collections.abc import Callable
from typing import Any

from kiosk_server.domain import events as e
from kiosk_server.domain.payment import Payment
from kiosk_server.domain.tender import Receipt
from kiosk_server.store import payments, rows
from kiosk_server.store.journal import Entry
from kiosk_server.store.pen import Bulk, Pen

_PUT_LINE = Bulk(f"INSERT {rows.LINES_INTO}", rows.LINES_COLUMNS)
_PUT_PAYMENT = (
    f"INSERT INTO payments ({payments.COLUMNS}, basket_id, terminal, position) VALUES ({', '.join('?' * 15)}, "
    "(SELECT count(*) + 1 FROM payments WHERE basket_id = ?14)) ON CONFLICT (payment_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in payments.COLUMNS.split(", ")[1:])
)
_ADD_TAKINGS = (
    "INSERT INTO takings_by_tender (day, tender, cents) VALUES (?, ?, ?) "
    "ON CONFLICT DO UPDATE SET cents = cents + excluded.cents"
)
_EVERYTHING_IS_BACK = (
    "UPDATE baskets SET state = 'refunded' WHERE receipt_number = ?1 AND state = 'paid' AND NOT EXISTS ("
    "SELECT 1 FROM lines l LEFT JOIN refunded_lines r ON r.receipt_number = ?1 AND r.line_id = l.line_id "
    "WHERE l.basket_id = baskets.basket_id AND NOT l.is_voided AND l.quantity > coalesce(r.quantity, 0))"
)


def put_payment(db: sqlite3.Connection, basket_id: str, terminal: str, payment: Payment) -> None:
    db.execute(_PUT_PAYMENT, (*payments.payment_row(payment), basket_id, terminal))
    db.execute("UPDATE baskets SET has_payments = 1 WHERE basket_id = ?", (basket_id,))


def book_tenders(db: sqlite3.Connection, basket_id: str, receipt: Receipt) -> None:
    """What a receipt says about money: its tenders, its payments, the day's takings by tender."""
    tenders = [
        (payment.kind, payment.amount_cents, payment.received_cents, payment.change_cents)
        for payment in receipt.payments
    ] or [(receipt.tender, receipt.total_cents, receipt.received_cents, receipt.change_cents)]
    db.executemany(
        "INSERT INTO tenders (receipt_number, position, kind, amount_cents, received_cents, change_cents) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [(receipt.number, place, *tender) for place, tender in enumerate(tenders, 1)],
    )
    for payment in receipt.payments:
        put_payment(db, basket_id, receipt.terminal, payment)
    if receipt.is_training:
        return
    taken: list[tuple[str, str, int]] = [(receipt.day, kind, cents) for kind, cents, *_ in tenders]
    if receipt.rounding_cents:
        taken.append((receipt.day, payments.ROUNDING, receipt.rounding_cents))
    db.executemany(_ADD_TAKINGS, taken)
    if receipt.refund_of is not None:
        db.execute(_EVERYTHING_IS_BACK, (receipt.refund_of,))


def _payment_moved(db: sqlite3.Connection, event: e.PaymentMoved, _: Entry) -> None:
    put_payment(db, event.basket_id, event.terminal, event.payment)
    db.execute("UPDATE baskets SET due_cents = ? WHERE basket_id = ?", (event.due_cents, event.basket_id))


def _refund_started(db: Pen, event: e.RefundStarted, _: Entry) -> None:
    b = event.basket
    db.execute(
        "INSERT INTO baskets (basket_id, terminal, state, day, opened_at, items, total_cents, due_cents, refund_of, "
        "reason, refunded_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(b.basket_id, b.terminal, b.state, b.day, b.opened_at),
            *(b.totals.items, b.totals.total_cents, b.totals.due_cents),
            *(b.refund_of, b.reason, b.by),
        ),
    )
    for line in b.lines:
        db.later(_PUT_LINE, (b.basket_id, *rows.line_row(line)))
    db.executemany(
        "INSERT INTO refunded_lines (receipt_number, line_id, quantity, cents) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity, cents = cents + excluded.cents",
        [(b.refund_of, line.line_id, line.quantity, -line.total_cents) for line in b.lines],
    )


def _gift_card_moved(db: sqlite3.Connection, event: e.GiftCardMoved, _: Entry) -> None:
    card = event.card
    db.execute(
        "INSERT OR REPLACE INTO gift_cards (card_id, number_hash, masked, balance_cents, expires_at) "
        "VALUES (?, ?, ?, ?, ?)",
        (card.card_id, event.number_hash, card.masked, card.balance_cents, card.expires_at),
    )


PAYMENT_PROJECTIONS: dict[type[e.Event], Callable[[Pen, Any, Entry], None]] = {
    e.PaymentMoved: _payment_moved,
    e.RefundStarted: _refund_started,
    e.GiftCardMoved: _gift_card_moved,
}
