"""JSON that its sender has encoded goes out as it is, to every kind of client."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from flask import Flask, request
from socketio.packet import Packet
from wire_server import Running

from kiosk_server.transport import Encoded, SocketIO

Run = Callable[..., Running]
TEXT = '{"name":"Crème","cents":129}'.encode()
VALUE = {"name": "Crème", "cents": 129}


def test_encoded_ack_is_sent_as_it_is_now_and_later(run: Run, app: Flask) -> None:
    sio = SocketIO(app)

    @sio.on("now")
    def now() -> Encoded:
        return Encoded(TEXT)

    @sio.on("later")
    def later() -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(Encoded(TEXT))
        return future

    with run(app).client() as client:
        client.join()
        client.emit("now", ack=1)
        assert client.recv() == "431[" + TEXT.decode() + "]"
        client.emit("later", ack=2)
        assert client.answer(2) == [VALUE]


def test_encoded_event_reaches_its_room_and_nobody_else(run: Run, app: Flask) -> None:
    sio = SocketIO(app)

    @sio.on("connect")
    def connect() -> None:
        sio.emit_encoded('ev"ent', TEXT, to=request.sid)  # type: ignore[attr-defined]  # waits for the connect's answer

    running = run(app)
    with running.client() as client, running.client() as other:
        sid = client.join()
        other.join()
        assert client.event() == other.event() == ['ev"ent', VALUE]
        sio.emit_encoded("mine", b"[1]", to=sid)
        sio.emit_encoded("nobody's", b"1", to="empty room")
        sio.emit("all", 2)
        assert [client.event(), client.event()] == [["mine", [1]], ["all", 2]]
        assert other.event() == ["all", 2]


def test_encoded_event_in_a_namespace_names_it(run: Run, app: Flask) -> None:
    sio = SocketIO(app)
    sio.on("hello", namespace="/shop")(lambda: Encoded(TEXT))
    with run(app).client() as client:
        sid = client.join("/shop")
        sio.emit_encoded("event", b"1", to=sid, namespace="/shop")
        assert client.recv() == '42/shop,["event",1]'
        client.send('42/shop,7["hello"]')
        assert client.recv() == "43/shop,7[" + TEXT.decode() + "]"


def test_encoded_packets_are_decoded_for_another_format(app: Flask) -> None:
    sio = SocketIO(app, serializer=type("OtherPacket", (Packet,), {}))
    sent: list[Any] = []
    sio.server.manager.emit_here = lambda *args, **_: sent.append(args)  # type: ignore[method-assign]
    sio.emit_encoded("event", TEXT, to="room")
    assert sent == [("event", VALUE, "/", "room")]
