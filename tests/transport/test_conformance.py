"""What public conformance suites for WebSocket ask of an echo server, where test_websocket.py does not ask it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, request
from wire_client import BINARY, CLOSE, PING, PONG, TEXT, WebSocket, frame
from wire_server import Running

from kiosk_server.transport import accept

Run = Callable[..., Running]
KIB = 1024
MIB = 1024 * KIB

# Around every edge of the well-formed sequences (Unicode 15, table 3-7), and beyond.
WELL_FORMED = [
    "",
    "\0",
    "\x7f\x80\u07ff",
    "\u0800\ud7ff\ue000\uffff",
    "\U00010000\U0010ffff",
    "\ufffe\ufdd0\ufffd\U0001fffe",
    "κόσμε",
    "سعر ٣٫٥٠",
]
EDGES = (0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF)
ILL_FORMED = [
    *(bytes([first]) for first in (*EDGES, 0xC0, 0xC1, 0xF5, 0xF7, 0xF8, 0xFC, 0xFE, 0xFF)),
    *(bytes([first]) + b" " for first in (0xC2, 0xDF, 0xE0, 0xEF, 0xF0, 0xF4)),
    *(b"\xe0" + bytes([second]) + b"\x80" for second in EDGES[:4]),
    *(b"\xed" + bytes([second]) + b"\x80" for second in EDGES[4:]),
    *(b"\xf0" + bytes([second]) + b"\x80\x80" for second in EDGES[:2]),
    *(b"\xf4" + bytes([second]) + b"\x80\x80" for second in EDGES[2:]),
    b"\xed\xa0\x80\xed\xb0\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xfd\xbf\xbf\xbf\xbf\xbf",
]
CUT_SHORT = [b"\xc2", b"\xe0\xa0", b"\xef\xbf", b"\xf0\x90\x80", b"\xf4\x8f\xbf"]


@pytest.fixture
def echo(run: Run, app: Flask) -> Iterator[Callable[[], WebSocket]]:
    """Open connections to an echo of messages up to 16 MiB."""

    @app.get("/large")
    def large() -> str:
        accept(request.environ, lambda connection, message: connection.send(message), message_bytes=16 * MIB)
        return ""

    running = run(app)
    opened: list[WebSocket] = []

    def connect() -> WebSocket:
        opened.append(running.plain("/large"))
        return opened[-1]

    yield connect
    for ws in opened:
        ws.sock.close()


def closes(ws: WebSocket, code: int = 1000) -> None:
    """Do the closing handshake, which proves that nothing else was left to read."""
    ws.send_frame(CLOSE, code.to_bytes(2, "big"))
    assert ws.recv_frame() == (CLOSE, code.to_bytes(2, "big"))
    assert ws.read_all() == b""


def is_viable(data: bytes) -> bool:
    """Whether more bytes could still make this UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def test_ten_pings_are_answered_in_order(echo: Callable[[], WebSocket]) -> None:
    ws = echo()
    ws.send_raw(b"".join(frame(PING, b"%d" % n) for n in range(10)))
    assert [ws.recv_frame() for _ in range(10)] == [(PONG, b"%d" % n) for n in range(10)]
    ws.send_frame(PING, b"\0\xff" * 62 + b"\xfe")
    assert ws.recv_frame() == (PONG, b"\0\xff" * 62 + b"\xfe")
    closes(ws)


def test_pings_between_fragments_are_answered_at_once(echo: Callable[[], WebSocket]) -> None:
    ws = echo()
    for n in range(5):
        ws.send_frame(0 if n else TEXT, b"fragment%d" % n, fin=n == 4)
        if n < 4:
            ws.send_frame(PING, b"%d" % n)
            assert ws.recv_frame() == (PONG, b"%d" % n)
    assert ws.recv() == "fragment0fragment1fragment2fragment3fragment4"
    closes(ws)


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
@pytest.mark.parametrize("payload", [b"", b"reserved"])
def test_reserved_opcode_ends_what_came_before_it_is_answered(
    echo: Callable[[], WebSocket], opcode: int, payload: bytes
) -> None:
    ws = echo()
    ws.send_raw(frame(TEXT, b"before") + frame(opcode, payload) + frame(PING, b""))
    assert ws.recv() == "before"
    assert ws.close_code() == 1002


@pytest.mark.parametrize("rsv", range(1, 8))
@pytest.mark.parametrize("opcode", [TEXT, BINARY, CLOSE, PING, PONG])
def test_reserved_bit_ends_every_kind_of_frame(echo: Callable[[], WebSocket], rsv: int, opcode: int) -> None:
    ws = echo()
    ws.send_raw(frame(opcode, b"", rsv=rsv) + frame(PING, b""))
    assert ws.close_code() == 1002


@pytest.mark.parametrize("is_last", [True, False])
def test_continuation_after_a_finished_message_ends(echo: Callable[[], WebSocket], is_last: bool) -> None:
    ws = echo()
    ws.send_raw(
        frame(TEXT, b"one ", fin=False) + frame(0, b"two") + frame(0, b"three", fin=is_last) + frame(TEXT, b"4")
    )
    assert ws.recv() == "one two"
    assert ws.close_code() == 1002


