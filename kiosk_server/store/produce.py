"""What is picked from pictures at the scale: produce by category, what sells most first; and the pictures."""

from sqlalchemy import Connection

from kiosk_server.domain.catalog import Item
from kiosk_server.store import rows
from kiosk_server.store.repositories import driver_of
from kiosk_server.store.tables import PRODUCE

LIMIT = 200


# Named, because the planner would rather look through all groceries.
BY_SALES = (
    f"SELECT {rows.ITEM} FROM items INDEXED BY items_produce_by_sales WHERE {PRODUCE} ORDER BY sold DESC, name LIMIT ?"
)
BY_CATEGORY = (
    f"SELECT {rows.ITEM} FROM items INDEXED BY items_produce WHERE category = ? AND {PRODUCE} "
    "ORDER BY sold DESC, name LIMIT ?"
)


def produce(conn: Connection, category: str = "", limit: int = 60) -> tuple[Item, ...]:
    """At most `limit` (and LIMIT) items of the category, or of all; what sells most first, equals by name."""
    most = max(0, min(limit, LIMIT))
    driver = driver_of(conn)
    found = driver.execute(BY_CATEGORY, (category, most)) if category else driver.execute(BY_SALES, (most,))
    return tuple(map(rows.item, found))


def produce_categories(conn: Connection) -> tuple[str, ...]:
    """Those that hold any produce, the one that sells most first."""
    query = (
        f"SELECT category FROM items INDEXED BY items_produce WHERE {PRODUCE} AND category != '' "
        "GROUP BY category ORDER BY sum(sold) DESC, category"
    )
    return tuple(category for (category,) in driver_of(conn).execute(query))


def picture_of(conn: Connection, item_id: str) -> str:
    """The file that the catalog names for the item; "" where it names none."""
    row = driver_of(conn).execute("SELECT picture FROM items WHERE item_id = ?", (item_id,)).fetchone()
    return str(row[0]) if row else ""
