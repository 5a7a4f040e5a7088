"""The opening handshake of RFC 6455 section 4.2, and `accept` for a plain WebSocket in any view."""

from __future__ import annotations

import base64
import binascii
import hashlib
import socket
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from kiosk_server.transport.connection import Connection
from kiosk_server.transport.frames import INTERNAL
from kiosk_server.transport.hub import Hub
from kiosk_server.transport.states import Owner

Environ = dict[str, Any]
Application = Callable[..., Iterable[bytes]]

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 1.3


class HandOver(Protocol):
    """`environ["transport.hand_over"]`: what the WSGI server gives to whoever takes the socket."""

    hub: Hub
    address: str

    def take(self, start: Callable[[bytes, bool], None]) -> socket.socket:
        """Take the socket. `start(head, is_well)` is called when the application has returned."""


class RefusedError(HTTPException):
    """A handshake that is not one. Raised in a view or a WSGI application it is answered; it is one itself, too.

    `body` is what the answer says if not the text: JSON, for clients that read it.
    """

    def __init__(
        self, code: int, text: str, headers: Sequence[tuple[str, str]] = (), *, body: str | None = None
    ) -> None:
        mimetype = "text/plain" if body is None else "application/json"
        response = Response(f"{text}\n" if body is None else body, code, headers=list(headers), mimetype=mimetype)
        super().__init__(text, response)
        self.code = code


def answer_refusals(application: Application) -> Application:
    """Wrap a WSGI application in what a framework does for a view that raises RefusedError."""

    def answered(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        except RefusedError as refused:
            answer: Iterable[bytes] = refused(environ, start_response)
            return answer

    return answered


def check(environ: Environ) -> str:
    """Check a request to open a WebSocket and return the answer to its key, else raise RefusedError."""
    if environ["REQUEST_METHOD"] != "GET":
        raise RefusedError(405, "A WebSocket is opened by GET.", [("Allow", "GET")])
    if environ.get("SERVER_PROTOCOL") != "HTTP/1.1":
        raise RefusedError(400, "A WebSocket needs HTTP/1.1.")
    if "websocket" not in _tokens(environ, "HTTP_UPGRADE"):
        raise RefusedError(400, "This address is a WebSocket; the Upgrade header is missing.")
    if "upgrade" not in _tokens(environ, "HTTP_CONNECTION"):
        raise RefusedError(400, "The Connection header does not ask for an upgrade.")
    if not environ.get("HTTP_HOST"):
        raise RefusedError(400, "The Host header is missing.")
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION", "").strip() != "13":
        raise RefusedError(426, "Only version 13 of the protocol is spoken.", [("Sec-WebSocket-Version", "13")])
    key = environ.get("HTTP_SEC_WEBSOCKET_KEY", "").strip()
    try:
        is_key = len(base64.b64decode(key.encode("ascii"), validate=True)) == 16
    except (binascii.Error, UnicodeEncodeError):
        is_key = False
    if not is_key:
        raise RefusedError(400, "Sec-WebSocket-Key is not 16 bytes in base64.")
    digest = hashlib.sha1(f"{key}{_GUID}".encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def check_origin(environ: Environ, origins: Collection[str] | str | None) -> None:
    """Refuse a browser page from elsewhere: `None` allows the same host only, "*" anyone."""
    origin = environ.get("HTTP_ORIGIN")
    if origin is None or origins == "*":
        return
    if origins is None:
        try:
            host = urlsplit(origin).netloc.lower()
        except ValueError:  # http://[
            host = ""
        is_allowed = bool(host) and host == environ.get("HTTP_HOST", "").lower()
    else:
        is_allowed = origin in ((origins,) if isinstance(origins, str) else origins)
    if not is_allowed:
        raise RefusedError(403, "This page may not open a WebSocket here.")


def open_connection(
    environ: Environ,
    owner: Owner,
    answer: str,
    *,
    first: bytes = b"",
    message_bytes: int | None = None,
    protocol: str | None = None,
) -> Connection:
    """Switch protocols and return the connection; it is read from when the application has returned.

    `answer` is what `check` returned, `first` are frames to go out with the 101. Raises RefusedError (429, 503) if
    the server's limits say so, and OSError if the peer is gone.
    """
    hand_over: HandOver | None = environ.get("transport.hand_over")
    if hand_over is None:
        raise RefusedError(
            501, "This server cannot hand over a socket; run the application by kiosk_server.transport.serve."
        )
    hub = hand_over.hub
    if not hub.admission.admit_handshake(hand_over.address):
        hub.count_refusal("handshakes per address")
        raise RefusedError(429, "Too many connections from this address; wait a second.", [("Retry-After", "1")])
    if not hub.has_room:
        hub.count_refusal("full")
        raise RefusedError(503, "No more WebSockets now; try again soon.", [("Retry-After", "2")])
    connection: Connection

    def start(head: bytes, is_well: bool) -> None:
        hub.start(connection, head)
        if not is_well:
            connection.close(INTERNAL, "the application failed")

    sock = hand_over.take(start)
    with suppress(OSError):  # a peer that is gone already is found out by the first send
        _tune(sock, hub)
    limit = hub.limits.message_bytes if message_bytes is None else message_bytes
    peer = environ.get("REMOTE_ADDR", hand_over.address)
    connection = Connection(hub, sock, owner, address=hand_over.address, peer=peer, limit=limit)
    owner.connection = connection  # before a peer that is gone, or a drain, can end it
    hub.open(connection)
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    lines.append(f"Sec-WebSocket-Accept: {answer}")
    if protocol is not None:
        lines.append(f"Sec-WebSocket-Protocol: {protocol}")
    connection.send_blob("\r\n".join([*lines, "\r\n"]).encode("ascii") + first)
    return connection


def _tune(sock: socket.socket, hub: Hub) -> None:
    limits = hub.limits
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.send_buffer_bytes)
    if sock.family == socket.AF_UNIX:
        return
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # A peer whose power is cut answers nothing, and with nothing to send TCP would never ask.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    timeout_ms = int(limits.tcp_user_timeout_s * 1000)
    for option, value in (("TCP_USER_TIMEOUT", timeout_ms), ("TCP_KEEPIDLE", 4), ("TCP_KEEPINTVL", 2)):
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def _tokens(environ: Environ, header: str) -> list[str]:
    return [token.strip().lower() for token in environ.get(header, "").split(",")]
