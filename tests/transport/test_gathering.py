"""What is sent together arrives whole, in order, and in one write a client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask, request
from wire_server import Running

from kiosk_server.transport import SocketIO
from kiosk_server.transport.connection import Connection

Run = Callable[..., Running]


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Each blob that a connection hands to the kernel or its outbox."""
    found: list[bytes] = []
    whole = Connection.send_whole

    def send_whole(self: Connection, blob: bytes) -> bool:
        found.append(blob)
        return whole(self, blob)

    monkeypatch.setattr(Connection, "send_whole", send_whole)
    return found


@pytest.fixture
def sids(app: Flask) -> list[str]:
    return []


def join(sio: SocketIO, *clients: Any) -> None:
    """All of them, until the server knows that they have heard of it: before, what it sends them is kept apart."""
    for client in clients:
        client.join()
    sio.emit("welcome", 1)
    assert [client.event() for client in clients] == [["welcome", 1]] * len(clients)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def served(app: Flask, sids: list[str]) -> SocketIO:
    sio = SocketIO(app, ping_interval=60)

    @sio.on("connect")
    def connect() -> None:
        sids.append(request.sid)  # type: ignore[attr-defined]

    return sio


def test_frames_for_one_client_leave_in_one_write_and_in_order(
    run: Run, app: Flask, served: SocketIO, sids: list[str], writes: list[bytes]
) -> None:
    running = run(app)
    with running.client() as client, running.client() as other:
        join(served, client, other)
        writes.clear()
        with served.together():
            for number in range(10):
                served.emit_encoded("one", b"%d" % number, to=sids[0])
                served.emit("all", number)
            assert writes == []
        assert len(writes) == 2
        heard = [client.event() for _ in range(20)]
        assert heard == [event for number in range(10) for event in (["one", number], ["all", number])]
        assert [other.event() for _ in range(10)] == [["all", number] for number in range(10)]
        served.emit("after", 1)
        assert client.event() == other.event() == ["after", 1]


def test_an_ack_and_the_news_that_follows_from_it_are_one_write(
    run: Run, app: Flask, served: SocketIO, writes: list[bytes]
) -> None:
    @served.on("ask")
    def ask() -> str:
        with served.together():
            served.emit("news", 1)
            return "answer"

    # Only what is sent within it is gathered, not what the transport sends when the handler has returned.
    with run(app).client() as client:
        join(served, client)
        writes.clear()
        client.emit("ask", ack=7)
        assert client.event() == ["news", 1]
        assert client.answer(7) == ["answer"]
        assert len(writes) == 2


def test_a_last_word_arrives_before_the_end(run: Run, app: Flask, served: SocketIO, sids: list[str]) -> None:
    with run(app).client() as client:
        join(served, client)
        with served.together():
            served.emit("notice", "you were signed out", to=sids[0])
            served.server.disconnect(sids[0])
        assert client.event() == ["notice", "you were signed out"]
        assert client.recv() == "41"


def test_a_latest_value_does_not_pass_what_was_gathered_before_it(
    run: Run, app: Flask, served: SocketIO, sids: list[str]
) -> None:
    with run(app).client() as client:
        join(served, client)
        with served.together():
            served.emit("first", 1, to=sids[0])
            served.emit_latest("second", 2, topic="t", to=sids[0])
            served.emit("third", 3, to=sids[0])
        assert [client.event()[0] for _ in range(3)] == ["first", "second", "third"]


def test_what_was_gathered_is_sent_although_something_fails(run: Run, app: Flask, served: SocketIO) -> None:
    with run(app).client() as client:
        join(served, client)

        def fail() -> None:
            with served.together():
                served.emit("news", 1)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert client.event() == ["news", 1]


def test_within_another_one_it_is_one(run: Run, app: Flask, served: SocketIO, writes: list[bytes]) -> None:
    with run(app).client() as client:
        join(served, client)
        writes.clear()
        with served.together():
            with served.together():
                served.emit("news", 1)
            assert writes == []
        assert client.event() == ["news", 1]


def test_a_client_that_left_meanwhile_costs_the_others_nothing(
    run: Run, app: Flask, served: SocketIO, stack: ExitStack
) -> None:
    running = run(app)
    crowd: list[Any] = [stack.enter_context(running.client()) for _ in range(40)]
    join(served, *crowd)
    with served.together():
        served.emit("news", 1)
        for client in crowd[::2]:
            client.reset()
    assert [client.event() for client in crowd[1::2]] == [["news", 1]] * 20


def test_a_crowd_gives_way_only_while_pages_are_asked_for(
    run: Run, app: Flask, served: SocketIO, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = run(app)
    crowd: list[Any] = [stack.enter_context(running.client()) for _ in range(100)]
    join(served, *crowd)
    yields: list[int] = []
    monkeypatch.setattr("kiosk_server.transport.gathering.os.sched_yield", lambda: yields.append(1))

    def tell(number: int) -> int:
        yields.clear()
        with served.together():
            served.emit("news", number)
        assert [client.event() for client in crowd] == [["news", number]] * 100
        return len(yields)

    tell(0)  # handshakes are no pages, but others of this server may have been
    assert tell(1) == 0
    for _ in range(3):
        assert running.get() == 200
    assert tell(2) == 3
    assert tell(3) == 0
