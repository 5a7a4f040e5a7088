"""`python -m benchmarks.guard.flooder PORT PER_SECOND`: connects until stdin ends, then says what became of it.

An open loop, as real floods are: it does not wait to be refused before it connects again.
"""

import itertools
import json
import os
import select
import socket
import sys
import time

MOST_OPEN = 500


def main() -> None:
    """`{"refused": ..., "served": ...}` on stdout; refused is closed without a byte."""
    port, per_second = int(sys.argv[1]), int(sys.argv[2])
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    sources = itertools.cycle(f"127.0.1.{number}" for number in range(1, 255))
    poller = select.epoll()
    poller.register(sys.stdin.fileno(), select.EPOLLHUP)
    waiting: dict[int, socket.socket] = {}
    counts = {"refused": 0, "served": 0}
    began, begun = time.monotonic(), 0
    is_over = False
    while not is_over:
        due = int((time.monotonic() - began) * per_second)
        while begun < due and len(waiting) < MOST_OPEN:
            sock = knock(next(sources), port)
            waiting[sock.fileno()] = sock
            poller.register(sock.fileno(), select.EPOLLIN)
            begun += 1
        for fd, _ in poller.poll(0.005):
            if fd == sys.stdin.fileno():
                is_over = True
                continue
            sock = waiting.pop(fd)
            poller.unregister(fd)
            counts["served" if is_served(sock) else "refused"] += 1
            sock.close()
    print(json.dumps(counts))


def knock(source: str, port: int) -> socket.socket:
    """A connection that is being opened."""
    sock = socket.socket()
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_BIND_ADDRESS_NO_PORT, 1)
    sock.bind((source, 0))
    sock.connect_ex(("127.0.0.1", port))
    return sock


def is_served(sock: socket.socket) -> bool:
    """Whether anything came back."""
    try:
        return sock.recv(1) != b""
    except OSError:
        return False


if __name__ == "__main__":
    main()
