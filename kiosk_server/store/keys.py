"""The keys of commands: who sent which, what it was, and what was answered. Written in the command's own transaction,
so a crash between commit and answer leaves the answer to be given again.

Their age is counted in time that this store has run, never by the wall clock: a box that hears the right time of day
after its start must not forget what it has just answered. So a row's `at` is the newest row's of the start before, and
what has passed since.
"""

from collections.abc import Callable, Iterable

import msgspec

from kiosk_server.store.pen import Bulk, Pen

KEPT_MS = 7 * 24 * 3600 * 1000
FORGET_AT_ONCE = 5_000

# One question for a whole batch: each statement hands the interpreter to another thread and waits to have it back.
_FIND = (
    "SELECT known.identity, known.key, known.body, known.reply FROM json_each(?) AS asked "
    "CROSS JOIN command_keys AS known ON known.identity = json_extract(asked.value, '$[0]') "
    "AND known.key = json_extract(asked.value, '$[1]')"
)
_REMEMBER = Bulk("INSERT INTO command_keys (identity, key, body, at, reply) VALUES {rows}", 5)

Sender = tuple[str, str]
"""The name of who sent it, and the key."""


class Keys:
    """The command keys of one store, on its writing connection. Each transaction starts with `begin`.

    `monotonic_s` gives seconds that never go back.
    """

    __slots__ = ("_began", "_driver", "_known", "_monotonic_s")

    def __init__(self, driver: Pen, monotonic_s: Callable[[], float]) -> None:
        self._driver = driver
        self._monotonic_s = monotonic_s
        newest = driver.execute("SELECT at FROM command_keys ORDER BY row_id DESC LIMIT 1").fetchone()
        self._began = (newest[0] if newest else 0) - int(monotonic_s() * 1000)
        self._known: dict[Sender, tuple[bytes, bytes]] = {}

    def begin(self, senders: Iterable[Sender]) -> None:
        """Load what is known of these."""
        asked = msgspec.json.encode(list(senders)).decode()
        found = self._driver.execute(_FIND, (asked,))
        self._known = {(identity, key): (body, reply) for identity, key, body, reply in found}

    def find(self, sender: Sender) -> tuple[bytes, bytes] | None:
        """The body's hash and the first answer, if this key was used by this identity. One of those begun with."""
        return self._known.get(sender)

    def remember(self, sender: Sender, body: bytes, reply: bytes) -> None:
        self._known[sender] = (body, reply)
        self._driver.later(_REMEMBER, (*sender, body, self._now(), reply))

    def forget_old(self) -> None:
        """Delete the oldest of those kept long enough, a bounded number, so that no command waits long for it."""
        self._driver.execute(
            "DELETE FROM command_keys WHERE row_id IN (SELECT row_id FROM command_keys ORDER BY row_id LIMIT ?) "
            "AND at < ?",
            (FORGET_AT_ONCE, self._now() - KEPT_MS),
        )

    def probe(self, at: int) -> None:
        """Write something harmless, to learn whether the disk is well again."""
        query = "INSERT OR REPLACE INTO store_facts (name, value) VALUES ('probed_at', ?)"
        self._driver.execute(query, (str(at),))

    def _now(self) -> int:
        return self._began + int(self._monotonic_s() * 1000)
