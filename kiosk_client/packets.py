"""Engine.IO 4 and Socket.IO 5 as text frames: the dozen packets that this wire uses.

0{...}          Engine.IO open: sid, pingInterval, pingTimeout (ms)
2, 3            Engine.IO ping, pong
40{...}         Socket.IO CONNECT and its answer       44{...}  CONNECT_ERROR
41              Socket.IO DISCONNECT
42["name",...]  EVENT        427["name",...]  EVENT that wants acknowledgement 7
437[...]        ACK 7
"""

import json
import re
from dataclasses import dataclass
from typing import Any

PATH = "/socket.io/?EIO=4&transport=websocket"

OPEN, PING, PONG = "0", "2", "3"
CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR = "40", "41", "42", "43", "44"

_PACKET = re.compile(r"(0|1|2|3|6|4[0-4])(\d*)(.*)", re.DOTALL)


class PacketError(ValueError):
    """What arrived is none of the packets above."""


@dataclass(frozen=True, slots=True)
class Packet:
    """`kind` is one of the constants above; `number` that of an acknowledgement."""

    kind: str
    number: int | None = None
    body: Any = None


def decode(text: str) -> Packet:
    found = _PACKET.fullmatch(text)
    if found is None:
        raise PacketError(text[:80])
    kind, number, rest = found.groups()
    try:
        return Packet(kind, int(number) if number else None, json.loads(rest) if rest else None)
    except ValueError as error:
        raise PacketError(text[:80]) from error


def connect(auth: dict[str, Any]) -> str:
    return CONNECT + _json(auth)


def event(name: str, body: object, number: int) -> str:
    """An event that wants to be acknowledged."""
    return f"{EVENT}{number}{_json([name, body])}"


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
