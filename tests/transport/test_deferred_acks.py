"""Handlers that return a promise or a future: the ack comes when it is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from flask import Flask
from test_ends import until
from wire_server import Running

from kiosk_server.transport import Limits, Promise, SocketIO

Run = Callable[..., Running]
Later = type[Future[Any]] | type[Promise[Any]]
both = pytest.mark.parametrize("later", [Future, Promise])


@both
def test_deferred_acks_come_when_they_are_ready_and_hold_nobody(run: Run, app: Flask, later: Later) -> None:
    sio = SocketIO(app)
    pending: list[Any] = []
    arrived = threading.Semaphore(0)

    @sio.on("command")
    def command(_body: Any) -> Any:
        pending.append(later())
        arrived.release()
        return pending[-1]

    running = run(app, limits=Limits(workers=1))
    clients = [running.client() for _ in range(30)]
    for client in clients:
        client.join()
        client.emit("command", 1, ack=1)
        client.emit("command", 2, ack=2)
    assert all(arrived.acquire(timeout=30) for _ in range(60)), "one worker, and 60 commands wait"
    for number, future in enumerate(reversed(pending)):
        future.set_result({"number": number})
    for client in clients:
        first, second = client.recv(), client.recv()
        assert {str(first)[:3], str(second)[:3]} == {"431", "432"}
        client.sock.close()


@both
def test_deferred_ack_may_be_done_already_or_hold_several_values(run: Run, app: Flask, later: Later) -> None:
    sio = SocketIO(app)

    @sio.on("now")
    def now(value: Any) -> Any:
        future = later()
        future.set_result(tuple(value) if isinstance(value, list) else value)
        return future

    with run(app).client() as client:
        client.join()
        client.emit("now", [1, 2], ack=0)
        assert client.answer(0) == [1, 2]
        client.emit("now", None, ack=1)
        assert client.answer(1) == []
        client.emit("now", "nobody asked")
        client.emit("now", "next", ack=2)
        assert client.answer(2) == ["next"]


@both
def test_deferred_ack_that_fails_is_logged_and_closes_nothing(
    run: Run, app: Flask, caplog: pytest.LogCaptureFixture, later: Later
) -> None:
    sio = SocketIO(app)
    futures: list[Any] = []
    arrived = threading.Semaphore(0)

    @sio.on("command")
    def command() -> Any:
        futures.append(later())
        arrived.release()
        return futures[-1]

    running = run(app)
    with running.client() as client:
        client.join()
        for number in range(4):
            client.emit("command", ack=number)
            assert arrived.acquire(timeout=30)
        futures[0].set_exception(LookupError("no such item"))
        if isinstance(futures[1], Future):
            futures[1].cancel()
        futures[2].set_result("fine")
        assert client.answer(2) == ["fine"]
    until(lambda: running.server.stats().connections == 0)
    futures[3].set_result("too late, and nobody is hurt")
    assert "no such item" in caplog.text
    caplog.clear()
