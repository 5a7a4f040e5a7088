"""Servers for the transport's tests: real sockets, a thread that runs, and proof that all ended."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, request
from wire_server import Running

from kiosk_server.transport import Limits, SocketIO, accept


@pytest.fixture
def run() -> Iterator[Callable[..., Running]]:
    """Start servers; they end with the test."""
    running: list[Running] = []

    def start(app: Any, **options: Any) -> Running:
        running.append(Running(app, **options))
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture
def app() -> Flask:
    """An application with a page and an echo over a plain WebSocket."""
    app = Flask("echo")

    @app.get("/")
    def page() -> str:
        return "page"

    @app.get("/echo")
    def echo() -> str:
        connection = accept(request.environ, lambda message: [connection.send(message)])
        return ""

    return app


@pytest.fixture
def sio(app: Flask) -> SocketIO:
    """The same application with Socket.IO and an event that answers."""
    sio = SocketIO(app)

    @sio.on("echo")
    def echo(*args: Any) -> Any:
        return args

    return sio


@pytest.fixture
def quick() -> Limits:
    """Limits that a test can wait for."""
    return Limits(
        message_timeout_s=0.5,
        outbox_grace_s=0.5,
        close_timeout_s=0.5,
        header_timeout_s=0.5,
        body_timeout_s=0.8,
        idle_timeout_s=0.7,
        send_timeout_s=0.7,
        connect_timeout_s=0.5,
        http_threads=4,
        workers=4,
    )


@pytest.fixture(autouse=True)
def no_unheard_errors(caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which something was logged as an error that it did not expect."""
    yield
    if request.node.get_closest_marker("logs_errors"):
        return
    errors = [r for r in caplog.get_records("call") if r.levelno >= logging.ERROR and r.name.startswith("kiosk")]
    assert not errors, [r.getMessage() for r in errors]
