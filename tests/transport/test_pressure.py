"""Slow readers, floods and clocks: one peer's trouble stays its own."""

from __future__ import annotations

import json
import socket
import statistics
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from test_ends import until
from wire_client import BINARY, PING, PONG, TEXT, Client, WebSocket, frame
from wire_server import Running

from kiosk_server.transport import Limits, SocketIO

Run = Callable[..., Running]
BLOB = "x" * 20_000


def deaf(running: Running) -> Client:
    """A client that has joined and then reads nothing more."""
    client = running.client()
    client.join()
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    return client


class Reader(threading.Thread):
    """A client that reads all, and notes what it got and when."""

    def __init__(self, client: Client, last: int) -> None:
        super().__init__()
        self.client = client
        self.last = last
        self.got: list[int] = []
        self.delays: list[float] = []

    def run(self) -> None:
        while not self.got or self.got[-1] != self.last:
            _name, number, sent_at, *_rest = self.client.event()
            self.got.append(number)
            self.delays.append(time.monotonic() - sent_at)


def push(sio: SocketIO, readers: list[Reader], count: int) -> float:
    """Emit to everyone and return the median of the readers' delays, in seconds."""
    for reader in readers:
        reader.start()
    pause = threading.Event()
    for number in range(count - 1):
        sio.emit("state", (number, time.monotonic(), BLOB))
        pause.wait(0.002)
    sio.emit("state", (count - 1, time.monotonic(), ""))
    for reader in readers:
        reader.join(20)
        assert reader.got == list(range(count)), "in order, none lost"
    return statistics.median(delay for reader in readers for delay in reader.delays)


def test_reader_that_stops_is_closed_and_the_others_get_everything_as_soon_as_ever(run: Run, app: Flask) -> None:
    sio = SocketIO(app)
    running = run(app, limits=Limits(outbox_grace_s=0.5))
    clients = [running.client() for _ in range(5)]
    for client in clients:
        client.join()
    alone_s = push(sio, [Reader(client, 499) for client in clients], 500)
    stuck = deaf(running)
    began = time.monotonic()
    beside_s = push(sio, [Reader(client, 999) for client in clients], 1000)
    until(lambda: running.server.stats().closed.get("slow reader", 0) == 1, 10)
    assert time.monotonic() - began < 10
    # A sender that waited for the stuck one would be late by seconds; the rest is what a busy machine adds.
    assert beside_s < 3 * alone_s + 0.02
    for client in [stuck, *clients]:
        client.sock.close()


def test_outbox_is_bounded_even_within_the_grace(run: Run, app: Flask) -> None:
    sio = SocketIO(app)
    running = run(app, limits=Limits(outbox_grace_s=60, outbox_messages=8, outbox_bytes=50_000))
    stuck = deaf(running)
    for _ in range(500):
        sio.emit("state", BLOB)
        if running.server.stats().connections == 0:
            break
    until(lambda: running.server.stats().closed == {"slow reader": 1})
    stuck.sock.close()


def test_one_message_may_be_larger_than_the_outbox(run: Run, app: Flask) -> None:
    running = run(app, limits=Limits(message_bytes=20_000_000, outbox_bytes=100_000))
    with running.plain() as ws:
        ws.send_frame(2, b"x" * 4_000_000)
        assert ws.recv() == b"x" * 4_000_000


def test_reader_that_catches_up_stays(run: Run, app: Flask) -> None:
    sio = SocketIO(app, ping_interval=0.1)
    running = run(app, limits=Limits(outbox_grace_s=0.5, outbox_bytes=2_000_000))
    with running.client() as client:
        client.join()
        for number in range(300):
            sio.emit("state", (number, 0, BLOB))
        connection = next(iter(running.hub._connections))
        assert connection._outbox.over_since is not None
        assert [client.event()[1] for _ in range(300)] == list(range(300))
        for _ in range(8):  # pings, well beyond the grace
            assert WebSocket.recv(client) == "2"
            client.send("3")
        assert running.server.stats().closed == {}


