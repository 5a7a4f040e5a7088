"""The only file that knows waitress: accept gate, strict requests, deadlines, hand-over of an upgraded socket.

What it relies on inside waitress is listed, and checked, in tests/transport/test_contract.py.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask
from waitress.utilities import BadRequest

from kiosk_server.transport.hub import Hub
from kiosk_server.transport.limits import Limits
from kiosk_server.transport.request import fault_in_head, fault_in_opening, fault_in_target

logger = logging.getLogger(__name__)

_ACCEPTED_AT_ONCE = 128

Gate = Callable[[str], bool]
Application = Callable[..., Iterable[bytes]]


class Parser(HTTPRequestParser):
    """A request, strictly: what could be read in two ways is refused."""

    # What the client sent behind a request to upgrade: frames, not another request.
    tail: bytes | None = None

    def received(self, data: bytes) -> int:
        """Take bytes of this request and return how many were taken."""
        if self.body_rcv is None and not self.completed:
            fault = fault_in_opening(self.header_plus + data.partition(b"\r\n\r\n")[0])
            if fault is not None:
                self._refuse(fault)
                return len(data)
        taken: int = super().received(data)
        if self.chunked and not self.error:
            # Hex digits without end are a valid chunk size to waitress, which would wait for that many bytes.
            if self.body_rcv.chunk_remainder > self.adj.max_request_body_size:
                self._refuse("A chunk is too large.")
        elif self.completed and not self.error and self._is_upgrade():
            self.tail = data[taken:]
            return len(data)
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the head, after checks of our own."""
        fault = fault_in_head(header_plus.removesuffix(b"\r\n\r\n"))
        if fault is not None:
            raise ParsingError(fault)
        super().parse_header(header_plus)
        fault = fault_in_target(self.path, self.proxy_netloc, self.headers)
        if fault is not None:
            raise ParsingError(fault)

    def _is_upgrade(self) -> bool:
        return "websocket" in self.headers.get("UPGRADE", "").lower()

    def _refuse(self, fault: str) -> None:
        self.error = BadRequest(fault)
        self.completed = True


class Task(WSGITask):
    """A request whose application may take the socket instead of answering."""

    _start: Callable[[bytes, bool], None] | None = None

    @property
    def hub(self) -> Hub:
        """The WebSockets of this server."""
        hub: Hub = self.channel.server.hub
        return hub

    @property
    def address(self) -> str:
        """The TCP peer."""
        address: str = self.channel.address
        return address

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment, with the hand-over if this request asks for an upgrade."""
        environ: dict[str, Any] = super().get_environment()
        if self.request.tail is not None:
            environ["transport.hand_over"] = self
        return environ

    def take(self, start: Callable[[bytes, bool], None]) -> socket.socket:
        """Give the socket away (see handshake.HandOver)."""
        if self._start is not None:
            raise RuntimeError("The socket of this request is taken already.")
        sock: socket.socket = self.channel.duplicate()
        self._start = start
        # From here on waitress believes that an answer was sent and that the connection ends with it.
        self.wrote_header = True
        self.close_on_finish = True
        self.channel.is_taken = True
        return sock

    def service(self) -> None:
        """Run the application, then let the WebSocket begin."""
        is_well = False
        try:
            super().service()
            is_well = not self.status.startswith("5")
        finally:
            if self._start is not None:
                self._start(self.request.tail, is_well)
            elif self.request.tail is not None:
                self.close_on_finish = True  # what came behind the request is not HTTP

    def write(self, data: bytes) -> None:
        """Write to the client, unless the socket is no longer ours."""
        if self._start is None:
            super().write(data)
        else:
            self.content_bytes_written += len(data)

    def finish(self) -> None:
        """End the answer, if there is one."""
        if self._start is None:
            super().finish()


class Refusal(ErrorTask):
    """The answer to a bad request, after which the client may still be sending."""

    def execute(self) -> None:
        """Answer, and have the close wait until the client has read it."""
        self.channel.is_lingering = True
        super().execute()


class Channel(HTTPChannel):
    """A connection to waitress, with deadlines on a clock that nobody sets."""

    task_class = Task
    error_task_class = Refusal
    parser_class = Parser

    is_taken = False
    is_lingering = False
    _active_at = 0.0
    _began_at: float | None = None

    def __init__(self, server: Listener, sock: socket.socket, addr: Any, adj: Any, map: Any) -> None:
        self.address: str = addr[0]
        super().__init__(server, sock, addr, adj, map=map)

    @property
    def last_activity(self) -> float:
        """When bytes last moved; waitress sets it from the wall clock, we note the steady one."""
        return self._active_at

    @last_activity.setter
    def last_activity(self, _wall_clock: float) -> None:
        self._active_at = time.monotonic()

    def received(self, data: bytes) -> bool:
        """Take bytes, and note when the request that they belong to began."""
        is_kept: bool = super().received(data)
        if self.request is None:
            self._began_at = None
        elif self._began_at is None:
            self._began_at = time.monotonic()
        return is_kept

    def duplicate(self) -> socket.socket:
        """Return a socket of our own for this connection; OSError if it is closed."""
        with self.outbuf_lock:  # which handle_close holds too, so the descriptor cannot be another's
            if not self.connected or self.socket.fileno() < 0:
                raise OSError("The client is gone.")
            old = self.socket
            return socket.socket(old.family, old.type, old.proto, fileno=os.dup(old.fileno()))

    def handle_close(self) -> None:
        """Close waitress's side, under the lock that `duplicate` takes."""
        with self.outbuf_lock:
            if self._fileno is None:
                return
            if self.is_lingering and self.connected:
                with suppress(OSError):
                    self.server.hub.linger(self.duplicate())
            super().handle_close()
        if not self.is_taken:
            self.server.hub.admission.release(self.address)

    def is_overdue(self, now: float, limits: Limits) -> bool:
        """Tell whether this client has had its time."""
        if self.total_outbufs_len:
            return now - self._active_at > limits.send_timeout_s
        if self.requests:
            return False
        if self._began_at is not None and self.request is not None:
            is_body = self.request.headers_finished
            allowed = limits.body_timeout_s if is_body else limits.header_timeout_s
            return now - self._began_at > allowed
        return now - self._active_at > limits.idle_timeout_s


