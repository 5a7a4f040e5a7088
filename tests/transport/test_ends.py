"""However a client ends, everything it had is given back."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask_socketio import join_room
from wire_client import ENGINE, TEXT, Client, Raw, frame, handshake
from wire_server import Running

from kiosk_server.transport import Limits, SocketIO
from kiosk_server.transport.connection import Connection
from kiosk_server.transport.engine import EngineSocket

Run = Callable[..., Running]
CLIENTS = 1000


def until(is_so: Callable[[], bool], timeout_s: float = 15) -> None:
    """Wait for a state that has no event; fails loudly."""
    tick = threading.Event()
    for _ in range(int(timeout_s / 0.02)):
        if is_so():
            return
        tick.wait(0.02)
    raise AssertionError("it never came to that")


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def rss_kb() -> int:
    line = next(x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1])


def crowd(running: Running, count: int) -> list[Client]:
    clients = []
    for _ in range(count):
        client = running.client()
        client.join()
        clients.append(client)
    return clients


def end(client: Client, how: int) -> None:
    """End in one of six ways, none of them polite."""
    match how % 6:
        case 0:
            client.reset()
        case 1:
            client.sock.shutdown(1)  # half-closed, and never closed by the client
        case 2:
            client.send_raw(frame(TEXT, b'42["echo","mid-frame"]')[:9])
            client.sock.close()
        case 3:
            client.send('451-["echo",{"_placeholder":true,"num":0}]')
            client.reset()
        case 4:
            client.send('42["echo","and gone"]' * 1)
            client.sock.close()
        case _:
            client.send_raw(frame(5, b"broken"))
            client.sock.close()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors in /proc")
def test_thousand_clients_end_abruptly_and_nothing_is_left(run: Run, app: Flask, sio: SocketIO) -> None:
    ended = threading.Semaphore(0)

    @sio.on("connect")
    def connect() -> None:
        join_room("store")

    @sio.on("disconnect")
    def disconnect(_reason: str) -> None:
        ended.release()

    # A deadline holds on to its connection until it is due, so let those for unfinished messages be short.
    running = run(app, limits=Limits(message_timeout_s=1.0))
    for client in crowd(running, 20):  # whatever is only ever made once is made now
        client.sock.close()
    until(lambda: running.server.stats().connections == 0)
    gc.collect()
    fds, threads, memory = descriptors(), threading.active_count(), 0
    for round_number in range(2):
        clients = crowd(running, CLIENTS)
        assert threading.active_count() == threads, "a thread for each client"
        strangers = [running.raw(handshake(ENGINE, "x")[:40]) for _ in range(50)]  # mid-handshake
        for how, client in enumerate(clients):
            end(client, how)
        for stranger in strangers:
            stranger.reset()
        until(lambda: running.server.stats().connections == 0)
        until(lambda: not sio.server.eio.sockets)
        for client in clients:
            client.sock.close()
        until(lambda: descriptors() <= fds)
        del clients, client, strangers, stranger
        gc.collect()
        if round_number == 0:
            memory = rss_kb()
    manager = sio.server.manager
    assert manager.rooms == {}
    assert not any((*manager._sids.values(), manager._joined, manager._held, manager._leaving, manager.callbacks))
    assert sio.server.environ == {}
    assert threading.active_count() == threads
    assert sum(ended.acquire(timeout=30) for _ in range(2 * CLIENTS + 20)) == 2 * CLIENTS + 20
    # The second thousand fits where the first was.
    assert rss_kb() - memory < 6_000
    until(lambda: not running.hub.reactor._timers)
    gc.collect()
    # A waiting thread of waitress or the reactor may still hold the last one that it saw.
    assert sum(isinstance(o, EngineSocket) for o in gc.get_objects()) <= threads


def leave_by(way: str, client: Client, sio: SocketIO, running: Running) -> None:
    """End a client's connection in one of the ways that are not its own."""
    match way:
        case "close frame":
            client.send_frame(8, b"\x03\xe8")
        case "no pong":
            client.sock.settimeout(0.1)  # which is shorter than what it takes to be closed
        case "bad packet":
            client.send("4abc")
        case "kick":
            sio.server.disconnect(client.join("/lanes"), "/lanes")
            client.sock.close()
        case "server closes":
            sio.server.eio.disconnect(client.opening["sid"])
        case "slow reader":
            while running.server.stats().connections:
                sio.emit("state", "x" * 60_000)
        case "drain":
            running.server.drain(5)


@pytest.mark.parametrize(
    "way", ["close frame", "no pong", "bad packet", "kick", "server closes", "slow reader", "drain"]
)
@pytest.mark.parametrize("does_handler_fail", [False, True])
def test_every_end_gives_everything_back(
    run: Run, app: Flask, caplog: pytest.LogCaptureFixture, way: str, does_handler_fail: bool
) -> None:
    sio = SocketIO(app, ping_interval=0.3, ping_timeout=0.2)
    sio.on_event("connect", lambda: join_room("store"))
    ended = threading.Event()

    @sio.on("disconnect")
    @sio.on("disconnect", namespace="/lanes")
    def disconnect(_reason: str) -> None:
        ended.set()
        if does_handler_fail:
            raise ZeroDivisionError

    limits = Limits(close_timeout_s=0.3, outbox_bytes=100_000, outbox_grace_s=0.3, message_timeout_s=0.3)
    running = run(app, limits=limits)
    fds = descriptors()
    client = running.client()
    sid = client.join()
    sio.server.save_session(sid, {"lane": 3})
    sio.emit("question", to=sid, callback=lambda *_: None)
    assert client.recv() == '421["question"]'
    leave_by(way, client, sio, running)
    assert ended.wait(30)
    until(lambda: running.server.stats().connections == 0)
    client.sock.close()
    manager = sio.server.manager
    until(lambda: sio.server.eio.sockets == sio.server.environ == manager.rooms == {})
    assert not any((*manager._sids.values(), manager._joined, manager._held, manager._leaving, manager.callbacks))
    assert running.hub.admission.held("127.0.0.1") == 0
    if way != "drain":  # which closes the server's own, too
        until(lambda: descriptors() <= fds)
        until(lambda: not running.hub.reactor._timers)
    caplog.clear()