def test_ping_flood_during_broadcasts_corrupts_no_frame(run: Run, app: Flask) -> None:
    sio = SocketIO(app)
    running = run(app, limits=Limits(outbox_messages=10_000, outbox_bytes=64_000_000))
    client = running.client()
    client.join()
    stop = threading.Event()

    def flood() -> None:
        while not stop.is_set():
            client.send_raw(frame(PING, b"flood") * 50)

    def broadcast(thread: int) -> None:
        for number in range(300):
            sio.emit("state", (thread, number, "é" * (number * 7 % 3000)))
            sio.emit("binary", b"z" * (number % 200))

    threads = [threading.Thread(target=broadcast, args=(n,)) for n in range(3)]
    threads.append(threading.Thread(target=flood))
    for thread in threads:
        thread.start()
    counts = [0, 0, 0]
    attachments = 0
    while counts != [300, 300, 300] or attachments < 900:
        opcode, payload = client.recv_frame()
        if opcode == PONG:
            assert payload == b"flood"
        elif opcode == TEXT and payload.startswith(b'42["state"'):
            _name, thread, number, text = json.loads(payload[2:])
            assert number == counts[thread], "in order for each emitter"
            assert text == "é" * (number * 7 % 3000)
            counts[thread] += 1
        elif opcode == TEXT and payload.startswith(b"451-"):
            opcode, payload = client.recv_frame()
            assert opcode == 2, "nothing comes between a packet and its attachment"
            attachments += 1
        else:
            assert payload == b"2"
            client.send("3")
    stop.set()
    for thread in threads:
        thread.join()
    client.sock.close()


def test_ping_flooder_that_reads_nothing_costs_no_memory(run: Run, app: Flask) -> None:
    SocketIO(app)
    running = run(app)
    client = deaf(running)
    client.sock.settimeout(0.2)
    flood = frame(PING, b"x" * 125) * 100
    try:
        for _ in range(2000):
            client.send_raw(flood)
    except TimeoutError:
        pass
    connection = next(iter(running.hub._connections), None)
    outbox = None if connection is None else connection._outbox
    assert outbox is None or outbox._size < 1000
    client.sock.close()


def test_one_talker_starves_nobody(run: Run, app: Flask) -> None:
    sio = SocketIO(app)
    sio.on_event("slow", lambda _n: time.sleep(0.002))
    sio.on_event("quick", lambda n: n)
    running = run(app, limits=Limits(workers=1))
    with running.client() as talker, running.client() as other:
        talker.join()
        other.join()
        talker.send_raw(b"".join(frame(TEXT, f'42["slow",{n}]'.encode()) for n in range(1000)))
        other.emit("quick", "me", ack=1)
        assert other.answer(1) == ["me"]
        assert running.server.stats().connections == 2
        assert any(c.is_busy for c in running.hub._connections), "the talker is not done yet"


def test_peer_is_not_read_faster_than_it_is_handled(run: Run, app: Flask) -> None:
    sio = SocketIO(app, ping_interval=60)
    gate = threading.Event()
    handled: list[int] = []
    sio.on_event("wait", lambda n: (gate.wait(10), handled.append(n))[1])
    running = run(app, limits=Limits(inbox_messages=10))
    client = running.client()
    client.join()
    blob = "y" * 5000
    sender = threading.Thread(
        target=client.send_raw,
        args=(b"".join(frame(TEXT, f'42["wait",{n}]'.encode() + b" " * 0) for n in range(3000)),),
    )
    sender.start()
    connection = next(iter(running.hub._connections))
    until(lambda: connection.is_paused)
    assert len(connection._inbox) < 1200
    gate.set()
    until(lambda: len(handled) == 3000)
    sender.join()
    assert handled == list(range(3000))
    assert blob
    client.sock.close()


def test_answers_nobody_asked_for_are_not_read_faster_than_they_are_looked_at(run: Run, app: Flask) -> None:
    SocketIO(app, ping_interval=60)
    running = run(app, limits=Limits(inbox_messages=10))
    gate = threading.Event()
    running.hub.answers.submit(lambda: gate.wait(10))
    with running.client() as client, running.client() as other:
        client.join()
        other.join()
        sender = threading.Thread(target=client.send_raw, args=(frame(TEXT, b'431["' + b"y" * 5000 + b'"]') * 2000,))
        sender.start()
        until(lambda: any(c.is_paused for c in running.hub._connections), 5)
        assert running.hub.answers.backlog() < 20
        gate.set()
        sender.join(10)
        assert not sender.is_alive(), "read to the end once they are looked at"
        until(lambda: not any(c.is_paused for c in running.hub._connections))


