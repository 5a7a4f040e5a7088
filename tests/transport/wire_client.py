"""A WebSocket client that does exactly what a test says, wrong things included."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import socket
import struct
from typing import Any

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
ENGINE = "/socket.io/?EIO=4&transport=websocket"


def handshake(path: str, host: str, **headers: str | None) -> bytes:
    """Build an opening handshake; a header given as None is left out."""
    fields: dict[str, str | None] = {
        "Host": host,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
    }
    fields.update({name.replace("_", "-"): value for name, value in headers.items()})
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode()


def frame(opcode: int, payload: bytes, *, fin: bool = True, rsv: int = 0, masked: bool = True) -> bytes:
    """Build a client's frame."""
    size = len(payload)
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    bit = 0x80 if masked else 0
    if size < 126:
        head = bytes((first, bit | size))
    elif size < 65536:
        head = struct.pack("!BBH", first, bit | 126, size)
    else:
        head = struct.pack("!BBQ", first, bit | 127, size)
    if not masked:
        return head + payload
    key = os.urandom(4)
    keys = int.from_bytes((key * (size // 4 + 1))[:size], "big")
    return head + key + (int.from_bytes(payload, "big") ^ keys).to_bytes(size, "big")


class Raw:
    """A TCP connection."""

    def __init__(self, address: tuple[str, int], timeout_s: float = 8.0, source: str | None = None) -> None:
        self.host = f"{address[0]}:{address[1]}"
        self.sock = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        self.sock.settimeout(timeout_s)
        if source is not None:
            self.sock.bind((source, 0))
        self.buffer = b""
        try:
            self.sock.connect(address)
        except OSError:
            self.sock.close()
            raise

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def send_raw(self, data: bytes) -> None:
        self.sock.sendall(data)

    def fill(self) -> None:
        data = self.sock.recv(65536)
        if not data:
            raise EOFError
        self.buffer += data

    def take(self, count: int) -> bytes:
        while len(self.buffer) < count:
            self.fill()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def until(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            self.fill()
        taken, _, self.buffer = self.buffer.partition(mark)
        return taken

    def read_all(self) -> bytes:
        """Read until the server closes."""
        try:
            while True:
                self.fill()
        except (EOFError, ConnectionResetError):
            taken, self.buffer = self.buffer, b""
            return taken

    def status(self) -> int:
        """Read an HTTP answer's head and return its status."""
        self.head = self.until(b"\r\n\r\n").decode("latin-1")
        return int(self.head.split()[1])

    def reset(self) -> None:
        """End by RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class WebSocket(Raw):
    """A connection whose handshake is done."""

    def __init__(
        self, address: tuple[str, int], path: str, *, source: str | None = None, **headers: str | None
    ) -> None:
        super().__init__(address, source=source)
        self.send_raw(handshake(path, self.host, **headers))
        assert self.status() == 101, self.head

    def send_frame(self, opcode: int, payload: bytes, **flags: Any) -> None:
        self.send_raw(frame(opcode, payload, **flags))

    def send(self, message: str | bytes) -> None:
        if isinstance(message, str):
            self.send_frame(TEXT, message.encode())
        else:
            self.send_frame(BINARY, message)

    def recv_frame(self) -> tuple[int, bytes]:
        first, size = self.take(2)
        assert first & 0x70 == 0
        assert size < 128, "a server masks nothing"
        if size >= 126:
            size = int.from_bytes(self.take(2 if size == 126 else 8), "big")
        return first & 0x0F, self.take(size)

    def recv(self) -> str | bytes:
        """Return the next message; EOFError if the server closes instead."""
        while True:
            opcode, payload = self.recv_frame()
            if opcode == TEXT:
                return payload.decode()
            if opcode == BINARY:
                return payload
            if opcode == CLOSE:
                raise EOFError(payload)

    def close_code(self) -> int:
        """Read to the close frame and to the end of TCP; return the code, 1005 if it has none."""
        while True:
            opcode, payload = self.recv_frame()
            if opcode == CLOSE:
                break
        with contextlib.suppress(OSError):
            self.send_frame(CLOSE, payload[:2])
        assert self.read_all() == b"", "something after the close frame"
        return int.from_bytes(payload[:2], "big") if payload else 1005


class Client(WebSocket):
    """An Engine.IO and Socket.IO client, pongs included."""

    def __init__(self, address: tuple[str, int], path: str = ENGINE, **headers: str | None) -> None:
        super().__init__(address, path, **headers)
        opening = super().recv()
        assert isinstance(opening, str)
        assert opening[0] == "0"
        self.opening: dict[str, Any] = json.loads(opening[1:])

    def recv(self) -> str | bytes:
        while True:
            message = super().recv()
            if message != "2":
                return message
            self.send("3")

    def join(self, namespace: str = "/", auth: object = None) -> str:
        """Connect to a namespace and return the sid."""
        where = "" if namespace == "/" else f"{namespace},"
        self.send(f"40{where}{'' if auth is None else json.dumps(auth)}")
        answer = self.recv()
        assert isinstance(answer, str)
        assert answer.startswith(f"40{where}{{"), answer
        sid: str = json.loads(answer[2 + len(where) :])["sid"]
        return sid

    def emit(self, event: str, *args: object, ack: int | None = None) -> None:
        self.send(f"42{'' if ack is None else ack}{json.dumps([event, *args])}")

    def event(self) -> list[Any]:
        """Return the next event."""
        message = self.recv()
        assert isinstance(message, str)
        assert message.startswith("42"), message
        arguments: list[Any] = json.loads(message[2:])
        return arguments

    def answer(self, number: int) -> list[Any]:
        """Return the ack of that number."""
        message = self.recv()
        assert isinstance(message, str)
        assert message.startswith(f"43{number}["), message
        arguments: list[Any] = json.loads(message[2 + len(str(number)) :])
        return arguments
