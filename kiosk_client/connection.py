"""One WebSocket over one TCP connection, driven by the loop. Knows frames, nothing of what they say."""

import errno
import os
import socket
from contextlib import suppress
from typing import Protocol

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from kiosk_client.loop import WATCH_READ, WATCH_WRITE, Loop

OPEN_TIMEOUT_S = 5.0
CHUNK = 256 * 1024


class Ears(Protocol):
    """Who hears of a connection. After `on_close` nothing more is heard."""

    def on_open(self) -> None: ...
    def on_text(self, text: str) -> None: ...
    def on_close(self, why: str) -> None: ...


class Connection:
    """From `open` to one `on_close`, whatever happens in between."""

    def __init__(self, loop: Loop, host: str, port: int, target: str, ears: Ears) -> None:
        self._loop = loop
        self._ears = ears
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._outbox = bytearray(self._protocol.send(Request(host=_authority(host, port), target=target)))
        self._parts: list[str] = []
        self._is_open = False
        self._socket: socket.socket | None = None
        self._address = (host, port)
        self._deadline = loop.call_later(OPEN_TIMEOUT_S, lambda: self._end("not open in time"))

    @property
    def has_ended(self) -> bool:
        return self._socket is None

    def open(self) -> None:
        try:
            family, kind, proto, _, address = socket.getaddrinfo(*self._address, type=socket.SOCK_STREAM)[0]
            sock = socket.socket(family, kind | socket.SOCK_NONBLOCK, proto)
        except OSError as error:
            self._fail_later(str(error))
            return
        self._socket = sock
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        outcome = sock.connect_ex(address)
        if outcome not in {0, errno.EINPROGRESS}:
            self._fail_later(os.strerror(outcome))
            return
        self._loop.watch(sock, WATCH_WRITE, self._connected)

    def send(self, text: str) -> None:
        """Queue and send one text message; ignored once the connection has ended."""
        if self._socket is not None and self._is_open:
            self._outbox += self._protocol.send(TextMessage(data=text))
            self._flush()

    def close(self) -> None:
        """End it politely, and without another word to the ears."""
        if self._socket is not None and self._is_open:
            with suppress(OSError, LocalProtocolError):  # it is being closed anyway
                self._outbox += self._protocol.send(CloseConnection(code=1000))
                self._socket.send(self._outbox)
        self._release()

    def _fail_later(self, why: str) -> None:
        # Not at once: the caller of open() expects to return before it hears anything.
        self._loop.call_later(0, lambda: self._end(why))

    def _connected(self, _: int) -> None:
        assert self._socket is not None  # noqa: S101
        problem = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if problem:
            self._end(os.strerror(problem))
        else:
            self._flush()

    def _ready(self, events: int) -> None:
        if events & WATCH_READ:
            self._read()
        if events & WATCH_WRITE and not self.has_ended:
            self._flush()

    def _read(self) -> None:
        assert self._socket is not None  # noqa: S101
        try:
            data = self._socket.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(error.strerror or str(error))
            return
        try:
            self._protocol.receive_data(data or None)
            for event in self._protocol.events():
                self._take(event)
                if self.has_ended:
                    return
        except RemoteProtocolError as error:
            self._end(f"broken WebSocket: {error}")
            return
        if not data:
            self._end("the server hung up")

    def _take(self, event: Event) -> None:
        if isinstance(event, TextMessage):
            self._parts.append(event.data)
            if event.message_finished:
                text, self._parts = "".join(self._parts), []
                self._ears.on_text(text)
        elif isinstance(event, Ping):
            self._outbox += self._protocol.send(event.response())
            self._flush()
        elif isinstance(event, AcceptConnection):
            self._is_open = True
            self._deadline.cancel()
            self._ears.on_open()
        elif isinstance(event, RejectConnection):
            self._end(f"refused with HTTP {event.status_code}")
        elif isinstance(event, CloseConnection):
            self._end(f"closed by the server ({event.code} {event.reason or ''})")

    def _flush(self) -> None:
        assert self._socket is not None  # noqa: S101
        try:
            if self._outbox:
                sent = self._socket.send(self._outbox)
                del self._outbox[:sent]
        except BlockingIOError:
            pass
        except OSError as error:
            self._end(error.strerror or str(error))
            return
        self._loop.watch(self._socket, WATCH_READ | (WATCH_WRITE if self._outbox else 0), self._ready)

    def _end(self, why: str) -> None:
        is_first = self._deadline.call is not None or self._socket is not None
        self._release()
        if is_first:
            self._ears.on_close(why)

    def _release(self) -> None:
        self._deadline.cancel()
        sock, self._socket = self._socket, None
        if sock is not None:
            with suppress(KeyError):  # it may have failed before it was ever watched
                self._loop.unwatch(sock)
            sock.close()


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
