"""WebSocket frames as the load writes and reads them (RFC 6455, section 5). No sockets here.

Everything that is sent while the clock runs is made beforehand, by these functions.
"""

import os
from itertools import cycle

OPEN, CONNECT, CONNECTED, PING, PONG = b"0{", b"40", b"40{", b"2", b"3"
STATE = b'42["state"'
ACK = b"43"


def client_frame(payload: bytes) -> bytes:
    """One masked text frame, at most 65,535 bytes of payload; the mask is random, as a browser's is."""
    mask = os.urandom(4)
    size = len(payload)
    head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + mask + bytes(a ^ b for a, b in zip(payload, cycle(mask), strict=False))


def handshake(port: int) -> bytes:
    """The request that opens an Engine.IO 4 WebSocket without polling before it."""
    return (
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


def get(port: int, target: str) -> bytes:
    """A GET on a connection of its own."""
    return (f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n").encode()


def take_messages(data: bytes) -> tuple[list[bytes], bytes]:
    """The payloads of all whole frames in `data`, and the rest. Raises ValueError on a close frame."""
    messages, at, end = [], 0, len(data)
    while end - at >= 2:
        size, start = data[at + 1], at + 2
        if size == 126:
            size, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
        elif size == 127:
            size, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
        if end < start + size:
            break
        if data[at] & 0x0F == 8:
            code = int.from_bytes(data[start : start + 2], "big")
            raise ValueError(f"the server closed with {code}")
        messages.append(data[start : start + size])
        at = start + size
    return messages, data[at:]


def sent_at_ns(state: bytes) -> int:
    """When the server began the broadcast, by the machine's monotonic clock."""
    start = state.index(b'"t":"') + 5
    return int(state[start : state.index(b'"', start)])
