"""waitress's loop, its listening sockets and its threads: accept gate, bounded turns, pages first.

With waitress.py the only file that knows waitress.
"""

from __future__ import annotations

import logging
import os
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from kiosk_server.transport.handshake import Application
from kiosk_server.transport.hub import Hub
from kiosk_server.transport.limits import Limits
from kiosk_server.transport.waitress import Channel

logger = logging.getLogger(__name__)

_ACCEPTED_AT_ONCE = 128
_SERVED_AT_ONCE = 64  # channels a turn; a thousand that come back at once would make it a fifth of a second

Gate = Callable[[str], bool]
Headers = Sequence[tuple[str, str]]


class Listener(TcpWSGIServer):
    """One listening socket."""

    channel_class = Channel
    hub: Hub
    gate: Gate | None = None
    error_headers: Headers = ()
    _resume_at = 0.0
    next_channel_cleanup = float("inf")  # waitress's own sweep runs on the wall clock

    def readable(self) -> bool:
        """Tell whether to accept."""
        return time.monotonic() >= self._resume_at and bool(super().readable())

    def handle_accept(self) -> None:
        """Accept who waits: behind a thousand terminals that come back at once there may be a page request."""
        has_refused = False
        for _ in range(_ACCEPTED_AT_ONCE):
            accepted = self._accept()
            if accepted is None:
                break
            has_refused |= not self._welcome(*accepted)
            if len(self._map) >= self.adj.connection_limit:
                break
        if has_refused:
            # A flood keeps this thread busy without a pause, and a page's thread that wakes on the same processor
            # would wait for the scheduler's whole slice (3 ms): let it go first.
            os.sched_yield()

    def _accept(self) -> tuple[socket.socket, Any] | None:
        try:
            accepted: tuple[socket.socket, Any] = self.socket.accept()
        except (BlockingIOError, ConnectionError):
            return None
        except OSError:
            # Out of descriptors, most likely; the listening socket stays readable, so do not spin on it.
            logger.exception("Accepting failed; trying again in half a second")
            self._resume_at = time.monotonic() + 0.5
            return None
        return accepted

    def _welcome(self, sock: socket.socket, address: Any) -> bool:
        """Give a new connection its channel, if the gate and the caps let it in; False where they do not."""
        peer = "" if self.family == socket.AF_UNIX else str(address[0])
        if not self._is_welcome(peer):
            sock.close()
            return False
        try:
            self.set_socket_options(sock)
            self.channel_class(self, sock, (peer, *address[1:2]), self.adj, self._map)
        except OSError:
            sock.close()
            self.hub.admission.release(peer)
        return True

    def _is_welcome(self, peer: str) -> bool:
        if self.gate is not None and not self._passes_gate(self.gate, peer):
            self.hub.count_refusal("gate")
            return False
        if not self.hub.admission.admit(peer):
            self.hub.count_refusal("connections per address")
            return False
        return True

    def _passes_gate(self, gate: Gate, peer: str) -> bool:
        try:
            return gate(peer)
        except Exception:  # which would close the listening socket, for good
            logger.exception("The accept gate failed for %s, who is not let in", peer)
            return False

    def sweep(self, now: float) -> None:
        """Close who is overdue."""
        for channel in list(self.active_channels.values()):
            if channel.is_overdue(now, self.hub.limits):
                # Not `will_close`: that waits until a client that reads nothing can be written to.
                channel.handle_close()

    def stop_listening(self) -> None:
        """Close the listening socket; connections stay."""
        self.accepting = False
        if self._fileno is not None:
            self.del_channel()
            self.socket.close()


class _PagesFirst:
    """A queue of channels in which requests for pages pass those for WebSockets."""

    def __init__(self) -> None:
        self._pages: deque[Channel] = deque()
        self._upgrades: deque[Channel] = deque()

    def append(self, channel: Channel) -> None:
        (self._pages if channel.requests[0].tail is None else self._upgrades).append(channel)

    def popleft(self) -> Channel:
        return (self._pages or self._upgrades).popleft()

    def __len__(self) -> int:
        return len(self._pages) + len(self._upgrades)


class Dispatcher(ThreadedTaskDispatcher):
    """The threads of waitress, with pages first: a storm of reconnects must not keep the console waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = _PagesFirst()

    def add_task(self, task: Channel) -> None:
        """Queue a channel; unlike waitress's own, without a warning for each that waits."""
        with self.lock:
            self.queue.append(task)
            self.queue_cv.notify()


