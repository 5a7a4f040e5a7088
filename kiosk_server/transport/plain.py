"""`accept`: a plain WebSocket in any Flask view or WSGI application."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Collection, Sequence
from typing import Any

from kiosk_server.transport.connection import Connection
from kiosk_server.transport.frames import INTERNAL
from kiosk_server.transport.handshake import Environ, check, check_origin, open_connection

logger = logging.getLogger(__name__)

Handler = Callable[..., object]


def accept(
    environ: Environ,
    on_message: Handler,
    on_close: Handler | None = None,
    *,
    origins: Collection[str] | str | None = None,
    subprotocols: Sequence[str] = (),
    message_bytes: int | None = None,
) -> Connection:
    """Take the WebSocket that a request asks for; what the view returns afterwards is ignored.

    `on_message(message)` gets `str` or `bytes`, `on_close(code, reason)` comes once, last; both may take the
    connection as a further first argument. They run in a worker's thread, in order, and only after the view has
    returned. `origins`: None for pages of the same host, "*" for all, or a collection; a client that sends no Origin
    is not a browser. `subprotocols`: what we speak, best first. `message_bytes`: the largest message, if not the
    server's limit.

    Raises RefusedError, which is an HTTP answer (400, 403, 426, 429, 501, 503): let it pass.
    """
    owner = _Plain(on_message, on_close)
    answer = check(environ)
    check_origin(environ, origins)
    offered = [p.strip() for p in environ.get("HTTP_SEC_WEBSOCKET_PROTOCOL", "").split(",")]
    protocol = next((p for p in subprotocols if p in offered), None)
    return open_connection(environ, owner, answer, message_bytes=message_bytes, protocol=protocol)


class _Plain:
    """Hands messages to the view's functions."""

    __slots__ = ("_on_close", "_on_message", "connection")

    connection: Connection

    def __init__(self, on_message: Handler, on_close: Handler | None) -> None:
        self._on_message = self._adapt(on_message, 1)
        self._on_close = None if on_close is None else self._adapt(on_close, 2)

    def _adapt(self, function: Handler, count: int) -> Handler:
        if _takes(function, count):
            return function
        if _takes(function, count + 1):
            return lambda *args: function(self.connection, *args)
        raise TypeError(f"{function!r} takes neither {count} nor {count + 1} arguments")

    def on_message(self, message: str | bytes) -> None:
        self.connection.enqueue(message)

    def on_end(self, _reason: str, code: int, text: str) -> None:
        self.connection.enqueue((code, text))

    def handle(self, item: Any) -> None:
        try:
            if not isinstance(item, tuple):
                self._on_message(item)
            elif self._on_close is not None:
                self._on_close(*item)
        except Exception:
            logger.exception("A WebSocket's handler failed; %s is closed", self.connection.peer)
            self.connection.close(INTERNAL, "the application failed")


def _takes(function: Handler, count: int) -> bool:
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError:
        return False
    except ValueError:  # a builtin without a signature
        return True
    return True
