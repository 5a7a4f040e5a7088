"""The Engine.IO 4 driver: sessions over our WebSockets, without a queue, a writer or a pinger thread for each.

python-engineio's server keeps its public face (events, sessions, reasons); its socket class is replaced.
"""

from __future__ import annotations

import base64
import binascii
import functools
import io
import json
import logging
import math
import time
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import parse_qs

import engineio

from kiosk_server.transport import frames
from kiosk_server.transport.connection import Connection
from kiosk_server.transport.frames import frame
from kiosk_server.transport.handshake import Environ, RefusedError, check, open_connection
from kiosk_server.transport.limits import Limits

logger = logging.getLogger(__name__)

_PING: Final = frame(frames.TEXT, b"2")
_CLOSE: Final = frame(frames.TEXT, b"1")
_NO_BODY: Final = io.BytesIO()
_SHARED_CHARACTERS: Final = 512  # a browser's User-Agent, not somebody's cookies
# Engine.IO's own reasons for how a connection of ours ended; anything else is a transport error.
_REASONS: Final = {
    "closed by peer": engineio.Server.reason.TRANSPORT_CLOSE,
    "gone": engineio.Server.reason.TRANSPORT_CLOSE,
    "drain": engineio.Server.reason.SERVER_DISCONNECT,
    "closed by us": engineio.Server.reason.SERVER_DISCONNECT,
    "ping timeout": engineio.Server.reason.PING_TIMEOUT,
    "left": engineio.Server.reason.CLIENT_DISCONNECT,
}
# What engine.io answers in a body that its clients read: a number and a sentence. All of them with 400.
_UNKNOWN_TRANSPORT: Final = (0, "Transport unknown")
_UNKNOWN_SESSION: Final = (1, "Session ID unknown")
_BAD_METHOD: Final = (2, "Bad handshake method")
_BAD_REQUEST: Final = 3
_BAD_ORIGIN: Final = (4, "Not an accepted origin.")
_UNSUPPORTED: Final = (5, "Unsupported protocol version")


def blob_of(encoded: str | bytes | list[str | bytes]) -> bytes:
    """Encode a message, or one with its attachments, as frames that nothing can come between."""
    if isinstance(encoded, str):
        return frame(frames.TEXT, b"4" + encoded.encode())
    if isinstance(encoded, list):
        return b"".join(blob_of(part) for part in encoded)
    return frame(frames.BINARY, bytes(encoded))