class HttpLoop:
    """waitress's loop, its listening sockets and its threads, under our control."""

    def __init__(
        self,
        application: Application,
        hub: Hub,
        gate: Gate | None,
        error_headers: Headers,
        options: dict[str, Any],
    ) -> None:
        self._hub = hub
        self._map: dict[int, Any] = {}
        self._sweep_at = 0.0
        adj = Adjustments(**_settings(hub.limits, options))
        self._dispatcher = Dispatcher()
        self._dispatcher.set_thread_count(adj.threads)
        settings = {"hub": hub, "gate": staticmethod(gate) if gate else None, "error_headers": tuple(error_headers)}
        listener_class = type("Listener", (Listener,), settings)
        self._listeners: list[Listener] = []
        try:
            for sock in adj.sockets:
                info = (sock.family, sock.type, sock.proto, sock.getsockname())
                self._listeners.append(
                    listener_class(application, self._map, True, sock, self._dispatcher, adj, info, bind_socket=False)
                )
            for info in () if adj.sockets else adj.listen:
                self._listeners.append(listener_class(application, self._map, True, None, self._dispatcher, adj, info))
        except BaseException:
            self.close(1.0)  # idle threads need a moment to hear of it
            raise

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Return where it listens, with the ports that were bound."""
        return [(listener.effective_host, int(listener.effective_port)) for listener in self._listeners]

    def turn(self, timeout_s: float) -> None:
        """Serve what is ready; wait for it up to `timeout_s`. Once a second, see who is overdue."""
        now = time.monotonic()
        if now >= self._sweep_at:
            # Here, and not within a poll: its events would be taken for those of the next client on that number.
            self._sweep_at = now + 1
            for listener in self._listeners:
                listener.sweep(now)
        ready = self._wait(timeout_s)
        # Listeners and triggers first: a page request behind a storm is then soon among the newest.
        for number, flags in [one for one in ready if not isinstance(self._map.get(one[0]), Channel)]:
            self._serve(number, flags)
        channels = [one for one in ready if isinstance(self._map.get(one[0]), Channel)]
        for number, flags in channels if len(channels) <= _SERVED_AT_ONCE else self._choose(channels):
            self._serve(number, flags)

    def _wait(self, timeout_s: float) -> list[tuple[int, int]]:
        """Return the descriptors that are ready, in the order of the map."""
        poll = select.poll()
        for number, owner in list(self._map.items()):
            flags = select.POLLIN | select.POLLPRI if owner.readable() else 0
            if owner.writable() and not owner.accepting:
                flags |= select.POLLOUT
            if flags:
                poll.register(number, flags)
        return poll.poll(int(timeout_s * 1000))

    def _choose(self, ready: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Take pages before handshakes, and of either the newest and those who wait longest, so that nobody starves."""
        pages: list[tuple[int, int]] = []
        handshakes: list[tuple[int, int]] = []
        for one in ready:
            (handshakes if self._map[one[0]].is_handshake() else pages).append(one)
        chosen = _both_ends(pages, _SERVED_AT_ONCE - min(len(handshakes), _SERVED_AT_ONCE // 2))
        chosen += _both_ends(handshakes, _SERVED_AT_ONCE - len(chosen))
        for number, _ in chosen:
            self._map[number] = self._map.pop(number)  # whoever had a turn goes to the back
        return chosen

    def _serve(self, number: int, flags: int) -> None:
        owner = self._map.get(number)
        if owner is not None:
            wasyncore.readwrite(owner, flags)

    def wake(self) -> None:
        """End the wait of a `turn` in another thread."""
        with suppress(OSError):
            self._listeners[0].pull_trigger()

    def stop_listening(self) -> None:
        """Accept nobody any more."""
        for listener in self._listeners:
            listener.stop_listening()

    def is_idle(self) -> bool:
        """Tell whether no request runs and no answer waits to be sent."""
        channels = self._channels()
        return not any(c.requests or c.total_outbufs_len or c.close_when_flushed for c in channels)

    def close(self, timeout_s: float) -> None:
        """End threads, connections and sockets; a request still running after `timeout_s` is left behind."""
        self._dispatcher.shutdown(timeout=timeout_s)
        for channel in self._channels():
            channel.handle_close()
        wasyncore.close_all(self._map, ignore_all=True)

    def _channels(self) -> list[Channel]:
        return [c for listener in self._listeners for c in list(listener.active_channels.values())]


def _both_ends(ready: list[tuple[int, int]], count: int) -> list[tuple[int, int]]:
    """Return `count` of them: half of the newest, newest first, and half of the oldest."""
    if len(ready) <= count:
        return ready
    return ready[: -(count // 2) - 1 : -1] + ready[: count - count // 2]


def _settings(limits: Limits, options: dict[str, Any]) -> dict[str, Any]:
    """Set waitress up for a store; a caller's own options win."""
    return {
        "threads": limits.http_threads,
        "connection_limit": limits.http_connections,
        "max_request_header_size": limits.header_bytes,
        "max_request_body_size": limits.body_bytes,
        "asyncore_use_poll": True,  # select() ends at 1,024 descriptors
        "backlog": 4096,
        "expose_tracebacks": False,
        "clear_untrusted_proxy_headers": True,
        "log_socket_errors": False,
        "ident": None,
        **options,
        # One request at a time is read from a client: what follows an upgrade is not HTTP.
        "channel_request_lookahead": 0,
    }
