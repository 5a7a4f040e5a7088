"""What screens and reports read. Every function takes a connection from `Database.read()`, so that all that it returns,
the journal number too, is from one moment.
"""

import sqlite3
from collections.abc import Callable, Collection

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select

from kiosk_server.domain.basket import Basket
from kiosk_server.domain.basket import State as BasketState
from kiosk_server.domain.catalog import ItemKind
from kiosk_server.domain.day import local_time
from kiosk_server.domain.errors import NotFound
from kiosk_server.domain.events import BasketPaid
from kiosk_server.domain.kitchen import Ticket
from kiosk_server.domain.payment import tenders_of
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.pump import FuellingPoint, Grade
from kiosk_server.domain.screens import (
    DisplayScreen,
    KitchenScreen,
    LaneScreen,
    ManagerScreen,
    PumpScreen,
    StallScreen,
    Store,
    Takings,
    Tile,
)
from kiosk_server.domain.tender import Receipt
from kiosk_server.domain.terminal import Enrolment, Kind, Terminal
from kiosk_server.store import journal, past, payments, prints, rows, tables
from kiosk_server.store.journal import Entry
from kiosk_server.store.repositories import Repositories, driver_of
from kiosk_server.store.search import search_items

__all__ = [
    "events_since",
    "head_seq",
    "journal_span",
    "receipt",
    "receipt_of_basket",
    "screen_of",
    "search_items",
    "seq_at",
    "takings",
    "terminal_by_token_hash",
    "terminals",
]

RECALLABLE = 10
_OPEN_TICKETS = "state IN ('new', 'in_progress', 'ready')"


# -- single things --


def head_seq(conn: Connection) -> int:
    """The number of the last journal row; 0 for an empty journal."""
    return journal.head_of(driver_of(conn)).seq


def events_since(conn: Connection, seq: int, limit: int) -> list[Entry]:
    """The entries after `seq`, oldest first, at most `limit`."""
    return journal.since(driver_of(conn), seq, limit)


class Span(msgspec.Struct, frozen=True):
    """When the first and the last row of the journal were written, ms since 1970 UTC; 0 while it is empty."""

    first_at: int = 0
    last_at: int = 0


def journal_span(conn: Connection) -> Span:
    """What the time machine can be scrubbed over."""
    driver = driver_of(conn)
    ends = [
        row[0]
        for order in ("ASC", "DESC")
        for row in driver.execute(f"SELECT at FROM journal ORDER BY seq {order} LIMIT 1")
    ]
    return Span(*ends)


def seq_at(conn: Connection, at: int) -> int:
    """The last row written at or before `at`, ms since 1970 UTC; 0 before the first."""
    return past.seq_at(driver_of(conn), at)


def terminal_by_token_hash(conn: Connection, token_hash: str) -> Terminal | None:
    """The active terminal whose token has this SHA-256 (hex)."""
    query = f"SELECT {rows.TERMINAL} FROM terminals WHERE token_hash = ? AND token_hash != '' AND enrolment = ?"
    row = driver_of(conn).execute(query, (token_hash, Enrolment.ACTIVE)).fetchone()
    return rows.terminal(row) if row else None


def receipt(conn: Connection, number: int) -> Receipt | None:
    """The receipt of this number, read from the journal where it stands."""
    return _receipt(conn, tables.receipts.c.number == number)


def receipt_of_basket(conn: Connection, basket_id: str) -> Receipt | None:
    return _receipt(conn, tables.receipts.c.basket_id == basket_id)


def _receipt(conn: Connection, which: ColumnElement[bool]) -> Receipt | None:
    seq = conn.scalar(select(tables.receipts.c.seq).where(which))
    entries = events_since(conn, seq - 1, 1) if seq is not None else []
    return next((entry.event.receipt for entry in entries if isinstance(entry.event, BasketPaid)), None)