class EngineSocket:
    """One Engine.IO session. Stands where `engineio.Socket` does, with the parts of its face that are used."""

    __slots__ = (
        "_ping_at",
        "_ping_sent",
        "_session",
        "closed",
        "closing",
        "connection",
        "has_joined",
        "is_failed",
        "joined",
        "lonely_since",
        "parts",
        "parts_since",
        "server",
        "sid",
    )

    connection: Connection
    connected = True
    upgraded = True
    upgrading = False

    def __init__(self, server: EngineServer, sid: str) -> None:
        now = time.monotonic()
        self.server = server
        self.sid = sid
        self.closing = False
        self.closed = False
        self.is_failed = False
        self.joined = 0  # Socket.IO namespaces
        self.has_joined = False  # any, ever
        self.lonely_since = now  # since when it is in none
        self.parts: list[str | bytes] | None = None  # a packet whose attachments are still to come
        self.parts_since = now
        self._ping_at: float = now + server.ping_interval
        self._ping_sent: float | None = None
        self._session: dict[str, Any] | None = None

    @property
    def session(self) -> dict[str, Any]:
        """The application's own data for this client."""
        if self._session is None:
            self._session = {}
        return self._session

    @session.setter
    def session(self, session: dict[str, Any]) -> None:
        self._session = session

    def note_joined(self, change: int) -> None:
        """Count the Socket.IO namespaces that this client is in."""
        self.joined += change
        self.has_joined = True
        self.lonely_since = time.monotonic()

    # ----- the face of engineio.Socket

    def send(self, pkt: Any) -> None:
        """Send an Engine.IO packet."""
        encoded = pkt.encode()
        opcode, payload = (frames.TEXT, encoded.encode()) if isinstance(encoded, str) else (frames.BINARY, encoded)
        self.connection.send_blob(frame(opcode, payload))

    def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:  # noqa: ARG002
        """End the session from our side."""
        if self.closing:
            return
        if not abort:
            self.connection.send_blob(_CLOSE)
        self.connection.close(frames.NORMAL, reason or "")

    def check_ping_timeout(self) -> bool:
        """Say that all is well: deadlines are the reactor's."""
        return True

    # ----- the reactor's thread

    def on_message(self, message: str | bytes) -> None:
        """Take one Engine.IO packet."""
        if isinstance(message, bytes):
            self.server.intake(self, message)
            return
        kind = message[:1]
        if kind == "4":
            self.server.intake(self, message[1:])
        elif kind == "3":
            self._ping_sent = None
        elif kind == "1":
            self.connection.finish_in_order("left", frames.NORMAL, "")
        elif kind == "b":
            try:
                self.server.intake(self, base64.b64decode(message[1:], validate=True))
            except (binascii.Error, ValueError):
                self.fail("bad base64")
        elif kind != "6":  # a noop is only ever noise; anything else is no client's to send
            self.fail("bad packet")

    def fail(self, text: str) -> None:
        """Close on a peer that breaks the protocol, once what it sent before is handled."""
        self.connection.finish_in_order("bad packet", frames.PROTOCOL_ERROR, text)

    def on_end(self, reason: str, _code: int, _text: str) -> None:
        """Have a worker tell the application, after all that came before."""
        self.closing = True
        self.parts = None
        self.connection.enqueue(_End(_REASONS.get(reason, engineio.Server.reason.TRANSPORT_ERROR)))

    def tick(self, now: float) -> float | None:
        """Judge a client that joins nothing, ping, judge the last ping; return when to look again."""
        if self.closing:
            return None
        return self._look_at_pings(now, min(self._look_at_joining(now), self._look_at_parts(now)))

    def _look_at_joining(self, now: float) -> float:
        if self.joined:
            return math.inf
        due: float = self.lonely_since + self.server.connect_timeout
        if now < due:
            return due
        if self.connection.is_busy:  # it is our handler that takes its time
            return now + self.server.connect_timeout
        self.connection.finish("no authentication", frames.POLICY, "nothing joined in time")
        return math.inf

    def _look_at_parts(self, now: float) -> float:
        if self.parts is None:
            return math.inf
        read_since = now if self.connection.is_paused else self.connection.read_since
        due: float = max(self.parts_since, read_since) + self.server.message_timeout
        if now < due:
            return due
        self.connection.finish("unfinished message", frames.PROTOCOL_ERROR, "attachments not sent in time")
        return math.inf

    def _look_at_pings(self, now: float, look_at: float) -> float | None:
        interval: float = self.server.ping_interval
        timeout: float = self.server.ping_timeout
        if self.closing:
            return None
        if self._ping_sent is None:
            if now < self._ping_at:
                return min(look_at, self._ping_at)
            self.connection.send_blob(_PING)
            self._ping_sent = now
            self._ping_at = now + interval
            return min(look_at, now + interval, now + timeout)
        due = self._ping_sent + timeout
        if now < due:
            return min(look_at, due)
        if not self.connection.is_paused:
            self.connection.finish("ping timeout", frames.POLICY, "no answer to a ping")
            return None
        self._ping_sent = now  # it is we who do not read: its answer may be waiting
        return min(look_at, now + timeout)

    # ----- a worker's thread

    def fail_now(self, text: str) -> None:
        """Close on a packet that cannot be worked on; what waits behind it is not looked at."""
        self.is_failed = True
        finish = self.connection.finish
        self.connection.hub.reactor.call_soon(finish, "bad packet", frames.PROTOCOL_ERROR, text)

    def handle(self, item: Any) -> None:
        """Work on an item of the inbox."""
        if not isinstance(item, _End):
            if not self.is_failed:
                self.server.work(self, item)
            return
        try:
            self.server.end(self, item.reason)
        finally:
            self.closed = True
            self.server.sockets.pop(self.sid, None)


class _End:
    """The last item of an inbox."""

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason


