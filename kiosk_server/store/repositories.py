"""What handlers load: domain values by their ids, None where there is nothing. Nothing here changes a row.

Plain SQL on the driver's connection: a scan makes a dozen of these calls, and the toolkit would cost it three times
the whole (measured). Reports, where a query is asked once a second, stand in queries.py.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from kiosk_server.domain.bagging import Beside, LearnedWeight, Piece, piece_of
from kiosk_server.domain.basket import Basket, HeldCoupon, Line
from kiosk_server.domain.catalog import Item, ItemKind
from kiosk_server.domain.gift import GiftCard
from kiosk_server.domain.intervention import Intervention, InterventionKind
from kiosk_server.domain.kitchen import Ticket
from kiosk_server.domain.network_order import NetworkOrder
from kiosk_server.domain.payment import Payment
from kiosk_server.domain.printing import PrintJob
from kiosk_server.domain.promotion import Book, Promotion
from kiosk_server.domain.pump import FuellingPoint
from kiosk_server.domain.staff import Member, Session, StaffRole, fold_name
from kiosk_server.domain.tender import TRAINING_FROM, Receipt
from kiosk_server.domain.terminal import Terminal
from kiosk_server.store import offers, payments, prints, rows
from kiosk_server.store.pen import Pen
from kiosk_server.store.rows import Row

_SLICE = 500


def driver_of(conn: Connection) -> Pen:
    """The driver's own connection below a toolkit connection."""
    driver = conn.connection.driver_connection
    assert isinstance(driver, Pen)  # noqa: S101 - tells the type checker what the engine was made of
    return driver


