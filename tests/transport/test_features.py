"""What Flask-SocketIO documents for a server, and what this transport adds, over real sockets."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any, ClassVar

import flask_socketio as fs
import pytest
import socketio as stock
from flask import Flask, request, session
from test_ends import until
from wire_client import BINARY, Client
from wire_server import Running

from kiosk_server.transport import Limits, SocketIO

Run = Callable[..., Running]


def pair(running: Running) -> tuple[Client, Client]:
    first, second = running.client(), running.client()
    first.join()
    second.join()
    return first, second


def test_emits_reach_who_they_are_for(run: Run, app: Flask) -> None:
    sio = SocketIO(app)

    @sio.on("say")
    def say(whom: str) -> None:
        match whom:
            case "me":
                fs.emit("said", whom)
            case "all":
                fs.emit("said", whom, broadcast=True)
            case "others":
                fs.emit("said", whom, broadcast=True, include_self=False)
            case "room":
                fs.emit("said", whom, to="lanes")
            case "rooms":
                sio.emit("said", whom, to=["lanes", "kitchen"])
            case "send":
                fs.send("text", broadcast=True)

    sio.on_event("join", fs.join_room)
    sio.on_event("leave", fs.leave_room)
    sio.on_event("rooms", lambda: sorted(fs.rooms()))
    sio.on_event("close_room", fs.close_room)
    first, second = pair(run(app))
    with first, second:
        for whom in ("me", "all", "others", "send"):
            first.emit("say", whom)
        assert [first.event() for _ in range(3)] == [["said", "me"], ["said", "all"], ["message", "text"]]
        assert [second.event() for _ in range(3)] == [["said", "all"], ["said", "others"], ["message", "text"]]
        second.emit("join", "lanes", ack=1)
        second.answer(1)
        second.emit("rooms", ack=2)
        assert "lanes" in second.answer(2)[0]
        first.emit("say", "room")
        assert second.event() == ["said", "room"]
        first.emit("join", "kitchen")
        second.emit("join", "kitchen", ack=3)
        second.answer(3)
        first.emit("say", "rooms")
        assert second.event() == ["said", "rooms"], "once, though it is in both rooms"
        assert first.event() == ["said", "rooms"]
        second.emit("leave", "lanes", ack=4)
        second.answer(4)
        first.emit("close_room", "kitchen", ack=5)
        first.answer(5)
        first.emit("say", "rooms")
        first.emit("say", "me")
        assert first.event() == ["said", "me"]
    until(lambda: not sio.server.manager.rooms)


def test_classes_catch_alls_errors_and_sessions(run: Run, app: Flask) -> None:
    app.secret_key = "for the test"
    sio = SocketIO(app, namespaces="*")
    failures: list[Exception] = []

    class Kitchen(fs.Namespace):
        def on_connect(self) -> None:
            session["visits"] = 0

        def on_bump(self, ticket: int) -> int:
            session["visits"] += 1
            return ticket + session["visits"]

    sio.on_namespace(Kitchen("/kitchen"))
    sio.on_event("*", lambda event, *args: [event, *args], namespace="/any")

    @sio.on("broken", namespace="/any2")
    def broken() -> None:
        raise LookupError("on purpose")

    @sio.on_error("/any2")
    def on_error(error: Exception) -> str:
        failures.append(error)
        return "handled"

    with run(app).client() as client:
        client.join("/kitchen")
        for visit in (1, 2):
            client.send('42/kitchen,1["bump",40]')
            assert client.recv() == f"43/kitchen,1[{40 + visit}]"
        client.join("/any")
        client.send('42/any,2["whatever",1,2]')
        assert client.recv() == '43/any,2[["whatever",1,2]]'
        client.join("/any2")
        client.send('42/any2,3["broken"]')
        assert client.recv() == '43/any2,3["handled"]'
    assert isinstance(failures[0], LookupError)


def test_server_asks_and_the_client_answers(run: Run, app: Flask) -> None:
    sio = SocketIO(app)
    answers: list[tuple[object, ...]] = []
    heard = threading.Event()

    @sio.on("ask me")
    def ask() -> Any:
        return sio.call("question", {"n": 1}, to=request.sid, timeout=30)  # type: ignore[attr-defined]

    @sio.on("ask me later")
    def later() -> None:
        fs.emit("question", callback=lambda *args: (answers.append((*args, request.sid)), heard.set()))  # type: ignore[attr-defined]

    with run(app, limits=Limits(workers=1)).client() as client:
        sid = client.join()
        client.emit("ask me", ack=7)
        assert client.recv() == '421["question",{"n":1}]'
        client.send('431["yes"]')
        assert client.answer(7) == ["yes"]
        client.emit("ask me later")
        assert client.recv() == '422["question"]'
        client.send('462-2[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]')
        client.send(b"a")
        client.send(b"b")
        assert heard.wait(30)
        assert answers == [(b"a", b"b", sid)]
        client.send('432["twice"]')
        client.send('4399["never asked"]')
        with pytest.raises(stock.exceptions.TimeoutError):
            sio.call("question", to=sid, timeout=0.05)


def test_binary_goes_both_ways(run: Run, app: Flask, sio: SocketIO) -> None:
    with run(app).client() as client:
        client.join()
        sio.emit("picture", {"small": b"\1", "large": [b"\2" * 300]})
        assert client.recv() == (
            '452-["picture",{"small":{"_placeholder":true,"num":0},"large":[{"_placeholder":true,"num":1}]}]'
        )
        assert client.recv_frame() == (BINARY, b"\1")
        assert client.recv_frame() == (BINARY, b"\2" * 300)


def test_server_disconnects_a_client(run: Run, app: Flask, sio: SocketIO) -> None:
    sio.on_event("kick", fs.disconnect)
    with run(app).client() as client:
        client.join()
        client.emit("kick")
        assert client.recv() == "41"
    with run(app).client() as client:
        client.join()
        sio.server.eio.disconnect(client.opening["sid"])
        assert client.recv() == "1"
        assert client.close_code() == 1000


def test_handlers_see_their_request(run: Run, app: Flask) -> None:
    sio = SocketIO(app)

    @sio.on("who")
    def who() -> list[object]:
        return [request.remote_addr, request.args["EIO"], request.namespace, request.event["message"]]  # type: ignore[attr-defined]

    with run(app).client() as client:
        client.join()
        client.emit("who", ack=1)
        assert client.answer(1) == [["127.0.0.1", "4", "/", "who"]]
        environ = sio.server.environ[client.opening["sid"]]
        assert not [k for k in environ if k.startswith(("waitress.", "transport.", "werkzeug.request"))]


def test_connection_may_be_refused_with_details(run: Run, app: Flask) -> None:
    sio = SocketIO(app)

    @sio.on("connect")
    def connect(auth: Any) -> None:
        raise fs.ConnectionRefusedError("unpaired", {"code": 7})

    with run(app).client() as client:
        client.send("40")
        assert client.recv() == '44{"message":"unpaired","data":{"code":7}}'


def test_always_connect_answers_before_the_handler(run: Run, app: Flask) -> None:
    sio = SocketIO(app, always_connect=True)
    sio.on_event("connect", lambda: fs.emit("hello"))
    with run(app).client() as client:
        client.join()
        assert client.event() == ["hello"]


def test_init_app_later_and_the_test_client(app: Flask) -> None:
    sio = SocketIO()
    sio.on_event("double", lambda n: 2 * n)
    sio.on_event("shout", lambda: fs.emit("heard", b"bytes", broadcast=True))
    sio.init_app(app)
    client = sio.test_client(app)
    assert client.is_connected()
    assert client.emit("double", 21, callback=True) == 42
    client.emit("shout")
    assert client.get_received() == [{"name": "heard", "args": [b"bytes"], "namespace": "/"}]
    client.disconnect()
    assert not client.is_connected()


class Queue(stock.PubSubManager):
    """A message queue whose servers share a process."""

    members: ClassVar[list[Queue]] = []

    def __init__(self) -> None:
        super().__init__()
        self.members.append(self)

    def initialize(self) -> None:
        """Listen without a thread: `_publish` delivers."""

    def _publish(self, data: dict[str, Any]) -> None:
        for member in self.members:
            if member is not self:
                handler = {"emit": member._handle_emit, "callback": member._handle_callback}.get(data["method"])
                if handler is not None:
                    handler(data)


def test_message_queue_joins_two_servers(run: Run) -> None:
    servers = []
    for _ in range(2):
        app = Flask("one of two")
        servers.append((SocketIO(app, client_manager=Queue()), run(app)))
    (left, left_running), (right, right_running) = servers
    with left_running.client() as here, right_running.client() as there:
        here.join()
        sid = there.join()
        left.emit("news", "x")
        assert here.event() == there.event() == ["news", "x"]
        left.emit("binary", b"\1")
        for client in (here, there):
            assert str(client.recv()).startswith("451-")
            assert client.recv_frame() == (BINARY, b"\1")
        right.server.enter_room(sid, "lanes")
        left.emit("news", "y", to="lanes")
        assert there.event() == ["news", "y"]
        answers: list[str] = []
        thread = threading.Thread(target=lambda: answers.append(left.call("ask", to=sid, timeout=30)))
        thread.start()
        assert str(there.recv()).endswith('["ask"]')
        there.send('431["from afar"]')
        thread.join()
        assert answers == ["from afar"]
    Queue.members.clear()


def test_latest_value_replaces_the_one_that_waits(run: Run, app: Flask) -> None:
    sio = SocketIO(app)
    running = run(app)
    client = running.client()
    sid = client.join()
    until(lambda: sio.server.manager.is_connected(sid, "/"))
    filler = 0
    connection = next(iter(running.hub._connections))
    while connection._outbox is None:
        sio.emit("filler", "x" * 50_000)
        filler += 1
    for value in range(1000):
        sio.emit_latest("litres", value, topic="pump 1")
        sio.emit_latest("litres", -value, topic="pump 2")
    sio.emit("done")
    assert connection._outbox._size < 200_000
    got = []
    while (event := client.event()) != ["done"]:
        got.append(event)
    assert [e[0] for e in got[:filler]] == ["filler"] * filler
    values = got[filler:]
    assert len(values) <= 4, "at most one begun and one waiting for each topic"
    assert ["litres", 999] in values
    assert ["litres", -999] in values
    sio.emit_latest("litres", 1, topic="pump 1", to="nobody")
    for value in (1, 2, 3):
        sio.emit_latest("litres", value, topic="pump 1", to=None)
    assert [client.event() for _ in range(3)] == [["litres", n] for n in (1, 2, 3)], "who keeps up sees all"
    client.sock.close()


def test_events_before_the_answer_to_connect_wait_for_it(run: Run, app: Flask) -> None:
    sio = SocketIO(app)
    is_asked, may_answer = threading.Event(), threading.Event()
    sio.on_event("connect", lambda: (is_asked.set(), may_answer.wait(30))[1])
    with run(app).client() as client:
        client.send("40")
        assert is_asked.wait(30)
        for number in range(100):
            sio.emit("state", number)
            sio.emit_latest("litres", number, topic=1)
        may_answer.set()
        assert str(client.recv()).startswith("40{")
        assert client.event() == ["state", 0]
        assert client.event() == ["litres", 99]
        assert [client.event() for _ in range(99)] == [["state", n] for n in range(1, 100)]


@pytest.mark.parametrize("limits", [Limits(outbox_messages=10), Limits(outbox_bytes=20_000)])
def test_client_that_never_gets_its_answer_holds_no_memory(run: Run, app: Flask, limits: Limits) -> None:
    sio = SocketIO(app)
    is_asked, may_answer = threading.Event(), threading.Event()
    sio.on_event("connect", lambda: (is_asked.set(), may_answer.wait(30))[1])
    running = run(app, limits=limits)
    with running.client() as client:
        client.send("40")
        assert is_asked.wait(30)
        for _ in range(100):
            sio.emit("state", "x" * 1000)
        until(lambda: running.server.stats().closed == {"slow reader": 1})
        may_answer.set()


def test_connect_handler_may_say_more_at_once_than_an_outbox_holds_for_long(run: Run, app: Flask) -> None:
    sio = SocketIO(app)
    sio.on_event("connect", lambda: [fs.emit("line", number) for number in range(900)][:0])
    running = run(app)
    with running.client() as client:
        client.join()
        assert [client.event() for _ in range(900)] == [["line", number] for number in range(900)]
        assert running.server.stats().closed == {}


def test_handler_that_raises_is_logged_and_the_next_is_run(
    run: Run, app: Flask, sio: SocketIO, caplog: pytest.LogCaptureFixture
) -> None:
    @sio.on("broken")
    def broken() -> None:
        raise ZeroDivisionError("on purpose")

    with run(app).client() as client:
        client.join()
        client.emit("broken", ack=1)
        client.emit("echo", "well", ack=2)
        assert client.answer(2) == ["well"]
    assert [r for r in caplog.records if r.levelno >= logging.ERROR and r.exc_info]
    caplog.clear()
