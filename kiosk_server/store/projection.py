"""How each event changes the state tables: one function an event type, and nothing else ever writes them.

A projection uses only the event, its entry and the tables, never the clock or chance, so that replaying the journal
gives the same rows. `verify` does exactly that.
"""

import sqlite3
import unicodedata
from collections.abc import Callable
from typing import Any

from kiosk_server.domain import events as e
from kiosk_server.domain.basket import Line, Totals
from kiosk_server.domain.tender import Receipt
from kiosk_server.domain.terminal import RESTING, Enrolment, Kind
from kiosk_server.store import rows
from kiosk_server.store.journal import Entry
from kiosk_server.store.pen import Bulk, Pen
from kiosk_server.store.projection_access import ACCESS_PROJECTIONS
from kiosk_server.store.projection_attendance import ATTENDANCE_PROJECTIONS
from kiosk_server.store.projection_offers import OFFER_PROJECTIONS, end_hand_offs, use_coupons
from kiosk_server.store.projection_payments import PAYMENT_PROJECTIONS, book_tenders
from kiosk_server.store.projection_printing import PRINT_PROJECTIONS
from kiosk_server.store.tables import SEARCH_TABLES

SLOT_MS = 15 * 60 * 1000

_PUT_TERMINAL = f"INSERT INTO terminals ({rows.TERMINAL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_PUT_LINE = Bulk(f"INSERT OR REPLACE {rows.LINES_INTO}", rows.LINES_COLUMNS, key=2)
_PUT_POINT = f"INSERT OR REPLACE INTO points ({rows.POINT}) VALUES ({', '.join('?' * 11)})"
_PUT_TOTALS = Bulk(
    "UPDATE baskets SET items = new.column2, total_cents = new.column3, due_cents = new.column4 "
    "FROM (VALUES {rows}) AS new WHERE basket_id = new.column1",
    4,
    key=1,
    alone="UPDATE baskets SET items = ?2, total_cents = ?3, due_cents = ?4 WHERE basket_id = ?1",
)
_PUT_ITEM = (
    f"INSERT INTO items ({rows.ITEM}, folded, changed_seq) VALUES ({', '.join('?' * 21)}) "
    "ON CONFLICT (item_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in (*rows.ITEM.split(", ")[1:], "folded", "changed_seq"))
)
_ADD_TAKINGS = (
    "INSERT INTO takings (day, slot_at, kind, receipts, cents) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
    "receipts = receipts + excluded.receipts, cents = cents + excluded.cents"
)


def fold(text: str) -> str:
    """Text as it is searched: lower case, no accents, no Arabic vowel signs or stretching, one space between words."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = (c for c in plain if not unicodedata.combining(c) and c != "\u0640")
    return " ".join("".join(kept).split())


def apply(driver: Pen, entry: Entry) -> None:
    """Carry one event into the state tables, within the caller's transaction."""
    PROJECTIONS[type(entry.event)](driver, entry.event, entry)


# -- terminals --


def _terminal_added(db: sqlite3.Connection, event: e.TerminalAdded, _: Entry) -> None:
    t = event.added
    values = (t.name, t.kind, t.enrolment, t.state, t.state_since, t.token_hash, t.added_at, t.basket_id)
    db.execute(_PUT_TERMINAL, (*values, int(t.is_training)))
    if t.kind is Kind.PUMP:
        query = (
            "INSERT INTO points (terminal, state, transaction_number, volume_ml, amount_cents, unpaid) "
            "VALUES (?, ?, 0, 0, 0, ?)"
        )
        db.execute(query, (t.name, t.state, rows.EMPTY))


def _terminal_retired(db: sqlite3.Connection, event: e.TerminalRetired, _: Entry) -> None:
    db.execute("UPDATE terminals SET enrolment = ? WHERE name = ?", (Enrolment.RETIRED, event.terminal))


