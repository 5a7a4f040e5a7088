"""The rest of what Flask-SocketIO documents for a server, each on the wire."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import flask_socketio as fs
import pytest
import socketio as stock
from flask import Flask, request, session
from test_ends import until
from wire_client import BINARY, Client, Raw
from wire_server import Running

from kiosk_server.transport import SocketIO

Run = Callable[..., Running]


def test_events_take_the_names_of_their_functions_and_know_their_arguments(run: Run, app: Flask) -> None:
    sio = SocketIO(app)

    @sio.event
    def weigh(grams: int, unit: str) -> list[object]:
        return [request.event, grams, unit]  # type: ignore[attr-defined]

    @sio.event(namespace="/pump")
    def lift() -> tuple[int, int]:
        return 1, 2

    with run(app).client() as client:
        client.join()
        client.emit("weigh", 250, "g", ack=1)
        assert client.answer(1) == [[{"message": "weigh", "args": [250, "g"]}, 250, "g"]]
        client.join("/pump")
        client.send('42/pump,2["lift"]')
        assert client.recv() == "43/pump,2[1,2]", "a tuple is several arguments"


def test_errors_go_to_the_handler_of_their_namespace_or_to_the_one_for_all(run: Run, app: Flask) -> None:
    sio = SocketIO(app)
    sio.on_error("/pump")(lambda error: f"pump: {error}")
    sio.on_error_default(lambda error: f"all: {error}")

    def fails() -> None:
        raise LookupError("no such item")

    for namespace in ("/", "/pump"):
        sio.on_event("fail", fails, namespace)
    with run(app).client() as client:
        client.join()
        client.emit("fail", ack=1)
        assert client.answer(1) == ["all: no such item"]
        client.join("/pump")
        client.send('42/pump,2["fail"]')
        assert client.recv() == '43/pump,2["pump: no such item"]'


class Kitchen(fs.Namespace):
    """A namespace that uses every method of its class."""

    ended = threading.Event()

    def on_connect(self, auth: Any) -> None:
        fs.join_room("cooks")
        self.emit("joined", auth or {}, room="cooks")

    def on_ticket(self, number: int) -> None:
        self.emit("ticket", number, include_self=False)
        self.send(f"ticket {number}", room=request.sid)  # type: ignore[attr-defined]

    def on_close(self) -> None:
        self.close_room("cooks")
        self.emit("closed", room="cooks")

    def on_leave(self) -> None:
        self.disconnect(request.sid)  # type: ignore[attr-defined]

    def on_disconnect(self) -> None:  # without a reason, as it was once written
        self.ended.set()


def test_class_speaks_for_its_namespace(run: Run, app: Flask) -> None:
    sio = SocketIO(app)
    sio.on_namespace(Kitchen("/kitchen"))
    running = run(app)
    with running.client() as cook, running.client() as other:
        cook.join("/kitchen", {"name": "Ada"})
        assert cook.recv() == '42/kitchen,["joined",{"name":"Ada"}]'
        other.join("/kitchen")
        assert cook.recv() == other.recv() == '42/kitchen,["joined",{}]'
        cook.send('42/kitchen,["ticket",7]')
        assert cook.recv() == '42/kitchen,["message","ticket 7"]'
        assert other.recv() == '42/kitchen,["ticket",7]'
        cook.send('42/kitchen,["close"]')
        cook.send('42/kitchen,["leave"]')
        assert cook.recv() == "41/kitchen,", "the room was empty"
        assert Kitchen.ended.wait(30)


def test_event_of_every_namespace_is_heard(run: Run, app: Flask) -> None:
    sio = SocketIO(app, namespaces="*")
    sio.on_event("note", lambda *args: [request.namespace, *args], namespace="*")  # type: ignore[attr-defined]
    with run(app).client() as client:
        client.join("/anything")
        client.send('42/anything,5["note",1]')
        assert client.recv() == '43/anything,5[["/anything",1]]'


@pytest.mark.parametrize(
    ("verdict", "answer"),
    [
        (False, '44{"message":"Connection rejected by server"}'),
        (fs.ConnectionRefusedError(), '44{"message":"Connection rejected by server"}'),
        (fs.ConnectionRefusedError("unpaired"), '44{"message":"unpaired"}'),
        (fs.ConnectionRefusedError("unpaired", 7, [8]), '44{"message":"unpaired","data":[7,[8]]}'),
        (ConnectionRefusedError(), '44{"message":"Connection refused by server"}'),
    ],
    ids=str,
)
def test_refused_client_hears_why_and_may_try_again(run: Run, app: Flask, verdict: Any, answer: str) -> None:
    sio = SocketIO(app)

    @sio.on("connect")
    def connect(auth: Any) -> Any:
        if auth is not None:
            return None
        if isinstance(verdict, Exception):
            raise verdict
        return verdict

    with run(app).client() as client:
        client.send("40")
        assert client.recv() == answer
        client.join(auth={"token": "paired"})


def test_client_that_was_connected_first_is_put_out_without_a_payload(run: Run, app: Flask) -> None:
    sio = SocketIO(app, always_connect=True)
    sio.on_event("connect", lambda: False)
    with run(app).client() as client:
        client.join()
        assert client.recv() == "41"


def test_background_task_sleeps_and_emits(run: Run, app: Flask) -> None:
    sio = SocketIO(app)

    def count(first: int, *, last: int) -> None:
        for number in range(first, last):
            sio.sleep(0.001)
            sio.emit("count", number)

    with run(app).client() as client:
        client.join()
        task = sio.start_background_task(count, 1, last=4)
        assert [client.event() for _ in range(3)] == [["count", n] for n in (1, 2, 3)]
        task.join()


def test_emits_skip_whom_they_are_told_to(run: Run, app: Flask) -> None:
    sio = SocketIO(app)
    running = run(app)
    with running.client() as one, running.client() as two, running.client() as three:
        sids = [client.join() for client in (one, two, three)]
        sio.emit("news", 1, skip_sid=sids[0])
        sio.emit("news", 2, skip_sid=sids[:2])
        sio.send({"n": 3}, json=True, to=sids[0])
        sio.emit("several", (1, [2], None))
        sio.emit("none")
        assert [one.event() for _ in range(3)] == [["json", {"n": 3}], ["several", 1, [2], None], ["none"]]
        assert [two.event() for _ in range(2)] == [["news", 1], ["several", 1, [2], None]]
        assert [three.event() for _ in range(2)] == [["news", 1], ["news", 2]]


def test_page_emits_disconnects_and_asks(run: Run, app: Flask) -> None:
    sio = SocketIO(app)
    asked: list[Any] = []

    @app.get("/to/<sid>")
    def to(sid: str) -> str:
        sio.emit("page", to=sid)
        asked.append(sio.call("how much", to=sid, timeout=30))
        fs.disconnect(sid, namespace="/")
        return "done"

    running = run(app)
    with running.client() as client:
        sid = client.join()
        assert sio.server.transport(sid) == "websocket"
        with running.raw(f"GET /to/{sid} HTTP/1.1\r\nHost: x\r\n\r\n".encode()) as page:
            assert client.event() == ["page"]
            assert client.recv() == '421["how much"]'
            client.send('431[129,"EUR"]')
            assert client.recv() == "41"
            assert page.status() == 200
    assert asked == [(129, "EUR")]


def test_handler_asks_its_own_client(run: Run, app: Flask) -> None:
    sio = SocketIO(app)
    sio.on_event("start", lambda: fs.call("sure?", timeout=30))
    with run(app).client() as client:
        client.join()
        client.emit("start", ack=1)
        assert client.recv() == '421["sure?"]'
        client.send('431["yes"]')
        assert client.answer(1) == ["yes"]


@pytest.mark.parametrize("is_managed", [True, False])
def test_session_of_the_page_is_seen_by_events(run: Run, app: Flask, is_managed: bool) -> None:
    app.secret_key = "for the test"
    sio = SocketIO(app, manage_session=is_managed)

    @app.get("/sign-in")
    def sign_in() -> str:
        session["name"] = "Ada"
        return ""

    @sio.on("who")
    def who() -> list[Any]:
        session["asked"] = session.get("asked", 0) + 1
        return [session.get("name"), session["asked"]]

    running = run(app)
    with running.raw(b"GET /sign-in HTTP/1.1\r\nHost: x\r\n\r\n") as page:
        page.status()
        cookie = next(line for line in page.head.splitlines() if line.startswith("Set-Cookie"))
    with running.client(Cookie=cookie.split(": ")[1].split(";")[0]) as client:
        client.join()
        for number in (1, 2):
            client.emit("who", ack=number)
            # Flask's own cookie cannot be set over a WebSocket: it stays as it was when the client came.
            assert client.answer(number) == [["Ada", number if is_managed else 1]]


def test_grace_is_added_to_the_interval_that_clients_are_told(run: Run, app: Flask) -> None:
    SocketIO(app, ping_interval=(0.2, 0.15), ping_timeout=1)
    with run(app).client() as client:
        assert client.opening["pingInterval"] == 350
        assert super(Client, client).recv() == "2"


def test_run_takes_the_options_of_flask_socketio(app: Flask) -> None:
    sio = SocketIO(app)

    @app.get("/broken")
    def broken() -> str:
        raise LookupError("on purpose")

    options = {"debug": True, "use_reloader": False, "log_output": True, "allow_unsafe_werkzeug": True}
    app.config["SERVER_NAME"] = "127.0.0.1:0"
    thread = threading.Thread(target=lambda: sio.run(app, **options), daemon=True)
    thread.start()
    until(lambda: sio.wsgi_server is not None)
    address = sio.wsgi_server.addresses[0]
    with Client(address) as client, Raw(address) as page:
        client.join()
        page.send_raw(f"GET /broken HTTP/1.1\r\nHost: {page.host}\r\nConnection: close\r\n\r\n".encode())
        assert page.status() == 500
        assert b"on purpose" in page.read_all(), "the debugger's page"
    sio.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_test_client_does_what_it_does_elsewhere(app: Flask) -> None:
    app.secret_key = "for the test"
    sio = SocketIO(app)

    @app.get("/sign-in")
    def sign_in() -> str:
        session["name"] = "Ada"
        return ""

    for namespace in ("/", "/pump"):
        sio.on_event(
            "connect",
            lambda auth: fs.emit(
                "welcome", [auth, request.args.get("lane"), request.headers.get("X-A"), session.get("name")]
            ),
            namespace,
        )
    sio.on_event("json", lambda data: fs.send(data, json=True, broadcast=True))
    sio.on_event("several", lambda *_: (1, 2))
    pages = app.test_client()
    pages.get("/sign-in")
    options: dict[str, Any] = {"query_string": "lane=3", "headers": {"X-A": "b"}, "flask_test_client": pages}
    client = sio.test_client(app, auth={"token": "t"}, **options)
    other = sio.test_client(app, namespace="/pump")
    assert client.get_received()[0]["args"] == [[{"token": "t"}, "3", "b", "Ada"]]
    assert other.is_connected("/pump")
    assert not other.is_connected()
    client.send({"a": b"1"}, json=True)
    assert client.get_received() == [{"name": "json", "args": {"a": b"1"}, "namespace": "/"}]
    assert client.emit("several", callback=True) == [1, 2]
    assert other.get_received("/pump")[0]["args"] == [[None, None, None, None]]
    client.disconnect()
    other.disconnect("/pump")
    with pytest.raises(RuntimeError, match="not connected"):
        client.get_received()


def test_callback_of_several_clients_hears_each(run: Run, app: Flask) -> None:
    sio = SocketIO(app)
    answers: list[Any] = []
    running = run(app)
    with running.client() as one, running.client() as two:
        one.join()
        two.join()
        sio.emit("who", callback=answers.append)
        for client in (one, two):
            assert client.recv() == '421["who"]'
            client.send('451-["noise",{"_placeholder":true,"num":0}]')
            client.send(b"x")
            client.send('431["me"]')
        until(lambda: answers == ["me", "me"])


def test_binary_answer_is_an_answer(run: Run, app: Flask) -> None:
    sio = SocketIO(app)
    sio.on_event("picture", lambda: {"png": b"\1\2"})
    with run(app).client() as client:
        client.join()
        client.emit("picture", ack=3)
        assert client.recv() == '461-3[{"png":{"_placeholder":true,"num":0}}]'
        assert client.recv_frame() == (BINARY, b"\1\2")
        with pytest.raises(stock.exceptions.TimeoutError):
            sio.call("anyone", to="nobody", timeout=0.01)
