"""RFC 6455 over real sockets, through `accept` in a Flask view."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable

import pytest
from flask import Flask, request
from wire_client import BINARY, CLOSE, PING, PONG, TEXT, WebSocket, frame, handshake
from wire_server import Running

from kiosk_server.transport import Connection, accept

Run = Callable[..., Running]
PATH = "/echo"
SAMPLE_KEY, SAMPLE_ANSWER = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455 1.3


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_echo_returns_text_and_bytes_of_any_size(run: Run, app: Flask, size: int) -> None:
    with run(app).plain() as ws:
        ws.send("x" * size)
        assert ws.recv() == "x" * size
        ws.send(b"y" * size)
        assert ws.recv() == b"y" * size


def test_client_sends_frames_with_its_handshake_and_loses_none(run: Run, app: Flask) -> None:
    running = run(app)
    first = frame(TEXT, b"early")
    with running.raw(handshake(PATH, "x") + first + frame(TEXT, b"second")[:3]) as raw:
        assert raw.status() == 101
        assert raw.take(7) == b"\x81\x05early"


def test_client_fragments_around_a_ping_and_hears_pong_first(run: Run, app: Flask) -> None:
    with run(app).plain() as ws:
        ws.send_frame(TEXT, b"frag", fin=False)
        ws.send_frame(PING, b"here?")
        ws.send_frame(0, b"ment")
        assert ws.recv_frame() == (PONG, b"here?")
        assert ws.recv_frame() == (TEXT, b"fragment")


def test_unasked_pong_is_ignored(run: Run, app: Flask) -> None:
    with run(app).plain() as ws:
        ws.send_frame(PONG, b"nobody asked")
        ws.send("still here")
        assert ws.recv() == "still here"


@pytest.mark.parametrize("chunk", [1, 2, 7])
def test_octets_may_come_one_by_one(run: Run, app: Flask, chunk: int) -> None:
    with run(app).plain() as ws:
        data = frame(TEXT, "größe €".encode()) + frame(BINARY, b"z" * 130)
        for start in range(0, len(data), chunk):
            ws.send_raw(data[start : start + chunk])
        assert ws.recv() == "größe €"
        assert ws.recv() == b"z" * 130


@pytest.mark.parametrize(("payload", "code"), [(b"", 1005), (b"\x03\xe8", 1000), (b"\x0f\xa0bye", 4000)])
def test_client_closes_and_hears_its_code(run: Run, app: Flask, payload: bytes, code: int) -> None:
    with run(app).plain() as ws:
        ws.send_frame(CLOSE, payload)
        assert ws.close_code() == code


def test_client_sends_then_closes_and_has_all_answers_before_the_close(run: Run, app: Flask) -> None:
    with run(app).plain() as ws:
        ws.send_raw(b"".join(frame(TEXT, b"%d" % n) for n in range(50)) + frame(CLOSE, b"\x03\xe8"))
        assert [ws.recv() for _ in range(50)] == [str(n) for n in range(50)]
        assert ws.close_code() == 1000


def test_nothing_after_a_close_frame_is_answered(run: Run, app: Flask) -> None:
    with run(app).plain() as ws:
        ws.send_raw(frame(CLOSE, b"\x03\xe8") + frame(PING, b"x") + frame(TEXT, b"y") + frame(CLOSE, b""))
        assert ws.recv_frame() == (CLOSE, b"\x03\xe8")
        assert ws.read_all() == b""


HOSTILE = [
    ("unmasked", frame(TEXT, b"a", masked=False), 1002),
    ("reserved bits", frame(TEXT, b"a", rsv=7), 1002),
    ("reserved opcode", frame(5, b"a"), 1002),
    ("reserved control opcode", frame(15, b""), 1002),
    ("long ping", frame(PING, b"a" * 126), 1002),
    ("fragmented ping", frame(PING, b"a", fin=False), 1002),
    ("continuation of nothing", frame(0, b"a"), 1002),
    ("text inside a message", frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), 1002),
    ("length 2^63", b"\x82\xff\x80" + b"\0" * 11, 1002),
    ("message over the limit", frame(BINARY, b"a" * 65537), 1009),
    ("fragments over the limit", frame(BINARY, b"a" * 65000, fin=False) + frame(0, b"a" * 537), 1009),
    ("bad UTF-8", frame(TEXT, b"\xff"), 1007),
    ("bad UTF-8 in a fragment, unfinished", frame(TEXT, b"\xed\xa0", fin=False), 1007),
    ("close code 1006", frame(CLOSE, b"\x03\xee"), 1002),
    ("close with one byte", frame(CLOSE, b"\x03"), 1002),
    ("close reason not UTF-8", frame(CLOSE, b"\x03\xe8\xc0"), 1007),
]


@pytest.mark.parametrize(("data", "code"), [h[1:] for h in HOSTILE], ids=[h[0] for h in HOSTILE])
def test_hostile_frame_is_closed_with_its_code(run: Run, app: Flask, data: bytes, code: int) -> None:
    running = run(app)
    with running.plain() as ws, running.plain() as bystander:
        ws.send("first")
        assert ws.recv() == "first"
        ws.send_raw(data)
        assert ws.close_code() == code
        bystander.send("well?")
        assert bystander.recv() == "well?"


def test_message_before_a_broken_frame_is_answered(run: Run, app: Flask) -> None:
    with run(app).plain() as ws:
        ws.send_raw(frame(TEXT, b"good") + frame(4, b""))
        assert ws.recv() == "good"
        assert ws.close_code() == 1002


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_WebSocket_Key": None}, 400),
        ({"Sec_WebSocket_Key": "c2hvcnQ="}, 400),
        ({"Sec_WebSocket_Key": "!" * 24}, 400),
        ({"Sec_WebSocket_Key": base64.b64encode(b"x" * 15).decode()}, 400),
        ({"Sec_WebSocket_Key": base64.b64encode(b"x" * 17).decode()}, 400),
        ({"Sec_WebSocket_Key": f"{SAMPLE_KEY}\r\nSec-WebSocket-Key: {SAMPLE_KEY}"}, 400),
        ({"Upgrade": None}, 400),
        ({"Upgrade": "h2c"}, 400),
        ({"Connection": "keep-alive"}, 400),
        ({"Connection": None}, 400),
        ({"Sec_WebSocket_Version": "8"}, 426),
        ({"Sec_WebSocket_Version": None}, 426),
        ({"Sec_WebSocket_Version": "13, 8"}, 426),
        ({"Host": None}, 400),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
    ],
)
def test_bad_handshake_is_refused(run: Run, app: Flask, headers: dict[str, str | None], status: int) -> None:
    running = run(app)
    with running.raw(handshake(PATH, "shop.lan", **headers)) as raw:
        assert raw.status() == status
        if status == 426:
            assert "Sec-Websocket-Version: 13" in raw.head
            assert "Upgrade: websocket" in raw.head, "RFC 9110 15.5.22"
            assert "Connection: Upgrade, close" in raw.head
    assert running.server.stats().connections == 0


def test_answer_to_the_key_is_that_of_the_rfc_and_agrees_to_no_extension(run: Run, app: Flask) -> None:
    offered = {"Sec_WebSocket_Extensions": "permessage-deflate; client_max_window_bits"}
    with run(app).plain(Sec_WebSocket_Key=SAMPLE_KEY, **offered) as ws:
        lines = ws.head.splitlines()
        assert lines[0] == "HTTP/1.1 101 Switching Protocols"
        assert set(lines[1:]) == {"Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {SAMPLE_ANSWER}"}
        ws.send_frame(TEXT, b"compressed?", rsv=4)
        assert ws.close_code() == 1002


def test_http_1_0_opens_no_websocket(run: Run, app: Flask) -> None:
    with run(app).raw(handshake(PATH, "x").replace(b"HTTP/1.1", b"HTTP/1.0", 1)) as raw:
        assert raw.status() == 400


def test_own_origin_and_none_are_welcome(run: Run, app: Flask) -> None:
    running = run(app)
    for origin in (f"http://{running.address[0]}:{running.address[1]}", None):
        running.plain(Origin=origin).sock.close()


def test_connection_header_may_hold_more(run: Run, app: Flask) -> None:
    run(app).plain(Connection="keep-alive, Upgrade", Upgrade="WebSocket").sock.close()


def test_head_and_post_are_no_handshakes(run: Run, app: Flask) -> None:
    running = run(app)
    with running.raw(handshake(PATH, "x").replace(b"GET", b"HEAD", 1)) as raw:
        assert raw.status() == 405


def test_handler_that_raises_closes_1011(run: Run, app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    @app.get("/broken", websocket=True)
    def broken() -> str:
        accept(request.environ, lambda _message: 1 / 0)
        return ""

    running = run(app)
    with running.plain("/broken") as ws:
        ws.send("now")
        assert ws.close_code() == 1011
    assert "ZeroDivisionError" in caplog.text
    caplog.clear()


def test_view_that_raises_after_accept_closes_1011(run: Run, app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    @app.get("/late", websocket=True)
    def late() -> str:
        accept(request.environ, lambda _message: None)
        raise RuntimeError

    with run(app).plain("/late") as ws:
        ws.send("x")
        assert ws.close_code() in (1000, 1011)
    caplog.clear()


def test_view_takes_the_connection_as_first_argument(run: Run, app: Flask) -> None:
    ends: list[tuple[bool, int, str]] = []
    is_over = threading.Event()

    def on_message(connection: Connection, message: str) -> None:
        connection.send(f"{connection.peer}: {message}")

    def on_close(connection: Connection, code: int, reason: str) -> None:
        ends.append((connection.is_open, code, reason))
        is_over.set()

    @app.get("/two", websocket=True)
    def two() -> str:
        accept(request.environ, on_message, on_close)
        return "ignored"

    with run(app).plain("/two") as ws:
        ws.send("hello")
        assert ws.recv() == "127.0.0.1: hello"
        ws.send_frame(CLOSE, b"\x0f\xa1done")
        assert ws.close_code() == 4001
    assert is_over.wait(30)
    assert ends == [(False, 4001, "done")]


def test_on_close_says_1006_when_the_client_vanishes(run: Run, app: Flask) -> None:
    codes: list[int] = []
    is_over = threading.Event()

    @app.get("/vanish", websocket=True)
    def vanish() -> str:
        accept(request.environ, print, lambda code, _reason: (codes.append(code), is_over.set()))
        return ""

    run(app).plain("/vanish").reset()
    assert is_over.wait(30)
    assert codes == [1006]


def test_server_closes_with_code_and_reason(run: Run, app: Flask) -> None:
    @app.get("/leave", websocket=True)
    def leave() -> str:
        connection = accept(request.environ, lambda _message: connection.close(4010, "enough"))
        with pytest.raises(ValueError, match="1006"):
            connection.close(1006)
        return ""

    with run(app).plain("/leave") as ws:
        ws.send("x")
        opcode, payload = ws.recv_frame()
        assert (opcode, payload) == (CLOSE, b"\x0f\xaaenough")
        ws.send_frame(CLOSE, payload[:2])
        assert ws.read_all() == b""


def test_accept_refuses_functions_that_do_not_fit(app: Flask) -> None:
    with pytest.raises(TypeError), app.test_request_context("/"):
        accept({}, lambda: None)


def test_other_servers_are_told_what_is_missing(app: Flask) -> None:
    @app.get("/elsewhere", websocket=True)  # which any other server wants to be told
    def elsewhere() -> str:
        accept(request.environ, print)
        return ""

    with app.test_client() as client:
        headers = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": "A" * 22 + "==",
            "Sec-WebSocket-Version": "13",
        }
        answer = client.get("/elsewhere", headers=headers)
        assert answer.status_code == 501
        assert "transport.serve" in answer.text


def test_application_without_a_framework_takes_one_or_answers_what_was_wrong(run: Run) -> None:
    def bare(environ: dict[str, object], _start_response: object) -> list[bytes]:
        accept(environ, lambda connection, message: connection.send(message))
        return []

    running = run(bare)
    with running.plain("/") as ws:
        ws.send("hello")
        assert ws.recv() == "hello"
    assert running.get("/") == 400
    with running.raw(handshake("/", "x", Sec_WebSocket_Version="8")) as raw:
        assert raw.status() == 426


def test_subprotocol_is_agreed(run: Run, app: Flask) -> None:
    @app.get("/chat", websocket=True)
    def chat() -> str:
        accept(request.environ, print, subprotocols=("v2.chat", "v1.chat"))
        return ""

    with run(app).plain("/chat", Sec_WebSocket_Protocol="v1.chat, v2.chat") as ws:
        assert "sec-websocket-protocol: v2.chat" in ws.head.lower()


def test_larger_messages_may_be_allowed_for_one_view(run: Run, app: Flask) -> None:
    @app.get("/large", websocket=True)
    def large() -> str:
        connection = accept(request.environ, lambda m: [connection.send(m)], message_bytes=1_000_000)
        return ""

    with run(app).plain("/large") as ws:
        ws.send(b"x" * 1_000_000)
        assert ws.recv() == b"x" * 1_000_000


def test_unfinished_frame_is_closed(run: Run, app: Flask, quick: object) -> None:
    with run(app, limits=quick).plain() as ws:
        ws.send_raw(frame(TEXT, b"hello")[:4])
        assert ws.close_code() == 1002


def test_drip_of_empty_fragments_is_no_way_to_stay(run: Run, app: Flask, quick: object) -> None:
    with run(app, limits=quick).plain() as ws:
        ws.send_frame(TEXT, b"a", fin=False)
        stop = threading.Event()

        def drip() -> None:
            while not stop.wait(0.1):
                try:
                    ws.send_frame(0, b"", fin=False)
                except OSError:
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            assert ws.close_code() == 1002
        finally:
            stop.set()
            dripping.join()


def test_client_that_never_answers_a_close_is_dropped(run: Run, app: Flask, quick: object) -> None:
    running = run(app, limits=quick)

    @app.get("/go", websocket=True)
    def go() -> str:
        accept(request.environ, print).close(1000)
        return ""

    with WebSocket(running.address, "/go") as ws:
        assert ws.recv_frame()[0] == CLOSE
        assert ws.read_all() == b""


def test_view_that_says_nothing_of_websockets_may_take_one_or_answer(run: Run, app: Flask) -> None:
    @app.get("/either")
    def either() -> str:
        if request.args.get("take"):
            accept(request.environ, lambda connection, message: connection.send(message))
        return "a page"

    @app.get("/only", websocket=True)
    def only() -> str:
        accept(request.environ, lambda connection, message: connection.send(message))
        return ""

    running = run(app)
    for path in ("/either?take=1", "/only"):
        with running.plain(path) as ws:
            ws.send("hello")
            assert ws.recv() == "hello"
    with running.raw(handshake("/either", "x")) as raw:
        assert raw.status() == 200
    with running.raw(handshake("/nowhere", "x")) as raw:
        assert raw.status() == 404
