"""What the connections of one server share: reactor, workers, admission, counters."""

from __future__ import annotations

import contextlib
import functools
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from kiosk_server.transport.admission import Admission
from kiosk_server.transport.connection import Connection
from kiosk_server.transport.frames import GOING_AWAY
from kiosk_server.transport.limits import Limits
from kiosk_server.transport.reactor import READ, Reactor
from kiosk_server.transport.syscalls import Reader
from kiosk_server.transport.workers import Workers

_LINGER_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stats:
    """Counters for a metrics page; `closed` is by reason, since the start."""

    connections: int
    bytes_out: int
    closed: dict[str, int]
    refused: dict[str, int]
    backlog: int


class Hub:
    """All WebSockets of one server."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.admission = Admission(limits)
        self.reactor = Reactor()
        self.reader = Reader()  # the reactor's
        self.workers = Workers(limits.workers, "transport-worker", self.reactor.call_at)
        # Answers to `call()` must get through while every worker waits for one, so they have their own thread.
        self.answers = Workers(1, "transport-answers", self.reactor.call_at)
        self._connections: set[Connection] = set()
        self._closed: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._bytes_out_before = 0
        self._lock = threading.Lock()
        self._is_draining = False
        self._pages = 0
        self._pages_before = 0

    def note_page(self) -> None:
        """Count a request for a page; exact it need not be."""
        self._pages += 1

    def has_visitors(self) -> bool:
        """Tell whoever sends to many whether pages were asked for since the last did; one may be what made it speak."""
        before, self._pages_before = self._pages_before, self._pages
        return self._pages - before > 1

    @property
    def has_room(self) -> bool:
        """Whether another WebSocket may be opened."""
        return not self._is_draining and len(self._connections) < self.limits.websockets

    def open(self, connection: Connection) -> None:
        """Count a connection from here on."""
        with self._lock:
            self._connections.add(connection)

    def start(self, connection: Connection, head: bytes) -> None:
        """Begin to read a connection; `head` are bytes already read from it."""
        self.reactor.call_soon(connection.start, head)
        if self._is_draining:
            self.reactor.call_soon(connection.finish, "drain", GOING_AWAY)

    def forget(self, connection: Connection) -> None:
        """Drop a connection whose descriptor is closed."""
        with self._lock:
            self._connections.discard(connection)
            self._bytes_out_before += connection.bytes_out
        self.admission.release(connection.address)

    def count_close(self, reason: str) -> None:
        """Count the end of a connection."""
        self._closed[reason] += 1

    def count_refusal(self, reason: str) -> None:
        """Count a peer that was turned away."""
        self._refused[reason] += 1

    def stats(self) -> Stats:
        """Return the counters of now."""
        with self._lock:
            return Stats(
                connections=len(self._connections),
                bytes_out=self._bytes_out_before + sum(c.bytes_out for c in self._connections),
                closed=dict(self._closed),
                refused=dict(self._refused),
                backlog=self.workers.backlog(),
            )

    def linger(self, sock: socket.socket, address: str) -> None:
        """Close a socket so that its peer can still read our last words: half now, half when it has.

        Until then it counts as one of its address's.
        """
        release = functools.partial(self.admission.release, address)
        self.reactor.call_soon(_Lingering(self.reactor, sock, self.limits.close_timeout_s, release).start)

    @property
    def is_empty(self) -> bool:
        """Whether every WebSocket is gone, descriptor and all."""
        return not self._connections

    def say_goodbye(self) -> None:
        """Open no more, and send 1001 to everyone."""
        with self._lock:
            self._is_draining = True
            leaving = list(self._connections)
        for connection in leaving:
            self.reactor.call_soon(connection.finish, "drain", GOING_AWAY)

    def stop(self, timeout_s: float) -> None:
        """Drop everyone, finish the handlers that wait, end the threads."""
        deadline = time.monotonic() + timeout_s
        self.say_goodbye()
        with self._lock:
            late = list(self._connections)
        for connection in late:
            self.reactor.call_soon(connection.abort, "drain")
        # The handlers of those ends are queued by the reactor; only then may the workers be told to finish.
        self.reactor.stop()
        self.workers.stop(timeout_s)
        self.answers.stop(max(0.1, deadline - time.monotonic()))


class _Lingering:
    """A socket on its way out: our half is closed, the peer's bytes are thrown away."""

    def __init__(self, reactor: Reactor, sock: socket.socket, timeout_s: float, release: Callable[[], None]) -> None:
        self._release = release
        self._reactor = reactor
        self._sock = sock
        self._timeout_s = timeout_s
        self._left = _LINGER_BYTES

    def start(self) -> None:
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_WR)
        self._reactor.watch(self._sock, 0, READ, self)
        self._reactor.call_at(time.monotonic() + self._timeout_s, lambda _now: self.on_fault())

    def on_ready(self, _mask: int) -> None:
        try:
            taken = len(self._sock.recv(65536))
        except BlockingIOError:
            return
        except OSError:
            taken = 0
        self._left -= taken
        if not taken or self._left < 0:
            self.on_fault()

    def on_fault(self) -> None:
        if self._sock.fileno() >= 0:
            self._reactor.watch(self._sock, READ, 0, self)
            self._sock.close()
            self._release()
