"""One connection to waitress: strict requests, deadlines, hand-over of an upgraded socket.

With loop.py the only file that knows waitress. What the two rely on inside it is listed, and checked, in
tests/transport/test_contract.py.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import BadRequest

from kiosk_server.transport.handshake import RefusedError
from kiosk_server.transport.hub import Hub
from kiosk_server.transport.limits import Limits
from kiosk_server.transport.request import fault_in_head, fault_in_opening, fault_in_target

_GLANCE_BYTES = 1024


class Parser(HTTPRequestParser):
    """A request, strictly: what could be read in two ways is refused."""

    # What the client sent behind a request to upgrade: frames, not another request.
    tail: bytes | None = None

    def received(self, data: bytes) -> int:
        """Take bytes of this request and return how many were taken."""
        if self.body_rcv is None and not self.completed:
            fault = fault_in_opening((self.header_plus + data).partition(b"\r\n\r\n")[0])
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
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # http://[::1/, which would end here as a fault of the reactor's
            raise ParsingError("The target cannot be read.") from error
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
        if self.channel.total_outbufs_len:
            # Two would write to one socket, and the 101 would stand in the middle of that answer.
            raise RefusedError(400, "The answer to the request before this one is not read yet.")
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
        if self.request.tail is None:
            self.hub.note_page()
        try:
            super().service()
            is_well = not self.status.startswith("5")
        finally:
            if self._start is not None:
                self._start(self.request.tail, is_well)
            elif self.request.tail is not None:
                self.close_on_finish = True  # what came behind the request is not HTTP

    def build_response_header(self) -> bytes:
        """Build the head; one that asks for another protocol names it (RFC 9110 15.5.22), which WSGI forbids to do."""
        if self.status.startswith("426"):
            self.response_headers += [("Upgrade", "websocket"), ("Connection", "Upgrade, close")]
            self.close_on_finish = True
        head: bytes = super().build_response_header()
        return head

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
        self.response_headers.extend(self.channel.server.error_headers)
        super().execute()


class Channel(HTTPChannel):
    """A connection to waitress, with deadlines on a clock that nobody sets."""

    task_class = Task
    error_task_class = Refusal
    parser_class = Parser

    is_taken = False  # the hub has the socket, and gives its address's share back
    is_lingering = False
    _active_at = 0.0
    _looks_like_handshake: bool | None = None
    _began_at: float | None = None

    def __init__(self, server: Any, sock: socket.socket, addr: Any, adj: Any, map: Any) -> None:
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

    def is_handshake(self) -> bool:
        """Tell whether what waits to be read looks like a request to upgrade: a guess, for a place in a queue."""
        if self._looks_like_handshake is None:
            try:
                self._looks_like_handshake = b"websocket" in self.socket.recv(_GLANCE_BYTES, socket.MSG_PEEK).lower()
            except OSError:
                return False
        return self._looks_like_handshake

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
                    self.server.hub.linger(self.duplicate(), self.address)
                    self.is_taken = True
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
