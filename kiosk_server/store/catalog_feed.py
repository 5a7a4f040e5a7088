"""The catalog as lanes keep it for when the line is down: everything once, then only what has changed.

A cursor names the last item that somebody has: the row of the journal that changed it, and its place among the items
of that row. Changes only ever move an item to the end, so going on from a cursor misses nothing, whatever is imported
meanwhile. The hash of that row stands in the cursor too: a store that was put back to an older backup has another
history under the same numbers, and whoever comes with a cursor from the lost one begins anew.
"""

import re

import msgspec
from sqlalchemy import Connection

from kiosk_server.store.repositories import driver_of

MAX_ITEMS = 2_000
_HASH_DIGITS = 16
_CURSOR = re.compile(rf"([0-9]{{1,15}})\.([0-9]{{1,15}})\.([0-9a-f]{{{_HASH_DIGITS}}})", re.ASCII)
_START = (0, 0)

_NEXT = (
    "SELECT changed_seq, row_id, item_id, name, iif(is_withdrawn, NULL, price_cents), "
    "iif(code = item_id, NULL, code) FROM items "
    "WHERE kind = 'grocery' AND (changed_seq, row_id) > (?, ?) ORDER BY changed_seq, row_id LIMIT ?"
)


class FeedItem(msgspec.Struct, frozen=True, array_like=True):
    """One grocery: what it is, what one piece costs, and its printed code where that is not its id.

    `price_cents` is None for what has no price of its own: sold by weight, not for sale yet, or withdrawn.
    """

    item_id: str
    name: str
    price_cents: int | None
    code: str | None


class Feed(msgspec.Struct, frozen=True):
    """A stretch of the catalog. `is_anew`: forget what you have first. `is_last`: there is nothing more for now."""

    items: tuple[FeedItem, ...]
    cursor: str
    is_anew: bool
    is_last: bool


def catalog_feed(conn: Connection, cursor: str, limit: int = MAX_ITEMS) -> Feed:
    """What comes after `cursor`, oldest change first; from the beginning for '' and for a cursor that is not ours."""
    driver = driver_of(conn)
    place = _place_of(conn, cursor)
    found = driver.execute(_NEXT, (*(place or _START), limit + 1)).fetchall()
    items = tuple(FeedItem(*row[2:]) for row in found[:limit])
    last = found[:limit][-1][:2] if items else place
    return Feed(
        items=items,
        cursor=_cursor_at(conn, *last) if last else "",
        is_anew=place is None,
        is_last=len(found) <= limit,
    )


def _place_of(conn: Connection, cursor: str) -> tuple[int, int] | None:
    spelled = _CURSOR.fullmatch(cursor)
    if spelled is None:
        return None
    seq, row_id = int(spelled[1]), int(spelled[2])
    return (seq, row_id) if _hash_at(conn, seq) == spelled[3] else None


def _cursor_at(conn: Connection, seq: int, row_id: int) -> str:
    return f"{seq}.{row_id}.{_hash_at(conn, seq)}"


def _hash_at(conn: Connection, seq: int) -> str:
    row = driver_of(conn).execute("SELECT hash FROM journal WHERE seq = ?", (seq,)).fetchone()
    return row[0].hex()[:_HASH_DIGITS] if row else ""
