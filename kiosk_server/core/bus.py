"""The counter: one command at a time, and one answer for each. `submit` is the only way to change anything.

A command waits in a bounded queue for the writer, is done inside its transaction, and is answered and published after
the commit. Who may give which command is the table that comes with the handlers.
"""

import hashlib
import queue
import threading
from collections.abc import Callable, Mapping, Set

import msgspec

from kiosk_server.core.checkup import Checkup
from kiosk_server.core.clock import Clock
from kiosk_server.core.desk import Handler
from kiosk_server.core.historian import Historian
from kiosk_server.core.publisher import Publisher, Subscriber, Watcher
from kiosk_server.core.reply import Reply
from kiosk_server.core.stats import Stats
from kiosk_server.core.waiting import CLOSE, Probe, Waiting
from kiosk_server.core.writer import Writer
from kiosk_server.domain.commands import FILLED_IN, Command
from kiosk_server.domain.errors import BadRequest, Busy, Forbidden, UnknownCommand
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.promise import Promise
from kiosk_server.store.db import Database
from kiosk_server.store.journal import Entry

__all__ = ["Bus", "Entry", "Reply", "Stats", "Subscriber", "Watcher"]

MAX_KEY_LENGTH = 128
QUEUE_LIMIT = 10_000

_encode = msgspec.json.Encoder().encode


class Bus:
    """Submit commands, hear events.

    `handlers` and `roles` have the same keys; a command without a row in `roles` is a mistake found here, at start.
    `queue_limit` is how many commands may wait, for the writer or for their answer, before new ones are busy.
    """

    def __init__(
        self,
        database: Database,
        policy: Policy,
        clock: Clock,
        *,
        handlers: Mapping[type[Command], Handler],
        roles: Mapping[type[Command], Set[Role]],
        queue_limit: int = QUEUE_LIMIT,
        probe_interval_s: float = 1.0,
    ) -> None:
        strangers = {kind.__name__ for kind in handlers.keys() ^ roles.keys()}
        if strangers:
            raise ValueError(f"commands without a handler or without a row of roles: {', '.join(sorted(strangers))}")
        self._database = database
        self._roles = roles
        self._queue_limit = queue_limit
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._door = threading.Lock()
        self._is_open = True
        self._is_started = False
        self.publisher = Publisher()
        self.publisher.subscribe(Historian(database).on_entries)
        self._writer = Writer(
            database,
            policy,
            clock,
            handlers=handlers,
            waiting=self._queue,
            publisher=self.publisher,
            probe_interval_s=probe_interval_s,
        )

    def start(self) -> None:
        """Begin with what already waits."""
        self._is_started = True
        self.publisher.start()
        self._writer.start()
        if not self._database.is_checked:
            Checkup(self._database, self._writer.condemn).start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Refuse new commands, finish those that wait, publish what they did. False if that took too long."""
        with self._door:
            if not self._is_open:
                return True
            self._is_open = False
            self._queue.put(CLOSE)
        if not self._is_started:
            self.start()
        # A writer that is late still commits, and whoever waits for that must hear of it: so its publisher stays.
        return self._writer.join(timeout_s) and self.publisher.stop(timeout_s)

    def submit(self, command: Command, identity: Identity, key: str) -> Promise[Reply]:
        """Ask for something. Never blocks and never raises; the promise is kept after the commit.

        The same key from the same identity gets the first answer again. A callback of the promise runs on the
        publisher's thread, or where the command was refused: it must be quick, and must not wait for another command.
        """
        allowed = self._roles.get(type(command))
        if allowed is None:
            return _refused(UnknownCommand("This command is not known here. Nothing was changed."))
        if identity.role not in allowed:
            name = command.__struct_config__.tag
            return _refused(
                Forbidden(f"{identity.name} may not do this ({name}). Nothing was changed. Ask somebody who may.")
            )
        if not 0 < len(key) <= MAX_KEY_LENGTH:
            return _refused(
                BadRequest(f"A command needs a key of 1 to {MAX_KEY_LENGTH} characters. Nothing was changed.")
            )
        waiting = Waiting(command, identity, key, hashlib.sha256(_encode(FILLED_IN.as_sent(command))).digest())
        return self._enqueue(waiting)

    def probe(self) -> Promise[Reply]:
        """Ask whether a command would be done now: through the queue, with a real write and a commit."""
        return self._enqueue(Probe())

    def _enqueue(self, waiting: Waiting) -> Promise[Reply]:
        with self._door:
            # What is done and not answered counts too, or a writer quicker than the screens would never be busy.
            if self._is_open and self._queue.qsize() + self.publisher.unanswered < self._queue_limit:
                self._queue.put(waiting)
                return waiting.future
            is_open = self._is_open
        self._writer.stats.busy += 1
        if not is_open:
            return _refused(Busy("The server is closing. Nothing was changed. Try again in a moment.", retry_after_s=5))
        return _refused(Busy("More is being done than fits in the queue. Nothing was changed.", retry_after_s=1))

    def may(self, command: Command, identity: Identity) -> bool:
        """Whether somebody of this role may give such a command at all."""
        return identity.role in self._roles.get(type(command), frozenset())

    def subscribe(self, subscriber: Subscriber, *, is_screen: bool = False) -> Callable[[], None]:
        """Hear every committed batch of entries, in journal order, on one of the publisher's threads.

        Returns what ends it. A subscriber that raises is logged and goes on hearing. One that `is_screen` hears with
        the answers and before all others; it must be quick and wait for no command.
        """
        return self.publisher.subscribe(subscriber, is_screen=is_screen)

    def watch(self, watcher: Watcher) -> None:
        """Hear when the store becomes read-only (why, in words) and when it can be written again (None)."""
        self.publisher.watch(watcher)

    @property
    def head_seq(self) -> int:
        """The number of the last committed event."""
        return self._writer.head_seq

    @property
    def is_read_only(self) -> bool:
        return self._writer.trouble is not None

    @property
    def trouble(self) -> str | None:
        """Why nothing can be written now, in words for the manager; None when all is well."""
        return self._writer.trouble

    @property
    def is_disk_low(self) -> bool:
        """Whether the free space has fallen below what people are to be warned at; selling goes on."""
        return self._writer.is_disk_low

    @property
    def waiting(self) -> int:
        """How many commands stand in the queue."""
        return self._queue.qsize()

    @property
    def stats(self) -> Stats:
        """Counters since the start; see Stats."""
        return self._writer.stats


def _refused(refusal: BadRequest | Busy | Forbidden) -> Promise[Reply]:
    future: Promise[Reply] = Promise()
    future.set_result(Reply.of_refusal(refusal, seq=0))
    return future
