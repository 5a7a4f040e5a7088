"""Socket.IO 5: the cases of its protocol's test suite that need no polling, and hostile ones of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask import request as flask_request
from flask_socketio import emit
from test_ends import until
from wire_client import BINARY, TEXT, Client, WebSocket, frame
from wire_server import Running

from kiosk_server.transport import Limits, SocketIO

Run = Callable[..., Running]


@pytest.fixture
def client(run: Run, app: Flask) -> Iterator[Client]:
    sio = SocketIO(app)

    def on_connect(auth: Any) -> None:
        emit("auth", auth or {})

    for namespace in ("/", "/custom"):
        sio.on_event("connect", on_connect, namespace)
        sio.on_event("message", lambda *args: emit("message-back", args), namespace)
        sio.on_event("message-with-ack", lambda *args: args, namespace)
    with run(app).client() as client:
        yield client


def joined(client: Client) -> Client:
    client.join()
    assert client.event() == ["auth", {}]
    return client


def test_client_joins_and_the_answer_comes_first(client: Client) -> None:
    assert client.join() != client.opening["sid"]
    assert client.recv() == '42["auth",{}]'


@pytest.mark.parametrize("always_connect", [False, True])
def test_answer_arrives_alone_and_what_its_handler_emitted_a_moment_later(
    run: Run, app: Flask, monkeypatch: pytest.MonkeyPatch, always_connect: bool
) -> None:
    monkeypatch.setattr("kiosk_server.transport.rooms._APART_S", 0.5)
    sio = SocketIO(app, always_connect=always_connect)
    sio.on_event("connect", lambda: [emit("first"), emit("second")][:0])
    sio.on_event("echo", lambda text: text)
    with run(app).client() as client:
        client.join()
        client.emit("echo", "mine", ack=1)
        client.sock.settimeout(0.15)
        with pytest.raises(TimeoutError):
            client.recv()
        client.sock.settimeout(8)
        assert [client.event(), client.event()] == [["first"], ["second"]]
        assert client.answer(1) == ["mine"], "and nothing overtakes it"
        client.send("1")
        assert client.close_code() == 1000


def test_client_that_closes_meanwhile_still_hears_it(run: Run, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk_server.transport.rooms._APART_S", 0.2)
    sio = SocketIO(app)
    sio.on_event("connect", lambda: emit("welcome"))
    running = run(app)
    with running.client() as client:
        client.join()
        client.send("1")
        assert client.event() == ["welcome"]
        assert client.close_code() == 1000
    with running.client() as client:
        client.join()
        client.reset()
    until(lambda: running.server.stats().connections == 0)


def test_client_joins_with_auth(client: Client) -> None:
    client.join(auth={"token": "123"})
    assert client.recv() == '42["auth",{"token":"123"}]'


def test_client_joins_a_custom_namespace(client: Client) -> None:
    client.join("/custom", {"token": "abc"})
    assert client.recv() == '42/custom,["auth",{"token":"abc"}]'


def test_query_in_a_namespace_is_no_part_of_its_name(client: Client) -> None:
    client.send("40/custom?foo=bar,")
    assert str(client.recv()).startswith('40/custom,{"sid":"')


def test_unknown_namespace_is_answered(client: Client) -> None:
    client.send("40/random")
    assert client.recv() == '44/random,{"message":"Invalid namespace"}'


def test_main_namespace_can_be_left_and_the_engine_stays(client: Client) -> None:
    joined(client).send("41")
    assert WebSocket.recv(client) == "2", "nothing but the next ping"
    client.send("3")
    client.join()


def test_answer_that_was_on_the_way_while_a_namespace_was_left_ends_nothing(client: Client) -> None:
    joined(client).send("41")
    client.join("/custom")
    client.recv()
    client.send('437["too late"]')
    client.send('42/custom,["message","still here"]')
    assert client.recv() == '42/custom,["message-back","still here"]'


def test_custom_namespace_can_be_left(client: Client) -> None:
    joined(client)
    client.join("/custom")
    client.recv()
    client.send("41/custom")
    client.send('42["message","to main"]')
    assert client.recv() == '42["message-back","to main"]'


def test_event_comes_back(client: Client) -> None:
    joined(client).send('42["message",1,"2",{"3":[true]}]')
    assert client.recv() == '42["message-back",1,"2",{"3":[true]}]'


def test_event_with_attachments_comes_back(client: Client) -> None:
    joined(client).send('452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
    client.send(b"\1\2\3")
    client.send(b"\4\5\6")
    assert client.recv() == '452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]'
    assert client.recv_frame() == (BINARY, b"\1\2\3")
    assert client.recv_frame() == (BINARY, b"\4\5\6")


def test_event_is_acknowledged(client: Client) -> None:
    joined(client).send('42456["message-with-ack",1,"2",{"3":[false]}]')
    assert client.recv() == '43456[1,"2",{"3":[false]}]'


def test_event_in_a_namespace_is_acknowledged_there(client: Client) -> None:
    client.join("/custom")
    client.recv()
    client.send('42/custom,0["message-with-ack","x"]')
    assert client.recv() == '43/custom,0["x"]'


def test_attachments_are_acknowledged(client: Client) -> None:
    joined(client).send('452-789["message-with-ack",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
    client.send(b"\1")
    client.send(b"\2")
    assert client.recv() == '462-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]'
    assert client.recv_frame() == (BINARY, b"\1")
    assert client.recv_frame() == (BINARY, b"\2")


BEFORE_JOINING = ['42["message"]', "41/custom,x", '430["x"]', '44"error"', '40"auth"', "40[]", "40{", "40null"]
AFTER_JOINING = [
    "4abc",
    "42{}",
    "42",
    "42[]",
    '42"text"',
    "42[{}]",
    "42[null]",
    '42["connect"]',
    '42["disconnect"]',
    '42abc["message-with-ack"]',
    '42/elsewhere,["message"]',
    "43[1]",
    "430",
    "430{}",
    '44"error"',
    "47",
    "4٤2[1]",
    '45["message"]',
    '45x-["message"]',
    '4599999999-["e"]',
    '4517-["e"]',
    '42["x",' + "9" * 5000 + "]",
    '42["x",' + "[" * 30000 + "]" * 30000 + "]",
    "42" + "1" * 200 + '["x"]',
    '451-["message",{"_placeholder":true,"num":7}]+binary',
    '451-["message",{"_placeholder":true,"num":"0"}]+binary',
    '451-["message",{"_placeholder":true,"num":0}]+42["message"]',
    '42["message"]+binary+binary',
    '410["x"]',
    "41null",
    "42[true]",
    '42٤["message"]',
    '450-["message"]',
    '451-["message",{"_placeholder":true,"num":-1}]+binary',
]


@pytest.mark.parametrize("packet", BEFORE_JOINING)
def test_bad_packet_before_joining_closes(client: Client, packet: str) -> None:
    client.send(packet)
    with pytest.raises(EOFError):
        client.recv()


@pytest.mark.parametrize("packets", AFTER_JOINING, ids=lambda packet: packet[:24])
def test_bad_packet_closes(client: Client, packets: str) -> None:
    joined(client)
    for packet in packets.split("+"):
        client.send(b"\0" if packet == "binary" else packet)
    # An answer to what was good, then the end.
    with pytest.raises(EOFError):
        all(client.recv() for _ in range(4))


@pytest.mark.parametrize("bad", ["4abc", "abc", '42/elsewhere,["message"]', "4599-x"])
def test_what_came_before_a_bad_packet_is_answered_and_nothing_after_it(client: Client, bad: str) -> None:
    joined(client).send_raw(
        b"".join(
            frame(TEXT, packet.encode())
            for packet in ('421["message-with-ack","before"]', bad, '422["message-with-ack","after"]')
        )
    )
    assert client.recv() == '431["before"]'
    with pytest.raises(EOFError):
        client.recv()


def test_worker_outlives_every_bad_packet_and_a_hundred_thousand_brackets(run: Run, app: Flask) -> None:
    sio = SocketIO(app, max_http_buffer_size=1_000_000)
    sio.on_event("echo", lambda value: value)
    running = run(app, limits=Limits(workers=1, message_bytes=1_000_000))
    deep = '42["echo",' + "[" * 100_000 + "]" * 100_000 + "]"
    with running.client() as bystander:
        bystander.join()
        for number, packets in enumerate([*AFTER_JOINING, deep]):
            with running.client() as hostile:
                hostile.join()
                for packet in packets.split("+"):
                    hostile.send(b"\0" if packet == "binary" else packet)
                with pytest.raises(EOFError):
                    all(hostile.recv() for _ in range(4))
            bystander.emit("echo", number, ack=number)
            assert bystander.answer(number) == [number]


def test_hundred_thousand_brackets_are_more_than_a_message_may_hold(client: Client) -> None:
    joined(client).send('42["echo",' + "[" * 100_000)
    assert client.close_code() == 1009


def test_attachments_beyond_a_message_close(client: Client) -> None:
    joined(client).send('453-["message"]')
    for _ in range(3):
        client.send(b"x" * 30_000)
    with pytest.raises(EOFError):
        client.recv()


def test_announced_attachment_that_never_comes_is_not_waited_for(run: Run, app: Flask) -> None:
    SocketIO(app, limits=Limits(message_timeout_s=0.3), ping_interval=0.2)
    running = run(app)
    with running.client() as client:
        client.join()
        client.send('451-["message",{"_placeholder":true,"num":0}]')
        with pytest.raises(EOFError):
            client.recv()
    until(lambda: running.server.stats().closed == {"unfinished message": 1})


def test_second_join_of_a_namespace_is_refused(client: Client) -> None:
    joined(client).send("40")
    assert str(client.recv()).startswith("44")
    client.send('42["message","still here"]')
    assert client.recv() == '42["message-back","still here"]'


def test_connect_handler_that_raises_is_answered(run: Run, app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    sio = SocketIO(app)

    @sio.on("connect")
    def fails() -> None:
        raise RuntimeError

    with run(app).client() as client:
        client.send("40")
        assert client.recv() == '44{"message":"The server failed to connect you"}'
    assert "connect handler of / failed" in caplog.text
    caplog.clear()
    assert sio.server.manager.rooms == {}


def test_refused_client_hears_nothing_that_its_handler_emitted(run: Run, app: Flask) -> None:
    sio = SocketIO(app)

    @sio.on("connect")
    def no(_auth: object) -> bool:
        emit("secret", "x")
        sio.emit("secret", "y", to=flask_request.sid)  # type: ignore[attr-defined]
        sio.emit("secret", "z")
        return False

    with run(app).client() as client:
        client.send("40")
        assert str(client.recv()).startswith("44")
        client.send("1")
        client.close_code()
