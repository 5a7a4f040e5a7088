"""JSON that its sender has encoded: it goes onto the wire as it is, and to many as the same bytes."""

from __future__ import annotations

import json
from typing import Any, Final

from kiosk_server.transport import frames
from kiosk_server.transport.frames import frame

_EVENT: Final = b"42"  # Engine.IO's message, Socket.IO's event
_ACK: Final = b"43"


class Encoded:
    """One argument of an event or an ack, as UTF-8 JSON text. Nobody checks that it is; two arguments need a list."""

    __slots__ = ("text",)

    def __init__(self, text: bytes) -> None:
        self.text = text

    def decode(self) -> Any:
        """Return the value, for a packet that is not JSON (msgpack, a session by polling)."""
        return json.loads(self.text)


def event_blob(namespace: str, event: str, encoded: Encoded) -> bytes:
    """Frame an event with one argument."""
    name = json.dumps(event).encode()
    return frame(frames.TEXT, b"%b%b[%b,%b]" % (_EVENT, _prefix(namespace), name, encoded.text))


def ack_blob(namespace: str, number: int, encoded: Encoded) -> bytes:
    """Frame an ack with one argument."""
    return frame(frames.TEXT, b"%b%b%d[%b]" % (_ACK, _prefix(namespace), number, encoded.text))


def _prefix(namespace: str) -> bytes:
    return b"" if namespace == "/" else namespace.encode() + b","
