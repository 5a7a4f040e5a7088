"""Ten minutes of a busy store against the transport: run by `make soak`, not by the tests.

    python tests/transport/soak.py [--minutes 10] [--clients 300]

A server in a process of its own; terminals that join, scan with acks, are pushed to ten times a second, read slowly,
end abruptly, come back. Exits 1 if an ack or an event is lost or out of order, or if descriptors, threads or memory
of the server have grown at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import selectors
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from wire_client import TEXT, Client, frame

PONG = frame(TEXT, b"3")


def serve() -> None:
    """Run the store's side; says its port on stdout and is stopped by SIGTERM."""
    import signal

    from flask import Flask

    from kiosk_server.transport import SocketIO, create_server

    app = Flask("soak")
    sio = SocketIO(app)
    sio.on_event("scan", lambda number: number)
    server = create_server(app)

    @app.get("/state")
    def state() -> dict[str, object]:
        rss = next(x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmRSS"))
        stats = server.stats()
        return {
            "rss_kb": int(rss.split()[1]),
            "fds": len(os.listdir("/proc/self/fd")),
            "threads": threading.active_count(),
            "connections": stats.connections,
            "closed": stats.closed,
            "sockets": len(sio.server.eio.sockets),
        }

    stop = threading.Event()

    def push() -> None:
        number = 0
        while not stop.wait(0.1):
            number += 1
            sio.emit("state", {"n": number, "pad": "x" * 230})
            sio.emit_latest("litres", number, topic="pump 1")

    signal.signal(signal.SIGTERM, lambda *_: server.drain())
    threading.Thread(target=push, daemon=True).start()
    sys.stdout.write(f"{server.addresses[0][1]}\n")
    sys.stdout.flush()
    server.run()
    stop.set()


@dataclass
class Tally:
    """What all terminals saw."""

    events: int = 0
    acks: int = 0
    ends: int = 0
    faults: list[str] = field(default_factory=list)


class Terminal:
    """One client, driven by the selector of its process."""

    def __init__(self, port: int, tally: Tally) -> None:
        self.client = Client(("127.0.0.1", port))
        self.client.join()
        self.tally = tally
        self.last = 0
        self.scans = 0
        self.scan()
        self.client.sock.setblocking(False)

    def scan(self) -> None:
        self.scans += 1
        self.client.send_raw(frame(TEXT, f'42{self.scans}["scan",{self.scans}]'.encode()))

    def read(self) -> None:
        try:
            self.client.fill()
        except BlockingIOError:
            return
        while len(self.client.buffer) >= 2:
            size = self.client.buffer[1]
            head = 4 if size == 126 else 2
            if size == 126:
                size = int.from_bytes(self.client.buffer[2:4], "big")
            if len(self.client.buffer) < head + size:
                return
            self.take(self.client.take(head + size)[head:])

    def take(self, message: bytes) -> None:
        if message == b"2":
            self.client.send_raw(PONG)
        elif message.startswith(b'42["state"'):
            number = json.loads(message[2:])[1]["n"]
            if self.last and number != self.last + 1:
                self.tally.faults.append(f"event {number} after {self.last}")
            self.last = number
            self.tally.events += 1
        elif message.startswith(b"43"):
            if message != f"43{self.scans}[{self.scans}]".encode():
                self.tally.faults.append(f"ack {message!r} for scan {self.scans}")
            self.tally.acks += 1
            self.scan()


def state(port: int) -> dict[str, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/state", timeout=10) as answer:
        found: dict[str, int] = json.load(answer)
        return found


def drive(port: int, clients: int, seconds: float) -> Tally:
    """Keep `clients` terminals busy, ending one every few milliseconds and putting another in its place."""
    tally = Tally()
    chooser = random.Random(7)
    selector = selectors.DefaultSelector()
    terminals: list[Terminal] = []

    def add() -> None:
        terminal = Terminal(port, tally)
        terminals.append(terminal)
        selector.register(terminal.client.sock, selectors.EVENT_READ, terminal)

    for _ in range(clients):
        add()
    ends_at = time.monotonic() + seconds
    churn_at = report_at = time.monotonic()
    while (now := time.monotonic()) < ends_at and not tally.faults:
        for key, _mask in selector.select(0.05):
            key.data.read()
        if now >= churn_at:
            churn_at = now + 0.05
            terminal = terminals.pop(chooser.randrange(len(terminals)))
            selector.unregister(terminal.client.sock)
            if chooser.random() < 0.5:
                terminal.client.reset()
            else:
                terminal.client.send_raw(frame(TEXT, b'42["scan",1]')[: chooser.randrange(1, 14)])
                terminal.client.sock.close()
            tally.ends += 1
            add()
        if now >= report_at:
            report_at = now + 10
            sys.stdout.write(f"{ends_at - now:6.0f} s left  {tally.acks} acks  {tally.events} events  {state(port)}\n")
            sys.stdout.flush()
    for terminal in terminals:
        terminal.client.sock.close()
    return tally


def settle(port: int) -> dict[str, int]:
    """Wait until the server has seen every end."""
    deadline = time.monotonic() + 30
    while state(port)["connections"] and time.monotonic() < deadline:
        time.sleep(0.2)
    return state(port)


def main() -> int:
    """Run the soak; 0 if all held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=300)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return 0
    with subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        warm = drive(port, options.clients, min(20.0, options.minutes * 6))
        before = settle(port)
        tally = drive(port, options.clients, options.minutes * 60)
        after = settle(port)
        server.terminate()
        status = server.wait(15)
    faults = warm.faults + tally.faults
    for name, allowed in (("fds", 0), ("threads", 0), ("sockets", 0), ("rss_kb", 8_000)):
        if after[name] > before[name] + allowed:
            faults.append(f"{name} grew from {before[name]} to {after[name]}")
    if status:
        faults.append(f"the server ended with {status}")
    sys.stdout.write(f"{tally.acks} acks, {tally.events} events, {tally.ends} abrupt ends\n{before}\n{after}\n")
    sys.stdout.write("\n".join(faults) + "\n" if faults else "all held\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