def takings(conn: Connection, day: str, zone: str) -> Takings:
    """Money taken on a business day, by hour of the store's wall clock and by kind of item."""
    t = tables.takings
    found = conn.execute(
        select(t.c.slot_at, t.c.kind, func.sum(t.c.receipts), func.sum(t.c.cents))
        .where(t.c.day == day)
        .group_by(t.c.slot_at, t.c.kind)
    )
    total = receipts = 0
    by_hour = [0] * 24
    by_kind: dict[str, int] = {}
    for slot_at, kind, count, cents in found:
        if kind:
            by_kind[kind] = by_kind.get(kind, 0) + cents
            continue
        total += cents
        receipts += count
        by_hour[local_time(slot_at, zone).hour] += cents
    by_tender, rounding = payments.takings_by_tender(driver_of(conn), day)
    return Takings(
        day=day,
        total_cents=total,
        receipts=receipts,
        by_hour_cents=tuple(by_hour),
        by_kind_cents=by_kind,
        by_tender_cents=by_tender,
        rounding_cents=rounding,
    )


# -- screens --


def screen_of(
    conn: Connection, kind: str, name: str, policy: Policy, online: Collection[str] = ()
) -> tuple[int, msgspec.Struct]:
    """The state of one screen (a struct of domain/screens.py) and the journal number at which it is true.

    `kind` is the screen, `name` its terminal (or the person, for staff), `online` the terminals that are connected.
    Raises NotFound for a lane, stall or pump that is not enrolled.
    """
    view = _View(conn, policy, online)
    return head_seq(conn), _SCREENS[kind](view, name)


def terminals(conn: Connection, online: Collection[str] = ()) -> tuple[Tile, ...]:
    """The floor plan: every terminal that is not retired, by name."""
    driver = driver_of(conn)
    points = {row[0]: rows.point(row) for row in driver.execute(f"SELECT {rows.POINT} FROM points")}
    query = (
        "SELECT t.name, t.kind, t.state, t.state_since, t.basket_id, b.items, b.total_cents "
        "FROM terminals t LEFT JOIN baskets b ON b.basket_id = t.basket_id WHERE t.enrolment != ? ORDER BY t.name"
    )
    return tuple(_tile(row, points, online) for row in driver.execute(query, (Enrolment.RETIRED,)))


def _tile(row: rows.Row, points: dict[str, FuellingPoint], online: Collection[str]) -> Tile:
    name, kind, state, since, basket_id, items, total = row
    return Tile(
        name=name,
        kind=kind,
        state=state,
        state_since=since,
        is_online=name in online,
        basket_id=basket_id,
        items=items or 0,
        total_cents=total or 0,
        point=points.get(name),
    )


class _View:
    """What the screens below are drawn from: one moment of the store, with the rules of the house."""

    def __init__(self, conn: Connection, policy: Policy, online: Collection[str]) -> None:
        self.conn = conn
        self.driver: sqlite3.Connection = driver_of(conn)
        self.policy = policy
        self.online = online
        self.repositories = Repositories(conn)
        self.store = Store(
            name=policy.store_name,
            currency=policy.currency,
            languages=policy.languages,
            zone=policy.zone,
            is_demo=policy.is_demo,
        )

    def terminal(self, name: str) -> Terminal:
        found = self.repositories.terminal(name)
        if found is None or found.enrolment is Enrolment.RETIRED:
            raise NotFound(
                f"The terminal {name} is not part of this store (any more). A manager can enrol it again.",
                terminal=name,
            )
        return found

    def tile(self, terminal: Terminal, basket: Basket | None = None) -> Tile:
        return Tile(
            name=terminal.name,
            kind=terminal.kind,
            state=terminal.state,
            state_since=terminal.state_since,
            is_online=terminal.name in self.online,
            basket_id=terminal.basket_id,
            items=basket.totals.items if basket else 0,
            total_cents=basket.totals.total_cents if basket else 0,
            point=self.repositories.point(terminal.name) if terminal.kind is Kind.PUMP else None,
            is_training=terminal.is_training,
        )

    def basket(self, terminal: Terminal) -> Basket | None:
        return self.repositories.basket(terminal.basket_id) if terminal.basket_id else None

    def receipt(self, basket: Basket | None) -> Receipt | None:
        # A receipt stays readable where the customer stands, even when goods come back at once.
        is_paid = basket is not None and basket.state in {BasketState.PAID, BasketState.REFUNDED}
        return receipt_of_basket(self.conn, basket.basket_id) if basket and is_paid else None

    def open_tickets(self) -> tuple[Ticket, ...]:
        query = f"SELECT {rows.TICKET} FROM tickets WHERE {_OPEN_TICKETS} ORDER BY fired_at, number"
        return tuple(rows.ticket(row) for row in self.driver.execute(query))


