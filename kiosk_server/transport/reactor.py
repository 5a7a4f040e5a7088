"""One thread, one poller: reads, writes and deadlines of every WebSocket. Nothing here runs a handler.

All times are `time.monotonic()`: a clock that is set, however far, disconnects nobody.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import logging
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from kiosk_server.transport.poller import READ, WRITE, Poller

__all__ = ["READ", "WRITE", "Reactor", "Timer", "Watched"]

logger = logging.getLogger(__name__)

# Returns when it wants to be called again, or None.
Timer = Callable[[float], float | None]


class Watched(Protocol):
    """What the reactor asks of a socket's owner."""

    def on_ready(self, mask: int) -> None:
        """Read or write; called in the reactor's thread."""

    def on_fault(self) -> None:
        """Give up after an exception in `on_ready`; called in the reactor's thread."""


class Reactor:
    """The event loop. `call_soon` and `call_at` may be used from any thread, the rest from its own."""

    def __init__(self, name: str = "transport-reactor") -> None:
        self._poller = Poller()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._poller.watch(self._wake_read, 0, READ, self)
        self._soon: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()
        self._is_woken = False
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._is_running = True
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def call_soon(self, function: Callable[..., object], *args: Any) -> None:
        """Run `function` in the reactor's thread, in the order of the calls."""
        self._soon.append((function, args))
        if not self._is_woken:
            self._is_woken = True
            # A full pipe wakes just as well; a closed one has nobody to wake.
            with contextlib.suppress(OSError):
                os.write(self._wake_write, b"w")

    def call_at(self, when: float, timer: Timer) -> None:
        """Call `timer(now)` at or soon after `when` (monotonic), and again when it says so."""
        if threading.current_thread() is self._thread:
            heapq.heappush(self._timers, (when, next(self._order), timer))
        else:
            self.call_soon(self.call_at, when, timer)

    def watch(self, sock: socket.socket, was: int, mask: int, owner: Watched) -> None:
        """Change what a socket is watched for, from `was` to `mask`; 0 is nothing at all."""
        self._poller.watch(sock.fileno(), was, mask, owner)

    def stop(self) -> None:
        """End the thread and free its descriptors."""
        self.call_soon(self._halt)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _halt(self) -> None:
        self._is_running = False

    def _run(self) -> None:
        while self._is_running:
            timeout = max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None
            for owner, mask in self._poller.wait(timeout):
                if owner is self:
                    self._clear_wake()
                else:
                    self._serve(owner, mask)
            self._run_soon()
            # After input: a pong that waited while this process was stopped is read before anyone is judged by it.
            self._run_timers()
        for owner in self._poller.owners():
            if owner is not self:
                owner.on_fault()  # a socket that still lingers must not wait for the garbage collector
        self._poller.close()
        # Nobody may write to a number that is another file's by then.
        ends, self._wake_write = (self._wake_read, self._wake_write), -1
        for end in ends:
            os.close(end)

    def _clear_wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, 4096)

    def _serve(self, owner: Watched, mask: int) -> None:
        try:
            owner.on_ready(mask)
        except Exception:
            logger.exception("A connection failed and is dropped")
            owner.on_fault()

    def _run_soon(self) -> None:
        self._is_woken = False
        for _ in range(len(self._soon)):
            function, args = self._soon.popleft()
            try:
                function(*args)
            except Exception:
                logger.exception("A call in the reactor failed")
        if self._soon and not self._is_woken:
            self.call_soon(_nothing)

    def _run_timers(self) -> None:
        if not self._timers:
            return
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            timer = heapq.heappop(self._timers)[2]
            try:
                again = timer(now)
            except Exception:
                logger.exception("A timer in the reactor failed")
                continue
            if again is not None:
                heapq.heappush(self._timers, (again, next(self._order), timer))


def _nothing() -> None:
    pass
