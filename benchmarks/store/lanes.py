"""Lanes on the wire: `python -m benchmarks.store.lanes PORT TOKENS closed|open|bare RATE SECONDS`, one JSON line out.

`closed`: each lane scans when its last scan is acknowledged. `open`: RATE scans a second in all, whether or not the
last were answered; a scan is timed from when it was due. `bare`: as closed, against the transport's benchmark server.
Frames are masked with zeros (RFC 6455 5.3 allows any key), so that masking costs the load nothing.
"""

import json
import select
import socket
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.load import frames

TIMEOUT_S = 60.0
CODES = 20


def code_of(number: int) -> str:
    """The n-th item of the benchmark's catalog, a PLU code."""
    return str(4000 + number % CODES)


def frame(payload: bytes) -> bytes:
    size = len(payload)
    head = bytes((0x81, 0x80 | size)) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + b"\0\0\0\0" + payload


class Lane:
    """One socket; `asked` is when the command was due that waits for its answer."""

    def __init__(self, port: int, token: str, *, is_bare: bool) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.sendall(frames.handshake(port))
        self.connect = b"40" if is_bare else b"40" + json.dumps({"token": token}).encode()
        self.name = token[:12]
        self.is_bare = is_bare
        self.rest, self.is_upgraded, self.is_live = b"", False, False
        self.number = 0
        self.asked: dict[int, float] = {}

    def scan(self, due: float) -> None:
        self.number += 1
        n = self.number
        self.asked[n] = due
        if self.is_bare:
            body = f'42{n}["scan",{{"id":"{n:06}","code":"{code_of(n)}","q":1}}]'
        else:
            key = f"{self.name}-{time.monotonic_ns()}"
            body = f'42{n}["command",{{"key":"{key}","name":"scan_item","data":{{"code":"{code_of(n)}"}}}}]'
        self.sock.send(frame(body.encode()))

    def hear(self) -> list[float]:
        """When each command that was answered now had been due."""
        data = self.sock.recv(65536)
        if not data:
            raise ConnectionResetError("the server closed a lane")
        data = self.rest + data
        if not self.is_upgraded:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self.rest = head
                return []
            if b" 101 " not in head[:32]:
                raise ConnectionResetError(head[:80].decode("latin-1"))
            self.is_upgraded = True
        messages, self.rest = frames.take_messages(data)
        return [due for message in messages for due in self._understand(message)]

    def _understand(self, message: bytes) -> list[float]:
        if message.startswith(frames.ACK):
            number, _, answer = message[2:].partition(b"[")
            if b'"ok":true' not in answer:
                raise ValueError(f"refused: {answer[:200].decode()}")
            return [self.asked.pop(int(number))]
        if message == frames.PING:
            self.sock.send(frame(frames.PONG))
        elif message.startswith(frames.OPEN):
            self.sock.send(frame(self.connect))
        elif message.startswith(b"44"):
            raise ConnectionResetError(message[:200].decode())
        # A lane may scan once it has seen its basket.
        elif message.startswith(frames.CONNECTED if self.is_bare else b'42["snapshot"'):
            self.is_live = True
        return []


class Floor:
    """All lanes in one epoll loop."""

    def __init__(self, port: int, tokens: list[str], *, is_bare: bool) -> None:
        self.poller = select.epoll()
        self.lanes: dict[int, Lane] = {}
        for token in tokens:
            lane = Lane(port, token, is_bare=is_bare)
            self.lanes[lane.sock.fileno()] = lane
            self.poller.register(lane.sock.fileno(), select.EPOLLIN)
        ends = time.monotonic() + TIMEOUT_S
        while not all(lane.is_live for lane in self.lanes.values()):
            if time.monotonic() > ends:
                raise TimeoutError("not every lane was let in")
            self._turn(0.2)

    def _turn(self, timeout_s: float) -> list[tuple[Lane, float]]:
        answered = []
        for fd, _ in self.poller.poll(timeout_s, len(self.lanes)):
            lane = self.lanes[fd]
            answered += [(lane, due) for due in lane.hear()]
        return answered

    def closed(self, seconds: float) -> list[float]:
        """ms of each answer within the time."""
        began = time.monotonic()
        for lane in self.lanes.values():
            lane.scan(time.monotonic())
        times: list[float] = []
        while (now := time.monotonic()) < began + seconds:
            for lane, due in self._turn(0.2):
                now = time.monotonic()
                times.append((now - due) * 1e3)
                lane.scan(now)
        self._settle()
        return times

    def open(self, per_s: int, seconds: float) -> list[float]:
        """ms of each answer, from when its scan was due."""
        lanes, times, number = list(self.lanes.values()), [], 0
        began = time.monotonic()
        while number < per_s * seconds:
            now = time.monotonic()
            while (due := began + number / per_s) <= now and number < per_s * seconds:
                lanes[number % len(lanes)].scan(due)
                number += 1
            times += [(time.monotonic() - due) * 1e3 for _, due in self._turn(max(0.0, due - now))]
        return times + self._settle()

    def _settle(self) -> list[float]:
        times: list[float] = []
        ends = time.monotonic() + TIMEOUT_S
        while any(lane.asked for lane in self.lanes.values()):
            if time.monotonic() > ends:
                raise TimeoutError("scans were never answered")
            times += [(time.monotonic() - due) * 1e3 for _, due in self._turn(0.2)]
        return times


def main() -> None:
    """One run."""
    port, tokens, mode, rate, seconds = sys.argv[1:]
    answer: dict[str, Any]
    try:
        floor = Floor(int(port), json.loads(Path(tokens).read_text()), is_bare=mode == "bare")
        times = floor.open(int(rate), float(seconds)) if mode == "open" else floor.closed(float(seconds))
        answer = {"times_ms": times, "per_s": len(times) / float(seconds)}
    except (OSError, ValueError) as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
