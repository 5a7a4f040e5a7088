"""JSON modules and packet formats that an application brings along (`json`, `serializer`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import engineio
import pytest
from flask import Flask, request
from socketio.packet import Packet
from wire_client import Client
from wire_server import Running

from kiosk_server.transport import Limits, SocketIO

Run = Callable[..., Running]


@pytest.fixture
def other_json() -> Iterator[Any]:
    """A JSON module of the application's own, of decimals; python-socketio keeps it for the whole process."""

    class Decimals:
        @staticmethod
        def loads(text: str) -> Any:
            return json.loads(text, parse_float=str)

        @staticmethod
        def dumps(value: Any, **_: Any) -> str:
            return json.dumps(value, indent=1)

    yield Decimals
    Packet.json = engineio.json
    engineio.packet.Packet.json = engineio.json


def test_json_module_of_the_application_reads_and_writes(run: Run, app: Flask, other_json: Any) -> None:
    sio = SocketIO(app, json=other_json)
    sio.on_event("echo", lambda value: value)
    with run(app).client() as client:
        client.join()
        client.send('421["echo",1.50]')
        assert client.recv() == '431[\n "1.50"\n]'


class Whole(Packet):
    """A format that keeps attachments inside, as msgpack does."""

    uses_binary_events = False

    def encode(self) -> bytes:
        return b"!" + json.dumps(self._to_dict()).encode()

    def decode(self, encoded_packet: bytes) -> int:
        found = json.loads(encoded_packet[1:])
        self.packet_type, self.data, self.id = found["type"], found.get("data"), found.get("id")
        self.namespace = found["nsp"]
        if self.data == "undefined":
            self.data = (0, b"\0")  # what msgpack makes of the undefined that socket.io-client sends without auth
        return 0


def test_format_of_the_application_keeps_order_and_lets_answers_pass(run: Run, app: Flask) -> None:
    sio = SocketIO(app, serializer=Whole)
    seen: list[int] = []
    sio.on_event("note", seen.append)
    sio.on_event("ask", lambda: sio.call("sure?", to=request.sid, timeout=30))  # type: ignore[attr-defined]

    def send(client: Client, **fields: Any) -> None:
        client.send(b"!" + json.dumps({"nsp": "/", **fields}).encode())

    def recv(client: Client) -> Any:
        return json.loads(client.recv()[1:])

    with run(app, limits=Limits(workers=1)).client() as client:
        send(client, type=0, data="undefined")
        assert recv(client)["type"] == 0
        for number in range(100):
            send(client, type=2, data=["note", number])
        send(client, type=2, data=["ask"], id=1)
        question = recv(client)
        assert question["data"] == ["sure?"]
        send(client, type=3, data=["yes"], id=question["id"])
        assert recv(client) == {"type": 3, "data": ["yes"], "nsp": "/", "id": 1}
        assert seen == list(range(100))


@pytest.mark.parametrize(
    "packet",
    [
        "!",
        "!{}",
        "!5",
        '!{"type":2,"nsp":5,"data":["x"]}',
        '!{"type":2,"nsp":["/"],"data":["x"]}',
        '!{"type":9,"nsp":"/"}',
        '!{"type":2,"nsp":"/","id":"1","data":["x"]}',
        '!{"type":2,"nsp":"/","data":{}}',
        '!{"type":[],"nsp":"/"}',
    ],
)
def test_bad_packet_of_that_format_closes(run: Run, app: Flask, packet: str) -> None:
    SocketIO(app, serializer=Whole)
    with run(app).client() as client:
        client.send(packet.encode())
        assert client.close_code() == 1002
