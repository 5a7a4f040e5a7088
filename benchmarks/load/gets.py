"""Plain GETs in an open loop: a new visitor every so often, whether or not the last one was served.

Law: nothing here waits for an answer before it asks again; otherwise a server that stands still for
a second would be asked nothing during that second, and look quick.
"""

import select
import socket
import time
from collections import deque

from benchmarks.load import frames

TIMEOUT_S = 10.0


class Gets:
    """GET /plain, each on a connection of its own, on 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.request = frames.get(port, "/plain")
        self.poller = select.epoll()
        self.waiting: dict[int, tuple[socket.socket, float]] = {}
        self.answers: list[tuple[float, float]] = []

    def run(self, seconds: float, per_second: int) -> list[tuple[float, float]]:
        """When each GET began (monotonic s), and its milliseconds.

        One that is refused, cut off or not answered within 10 s counts as 10,000 ms.
        """
        self.answers, began = [], time.monotonic()
        due = deque(began + i / per_second for i in range(int(seconds * per_second)))
        end = began + seconds + TIMEOUT_S
        while (due or self.waiting) and (now := time.monotonic()) < end:
            while due and due[0] <= now:
                due.popleft()
                self._start()
            for fd, event in self.poller.poll(max(0.0, due[0] - now) if due else 1.0):
                self._advance(fd, event)
        for fd in list(self.waiting):
            self._finish(fd, is_answered=False)
        return self.answers

    def _start(self) -> None:
        sock = socket.socket()
        sock.setblocking(False)
        self.waiting[sock.fileno()] = (sock, time.monotonic())
        sock.connect_ex(("127.0.0.1", self.port))
        self.poller.register(sock.fileno(), select.EPOLLOUT)

    def _advance(self, fd: int, event: int) -> None:
        sock = self.waiting[fd][0]
        try:
            if event & select.EPOLLOUT:
                sock.send(self.request)
                self.poller.modify(fd, select.EPOLLIN)
                return
            is_answered = sock.recv(4096).startswith((b"HTTP/1.1 200", b"HTTP/1.0 200"))
        except OSError:
            is_answered = False
        self._finish(fd, is_answered=is_answered)

    def _finish(self, fd: int, *, is_answered: bool) -> None:
        sock, began = self.waiting.pop(fd)
        took_s = time.monotonic() - began if is_answered else TIMEOUT_S
        self.answers.append((began, took_s * 1e3))
        self.poller.unregister(fd)
        sock.close()