@pytest.mark.parametrize(
    "last",
    [
        frame(TEXT, b'42["slow"]' + b" " * 20_000),
        frame(TEXT, b'451-["slow",{"_placeholder":true,"num":0}]') + frame(BINARY, b"x" * 20_000),
    ],
    ids=["frame", "attachment"],
)
def test_time_in_which_nothing_is_read_is_not_the_clients(run: Run, app: Flask, last: bytes) -> None:
    sio = SocketIO(app, limits=Limits(message_timeout_s=0.4), ping_interval=60)
    handled: list[int] = []
    sio.on_event("slow", lambda *_: (time.sleep(0.2), handled.append(1))[1])
    running = run(app, limits=Limits(inbox_messages=10, message_timeout_s=0.4))
    with running.client() as client:
        client.join()
        client.send_raw(frame(TEXT, b'42["slow"]') * 10 + last)
        until(lambda: len(handled) == 11 or bool(running.server.stats().closed))
        assert running.server.stats().closed == {}


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0, -1.7e9])
def test_clock_that_jumps_disconnects_nobody(
    run: Run, app: Flask, monkeypatch: pytest.MonkeyPatch, jump_s: float
) -> None:
    SocketIO(app, ping_interval=0.2, ping_timeout=0.5)
    running = run(app)
    with running.client() as client, running.raw() as idle:
        client.join()
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + jump_s)
        pings = 0
        while pings < 4:
            opcode, payload = client.recv_frame()
            assert (opcode, payload) == (TEXT, b"2")
            client.send("3")
            pings += 1
        idle.send_raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.status() == 200
        assert running.server.stats().closed == {}


def test_addresses_have_their_share(run: Run, app: Flask, sio: Any) -> None:
    limits = Limits(uncapped_addresses=frozenset(), connections_per_address=3, handshakes_per_address_s=2)
    running = run(app, limits=limits, host="0.0.0.0")
    address = ("127.0.0.1", running.address[1])
    clients = [Client(address) for _ in range(2)]
    from wire_client import ENGINE, Raw, handshake

    with Raw(address) as third:
        third.send_raw(handshake(ENGINE, "x"))
        assert third.status() == 429
        third.read_all()
    other = Raw(address)
    other.send_raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert other.status() == 200
    with Raw(address) as fourth:
        assert fourth.read_all() == b""
    with Raw(address, source="127.0.0.9") as neighbour:
        neighbour.send_raw(handshake(ENGINE, "x"))
        assert neighbour.status() == 101
    assert running.server.stats().refused == {"handshakes per address": 1, "connections per address": 1}
    for client in clients:
        client.sock.close()
    other.sock.close()
    until(lambda: running.hub.admission.held("127.0.0.1") == 0)


def test_gate_closes_without_an_answer(run: Run, app: Flask) -> None:
    asked: list[str] = []

    def gate(peer: str) -> bool:
        asked.append(peer)
        return peer != "127.0.0.66"

    running = run(app, accept_gate=gate, host="0.0.0.0")
    address = ("127.0.0.1", running.address[1])
    from wire_client import Raw

    with Raw(address, source="127.0.0.66") as stranger:
        assert stranger.read_all() == b""
    with Raw(address) as friend:
        friend.send_raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert friend.status() == 200
    assert asked == ["127.0.0.66", "127.0.0.1"]
    assert running.server.stats().refused == {"gate": 1}


def test_gate_that_fails_lets_nobody_in_and_is_asked_again(
    run: Run, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    verdicts: list[Any] = [ZeroDivisionError, ZeroDivisionError, True]

    def gate(_peer: str) -> bool:
        if (verdict := verdicts.pop(0)) is not True:
            raise verdict
        return True

    running = run(app, accept_gate=gate)
    for _ in range(2):
        with running.raw() as raw:
            assert raw.read_all() == b""
    assert running.get() == 200
    assert running.server.stats().refused == {"gate": 2}
    caplog.clear()


def test_full_server_says_so(run: Run, app: Flask, sio: Any) -> None:
    from wire_client import ENGINE, handshake

    running = run(app, limits=Limits(websockets=1))
    with running.client(), running.raw(handshake(ENGINE, "x")) as second:
        assert second.status() == 503
