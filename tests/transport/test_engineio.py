"""Engine.IO 4 over WebSocket: the cases of its protocol's test suite that need no polling, and more."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import engineio
import pytest
from flask import Flask
from test_ends import until
from wire_client import BINARY, ENGINE, Client, Raw, WebSocket, handshake
from wire_server import Running

from kiosk_server.transport import Limits, SocketIO
from kiosk_server.transport.engine import EngineServer

Run = Callable[..., Running]


@pytest.fixture
def fast(app: Flask) -> Flask:
    """Pings as the protocol's suite wants them: every 300 ms, 200 ms to answer."""
    SocketIO(app, ping_interval=0.3, ping_timeout=0.2, max_http_buffer_size=1_000_000, connect_timeout=1)
    return app


def test_handshake_tells_the_whole_truth(run: Run, fast: Flask) -> None:
    with run(fast).client() as client:
        sid = client.opening.pop("sid")
        assert isinstance(sid, str)
        assert client.opening == {
            "upgrades": [],
            "pingInterval": 300,
            "pingTimeout": 200,
            "maxPayload": 1_000_000,
        }


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("transport=websocket", 5),
        ("EIO=abc&transport=websocket", 5),
        ("EIO=3&transport=websocket", 5),
        ("EIO=4&EIO=4&transport=websocket", 5),
        ("EIO=4", 0),
        ("EIO=4&transport=abc", 0),
        ("EIO=4&transport=polling", 0),
        ("EIO=4&transport=websocket&transport=websocket", 0),
        ("EIO=4&transport=websocket&sid=unknown", 1),
        ("", 0),
    ],
)
def test_bad_query_is_refused_with_the_number_that_clients_know(
    run: Run, sio: SocketIO, app: Flask, query: str, code: int
) -> None:
    running = run(app)
    for data in (
        handshake(f"/socket.io/?{query}", "x"),
        f"GET /socket.io/?{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    ):
        with running.raw(data) as raw:
            assert raw.status() == 400
            assert "Content-Type: application/json" in raw.head
            assert refusal(raw) == code
    assert sio.server.eio.sockets == {}


def refusal(raw: Raw) -> int:
    """Read the number in a refusal's body."""
    size = next(line for line in raw.head.splitlines() if line.startswith("Content-Length: "))
    said = json.loads(raw.take(int(size.split()[1])))
    assert set(said) == {"code", "message"}
    return int(said["code"])


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("POST /socket.io/?EIO=4&transport=polling", 0),
        ("PUT /socket.io/?EIO=4&transport=polling", 0),
        ("OPTIONS /socket.io/?EIO=4&transport=polling", 0),
        ("POST /socket.io/?EIO=4&transport=polling&sid=x", 0),
        ("POST /socket.io/?EIO=4&transport=websocket", 2),
        ("PUT /socket.io/?EIO=4&transport=websocket", 2),
        ("GET /socket.io/?EIO=4&transport=websocket", 3),
    ],
)
def test_what_opens_no_websocket_opens_no_session(run: Run, sio: SocketIO, app: Flask, head: str, code: int) -> None:
    with run(app).raw(f"{head} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n4abc".encode()) as raw:
        assert raw.status() == 400
        assert refusal(raw) == code
    assert sio.server.environ == sio.server.eio.sockets == {}


def test_stolen_sid_opens_nothing(run: Run, sio: SocketIO, app: Flask) -> None:
    running = run(app)
    with running.client() as victim, running.raw(handshake(f"{ENGINE}&sid={victim.opening['sid']}", "x")) as thief:
        assert thief.status() == 400
        assert refusal(thief) == 1, "whether that session exists is nobody's to know"


def test_server_pings_and_the_client_stays(run: Run, fast: Flask) -> None:
    with run(fast).client() as client:
        client.join()
        for _ in range(3):
            assert WebSocket.recv(client) == "2"
            client.send("3")


def test_client_without_pong_is_closed(run: Run, fast: Flask) -> None:
    running = run(fast)
    with running.client() as client:
        client.join()
        began = time.monotonic()
        client.close_code()
        assert 0.3 < time.monotonic() - began < 5
    until(lambda: running.server.stats().closed == {"ping timeout": 1})