class EngineServer(engineio.Server):
    """An Engine.IO server whose WebSockets cost no thread. Takes python-engineio's options, and `limits`.

    WebSocket only, unless `transports` names polling too: such sessions are python-engineio's own, with a thread
    for each, and are not offered an upgrade.
    """

    def __init__(self, limits: Limits | None = None, **options: Any) -> None:
        limits = limits or Limits()
        # Only Socket.IO has something to join; alone, a session is wanted for itself.
        self.connect_timeout: float = float(options.pop("connect_timeout", math.inf))
        self.message_timeout = limits.message_timeout_s
        settings = {
            "ping_interval": limits.ping_interval_s,
            "ping_timeout": limits.ping_timeout_s,
            "max_http_buffer_size": limits.message_bytes,
            "transports": ["websocket"],
            **options,
            "async_mode": "threading",
            "allow_upgrades": False,
        }
        super().__init__(**settings)
        # What to do with a message, in the reactor's thread and in a worker's. Socket.IO puts its own here.
        self.intake: Callable[[EngineSocket, str | bytes], None] = self._enqueue
        self.work: Callable[[EngineSocket, Any], None] = self._trigger_message

    def _enqueue(self, socket: EngineSocket, data: str | bytes) -> None:
        socket.connection.enqueue(data)

    def _trigger_message(self, socket: EngineSocket, data: str | bytes) -> None:
        self._trigger_event("message", socket.sid, data, run_async=False)

    def end(self, socket: EngineSocket, reason: str) -> None:
        """Tell the application that a session is over; a worker's thread."""
        self._trigger_event("disconnect", socket.sid, reason, run_async=False)

    def send(self, sid: str, data: Any) -> None:
        """Send a message to a client."""
        socket = self.sockets.get(sid)
        if isinstance(socket, EngineSocket) and isinstance(data, (str, bytes)):
            socket.connection.send_blob(blob_of(data))
        else:
            super().send(sid, data)

    def handle_request(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve as a WSGI application."""
        query = parse_qs(environ.get("QUERY_STRING", ""))
        if query.get("transport") == ["polling"] and "polling" in self.transports:
            answer: Iterable[bytes] = super().handle_request(environ, start_response)
            return answer
        try:
            self._check(environ, query)
            self._open(environ)
        except RefusedError as refused:
            logger.info("Refused %s: %s", environ.get("REMOTE_ADDR"), refused.description)
            return refused(environ, start_response)
        except OSError:
            logger.info("%s left during its handshake", environ.get("REMOTE_ADDR"))
            raise
        start_response("101 Switching Protocols", [])  # for whatever wraps us; the real one is sent
        return []

    def _check(self, environ: Environ, query: dict[str, list[str]]) -> None:
        origin = environ.get("HTTP_ORIGIN")
        if origin and self.cors_allowed_origins != []:
            allowed = self._cors_allowed_origins(environ)
            if allowed is not None and origin not in allowed:
                raise _refusal(*_BAD_ORIGIN)
        if query.get("transport") != ["websocket"]:
            raise _refusal(*_UNKNOWN_TRANSPORT)
        if "sid" in query:
            # One of ours needs no second connection, and one by polling is offered none.
            raise _refusal(*_UNKNOWN_SESSION)
        if environ["REQUEST_METHOD"] != "GET":
            raise _refusal(*_BAD_METHOD)
        if query.get("EIO") != ["4"]:
            raise _refusal(*_UNSUPPORTED)

    def _open(self, environ: Environ) -> None:
        try:
            answer = check(environ)
        except RefusedError as refused:
            if refused.code != 400:
                raise
            raise _refusal(_BAD_REQUEST, str(refused.description)) from None
        sid = self.generate_id()
        socket = EngineSocket(self, sid)
        self.sockets[sid] = socket
        try:
            self._ask_application(sid, environ)
            opening = self._opening(sid)
            open_connection(environ, socket, answer, first=opening, message_bytes=self.max_http_buffer_size)
        except BaseException:
            del self.sockets[sid]
            self._trigger_event("disconnect", sid, self.reason.TRANSPORT_ERROR, run_async=False)
            raise
        socket.connection.hub.reactor.call_at(time.monotonic(), socket.tick)

    def _ask_application(self, sid: str, environ: Environ) -> None:
        verdict = self._trigger_event("connect", sid, _slim(environ), run_async=False)
        if verdict is not None and verdict is not True:
            raise RefusedError(401, verdict if isinstance(verdict, str) else "Unauthorized")

    def _opening(self, sid: str) -> bytes:
        details = {
            "sid": sid,
            "upgrades": [],
            "pingTimeout": round(self.ping_timeout * 1000),
            # Not python-engineio's sum, which drops what is less than a second.
            "pingInterval": round((self.ping_interval + self.ping_interval_grace_period) * 1000),
            "maxPayload": self.max_http_buffer_size,
        }
        return frame(frames.TEXT, b"0" + json.dumps(details, separators=(",", ":")).encode())


def _refusal(number: int, message: str) -> RefusedError:
    body = json.dumps({"code": number, "message": message}, separators=(",", ":"))
    return RefusedError(400, message, body=body)


@functools.lru_cache(1024)
def _shared(text: str) -> str:
    """Return the same string of an earlier client, if there was one. Python 3.12's `sys.intern` keeps each for ever."""
    return text


def _slim(environ: Environ) -> Environ:
    """Return what stays true of a request after it: no channel, no body, and each string once for all clients."""
    slim: Environ = {}
    for key, value in environ.items():
        if key.startswith(("waitress.", "transport.")):
            continue
        slim[key] = _shared(value) if type(value) is str and len(value) <= _SHARED_CHARACTERS else value
    slim["wsgi.input"] = _NO_BODY
    return slim
