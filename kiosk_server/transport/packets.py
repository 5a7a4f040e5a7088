"""Socket.IO 5 packets from a client, read strictly: what socket.io-parser refuses is refused.

Own code rather than python-socketio's for what that lets pass: digits of any script in an ack's number, `null` where
nothing may stand, and placeholders that count attachments from the end. It is faster, too. NaN, which Python takes for
JSON, is left to the handler: it can say what is wrong, where here nothing could be said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from socketio import packet

Loads = Callable[[str], Any]

_RESERVED: Final = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)
# Type, number of attachments, namespace without its query, number of the ack; the payload is what follows.
_HEAD: Final = re.compile(r"([0-6])(?:([0-9]{1,10})-)?(?:(/[^,?]*)(?:\?[^,]*)?(?:,|\Z))?([0-9]{0,100})")
_ANNOUNCED: Final = re.compile(r"[56]0*([1-9][0-9]{0,9})-")
_INTEGER_DIGITS: Final = 100
_UNDEFINED: Final = (0, b"\0")  # a msgpack.ExtType, as the JavaScript client's msgpack parser writes it


class BadPacketError(ValueError):
    """A packet that is not one: its connection is closed."""


@dataclass(slots=True)
class Packet:
    """What a client sent. `kind` is python-socketio's packet type, of the plain ones also where attachments came."""

    kind: int
    namespace: str
    id: int | None
    data: Any


def announced(text: str) -> int:
    """Return how many attachments follow a packet; -1 if it does not say so properly."""
    if text[:1] not in ("5", "6"):
        return 0
    found = _ANNOUNCED.match(text)
    return int(found[1]) if found else -1


def read(text: str, attachments: Sequence[bytes], loads: Loads) -> Packet:
    """Read a packet in the protocol's own format; ValueError or RecursionError if it is none."""
    head = _HEAD.match(text)
    if head is None:
        raise BadPacketError("unknown type")
    kind = int(head[1])
    if head[2] is not None and kind < packet.BINARY_EVENT:
        raise BadPacketError("attachments of a packet that has none")
    payload = text[head.end() :]
    if kind == packet.DISCONNECT:
        if payload:
            raise BadPacketError("payload of a packet that has none")
        return Packet(kind, head[3] or "/", None, None)
    data = loads(payload) if payload else None
    if kind == packet.CONNECT and payload and data is None:
        raise BadPacketError("payload does not fit its type")
    if kind >= packet.BINARY_EVENT:
        kind -= packet.BINARY_EVENT - packet.EVENT
        data = _fill(data, attachments)
    return checked(Packet(kind, head[3] or "/", int(head[4]) if head[4] else None, data))


def read_by(packet_class: Any, parts: Sequence[str | bytes]) -> Packet:
    """Read a packet in the application's own format (its `serializer`); whatever that raises if it is none."""
    found = packet_class(encoded_packet=parts[0])
    kind, data = found.packet_type, found.data
    if kind in (packet.BINARY_EVENT, packet.BINARY_ACK):
        kind -= packet.BINARY_EVENT - packet.EVENT
        data = _fill(data, [part for part in parts[1:] if isinstance(part, bytes)])
    elif kind == packet.CONNECT and data == _UNDEFINED:
        data = None
    namespace = found.namespace or "/"
    if not isinstance(namespace, str) or not (found.id is None or type(found.id) is int):
        raise BadPacketError("namespace or number of another type")
    return checked(Packet(kind, namespace, found.id, data))


def checked(one: Packet) -> Packet:
    """Hold a packet against the protocol (socket.io-parser's isPayloadValid) and return it."""
    kind, data = one.kind, one.data
    if kind == packet.EVENT:
        name = data[0] if isinstance(data, list) and data else None
        is_fine = type(name) in (int, float) or (isinstance(name, str) and name not in _RESERVED)
    elif kind == packet.ACK:
        is_fine = isinstance(data, list) and one.id is not None
    elif kind == packet.CONNECT:
        is_fine = data is None or isinstance(data, dict)
    else:
        is_fine = kind == packet.DISCONNECT and data is None
    if not is_fine:
        raise BadPacketError("payload does not fit its type")
    return one


def _fill(value: Any, attachments: Sequence[bytes]) -> Any:
    """Put attachments into the places that are kept for them."""
    if isinstance(value, list):
        return [_fill(item, attachments) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("_placeholder") is not True:
        return {key: _fill(item, attachments) for key, item in value.items()}
    number = value.get("num")
    if type(number) is not int or not 0 <= number < len(attachments):
        raise BadPacketError("no such attachment")
    return attachments[number]


def _integer(digits: str) -> int:
    if len(digits) > _INTEGER_DIGITS:
        raise BadPacketError("integer of too many digits")
    return int(digits)


loads_bounded: Final[Loads] = json.JSONDecoder(parse_int=_integer).decode