class Repositories:
    """Everything a command may want to know, as it stands within the command's own transaction."""

    __slots__ = ("_execute", "driver")

    def __init__(self, conn: Connection) -> None:
        self.driver = driver_of(conn)
        self._execute = self.driver.execute

    # -- terminals --

    def terminal(self, name: str) -> Terminal | None:
        row = self._one(f"SELECT {rows.TERMINAL} FROM terminals WHERE name = ?", name)
        return rows.terminal(row) if row else None

    def terminal_like(self, name: str) -> str | None:
        """How a terminal, retired ones too, writes this name, whatever its letters' case. Reads the names of all."""
        folded = fold_name(name)
        names = (known for (known,) in self._execute("SELECT name FROM terminals"))
        return next((known for known in names if fold_name(known) == folded), None)

    def terminal_of_token(self, token_hash: str) -> Terminal | None:
        """The one terminal that this token opens."""
        row = self._one(f"SELECT {rows.TERMINAL} FROM terminals WHERE token_hash = ? AND token_hash != ''", token_hash)
        return rows.terminal(row) if row else None

    def terminals(self) -> tuple[Terminal, ...]:
        """All of them, retired ones too, by name."""
        found = self._execute(f"SELECT {rows.TERMINAL} FROM terminals ORDER BY name")
        return tuple(rows.terminal(row) for row in found)

    def point(self, terminal: str) -> FuellingPoint | None:
        row = self._one(f"SELECT {rows.POINT} FROM points WHERE terminal = ?", terminal)
        return rows.point(row) if row else None

    def points(self) -> tuple[FuellingPoint, ...]:
        """All fuelling points by the name of their terminal."""
        return tuple(rows.point(row) for row in self._execute(f"SELECT {rows.POINT} FROM points ORDER BY terminal"))

    # -- baskets --

    def basket(self, basket_id: str) -> Basket | None:
        """The basket with all its lines, voided ones too, by line number."""
        row = self._one(f"SELECT {rows.BASKET} FROM baskets WHERE basket_id = ?", basket_id)
        return rows.basket(row, self._lines(basket_id), self._payments(row), self._coupons(row)) if row else None

    def suspended_baskets(self) -> tuple[Basket, ...]:
        """Those that wait to be resumed, oldest first."""
        query = f"SELECT {rows.BASKET} FROM baskets WHERE state = 'suspended' ORDER BY opened_at"
        found = self._execute(query).fetchall()
        return tuple(rows.basket(row, self._lines(row[0]), coupons=self._coupons(row)) for row in found)

    def next_receipt_number(self, *, is_training: bool = False) -> int:
        """One more than the highest given out; without gaps because receipts are never deleted."""
        if is_training:
            row = self._one("SELECT max(number) FROM receipts WHERE number >= ?", TRAINING_FROM)
            return (row[0] or TRAINING_FROM) + 1 if row else TRAINING_FROM + 1
        row = self._one("SELECT max(number) FROM receipts WHERE number < ?", TRAINING_FROM)
        return (row[0] or 0) + 1 if row else 1

    # -- promotions and coupons --

    def book(self) -> Book:
        """All promotions in force or to come, and the coupons of those that have ended."""
        return Book(offers.latest(self.driver))

    def promotions(self) -> dict[str, Promotion]:
        """The latest revision of each promotion that there ever was, by its id."""
        return {one.promotion_id: one for one in offers.latest(self.driver)}

    def holder_of_coupon(self, code: str) -> offers.Holder | None:
        """The basket, if any, that has used the coupon of exactly this number or holds it now."""
        return offers.holder_of(self.driver, code)

    def hand_off(self, fingerprint: str) -> offers.HandedOver | None:
        """The basket that is carried to another lane under the code of this fingerprint."""
        return offers.hand_off(self.driver, fingerprint)

    # -- payments and refunds --

    def payment(self, payment_id: str) -> payments.Placed | None:
        """The payment with its basket and its terminal."""
        return payments.placed(self.driver, payment_id)

    def unsettled_payments(self) -> tuple[payments.Placed, ...]:
        """Those about which a reader owes us a word, oldest first."""
        return payments.unsettled(self.driver)

    def receipt(self, number: int) -> Receipt | None:
        return payments.receipt(self.driver, number)

    def refunded_lines(self, number: int) -> dict[int, tuple[int, int]]:
        """What was given back of a receipt, by refunds under way too: pieces and cents by line."""
        return payments.refunded_lines(self.driver, number)

    def refunded_of(self, payment_id: str) -> int:
        """How many cents of a payment were given back, or are about to be."""
        return payments.refunded_of(self.driver, payment_id)

    def refunded_beyond(self, payment_ids: Iterable[str]) -> int:
        """How many cents refunds of these payments of one receipt were rounded up by; below 0: down."""
        return payments.refunded_beyond(self.driver, payment_ids)

    def gift_card(self, card_id: str) -> tuple[GiftCard, str] | None:
        """A gift card and the hash of its number."""
        return payments.gift_card(self.driver, card_id)

    # -- receipts on paper --

    def terminal_of_receipt(self, number: int) -> str | None:
        """Where the receipt of this number was paid; None where there is none."""
        row = self._one("SELECT terminal FROM receipts WHERE number = ?", number)
        return row[0] if row else None

    def print_job(self, job_id: str) -> PrintJob | None:
        row = self._one(f"{prints.SELECT} WHERE job_id = ?", job_id)
        return prints.job_of(row) if row else None

    def print_jobs_of(self, receipt_number: int) -> tuple[PrintJob, ...]:
        """Every attempt to put this receipt on paper, oldest first."""
        found = self._execute(f"{prints.SELECT} WHERE receipt_number = ? ORDER BY asked_at, job_id", (receipt_number,))
        return tuple(map(prints.job_of, found))

    # -- catalog --

    def item(self, item_id: str) -> Item | None:
        row = self._one(f"SELECT {rows.ITEM} FROM items WHERE item_id = ?", item_id)
        return rows.item(row) if row else None

    def item_by_code(self, code: str) -> Item | None:
        """The item printed with exactly this code; the oldest one where several share it."""
        row = self._one(f"SELECT {rows.ITEM} FROM items WHERE code = ? ORDER BY row_id LIMIT 1", code)
        return rows.item(row) if row else None

    def items_by_ids(self, ids: Iterable[str]) -> dict[str, Item]:
        """Those that exist, by item_id."""
        wanted = list(ids)
        found: dict[str, Item] = {}
        for start in range(0, len(wanted), _SLICE):
            part = wanted[start : start + _SLICE]
            marks = ",".join("?" * len(part))
            for row in self._execute(f"SELECT {rows.ITEM} FROM items WHERE item_id IN ({marks})", part):
                found[row[0]] = rows.item(row)
        return found

    def items(self, kind: ItemKind) -> tuple[Item, ...]:
        """All items of one kind in the order in which they were imported."""
        found = self._execute(f"SELECT {rows.ITEM} FROM items WHERE kind = ? ORDER BY row_id", (kind,))
        return tuple(rows.item(row) for row in found)

    # -- people --

    def intervention(self, intervention_id: str) -> Intervention | None:
        row = self._one(f"SELECT {rows.INTERVENTION} FROM interventions WHERE intervention_id = ?", intervention_id)
        return rows.intervention(row) if row else None

    def open_interventions(
        self, terminal: str | None = None, kind: InterventionKind | None = None
    ) -> tuple[Intervention, ...]:
        """Those nobody has resolved, oldest first, of one terminal or of all."""
        query = f"SELECT {rows.INTERVENTION} FROM interventions WHERE outcome IS NULL"
        values: list[str] = []
        if terminal is not None:
            query += " AND terminal = ?"
            values.append(terminal)
        if kind is not None:
            query += " AND kind = ?"
            values.append(kind)
        return tuple(rows.intervention(row) for row in self._execute(query + " ORDER BY raised_at", values))

    def interventions_of(self, basket_id: str) -> tuple[Intervention, ...]:
        """All that were ever raised about this basket, oldest first."""
        query = f"SELECT {rows.INTERVENTION} FROM interventions WHERE basket_id = ? ORDER BY raised_at, intervention_id"
        return tuple(rows.intervention(row) for row in self._execute(query, (basket_id,)))

    # -- weights --

    def beside(self, basket_id: str) -> Beside:
        """What lies in the bagging area beside the items of this basket, and what of them may stay out of it."""
        row = self._one("SELECT tare_g FROM bagging WHERE basket_id = ?", basket_id)
        skips = self._execute("SELECT line_id, pieces FROM bagging_skips WHERE basket_id = ?", (basket_id,))
        return Beside(int(row[0]) if row else 0, dict(skips.fetchall()))

    def learned_weight(self, item_id: str) -> LearnedWeight | None:
        row = self._one(f"SELECT {rows.WEIGHT} FROM weights WHERE item_id = ?", item_id)
        return rows.learned_weight(row) if row else None

    def pieces(self, lines: Iterable[Line]) -> dict[str, Piece]:
        """What is known of one piece of each item in these lines, by item_id."""
        ids = {line.item_id for line in lines if not line.is_voided}
        items = self.items_by_ids(ids)
        return {item_id: piece_of(items.get(item_id), self.learned_weight(item_id)) for item_id in ids}

    # -- who may come in --

    def member(self, name: str) -> Member | None:
        """The person of this name, however it is written; retired ones too."""
        row = self._one(f"SELECT {rows.MEMBER} FROM staff WHERE folded = ?", fold_name(name))
        return rows.member(row) if row else None

    def members(self) -> tuple[Member, ...]:
        """Everybody who was ever added, by name."""
        return tuple(rows.member(row) for row in self._execute(f"SELECT {rows.MEMBER} FROM staff ORDER BY folded"))

    def count_owners(self) -> int:
        row = self._one("SELECT count(*) FROM staff WHERE role = ? AND NOT is_retired", StaffRole.OWNER)
        return int(row[0]) if row else 0

    def session(self, session_id: str) -> Session | None:
        row = self._one(f"SELECT {rows.SESSION} FROM sessions WHERE session_id = ?", session_id)
        return rows.session(row) if row else None

    def sessions_of(self, person: str) -> tuple[Session, ...]:
        """Their open sessions, oldest first."""
        query = f"SELECT {rows.SESSION} FROM sessions WHERE person = ? ORDER BY began_at, session_id"
        return tuple(rows.session(row) for row in self._execute(query, (person,)))

    def network_orders(self) -> tuple[NetworkOrder, ...]:
        """Those that were not lifted, oldest first; some may be over."""
        found = self._execute(f"SELECT {rows.NETWORK_ORDER} FROM network_orders ORDER BY ordered_at, network")
        return tuple(map(rows.network_order, found))

    # -- kitchen --

    def ticket(self, ticket_id: str) -> Ticket | None:
        row = self._one(f"SELECT {rows.TICKET} FROM tickets WHERE ticket_id = ?", ticket_id)
        return rows.ticket(row) if row else None

    def ticket_of_basket(self, basket_id: str) -> Ticket | None:
        """The latest ticket fired for this basket."""
        query = f"SELECT {rows.TICKET} FROM tickets WHERE basket_id = ? ORDER BY fired_at DESC LIMIT 1"
        row = self._one(query, basket_id)
        return rows.ticket(row) if row else None

    def next_ticket_number(self, day: str) -> int:
        """Counts from 1 within the business day."""
        row = self._one("SELECT max(number) FROM tickets WHERE day = ?", day)
        return (row[0] or 0) + 1 if row else 1

    # -- the house --

    def current_day(self) -> str | None:
        """The business day opened last, or None before the first."""
        row = self._one("SELECT day FROM days ORDER BY opened_at DESC, day DESC LIMIT 1")
        return row[0] if row else None

    def is_simulating(self) -> bool:
        row = self._one("SELECT value FROM house WHERE name = 'is_simulating'")
        return row is not None and row[0] == "1"

    def _one(self, query: str, *values: object) -> Row | None:
        row: Row | None = self._execute(query, values).fetchone()
        return row

    def _payments(self, row: Row) -> tuple[Payment, ...]:
        # Nearly every basket is asked for while it is being filled: those must not cost a query more.
        return payments.of_basket(self.driver, row[0]) if row[rows.HAS_PAYMENTS] else ()

    def _coupons(self, row: Row) -> tuple[HeldCoupon, ...]:
        return offers.coupons_of(self.driver, row[0]) if row[rows.HAS_COUPONS] else ()

    def _lines(self, basket_id: str) -> tuple[Line, ...]:
        found = self._execute(f"SELECT {rows.LINE} FROM lines WHERE basket_id = ? ORDER BY line_id", (basket_id,))
        return tuple(map(rows.line, found.fetchall()))
