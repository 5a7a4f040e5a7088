"""One thread, one selector, one heap of timers: enough for a thousand terminals, and nothing needs a lock."""

import heapq
import itertools
import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

WATCH_READ = selectors.EVENT_READ
WATCH_WRITE = selectors.EVENT_WRITE


@dataclass(order=True, slots=True)
class Timer:
    """A call that is due at a monotonic second. Cancelling it twice, or after it ran, does nothing."""

    due_s: float
    number: int
    call: Callable[[], None] | None = field(compare=False)

    def cancel(self) -> None:
        self.call = None


class Loop:
    """Runs callbacks until it is stopped. `stop` and `wake` may be called from a signal handler or another thread."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[Timer] = []
        self._numbers = itertools.count()
        self._is_stopped = False
        self._ear, self._mouth = socket.socketpair()
        for end in (self._ear, self._mouth):
            end.setblocking(False)
        self._selector.register(self._ear, WATCH_READ, self._hear)

    @property
    def wake_descriptor(self) -> int:
        """For `signal.set_wakeup_fd`: a signal ends the wait."""
        return self._mouth.fileno()

    def now_s(self) -> float:
        return time.monotonic()

    def call_later(self, delay_s: float, call: Callable[[], None]) -> Timer:
        timer = Timer(self.now_s() + delay_s, next(self._numbers), call)
        heapq.heappush(self._timers, timer)
        return timer

    def watch(self, sock: socket.socket | int, events: int, call: Callable[[int], None]) -> None:
        """Call `call(events)` when the socket or descriptor is ready; a second watch of it replaces the first."""
        try:
            self._selector.modify(sock, events, call)
        except KeyError:
            self._selector.register(sock, events, call)

    def unwatch(self, sock: socket.socket) -> None:
        self._selector.unregister(sock)

    def stop(self) -> None:
        self._is_stopped = True
        self.wake()

    def wake(self) -> None:
        with suppress(BlockingIOError):  # it has been woken often enough
            self._mouth.send(b"\0")

    def run(self) -> None:
        """Until `stop`; it may be run again after that."""
        self._is_stopped = False
        while not self._is_stopped:
            for key, events in self._selector.select(self._until_next_s()):
                # An earlier one of this turn may have ended the connection, and another may have its descriptor now.
                watched = self._selector.get_map().get(key.fd)
                if watched is not None and watched.data == key.data:
                    key.data(events)
            self._run_due()

    def close(self) -> None:
        self._selector.close()
        self._ear.close()
        self._mouth.close()

    def _until_next_s(self) -> float | None:
        while self._timers and self._timers[0].call is None:
            heapq.heappop(self._timers)
        return max(0.0, self._timers[0].due_s - self.now_s()) if self._timers else None

    def _run_due(self) -> None:
        now = self.now_s()
        while self._timers and self._timers[0].due_s <= now:
            call = heapq.heappop(self._timers).call
            if call is not None:
                call()

    def _hear(self, _: int) -> None:
        self._ear.recv(4096)
