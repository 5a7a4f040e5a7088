"""Hostile HTTP over real sockets: refused, and the next request is served."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, request
from test_ends import until
from wire_client import ENGINE, TEXT, Raw, frame, handshake
from wire_server import Running

from kiosk_server.transport import Limits, SocketIO

Run = Callable[..., Running]
GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /post HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture
def calls(app: Flask) -> list[str]:
    calls: list[str] = []

    @app.before_request
    def note() -> None:
        calls.append(request.path)

    @app.post("/post")
    def post() -> str:
        return str(len(request.get_data()))

    return calls


REFUSED = [
    ("length and chunked", POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("length twice", POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400),
    ("length list", POST + b"Content-Length: 5, 5\r\n\r\nhello", 400),
    ("length +5", POST + b"Content-Length: +5\r\n\r\nhello", 400),
    ("length -1", POST + b"Content-Length: -1\r\n\r\nhello", 400),
    ("length 5_0", POST + b"Content-Length: 5_0\r\n\r\nhello", 400),
    ("chunked twice", POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("unknown coding", POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    ("chunked in 1.0", b"POST /post HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("chunk 0x1", POST + b"Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n", 400),
    ("chunk -1", POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\na\r\n0\r\n\r\n", 400),
    ("chunk 2^64", POST + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\na", 400),
    ("chunk too long", POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", 400),
    ("bare LF", b"GET / HTTP/1.1\nHost: x\n\n", 400),
    ("bare LF in a header", GET + b"A: b\nC: d\r\n\r\n", 400),
    ("folded header", GET + b"A: b\r\n c\r\n\r\n", 400),
    ("space before colon", GET + b"A : b\r\n\r\n", 400),
    ("header without colon", GET + b"A\r\n\r\n", 400),
    ("HTTP/0.9", b"GET /\r\n\r\n", 400),
    ("HTTP/9.9", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", 400),
    ("HTTP/2.0", b"PRI * HTTP/2.0\r\n\r\n", 400),
    ("no host", b"GET / HTTP/1.1\r\n\r\n", 400),
    ("two hosts", GET + b"Host: y\r\n\r\n", 400),
    ("absolute form elsewhere", b"GET http://evil/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("absolute form of no address", b"GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("NUL in the path", b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("coded NUL", b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("climbing path", b"GET /static/%2e%2e/secret HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("control byte in a header", GET + b"A: b\0c\r\n\r\n", 400),
    ("lower-case method", b"get / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 50, 400),
    ("300 kB of headers", GET + b"A: " + b"b" * 300_000 + b"\r\n\r\n", 431),
    ("300 kB of small headers", GET + b"A: b\r\n" * 50_000 + b"\r\n", 431),
    ("2 GB declared", POST + b"Content-Length: 2147483648\r\n\r\n", 413),
    ("10^30 declared", POST + b"Content-Length: 1" + b"0" * 30 + b"\r\n\r\n", 413),
    (
        "chunks over the limit",
        POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"10000\r\n" + b"a" * 65536 + b"\r\n",
        413,
    ),
]


@pytest.mark.parametrize(("data", "status"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_bad_request_is_refused_and_never_runs(
    run: Run, app: Flask, calls: list[str], data: bytes, status: int
) -> None:
    running = run(app, limits=Limits(body_bytes=60_000) if status == 413 else None)
    with running.raw(data) as raw:
        assert raw.status() == status
        raw.read_all()
    assert calls == []
    assert running.get() == 200


def test_refused_connections_count_until_they_are_closed(run: Run, app: Flask) -> None:
    running = run(app, limits=Limits(connections_per_address=3, uncapped_addresses=frozenset(), close_timeout_s=0.5))
    kept = [running.raw(b"BAD\r\n\r\n") for _ in range(3)]
    assert [raw.status() for raw in kept] == [400] * 3
    with running.raw() as one_more:
        assert one_more.read_all() == b""
    for raw in kept:
        raw.sock.close()
    until(lambda: running.hub.admission.held("127.0.0.1") == 0)
    stays = running.raw(b"BAD\r\n\r\n")
    assert stays.status() == 400
    until(lambda: running.hub.admission.held("127.0.0.1") == 0, 2)
    stays.sock.close()
    assert running.get() == 200


@pytest.mark.parametrize("bad", [REFUSED[0][1], b"GET / HTTP/1.1\r\n\r\n", b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_request_behind_a_bad_one_never_runs(run: Run, app: Flask, calls: list[str], bad: bytes) -> None:
    with run(app).raw(bad + b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n") as raw:
        assert raw.read_all().count(b"HTTP/1.1 ") <= 1
    assert calls == []


def test_good_requests_are_served(run: Run, app: Flask, calls: list[str]) -> None:
    running = run(app)
    with running.raw(GET + b"\r\n" + POST + b"Content-Length: 5\r\n\r\nhello") as raw:
        assert raw.status() == 200
        assert raw.take(4) == b"page"
        assert raw.status() == 200
    with running.raw(POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n") as raw:
        assert raw.status() == 200
        assert raw.take(1) == b"5"
    with running.raw(b"GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n") as raw:
        assert raw.status() == 200
    with running.raw(b"GET / HTTP/1.0\r\n\r\n") as raw:
        assert raw.status() == 200


def test_body_that_is_expected_is_asked_for(run: Run, app: Flask, calls: list[str]) -> None:
    with run(app).raw(POST + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n") as raw:
        assert raw.status() == 100
        raw.send_raw(b"hello")
        assert raw.status() == 200


@pytest.mark.parametrize("left", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("head", "rest", "status"),
    [
        (POST + b"Content-Length: 8\r\n\r\n", b'{\n"a":1}', 200),
        (handshake("/echo", "x"), frame(TEXT, b"\n")[:2] + b"\n\n\n\n\0", 101),
    ],
    ids=["body", "frame"],
)
def test_line_feed_behind_a_head_that_comes_in_two_parts_is_none_of_its(
    run: Run, app: Flask, calls: list[str], head: bytes, rest: bytes, status: int, left: int
) -> None:
    running = run(app)
    with running.raw(head[:-left]) as raw:
        time.sleep(0.1)
        raw.send_raw(head[-left:] + rest)
        assert raw.status() == status


@pytest.mark.parametrize("path", ["/echo", ENGINE])
def test_upgrade_behind_a_page_that_is_not_read_yet_writes_nothing_into_it(
    run: Run, app: Flask, sio: SocketIO, path: str
) -> None:
    size = 14_000_000  # more than the kernel takes
    app.add_url_rule("/big", view_func=lambda: b"y" * size)
    running = run(app)
    with running.raw(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n" + handshake(path, "x")) as raw:
        until(lambda: any(channel.total_outbufs_len for channel in running.server._loop._channels()))
        time.sleep(0.5)
        assert raw.status() == 200
        assert raw.take(size) == b"y" * size
        assert raw.status() == 400
    until(lambda: running.hub.admission.held("127.0.0.1") == 0 and not sio.server.eio.sockets)


def test_request_that_asked_for_an_upgrade_in_vain_is_the_last(run: Run, app: Flask, calls: list[str]) -> None:
    with run(app).raw(GET + b"Upgrade: websocket\r\n\r\n" + GET + b"\r\n") as raw:
        assert raw.read_all().count(b"HTTP/1.1 ") == 1


def test_answer_says_nothing_about_the_server(run: Run, app: Flask) -> None:
    with run(app).raw(GET + b"\r\n") as raw:
        raw.status()
        assert "server:" not in raw.head.lower()
        assert "waitress" not in raw.head.lower()


def test_exception_shows_no_traceback(run: Run) -> None:
    def broken(environ: object, start_response: object) -> Iterator[bytes]:
        raise RuntimeError("secret")

    with run(broken).raw(GET + b"\r\n") as raw:
        assert raw.status() == 500
        assert b"secret" not in raw.read_all()


def test_slow_and_silent_connections_keep_nobody_out(run: Run, app: Flask, quick: Limits) -> None:
    running = run(app, limits=quick)
    silent = [Raw(running.address) for _ in range(50)]
    slow = [running.raw(b"GET / HTTP/1.1\r\n") for _ in range(55)]
    began = time.monotonic()
    for drip in slow:
        drip.send_raw(b"X")
    assert running.get() == 200
    for one in slow:
        one.read_all()
    assert time.monotonic() - began < 6
    for one in silent:
        assert one.read_all() == b""
    for one in silent + slow:
        one.sock.close()


def test_slow_body_has_its_time(run: Run, app: Flask, quick: Limits, calls: list[str]) -> None:
    with run(app, limits=quick).raw(POST + b"Content-Length: 50\r\n\r\nhello") as raw:
        assert raw.read_all() == b""
    assert calls == []


def test_readers_that_never_read_free_their_threads(run: Run, app: Flask, quick: Limits) -> None:
    ended = threading.Semaphore(0)

    @app.get("/huge")
    def huge() -> Iterator[bytes]:
        try:
            for _ in range(100):
                yield b"x" * 1024 * 1024
        finally:
            ended.release()

    running = run(app, limits=quick)
    readers = []
    for _ in range(quick.http_threads):
        raw = Raw(running.address)
        raw.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.send_raw(b"GET /huge HTTP/1.1\r\nHost: x\r\n\r\n")
        readers.append(raw)
    for _ in readers:
        assert ended.acquire(timeout=8)
    assert running.get() == 200
    for raw in readers:
        raw.sock.close()


def test_doors_hold_for_websockets_too(run: Run, app: Flask, sio: SocketIO) -> None:
    running = run(app)
    data = handshake("/socket.io/?EIO=4&transport=websocket", "x")
    with running.raw(data.replace(b"Host: x", b"Host: x\r\nHost: y")) as raw:
        assert raw.status() == 400


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", 400),
        (POST + b"Content-Length: 2000000\r\n\r\n", 413),
        (GET + b"A: " + b"a" * 20_000 + b"\r\n\r\n", 431),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    ],
)
def test_answers_without_the_application_carry_the_headers_asked_for(
    run: Run, app: Flask, request_bytes: bytes, status: int
) -> None:
    running = run(app, error_headers=[("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store")])
    with running.raw(request_bytes) as raw:
        assert raw.status() == status
        assert "X-Content-Type-Options: nosniff" in raw.head
        assert "Cache-Control: no-store" in raw.head
    with running.raw(GET + b"\r\n") as raw:
        assert raw.status() == 200
        assert "nosniff" not in raw.head


def test_application_that_raises_is_answered_with_the_headers_asked_for(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_environ: object, _start_response: object) -> list[bytes]:
        raise RuntimeError

    with run(broken, error_headers=[("X-Frame-Options", "DENY")]).raw(GET + b"\r\n") as raw:
        assert raw.status() == 500
        assert "X-Frame-Options: DENY" in raw.head
    assert "RuntimeError" in caplog.text