def _terminal_paired(db: sqlite3.Connection, event: e.TerminalPaired, _: Entry) -> None:
    t = event.paired
    query = (
        "UPDATE terminals SET enrolment = ?, state = ?, state_since = ?, token_hash = ?, basket_id = ? WHERE name = ?"
    )
    db.execute(query, (t.enrolment, t.state, t.state_since, t.token_hash, t.basket_id, t.name))


def _terminal_moved(db: sqlite3.Connection, event: e.TerminalMoved, _: Entry) -> None:
    query = "UPDATE terminals SET state = ?, state_since = ?"
    if event.state in RESTING:
        query += ", basket_id = NULL"
    db.execute(query + " WHERE name = ?", (event.state, event.since, event.terminal))


def _training_switched(db: sqlite3.Connection, event: e.TrainingSwitched, _: Entry) -> None:
    db.execute("UPDATE terminals SET is_training = ? WHERE name = ?", (int(event.is_on), event.terminal))


# -- baskets --


def _basket_opened(db: sqlite3.Connection, event: e.BasketOpened, _: Entry) -> None:
    db.execute(
        "INSERT INTO baskets (basket_id, terminal, state, day, opened_at, is_training) VALUES (?, ?, 'open', ?, ?, ?)",
        (event.basket_id, event.terminal, event.day, event.opened_at, int(event.is_training)),
    )
    # A pump's baskets are listed in its point: several may wait to be paid while the next customer fuels.
    query = "UPDATE terminals SET basket_id = ? WHERE name = ? AND kind != 'pump'"
    db.execute(query, (event.basket_id, event.terminal))


def _line_changed(
    db: Pen, event: e.ItemScanned | e.QuantityChanged | e.LineVoided | e.PriceOverridden, _: Entry
) -> None:
    _put_line(db, event.basket_id, event.line)
    _put_totals(db, event.basket_id, event.totals)


def _promotions_applied(db: Pen, event: e.PromotionsApplied, _: Entry) -> None:
    for line in event.lines:
        _put_line(db, event.basket_id, line)
    _put_totals(db, event.basket_id, event.totals)


def _put_line(db: Pen, basket_id: str, line: Line) -> None:
    db.later(_PUT_LINE, (basket_id, *rows.line_row(line)))


def _put_totals(db: Pen, basket_id: str, totals: Totals) -> None:
    db.later(_PUT_TOTALS, (basket_id, totals.items, totals.total_cents, totals.due_cents))


def _tender_started(db: sqlite3.Connection, event: e.TenderStarted, _: Entry) -> None:
    query = "UPDATE baskets SET state = 'tendering', tender = ?, due_cents = ? WHERE basket_id = ?"
    db.execute(query, (event.tender, event.due_cents, event.basket_id))


def _tender_left(db: sqlite3.Connection, event: e.TenderLeft, _: Entry) -> None:
    db.execute("UPDATE baskets SET state = 'open', tender = NULL WHERE basket_id = ?", (event.basket_id,))


def _basket_paid(db: sqlite3.Connection, event: e.BasketPaid, entry: Entry) -> None:
    receipt = event.receipt
    db.execute(
        "UPDATE baskets SET state = 'paid', receipt_number = ?, due_cents = 0 WHERE basket_id = ?",
        (receipt.number, event.basket_id),
    )
    db.execute(
        "INSERT INTO receipts (number, basket_id, terminal, day, paid_at, total_cents, by, seq) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            receipt.number,
            event.basket_id,
            receipt.terminal,
            receipt.day,
            receipt.paid_at,
            receipt.total_cents,
            receipt.by,
            entry.seq,
        ),
    )
    book_tenders(db, event.basket_id, receipt)
    use_coupons(db, event.basket_id, receipt)
    db.executemany(
        "INSERT INTO taxes (receipt_number, tax_class, tax_rate_bp, net_cents, tax_cents, gross_cents) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [
            (receipt.number, tax.tax_class, tax.tax_rate_bp, tax.net_cents, tax.tax_cents, tax.gross_cents)
            for tax in receipt.taxes
        ],
    )
    if not receipt.is_training:
        _count_sale(db, receipt)


