"""Reading payments, refunds and gift cards: rows to structs, what handlers load, what reports ask."""

import sqlite3
from collections.abc import Iterable

import msgspec

from kiosk_server.domain.gift import GiftCard
from kiosk_server.domain.payment import Display, Payment, State, TenderKind
from kiosk_server.domain.tender import Receipt
from kiosk_server.store import journal
from kiosk_server.store.rows import Row

COLUMNS = (
    "payment_id, kind, amount_cents, state, asked_at, reference, masked, scheme, reason, display, received_cents, "
    "change_cents, refunds"
)
ROUNDING = ""
"""The row of `takings_by_tender` that is no tender."""

_UNSETTLED = "state IN ('asked', 'authorising', 'unknown', 'reversing')"


def payment(row: Row) -> Payment:
    payment_id, kind, amount, state, asked_at, reference, masked, scheme, reason, display, received, change, refunds = (
        row
    )
    return Payment(
        payment_id=payment_id,
        kind=TenderKind(kind),
        amount_cents=amount,
        state=State(state),
        asked_at=asked_at,
        reference=reference,
        masked=masked,
        scheme=scheme,
        reason=reason,
        display=Display(display),
        received_cents=received,
        change_cents=change,
        refunds=refunds,
    )


def payment_row(value: Payment) -> Row:
    return (
        value.payment_id,
        value.kind,
        value.amount_cents,
        value.state,
        value.asked_at,
        value.reference,
        value.masked,
        value.scheme,
        value.reason,
        value.display,
        value.received_cents,
        value.change_cents,
        value.refunds,
    )


class Placed(msgspec.Struct, frozen=True):
    """A payment with the basket it belongs to and the terminal whose reader carries it out ('' for refunds)."""

    payment: Payment
    basket_id: str
    terminal: str


def of_basket(driver: sqlite3.Connection, basket_id: str) -> tuple[Payment, ...]:
    """All payments of a basket in the order in which they were asked for."""
    found = driver.execute(f"SELECT {COLUMNS} FROM payments WHERE basket_id = ? ORDER BY position", (basket_id,))
    return tuple(map(payment, found.fetchall()))


def placed(driver: sqlite3.Connection, payment_id: str) -> Placed | None:
    query = f"SELECT {COLUMNS}, basket_id, terminal FROM payments WHERE payment_id = ?"
    row = driver.execute(query, (payment_id,)).fetchone()
    return Placed(payment(row[:-2]), row[-2], row[-1]) if row else None


def unsettled(driver: sqlite3.Connection) -> tuple[Placed, ...]:
    """Those about which a reader owes us a word, oldest first."""
    query = f"SELECT {COLUMNS}, basket_id, terminal FROM payments WHERE {_UNSETTLED} ORDER BY asked_at, payment_id"
    return tuple(Placed(payment(row[:-2]), row[-2], row[-1]) for row in driver.execute(query))


def refunded_of(driver: sqlite3.Connection, payment_id: str) -> int:
    """How much of a payment was given back, or is about to be; 0 or more."""
    query = (
        "SELECT coalesce(-sum(amount_cents), 0) FROM payments WHERE refunds = ? "
        "AND state NOT IN ('declined', 'cancelled', 'timed_out', 'reversed')"
    )
    return int(driver.execute(query, (payment_id,)).fetchone()[0])


def refunded_beyond(driver: sqlite3.Connection, payment_ids: Iterable[str]) -> int:
    """What refunds of these payments of one receipt have given back too much by rounding coins; below 0: too little."""
    ids = [payment_id for payment_id in payment_ids if payment_id]
    marks = ", ".join("?" * len(ids))
    query = (
        "SELECT coalesce(sum(r.total_cents - (SELECT sum(t.amount_cents) FROM tenders t WHERE t.receipt_number = "
        "r.number)), 0) FROM receipts r WHERE r.basket_id IN "
        f"(SELECT basket_id FROM payments WHERE refunds != '' AND refunds IN ({marks}))"
    )
    return int(driver.execute(query, ids).fetchone()[0])


def refunded_lines(driver: sqlite3.Connection, number: int) -> dict[int, tuple[int, int]]:
    """What was given back of a receipt: pieces and cents by line."""
    query = "SELECT line_id, quantity, cents FROM refunded_lines WHERE receipt_number = ?"
    return {line_id: (quantity, cents) for line_id, quantity, cents in driver.execute(query, (number,))}


def receipt(driver: sqlite3.Connection, number: int) -> Receipt | None:
    """The receipt of this number, from the journal where it stands."""
    row = driver.execute("SELECT seq FROM receipts WHERE number = ?", (number,)).fetchone()
    entries = journal.since(driver, row[0] - 1, 1) if row else []
    return getattr(entries[0].event, "receipt", None) if entries else None


def gift_card(driver: sqlite3.Connection, card_id: str) -> tuple[GiftCard, str] | None:
    """A gift card and the hash of its number."""
    query = "SELECT card_id, masked, balance_cents, expires_at, number_hash FROM gift_cards WHERE card_id = ?"
    row = driver.execute(query, (card_id,)).fetchone()
    if row is None:
        return None
    return GiftCard(card_id=row[0], masked=row[1], balance_cents=row[2], expires_at=row[3]), row[4]


class Liability(msgspec.Struct, frozen=True, kw_only=True):
    """What the store owes to the holders of gift cards. Expired ones are counted apart: the law may still ask."""

    cards: int
    cents: int
    expired_cards: int
    expired_cents: int


def gift_liability(driver: sqlite3.Connection, now_ms: int) -> Liability:
    """The sum of all balances at this moment; `now_ms` is ms since 1970, UTC."""
    query = (
        "SELECT expires_at <= ?, count(*), sum(balance_cents) FROM gift_cards WHERE balance_cents > 0 "
        "GROUP BY expires_at <= ?"
    )
    by_age = {bool(is_over): (count, cents) for is_over, count, cents in driver.execute(query, (now_ms, now_ms))}
    cards, cents = by_age.get(False, (0, 0))
    expired, expired_cents = by_age.get(True, (0, 0))
    return Liability(cards=cards, cents=cents, expired_cards=expired, expired_cents=expired_cents)


def takings_by_tender(driver: sqlite3.Connection, day: str) -> tuple[dict[str, int], int]:
    """Money by tender on a business day, and what rounding in cash added to it."""
    query = "SELECT tender, cents FROM takings_by_tender WHERE day = ?"
    found = dict(driver.execute(query, (day,)))
    rounding = found.pop(ROUNDING, 0)
    return found, rounding