@pytest.mark.parametrize("text", WELL_FORMED)
def test_well_formed_text_comes_back_however_it_is_cut(echo: Callable[[], WebSocket], text: str) -> None:
    ws = echo()
    data = text.encode()
    ws.send(text)
    ws.send_raw(
        b"".join(frame(TEXT if n == 0 else 0, data[n : n + 1], fin=n == len(data)) for n in range(len(data) + 1))
    )
    for octet in frame(TEXT, data):
        ws.send_raw(bytes([octet]))
    assert [ws.recv() for _ in range(3)] == [text] * 3
    closes(ws)


@pytest.mark.parametrize("bad", ILL_FORMED, ids=bytes.hex)
def test_ill_formed_text_ends_on_its_first_impossible_octet(echo: Callable[[], WebSocket], bad: bytes) -> None:
    whole = echo()
    whole.send_frame(TEXT, "κόσμε".encode() + bad + b"edited")
    assert whole.close_code() == 1007
    # In the middle of a frame of which the rest never comes.
    length = next(n for n in range(1, len(bad) + 1) if not is_viable(bad[:n]))
    slow = echo()
    slow.send_raw(frame(TEXT, bad + b"x" * 1000)[: 8 + length])
    assert slow.close_code() == 1007


@pytest.mark.parametrize("bad", ILL_FORMED, ids=bytes.hex)
def test_ill_formed_text_ends_before_its_message_does(echo: Callable[[], WebSocket], bad: bytes) -> None:
    length = next(n for n in range(1, len(bad) + 1) if not is_viable(bad[:n]))
    ws = echo()
    ws.send_frame(TEXT, b"valid" + bad[: length - 1], fin=False)
    ws.send_frame(PING, b"alive")
    assert ws.recv_frame() == (PONG, b"alive")
    ws.send_frame(0, bad[length - 1 : length], fin=False)
    assert ws.close_code() == 1007


@pytest.mark.parametrize("bad", CUT_SHORT, ids=bytes.hex)
def test_character_cut_short_ends_with_its_message(echo: Callable[[], WebSocket], bad: bytes) -> None:
    ws = echo()
    ws.send_frame(TEXT, bad)
    assert ws.close_code() == 1007


@pytest.mark.parametrize(
    "code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
)
def test_close_code_for_the_wire_is_echoed(echo: Callable[[], WebSocket], code: int) -> None:
    closes(echo(), code)


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
def test_close_code_not_for_the_wire_is_a_protocol_error(echo: Callable[[], WebSocket], code: int) -> None:
    ws = echo()
    ws.send_frame(CLOSE, code.to_bytes(2, "big"))
    assert ws.close_code() == 1002


def test_close_in_the_middle_of_a_message_is_a_close(echo: Callable[[], WebSocket]) -> None:
    ws = echo()
    ws.send_raw(frame(TEXT, b"fragment", fin=False) + frame(CLOSE, b"\x03\xe8") + frame(0, b"fragment"))
    assert ws.recv_frame() == (CLOSE, b"\x03\xe8")
    assert ws.read_all() == b""


def test_longest_close_reason_is_taken_and_a_longer_one_is_not(echo: Callable[[], WebSocket]) -> None:
    ws = echo()
    ws.send_frame(CLOSE, b"\x03\xe8" + b"*" * 123)
    assert ws.close_code() == 1000
    ws = echo()
    ws.send_frame(CLOSE, b"\x03\xe8" + b"*" * 124)
    assert ws.close_code() == 1002


def echoed(ws: WebSocket, blob: bytes) -> str | bytes:
    """Send and receive at once, as neither side could hold all of it."""
    sender = threading.Thread(target=ws.send_raw, args=[blob])
    sender.start()
    try:
        return ws.recv()
    finally:
        sender.join()


@pytest.mark.parametrize("size", [256 * KIB, 4 * MIB, 16 * MIB])
def test_large_message_comes_back(echo: Callable[[], WebSocket], size: int) -> None:
    ws = echo()
    assert echoed(ws, frame(TEXT, b"*" * size)) == "*" * size
    assert echoed(ws, frame(BINARY, b"\xfe" * size)) == b"\xfe" * size
    closes(ws)


@pytest.mark.parametrize("fragment", [64, 4096, 256 * KIB])
def test_message_of_many_fragments_comes_back(echo: Callable[[], WebSocket], fragment: int) -> None:
    ws = echo()
    count = 4 * MIB // fragment
    blob = b"".join(frame(0 if n else TEXT, b"*" * fragment, fin=n == count - 1) for n in range(count))
    assert echoed(ws, blob) == "*" * 4 * MIB
    closes(ws)


def test_message_beyond_sixteen_mebibytes_is_too_big(echo: Callable[[], WebSocket]) -> None:
    ws = echo()
    ws.send_raw(frame(BINARY, b"")[:1] + b"\xff" + (16 * MIB + 1).to_bytes(8, "big"))
    assert ws.close_code() == 1009
