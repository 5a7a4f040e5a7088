"""Addresses of receipts that nobody can guess: whoever holds one may read that receipt, and no other.

    1042.Jq3xTz9wLk0c5VnY7bRd2A      the number, and an HMAC-SHA256 of it under a key of this store, cut to 128 bits

The key is a fact about the file: it is made when a store is opened for the first time, comes along with every backup,
and never leaves the server. The basket is part of what is signed, so that after a backup was restored a link to a
receipt that is gone does not open the one that has its number now.
"""

import base64
import hashlib
import hmac
import re
import secrets
import sqlite3
from typing import Final

from sqlalchemy import Connection

from kiosk_server.domain.tender import Receipt
from kiosk_server.store import queries
from kiosk_server.store.repositories import driver_of

KEY_BYTES: Final = 32
MAC_BYTES: Final = 16

_LINK: Final = re.compile(r"([1-9][0-9]{0,14})\.([A-Za-z0-9_-]{22})")


def prepare(driver: sqlite3.Connection) -> None:
    """Make the key of a store that has none. For the writing connection, outside a transaction."""
    if _key(driver) is None:
        query = "INSERT OR IGNORE INTO store_facts (name, value) VALUES ('receipt_key', ?)"
        driver.execute(query, (secrets.token_hex(KEY_BYTES),))


def link_of(conn: Connection, receipt: Receipt) -> str:
    """The last part of this receipt's address."""
    key = _key(driver_of(conn))
    if key is None:
        raise LookupError("this store was opened by nobody who may write, so it has no key for links")
    signed = hmac.new(key, f"{receipt.number}/{receipt.basket_id}".encode(), hashlib.sha256).digest()[:MAC_BYTES]
    return f"{receipt.number}.{base64.urlsafe_b64encode(signed).decode().rstrip('=')}"


def receipt_behind(conn: Connection, link: str) -> Receipt | None:
    """The receipt that this link opens, or None: wrong ones and those of receipts that are gone look alike."""
    parts = _LINK.fullmatch(link)
    receipt = queries.receipt(conn, int(parts[1])) if parts else None
    return receipt if receipt and hmac.compare_digest(link_of(conn, receipt), link) else None


def _key(driver: sqlite3.Connection) -> bytes | None:
    row = driver.execute("SELECT value FROM store_facts WHERE name = 'receipt_key'").fetchone()
    return bytes.fromhex(row[0]) if row else None