@pytest.mark.parametrize("packet", ["abc", "", "0{}", "2", "2probe", "5", "9", "b!!!", "4", "4abc", "4{}"])
def test_bad_packet_closes(run: Run, sio: SocketIO, app: Flask, packet: str) -> None:
    with run(app).client() as client:
        client.send(packet)
        assert client.close_code() == 1002


def test_close_packet_closes(run: Run, sio: SocketIO, app: Flask) -> None:
    with run(app).client() as client:
        client.send("1")
        assert client.close_code() == 1000


def test_noop_is_nothing(run: Run, sio: SocketIO, app: Flask) -> None:
    with run(app).client() as client:
        client.send("6")
        client.join()


def test_client_that_joins_nothing_is_closed(run: Run, fast: Flask) -> None:
    running = run(fast)
    with running.client() as client, pytest.raises(EOFError):
        client.recv()
    until(lambda: running.server.stats().closed == {"no authentication": 1})


def test_binary_attachment_arrives_in_base64_too(run: Run, sio: SocketIO, app: Flask) -> None:
    with run(app).client() as client:
        client.join()
        client.send('451-["echo",{"_placeholder":true,"num":0}]'.replace("451-", "451-7"))
        client.send("bAQIDBA==")
        assert client.recv() == '461-7[{"_placeholder":true,"num":0}]'
        assert client.recv_frame() == (BINARY, b"\x01\x02\x03\x04")


@pytest.mark.parametrize(
    ("origins", "origin", "is_welcome"),
    [
        (None, None, True),
        (None, "http://evil.example", False),
        ("*", "http://evil.example", True),
        (["http://till.lan"], "http://till.lan", True),
        (["http://till.lan"], "http://evil.example", False),
    ],
)
def test_origin_is_checked(run: Run, app: Flask, origins: object, origin: str | None, is_welcome: bool) -> None:
    SocketIO(app, cors_allowed_origins=origins)
    with run(app).raw(handshake(ENGINE, "x", Origin=origin)) as raw:
        assert raw.status() == (101 if is_welcome else 400)


def test_bad_handshake_leaves_no_session(run: Run, sio: SocketIO, app: Flask) -> None:
    running = run(app)
    for headers in ({"Sec_WebSocket_Key": None}, {"Sec_WebSocket_Version": "12"}):
        with running.raw(handshake(ENGINE, "x", **headers)) as raw:
            assert raw.status() in (400, 426)
    assert sio.server.eio.sockets == {}
    assert sio.server.environ == {}


def test_engine_alone_carries_messages_and_wants_nothing_joined(run: Run, app: Flask) -> None:
    eio = EngineServer(limits=Limits(connect_timeout_s=0.1), ping_interval=0.2)
    eio.on("message", eio.send)
    running = run(engineio.WSGIApp(eio, app))
    with Client(running.address, "/engine.io/?EIO=4&transport=websocket") as client:
        client.send("4hello")
        assert client.recv() == "4hello"
        client.send(b"\1\2\3\4")
        assert client.recv() == b"\1\2\3\4"
        for _ in range(3):
            assert WebSocket.recv(client) == "2"
            client.send("3")
        client.send("4" + '{"still": "text"}')
        assert client.recv() == '4{"still": "text"}'
    assert running.get() == 200


def test_other_path_serves_too(run: Run, app: Flask) -> None:
    SocketIO(app, path="push")
    path = "/push/?EIO=4&transport=websocket"
    with Client(run(app).address, path) as client:
        client.join()


def test_polling_works_where_it_is_asked_for(run: Run, app: Flask) -> None:
    sio = SocketIO(app, transports=["polling", "websocket"], monitor_clients=False)
    running = run(app)
    with running.raw(b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n") as raw:
        assert raw.status() == 200
        raw.until(b"{")
        sid = json.loads("{" + raw.until(b"}").decode() + "}")["sid"]
    assert running.get("/socket.io/?EIO=4") == 400, "which transport, has to be said"
    assert sid in sio.server.eio.sockets
    with running.client() as client:
        client.join()
    sio.server.eio.sockets[sid].close(wait=False)
