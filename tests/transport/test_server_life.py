"""A server binds, drains, ends and starts again; its threads stay the same."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from test_ends import until
from wire_client import Client
from wire_server import Running

from kiosk_server.transport import Limits, SocketIO

Run = Callable[..., Running]


def test_drain_says_1001_and_finishes_what_runs(run: Run, app: Flask, sio: SocketIO) -> None:
    is_running, may_end = threading.Event(), threading.Event()

    @app.get("/long")
    def long() -> str:
        is_running.set()
        may_end.wait(30)
        return "finished"

    running = run(app)
    clients = [running.client() for _ in range(50)]
    for client in clients:
        client.join()
    plain = running.plain()
    slow = running.raw(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
    assert is_running.wait(30)
    results: list[bool] = []
    draining = threading.Thread(target=lambda: results.append(running.server.drain(8)))
    draining.start()
    for ws in [*clients, plain]:
        assert ws.close_code() == 1001
        ws.sock.close()
    with pytest.raises(ConnectionRefusedError):
        running.raw()
    may_end.set()
    assert slow.status() == 200
    assert slow.take(8) == b"finished"
    draining.join(10)
    assert results == [True]
    slow.sock.close()
    running.thread.join(30)
    assert not running.thread.is_alive()
    assert running.server.stats().connections == 0


def test_drain_does_not_wait_for_the_deaf(run: Run, app: Flask, sio: SocketIO) -> None:
    running = run(app, limits=Limits(close_timeout_s=30))
    client = running.client()
    client.join()
    assert running.server.drain(0.3) is False
    assert client.recv_frame()[1][:2] == b"\x03\xe9"
    client.sock.close()


def test_server_ends_without_ever_having_run(app: Flask) -> None:
    from kiosk_server.transport import create_server

    server = create_server(app)
    assert server.drain(1)
    server.close()
    server.run()


def test_server_listens_where_it_is_told(run: Run, app: Flask) -> None:
    running = run(app, listen=[("127.0.0.1", 0), ("127.0.0.2", 0)])
    assert [host for host, _port in running.server.addresses] == ["127.0.0.1", "127.0.0.2"]
    for address in running.server.addresses:
        running.address = address
        assert running.get() == 200
    inherited = socket.create_server(("127.0.0.1", 0))
    passed_on = run(app, sockets=[inherited])
    assert passed_on.address == inherited.getsockname()
    assert passed_on.get() == 200


def test_two_servers_do_not_share_a_port(run: Run, app: Flask) -> None:
    running = run(app)
    before = threading.active_count()
    with pytest.raises(OSError, match="in use"):
        run(app, host=running.address[0], port=running.address[1])
    until(lambda: threading.active_count() == before)


def test_threads_do_not_grow_with_clients(run: Run, app: Flask, sio: SocketIO) -> None:
    running = run(app)
    before = threading.active_count()
    clients = [running.client() for _ in range(100)]
    for client in clients:
        client.join()
    assert threading.active_count() == before
    for client in clients:
        client.sock.close()


SERVED = """
import sys
from flask import Flask
from kiosk_server.transport import SocketIO, create_server, serve
app = Flask("served")
sio = SocketIO(app)
app.get("/")(lambda: "page")
if sys.argv[1] == "serve":
    serve(app, port=int(sys.argv[2]))
else:
    sio.run(app, port=int(sys.argv[2]))
print("drained")
"""


@pytest.mark.parametrize("by", ["serve", "run"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_server_that_is_told_to_end_says_1001_and_returns(by: str, number: signal.Signals) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = free.getsockname()
    command = [sys.executable, "-c", SERVED, by, str(address[1])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        client = first_client(address)
        client.join()
        process.send_signal(number)
        assert client.close_code() == 1001
        client.sock.close()
        output, errors = process.communicate(timeout=10)
        assert (process.returncode, output) == (0, b"drained\n"), errors


def first_client(address: tuple[str, int]) -> Client:
    """Connect as soon as somebody listens."""
    found: list[Client] = []

    def try_it() -> bool:
        with contextlib.suppress(ConnectionRefusedError):
            found.append(Client(address))
        return bool(found)

    until(try_it)
    return found[0]


def test_websockets_are_no_http_connections(run: Run, app: Flask, sio: SocketIO) -> None:
    running = run(app, limits=Limits(http_connections=10))
    clients = [running.client() for _ in range(40)]
    for client in clients:
        client.join()
    assert running.get() == 200
    for client in clients:
        client.sock.close()


def test_connections_beyond_the_limit_wait_until_others_end(run: Run, app: Flask, quick: Limits) -> None:
    running = run(app, limits=replace(quick, http_connections=10))
    silent = [running.raw() for _ in range(30)]
    assert running.get() == 200, "once the first ones have had their time"
    for one in silent:
        one.sock.close()


def test_power_cut_is_noticed_by_the_kernel(run: Run, app: Flask) -> None:
    running = run(app)
    with running.plain():
        until(lambda: bool(running.hub._connections))
        sock = next(iter(running.hub._connections))._sock
        options = (socket.TCP_USER_TIMEOUT, socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_NODELAY)
        assert [sock.getsockopt(socket.IPPROTO_TCP, option) for option in options] == [8000, 4, 2, 1]
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1


def test_run_and_stop_as_flask_socketio_has_them(app: Flask, sio: SocketIO) -> None:
    sio.on_event("stop", sio.stop)
    running = threading.Thread(target=lambda: sio.run(app, port=0))
    running.start()
    until(lambda: sio.wsgi_server is not None)
    with Client(sio.wsgi_server.addresses[0]) as client:
        client.join()
        client.emit("stop")
        assert client.close_code() == 1001
    running.join(10)
    assert not running.is_alive()
