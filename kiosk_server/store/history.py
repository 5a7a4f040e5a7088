"""What is to be known of one basket beside its screen: why its lines cost what they do; and which ones are parked.

The journal has no index by basket: a shopping lasts minutes, so its rows lie between two that are found by halving.
"""

from collections.abc import Iterator

from sqlalchemy import Connection

from kiosk_server.domain.basket import Basket
from kiosk_server.domain.events import BasketOpened
from kiosk_server.domain.promotion import Promotion
from kiosk_server.domain.why import Fact, Why, explain
from kiosk_server.store import journal, offers, past
from kiosk_server.store.repositories import Repositories, driver_of

# Those that can change a line, and the one that says where to stop looking back.
_TYPES = (
    "basket_opened",
    "item_scanned",
    "quantity_changed",
    "line_voided",
    "price_overridden",
    "promotions_applied",
)


def why(conn: Connection, basket_id: str, line_id: int) -> Why | None:
    """The line's price, rule by rule; None where the basket or the line is not known."""
    driver = driver_of(conn)

    def promotion_of(promotion_id: str, number: int) -> Promotion | None:
        return offers.revision(driver, promotion_id, number)

    return explain(basket_id, line_id, facts_of(conn, basket_id), promotion_of)


def parked_baskets(conn: Connection) -> tuple[Basket, ...]:
    """Those that wait to be resumed, oldest first."""
    return Repositories(conn).suspended_baskets()


def is_shown_at(conn: Connection, basket_id: str, terminal: str) -> bool:
    """Whether the terminal's screen shows this basket now."""
    row = driver_of(conn).execute("SELECT basket_id FROM terminals WHERE name = ?", (terminal,)).fetchone()
    return row is not None and row[0] == basket_id


def facts_of(conn: Connection, basket_id: str) -> tuple[Fact, ...]:
    """The events that made the lines of this basket, oldest first."""
    row = driver_of(conn).execute("SELECT opened_at FROM baskets WHERE basket_id = ?", (basket_id,)).fetchone()
    if row is None:
        return ()
    found = tuple(_facts(conn, basket_id, past.seq_at(driver_of(conn), row[0] - 1)))
    if found and isinstance(found[0].event, BasketOpened):
        return found
    # The clock was set back meanwhile, so times do not find the beginning.
    return tuple(_facts(conn, basket_id, 0))


def _facts(conn: Connection, basket_id: str, after: int) -> Iterator[Fact]:
    marks = ", ".join("?" * len(_TYPES))
    last = "coalesce((SELECT seq FROM receipts WHERE basket_id = ?), (SELECT max(seq) FROM journal))"
    query = (
        f"SELECT {journal.COLUMNS} FROM journal WHERE seq > ? AND seq <= {last} AND type IN ({marks}) "
        "AND instr(data, ?) ORDER BY seq"
    )
    values = (after, basket_id, *_TYPES, f'"basket_id":"{basket_id}"')
    for entry in map(journal.decode, driver_of(conn).execute(query, values)):
        yield Fact(entry.seq, entry.at, entry.type, entry.by, entry.event)
