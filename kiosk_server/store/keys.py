"""The keys of commands: who sent which, what it was, and what was answered. Written in the command's own transaction,
so a crash between commit and answer leaves the answer to be given again.
"""

import sqlite3

KEPT_MS = 7 * 24 * 3600 * 1000
FORGET_AT_ONCE = 5_000


class Keys:
    """The command keys of one store, on its writing connection."""

    __slots__ = ("_driver",)

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._driver = driver

    def find(self, identity: str, key: str) -> tuple[bytes, bytes] | None:
        """The body's hash and the first answer, if this identity has used this key."""
        query = "SELECT body, reply FROM command_keys WHERE identity = ? AND key = ?"
        row: tuple[bytes, bytes] | None = self._driver.execute(query, (identity, key)).fetchone()
        return row

    def remember(self, identity: str, key: str, body: bytes, at: int, reply: bytes) -> None:
        query = "INSERT INTO command_keys (identity, key, body, at, reply) VALUES (?, ?, ?, ?, ?)"
        self._driver.execute(query, (identity, key, body, at, reply))

    def forget_old(self, now: int) -> None:
        """Delete the oldest of those kept long enough, a bounded number, so that no command waits long for it."""
        self._driver.execute(
            "DELETE FROM command_keys WHERE row_id IN (SELECT row_id FROM command_keys ORDER BY row_id LIMIT ?) "
            "AND at < ?",
            (FORGET_AT_ONCE, now - KEPT_MS),
        )

    def probe(self, at: int) -> None:
        """Write something harmless, to learn whether the disk is well again."""
        query = "INSERT OR REPLACE INTO store_facts (name, value) VALUES ('probed_at', ?)"
        self._driver.execute(query, (str(at),))
