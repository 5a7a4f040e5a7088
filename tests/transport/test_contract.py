"""What this package assumes about the insides of what it stands on. A failure here names the assumption that broke."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import engineio
import flask_socketio
import pytest
import socketio
import waitress.adjustments
import waitress.channel
import waitress.parser
import waitress.receiver
import waitress.server
import waitress.task
import werkzeug._reloader
from flask import Flask
from waitress import wasyncore

Assumption = tuple[str, Callable[[], object]]


def source(thing: Any) -> str:
    return inspect.getsource(thing)


def parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


CHANNEL, TASK, PARSER = waitress.channel.HTTPChannel, waitress.task.WSGITask, waitress.parser.HTTPRequestParser
LISTENER, DISPATCHER = waitress.server.TcpWSGIServer, waitress.task.ThreadedTaskDispatcher

WAITRESS: list[Assumption] = [
    (
        "a server makes channels by channel_class(server, sock, addr, adj, map)",
        lambda: parameters(CHANNEL) == ["server", "sock", "addr", "adj", "map"],
    ),
    (
        "a channel makes tasks and parsers from task_class, error_task_class and parser_class",
        lambda: all(f"self.{n}(" in source(CHANNEL) for n in ("task_class", "error_task_class", "parser_class")),
    ),
    ("a channel closes when its task says close_on_finish", lambda: "task.close_on_finish" in source(CHANNEL.service)),
    ("an exception after wrote_header is not answered", lambda: "if not task.wrote_header" in source(CHANNEL.service)),
    (
        "closing waits for close_when_flushed and goes through handle_close",
        lambda: "self.handle_close()" in source(CHANNEL.handle_write) and "close_when_flushed" in source(CHANNEL),
    ),
    ("outbuf_lock can be taken twice by one thread", lambda: "threading.Condition()" in source(CHANNEL.__init__)),
    (
        "a request under way is channel.request, queued ones channel.requests",
        lambda: "self.requests.append(self.request)" in source(CHANNEL.received),
    ),
    ("a channel with a request is not read", lambda: "channel_request_lookahead" in source(CHANNEL.readable)),
    (
        "a parser says how much it took, and stops at completed",
        lambda: "n = self.request.received(data)" in source(CHANNEL.received),
    ),
    ("a refused request has error and completed", lambda: "self.error = BadRequest" in source(PARSER.received)),
    ("ParsingError becomes 400", lambda: "except ParsingError as e" in source(PARSER.received)),
    (
        "an overlong head is parsed as HTTP/1.0 without a Host",
        lambda: 'self.parse_header(b"GET / HTTP/1.0\\r\\n")' in source(PARSER.received),
    ),
    ("a chunk's size is chunk_remainder", lambda: hasattr(waitress.receiver.ChunkedReceiver, "chunk_remainder")),
    (
        "the parser keeps path, proxy_netloc and headers",
        lambda: all(n in source(PARSER.parse_header) for n in ("self.path", "self.proxy_netloc", "self.headers")),
    ),
    (
        "a task writes by write and ends by finish",
        lambda: "self.finish()" in source(TASK.service) and "self.write(chunk)" in source(TASK.execute),
    ),
    (
        "a task builds its head by build_response_header, from status and response_headers",
        lambda: (
            "self.build_response_header()" in source(TASK.write)
            and all(f"self.{n}" in source(TASK.build_response_header) for n in ("status", "response_headers"))
        ),
    ),
    (
        "a listening socket is asked by readable and told by handle_accept",
        lambda: {"readable", "handle_accept"} <= set(vars(waitress.server.BaseWSGIServer)),
    ),
    (
        "idle channels are swept when next_channel_cleanup is due",
        lambda: "self.next_channel_cleanup" in source(waitress.server.BaseWSGIServer.readable),
    ),
    (
        "a server takes dispatcher, adj, sockinfo and bind_socket",
        lambda: {"dispatcher", "adj", "sockinfo", "bind_socket"} <= set(parameters(LISTENER)),
    ),
    (
        "a dispatcher pops from the left of its queue under its lock",
        lambda: "self.queue.popleft()" in source(DISPATCHER.handler_thread),
    ),
    ("a waiting thread is woken by queue_cv", lambda: "self.queue_cv.wait()" in source(DISPATCHER.handler_thread)),
    (
        "a map is of descriptors to dispatchers, which say readable and writable",
        lambda: "for fd, obj in list(map.items())" in source(wasyncore.poll2),
    ),
    ("readwrite serves one of them", lambda: parameters(wasyncore.readwrite) == ["obj", "flags"]),
    ("a closed dispatcher leaves its map", lambda: "del map[fd]" in source(wasyncore.dispatcher.del_channel)),
    (
        "adjustments know what we set",
        lambda: (
            {
                "asyncore_use_poll",
                "connection_limit",
                "channel_request_lookahead",
                "max_request_header_size",
                "max_request_body_size",
                "clear_untrusted_proxy_headers",
                "ident",
                "sockets",
                "listen",
            }
            <= set(waitress.adjustments.Adjustments._param_map)
        ),
    ),
]

SOCKETS: list[Assumption] = [
    (
        "Socket.IO takes its Engine.IO server from _engineio_server_class",
        lambda: "self._engineio_server_class()(**engineio_options)" in source(socketio.Server.__init__),
    ),
    ("Engine.IO events go through _trigger_event", lambda: "run_async" in source(engineio.Server._trigger_event)),
    ("Engine.IO keeps sockets by sid", lambda: "self.sockets = {}" in source(engineio.Server.__init__)),
    (
        "a namespace is joined by pre_connect, answered, then connect",
        lambda: (
            source(socketio.Server._handle_connect).index("pre_connect")
            < source(socketio.Server._handle_connect).rindex("packet.CONNECT, {'sid': sid}")
            < source(socketio.Server._handle_connect).rindex("self.manager.connect(")
        ),
    ),
    (
        "a namespace is left by pre_disconnect, the handler, then disconnect",
        lambda: (
            source(socketio.Server._handle_disconnect).index("pre_disconnect")
            < source(socketio.Server._handle_disconnect).index("_trigger_event")
            < source(socketio.Server._handle_disconnect).index("manager.disconnect")
        ),
    ),
    (
        "a packet is decoded by packet_class(encoded_packet=...)",
        lambda: socketio.packet.Packet(encoded_packet='2["x"]').data == ["x"],
    ),
    (
        "binary types are three above plain ones",
        lambda: (
            (socketio.packet.BINARY_EVENT - socketio.packet.EVENT, socketio.packet.BINARY_ACK - socketio.packet.ACK)
            == (3, 3)
        ),
    ),
    (
        "a manager is asked through these names",
        lambda: (
            {
                "get_participants",
                "pre_connect",
                "connect",
                "is_pre_connected",
                "is_connected",
                "sid_from_eio_sid",
                "eio_sid_from_sid",
                "pre_disconnect",
                "basic_disconnect",
                "is_sid_room",
                "basic_enter_room",
                "basic_leave_room",
                "basic_close_room",
                "get_rooms",
                "_generate_ack_id",
                "emit",
                "trigger_callback",
            }
            <= set(dir(socketio.Manager))
        ),
    ),
    (
        "a message queue emits here by super().emit",
        lambda: "super().emit(message['event']" in source(socketio.PubSubManager._handle_emit),
    ),
    (
        "an answer for another server is a functools.partial",
        lambda: "partial(self._return_callback" in source(socketio.PubSubManager._handle_emit),
    ),
    (
        "Flask-SocketIO keeps server, handlers, namespace_handlers, server_options and sockio_mw",
        lambda: all(
            f"self.{n}" in source(flask_socketio.SocketIO.init_app)
            for n in ("server", "handlers", "namespace_handlers", "server_options", "sockio_mw")
        ),
    ),
    ("its middleware calls engineio_app", lambda: "self.engineio_app.handle_request" in source(engineio.WSGIApp)),
    (
        "its handlers run through _handle_event(handler, message, namespace, sid, *args)",
        lambda: (
            parameters(flask_socketio.SocketIO._handle_event)
            == ["self", "handler", "message", "namespace", "sid", "args"]
        ),
    ),
    (
        "its packets are read by engineio.json, unless told otherwise",
        lambda: socketio.packet.Packet.json is engineio.json,
    ),
    (
        "a packet has packet_type, namespace, id and data",
        lambda: {"packet_type", "namespace", "id", "data"} <= set(vars(socketio.packet.Packet())),
    ),
    (
        "an interval of two numbers is one with a grace period",
        lambda: engineio.Server(ping_interval=(2, 1), async_mode="threading").ping_interval_grace_period == 1,
    ),
    (
        "werkzeug's reloader runs a function and takes extra_files",
        lambda: parameters(werkzeug._reloader.run_with_reloader)[:2] == ["main_func", "extra_files"],
    ),
]


@pytest.mark.parametrize(("assumption", "holds"), WAITRESS, ids=[a[0] for a in WAITRESS])
def test_waitress_is_as_assumed(assumption: str, holds: Callable[[], object]) -> None:
    assert holds(), f"waitress {version('waitress')} no longer keeps this: {assumption}"


@pytest.mark.parametrize(("assumption", "holds"), SOCKETS, ids=[a[0] for a in SOCKETS])
def test_socketio_is_as_assumed(assumption: str, holds: Callable[[], object]) -> None:
    names = ("python-engineio", "python-socketio", "flask-socketio")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    assert holds(), f"{versions} no longer keep this: {assumption}"


def test_only_two_files_know_waitress() -> None:
    from pathlib import Path

    import kiosk_server.transport

    folder = Path(kiosk_server.transport.__file__).parent
    importers = {
        p.name for p in folder.glob("*.py") if "import waitress" in p.read_text() or "from waitress" in p.read_text()
    }
    assert importers == {"loop.py", "waitress.py"}


def test_flask_socketio_itself_is_left_as_it_was(app: Flask) -> None:
    from kiosk_server.transport import SocketIO

    SocketIO(app)
    stock = flask_socketio.SocketIO(Flask("stock"), async_mode="threading")
    assert type(stock.server) is socketio.Server
    assert type(stock.server.eio) is engineio.Server
    assert waitress.server.TcpWSGIServer.channel_class is waitress.channel.HTTPChannel