class Listener(TcpWSGIServer):
    """One listening socket."""

    channel_class = Channel
    hub: Hub
    gate: Gate | None = None
    _resume_at = 0.0
    next_channel_cleanup = float("inf")  # waitress's own sweep runs on the wall clock

    def readable(self) -> bool:
        """Tell whether to accept."""
        return time.monotonic() >= self._resume_at and bool(super().readable())

    def handle_accept(self) -> None:
        """Accept who waits: behind a thousand terminals that come back at once there may be a page request."""
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                sock, address = self.socket.accept()
            except (BlockingIOError, ConnectionError):
                return
            except OSError:
                # Out of descriptors, most likely; the listening socket stays readable, so do not spin on it.
                logger.exception("Accepting failed; trying again in half a second")
                self._resume_at = time.monotonic() + 0.5
                return
            self._welcome(sock, address)
            if len(self._map) >= self.adj.connection_limit:
                return

    def _welcome(self, sock: socket.socket, address: Any) -> None:
        """Give a new connection its channel, if the gate and the caps let it in."""
        peer = "" if self.family == socket.AF_UNIX else str(address[0])
        if not self._is_welcome(peer):
            sock.close()
            return
        try:
            self.set_socket_options(sock)
            self.channel_class(self, sock, (peer, *address[1:2]), self.adj, self._map)
        except OSError:
            sock.close()
            self.hub.admission.release(peer)

    def _is_welcome(self, peer: str) -> bool:
        if self.gate is not None and not self.gate(peer):
            self.hub.count_refusal("gate")
            return False
        if not self.hub.admission.admit(peer):
            self.hub.count_refusal("connections per address")
            return False
        return True

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
        options: dict[str, Any],
    ) -> None:
        self._hub = hub
        self._map: dict[int, Any] = {}
        self._sweep_at = 0.0
        adj = Adjustments(**_settings(hub.limits, options))
        self._dispatcher = Dispatcher()
        self._dispatcher.set_thread_count(adj.threads)
        listener_class = type("Listener", (Listener,), {"hub": hub, "gate": staticmethod(gate) if gate else None})
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
            self.close(0)
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
        wasyncore.poll2(timeout_s, self._map)

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