def _lane(view: _View, name: str) -> LaneScreen:
    terminal = view.terminal(name)
    basket = view.basket(terminal)
    return LaneScreen(
        store=view.store,
        terminal=view.tile(terminal, basket),
        basket=basket,
        receipt=view.receipt(basket),
        interventions=view.repositories.open_interventions(name),
        can_print=view.policy.printing.printer_of(name, terminal.kind) is not None,
        print_job=prints.last_job(view.conn, basket.receipt_number) if basket and basket.receipt_number else None,
        tenders=tenders_of(view.policy, name, terminal.kind),
        containers=view.policy.codes.containers_g,
    )


def _stall(view: _View, name: str) -> StallScreen:
    terminal = view.terminal(name)
    basket = view.basket(terminal)
    return StallScreen(
        store=view.store,
        terminal=view.tile(terminal, basket),
        menu=view.repositories.items(ItemKind.MENU),
        basket=basket,
        receipt=view.receipt(basket),
        ticket=view.repositories.ticket_of_basket(basket.basket_id) if basket else None,
        interventions=view.repositories.open_interventions(name),
    )


def _pump(view: _View, name: str) -> PumpScreen:
    terminal = view.terminal(name)
    tile = view.tile(terminal)
    point = tile.point or FuellingPoint(terminal=name)
    query = "SELECT basket_id FROM fuellings WHERE terminal = ? AND transaction_number = ?"
    last = view.driver.execute(query, (name, point.transaction)).fetchone()
    return PumpScreen(
        store=view.store,
        terminal=tile,
        point=point,
        grades=tuple(
            Grade(item_id=item.item_id, name=item.name, unit_price_mills=item.unit_price_mills)
            for item in view.repositories.items(ItemKind.FUEL)
            if item.unit_price_mills is not None
        ),
        receipt=receipt_of_basket(view.conn, last[0]) if last else None,
    )


def _kitchen(view: _View, name: str) -> KitchenScreen:
    # Staff may look at the kitchen's screen without having a terminal of that name.
    terminal = view.repositories.terminal(name) or Terminal(name=name, kind=Kind.KITCHEN)
    query = f"SELECT {rows.TICKET} FROM tickets WHERE state = 'handed_over' ORDER BY moved_at DESC LIMIT {RECALLABLE}"
    return KitchenScreen(
        store=view.store,
        terminal=view.tile(terminal),
        tickets=view.open_tickets(),
        recallable=tuple(rows.ticket(row) for row in view.driver.execute(query)),
    )


def _display(view: _View, name: str) -> DisplayScreen:
    return DisplayScreen(store=view.store, terminal=view.tile(view.terminal(name)))


def _manager(view: _View, name: str) -> ManagerScreen:
    return ManagerScreen(
        store=view.store,
        terminals=terminals(view.conn, view.online),
        inbox=view.repositories.open_interventions(),
        takings=takings(view.conn, view.repositories.current_day() or "", view.policy.zone),
        tickets=view.open_tickets(),
        is_simulating=view.repositories.is_simulating(),
        can_simulate=view.policy.is_demo,
        who=name,
        print_jobs=prints.open_jobs(view.conn),
    )


_SCREENS: dict[str, Callable[[_View, str], msgspec.Struct]] = {
    "lane": _lane,
    "stall": _stall,
    "pump": _pump,
    "kitchen": _kitchen,
    "pickup": _kitchen,
    "display": _display,
    "manager": _manager,
}