def _count_sale(db: sqlite3.Connection, receipt: Receipt) -> None:
    """Into the day's takings, and into how often its items were sold."""
    slot_at = receipt.paid_at - receipt.paid_at % SLOT_MS
    sums: dict[str, int] = {}
    for line in receipt.lines:
        if not line.is_voided:
            sums[line.kind] = sums.get(line.kind, 0) + line.total_cents
    sales = 0 if receipt.refund_of else 1
    found = [(receipt.day, slot_at, "", sales, receipt.total_cents)]
    found += [(receipt.day, slot_at, kind, sales, cents) for kind, cents in sums.items()]
    db.executemany(_ADD_TAKINGS, found)
    if not receipt.refund_of:
        sold = [(line.quantity, line.item_id) for line in receipt.lines if not line.is_voided]
        db.executemany("UPDATE items SET sold = sold + ? WHERE item_id = ?", sold)


def _basket_voided(db: sqlite3.Connection, event: e.BasketVoided, _: Entry) -> None:
    db.execute("UPDATE baskets SET state = 'void', due_cents = 0 WHERE basket_id = ?", (event.basket_id,))
    _leave_terminal(db, event.basket_id, event.terminal)


def _basket_suspended(db: sqlite3.Connection, event: e.BasketSuspended, _: Entry) -> None:
    db.execute("UPDATE baskets SET state = 'suspended' WHERE basket_id = ?", (event.basket_id,))
    _leave_terminal(db, event.basket_id, event.terminal)


def _leave_terminal(db: sqlite3.Connection, basket_id: str, terminal: str) -> None:
    query = "UPDATE terminals SET basket_id = NULL WHERE name = ? AND basket_id = ?"
    db.execute(query, (terminal, basket_id))


def _basket_resumed(db: sqlite3.Connection, event: e.BasketResumed, _: Entry) -> None:
    query = "UPDATE baskets SET state = 'open', terminal = ? WHERE basket_id = ?"
    db.execute(query, (event.terminal, event.basket_id))
    db.execute("UPDATE terminals SET basket_id = ? WHERE name = ?", (event.basket_id, event.terminal))
    end_hand_offs(db, event)


# -- stall and kitchen --


def _order_placed(db: sqlite3.Connection, event: e.OrderPlaced, _: Entry) -> None:
    query = "UPDATE baskets SET state = 'tendering', due_cents = ? WHERE basket_id = ?"
    db.execute(query, (event.due_cents, event.basket_id))


def _order_released(db: sqlite3.Connection, event: e.OrderReleased, _: Entry) -> None:
    db.execute("UPDATE baskets SET is_released = 1 WHERE basket_id = ?", (event.basket_id,))


def _ticket_fired(db: sqlite3.Connection, event: e.TicketFired, _: Entry) -> None:
    t = event.ticket
    # Its number counts within the day on which it is fired, which need not be the day the basket was opened.
    day = "coalesce((SELECT day FROM days ORDER BY opened_at DESC, day DESC LIMIT 1), '')"
    db.execute(
        f"INSERT INTO tickets ({rows.TICKET}, day) VALUES ({', '.join('?' * 9)}, {day})",
        (
            t.ticket_id,
            t.number,
            t.basket_id,
            t.terminal,
            t.state,
            rows.as_json(t.lines),
            t.fired_at,
            t.moved_at,
            t.moved_by,
        ),
    )


def _ticket_moved(db: sqlite3.Connection, event: e.TicketMoved, _: Entry) -> None:
    query = "UPDATE tickets SET state = ?, moved_at = ?, moved_by = ? WHERE ticket_id = ?"
    db.execute(query, (event.state, event.moved_at, event.by, event.ticket_id))


# -- pumps --