def test_client_mid_handshake_is_forgotten(run: Run, app: Flask, sio: SocketIO) -> None:
    running = run(app)
    for _ in range(30):
        running.raw(handshake(ENGINE, "x")).reset()
    until(lambda: running.server.stats().connections == 0 and not sio.server.eio.sockets)
    until(lambda: running.hub.admission.held("127.0.0.1") == 0)


@pytest.mark.parametrize("path", ["/echo", ENGINE])
def test_end_between_the_first_bytes_and_the_return_of_accept_is_heard(
    run: Run, app: Flask, sio: SocketIO, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """The moment in which another thread can have the processor, made longer."""
    send_blob = Connection.send_blob

    def send_and_wait(connection: Connection, blob: bytes) -> bool:
        sent = send_blob(connection, blob)
        if blob.startswith(b"HTTP"):
            running.hub.reactor.call_soon(connection.abort, "gone")
            until(lambda: not connection.is_open)
            tick = threading.Event()
            running.hub.reactor.call_soon(tick.set)
            assert tick.wait(5)
        return sent

    monkeypatch.setattr(Connection, "send_blob", send_and_wait)
    running = run(app)
    with running.raw(handshake(path, "x")) as raw:
        raw.read_all()
    until(lambda: running.server.stats().connections == 0 and not sio.server.eio.sockets)
    assert running.hub.admission.held("127.0.0.1") == 0


def test_namespace_is_forgotten_with_its_last_client(run: Run, app: Flask) -> None:
    sio = SocketIO(app, namespaces="*")
    with run(app).client() as client:
        for number in range(20):
            client.join(f"/{number}")
    manager = sio.server.manager
    until(lambda: not manager.rooms)
    assert not manager._sids


def test_what_a_client_said_is_not_interned(run: Run, app: Flask, sio: SocketIO) -> None:
    """Python 3.12 frees no interned string: each cookie would stay for ever."""
    with run(app).client(Cookie="sid=" + "z" * 4000) as client:
        client.join()
        (environ,) = sio.server.environ.values()
        for name in ("HTTP_COOKIE", "HTTP_SEC_WEBSOCKET_KEY"):
            copy = "".join(list(environ[name]))
            assert sys.intern(copy) is copy, f"{name} was known already"


def test_disconnect_handler_hears_why(run: Run, app: Flask, sio: SocketIO) -> None:
    reasons: list[str] = []
    heard = threading.Semaphore(0)

    @sio.on("disconnect")
    def disconnect(reason: str) -> None:
        reasons.append(reason)
        heard.release()

    running = run(app)
    for action in ("reset", "41", "1", "close"):
        client = running.client()
        client.join()
        if action == "reset":
            client.reset()
        elif action == "close":
            client.send_frame(8, b"\x03\xe8")
        else:
            client.send(action)
        assert heard.acquire(timeout=30)
        client.sock.close()
    assert reasons == ["transport close", "client disconnect", "client disconnect", "transport close"]


def test_disconnect_handler_may_still_use_the_session(run: Run, app: Flask, sio: SocketIO) -> None:
    found: list[object] = []
    heard = threading.Event()

    @sio.on("disconnect")
    def disconnect(_reason: str) -> None:
        from flask import request

        with sio.server.session(request.sid) as session:  # type: ignore[attr-defined]
            found.append(session.get("name"))
        heard.set()

    running = run(app)
    with running.client() as client:
        sid = client.join()
        sio.server.save_session(sid, {"name": "lane 3"})
    assert heard.wait(30)
    assert found == ["lane 3"]


def test_events_before_the_end_are_handled_before_it(run: Run, app: Flask, sio: SocketIO) -> None:
    seen: list[object] = []
    heard = threading.Event()
    sio.on_event("note", seen.append)
    sio.on_event("disconnect", lambda _reason: (seen.append("end"), heard.set()))
    client = run(app).client()
    client.join()
    client.send_raw(b"".join(frame(TEXT, f'42["note",{n}]'.encode()) for n in range(100)))
    client.sock.close()
    assert heard.wait(30)
    assert seen == [*range(100), "end"]


def test_listening_goes_on_when_descriptors_run_out(run: Run, app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    import resource

    running = run(app)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = Raw(running.address)
    waiting = Raw.__new__(Raw)
    Raw.__init__(waiting, running.address)
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors(), hard))
    try:
        spare.sock.close()
        with Raw(running.address) as starved:
            starved.sock.settimeout(0.3)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    waiting.sock.close()
    assert running.get() == 200
    caplog.clear()


def test_limits_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Limits().message_bytes = 1  # type: ignore[misc]
