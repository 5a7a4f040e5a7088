"""One turn of the HTTP loop: bounded, newest first, and nobody starves. Turned by hand, so that the order is ours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from wire_client import Raw, handshake
from wire_server import Running

from kiosk_server.transport import Server, SocketIO, create_server

CROWD = 200
GET = b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n"


class Turned:
    """A server whose loop runs only when it is told to, and the paths that were asked of it."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self._is_asked = threading.Condition()
        self.server: Server = create_server(self._answer)

    def _answer(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        with self._is_asked:
            self.asked.append(int(environ["PATH_INFO"][1:]))
            self._is_asked.notify_all()
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    def turn(self) -> None:
        self.server._loop.turn(0.1)

    def accept_everybody(self, count: int) -> None:
        while self._open() < count:
            self.turn()

    def _open(self) -> int:
        return len(self.server._loop._channels())

    def wait_for(self, count: int) -> list[int]:
        with self._is_asked:
            assert self._is_asked.wait_for(lambda: len(self.asked) >= count, 5), self.asked
            return list(self.asked)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def turned() -> Iterator[Turned]:
    turned = Turned()
    yield turned
    turned.server.close()


def test_crowd_is_served_in_bounded_turns_newest_and_oldest_first(turned: Turned) -> None:
    with ExitStack() as stack:
        crowd = [stack.enter_context(Raw(turned.server.addresses[0])) for _ in range(CROWD)]
        turned.accept_everybody(CROWD)
        for number, client in enumerate(crowd):
            client.send_raw(GET % number)
        turned.turn()
        first = turned.wait_for(64)
        assert set(first) == set(range(32)) | set(range(CROWD - 32, CROWD))
        while len(turned.asked) < CROWD:
            turned.turn()
        assert sorted(turned.asked) == list(range(CROWD))


def test_page_asked_for_behind_a_crowd_passes_it(turned: Turned) -> None:
    with ExitStack() as stack:
        crowd = [stack.enter_context(Raw(turned.server.addresses[0])) for _ in range(CROWD)]
        turned.accept_everybody(CROWD)
        for number, client in enumerate(crowd):
            client.send_raw(GET % number)
        visitor = stack.enter_context(Raw(turned.server.addresses[0]))
        visitor.send_raw(GET % 999)
        turned.turn()  # accepts the visitor, and serves 64 of the crowd
        turned.wait_for(64)
        turned.turn()
        assert 999 in turned.wait_for(65)[:128]


def test_page_between_handshakes_passes_all_of_them(turned: Turned) -> None:
    with ExitStack() as stack:
        crowd = [stack.enter_context(Raw(turned.server.addresses[0])) for _ in range(CROWD)]
        turned.accept_everybody(CROWD)
        for number, client in enumerate(crowd):
            client.send_raw(GET % number if number == CROWD // 2 else handshake(f"/{number}", "x"))
        turned.turn()
        first = turned.wait_for(64)
        assert CROWD // 2 in first
        assert len(first) == 64


def test_those_between_newest_and_oldest_have_their_turn_although_others_never_stop(turned: Turned) -> None:
    with ExitStack() as stack:
        crowd = [stack.enter_context(Raw(turned.server.addresses[0])) for _ in range(CROWD)]
        turned.accept_everybody(CROWD)
        for client in crowd:
            client.send_raw(b"GET /7 HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        for _ in range(CROWD // 32 + 1):
            turned.turn()
            for number, client in enumerate(crowd):
                if not 80 <= number < 120:
                    client.send_raw(b"a")  # always readable again
        served = [c.request is not None for c in turned.server._loop._channels()]
        assert all(served)
        assert len(served) == CROWD


def test_large_broadcast_gives_way_while_pages_are_asked_for(
    run: Callable[..., Running], app: Flask, monkeypatch: pytest.MonkeyPatch, stack: ExitStack
) -> None:
    sio = SocketIO(app)
    running = run(app)
    crowd = [stack.enter_context(running.client()) for _ in range(100)]
    for client in crowd:
        client.join()
    yields: list[int] = []
    monkeypatch.setattr("kiosk_server.transport.broadcast.os.sched_yield", lambda: yields.append(1))

    def push(number: int) -> int:
        yields.clear()
        sio.emit("state", number)
        assert [client.event() for client in crowd] == [["state", number]] * 100
        return len(yields)

    push(0)  # handshakes are no pages, but others of this server may have been
    assert push(1) == 0
    assert running.get() == 200
    assert push(2) == 0  # the only page may have been the one that pushes
    for _ in range(3):
        assert running.get() == 200
    assert push(3) == 4
    assert push(4) == 0