def _pump_moved(db: sqlite3.Connection, event: e.PumpMoved, entry: Entry) -> None:
    point = event.point
    db.execute(_PUT_POINT, rows.point_row(point))
    # The tile on the floor plan shows the point's state and its age; other changes of the point leave the age alone.
    query = "UPDATE terminals SET state = ?, state_since = ? WHERE name = ? AND state != ?"
    db.execute(query, (point.state, entry.at, point.terminal, point.state))


def _nozzle_hung(db: sqlite3.Connection, event: e.NozzleHung, _: Entry) -> None:
    db.execute("UPDATE points SET is_hung = 1 WHERE terminal = ?", (event.terminal,))


def _fuelling_finished(db: sqlite3.Connection, event: e.FuellingFinished, entry: Entry) -> None:
    db.execute(
        "INSERT INTO fuellings (terminal, transaction_number, basket_id, grade_id, volume_ml, unit_price_mills, "
        "amount_cents, finished_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            event.terminal,
            event.transaction,
            event.basket_id,
            event.grade_id,
            event.volume_ml,
            event.unit_price_mills,
            event.amount_cents,
            entry.at,
        ),
    )


# -- the house --


def _items_imported(db: sqlite3.Connection, event: e.ItemsImported, entry: Entry) -> None:
    db.executemany(_PUT_ITEM, [(*rows.item_row(item), fold(item.name), entry.seq) for item in event.items])
    ids = [(item.item_id,) for item in event.items]
    for table in SEARCH_TABLES:
        db.executemany(f"DELETE FROM {table} WHERE rowid = (SELECT row_id FROM items WHERE item_id = ?)", ids)
        db.executemany(f"INSERT INTO {table} (rowid, folded) SELECT row_id, folded FROM items WHERE item_id = ?", ids)


def _simulation_switched(db: sqlite3.Connection, event: e.SimulationSwitched, _: Entry) -> None:
    value = "1" if event.is_on else "0"
    db.execute("INSERT OR REPLACE INTO house (name, value) VALUES ('is_simulating', ?)", (value,))


def _day_opened(db: sqlite3.Connection, event: e.DayOpened, _: Entry) -> None:
    db.execute("INSERT OR IGNORE INTO days (day, opened_at) VALUES (?, ?)", (event.day, event.opened_at))


PROJECTIONS: dict[type[e.Event], Callable[[Pen, Any, Entry], None]] = {
    e.TerminalAdded: _terminal_added,
    e.TerminalRetired: _terminal_retired,
    e.TerminalPaired: _terminal_paired,
    e.TerminalMoved: _terminal_moved,
    e.TrainingSwitched: _training_switched,
    e.BasketOpened: _basket_opened,
    e.ItemScanned: _line_changed,
    e.QuantityChanged: _line_changed,
    e.LineVoided: _line_changed,
    e.PriceOverridden: _line_changed,
    e.PromotionsApplied: _promotions_applied,
    e.TenderStarted: _tender_started,
    e.TenderLeft: _tender_left,
    e.BasketPaid: _basket_paid,
    e.BasketVoided: _basket_voided,
    e.BasketSuspended: _basket_suspended,
    e.BasketResumed: _basket_resumed,
    e.OrderPlaced: _order_placed,
    e.OrderReleased: _order_released,
    e.TicketFired: _ticket_fired,
    e.TicketMoved: _ticket_moved,
    e.PumpMoved: _pump_moved,
    e.NozzleHung: _nozzle_hung,
    e.FuellingFinished: _fuelling_finished,
    e.ItemsImported: _items_imported,
    e.SimulationSwitched: _simulation_switched,
    e.DayOpened: _day_opened,
    **ACCESS_PROJECTIONS,
    **ATTENDANCE_PROJECTIONS,
    **OFFER_PROJECTIONS,
    **PAYMENT_PROJECTIONS,
    **PRINT_PROJECTIONS,
}
