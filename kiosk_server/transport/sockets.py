"""The Socket.IO 5 server: python-socketio's, with strict packets, events in order, and acks that may come later."""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final

import engineio
import socketio
from engineio import packet as eio_packet
from socketio import packet

from kiosk_server.promise import Promise
from kiosk_server.transport.encoded import Encoded, ack_blob
from kiosk_server.transport.engine import EngineServer, EngineSocket, blob_of
from kiosk_server.transport.limits import Limits
from kiosk_server.transport.packets import Packet, announced, loads_bounded, read, read_by

logger = logging.getLogger(__name__)

_ANSWERS: Final = ("3", "6")  # as the first character of an ack


class SocketServer(socketio.Server):
    """A Socket.IO server over `EngineServer`. Takes python-socketio's options, and `limits`."""

    def __init__(self, limits: Limits | None = None, **options: Any) -> None:
        self._limits = limits or Limits()
        options.setdefault("connect_timeout", self._limits.connect_timeout_s)
        super().__init__(**options, limits=self._limits)
        json = self.packet_class.json
        self._loads = loads_bounded if json is engineio.json else json.loads
        self.eio.intake = self._intake
        self.eio.work = self._work

    def _engineio_server_class(self) -> type[EngineServer]:
        return EngineServer

    # ----- in: the reactor's thread

    def _intake(self, socket: EngineSocket, data: str | bytes) -> None:
        """Put a packet and its attachments together, and queue it for a worker."""
        if not self.packet_class.uses_binary_events:
            self._intake_whole(socket, data)
            return
        parts = socket.parts
        if parts is None:
            if isinstance(data, bytes):
                socket.fail("attachment without a packet")
                return
            wanted = announced(data)
            if wanted > self._limits.attachments or wanted < 0:
                socket.fail("too many attachments")
            elif wanted:
                socket.parts = [data]
                socket.parts_since = time.monotonic()
            else:
                self._queue(socket, [data], is_answer=data[:1] in _ANSWERS)
            return
        if isinstance(data, str):
            socket.fail("packet before its attachments")
            return
        parts.append(data)
        if sum(len(part) for part in parts) > self.eio.max_http_buffer_size:
            socket.fail("packet too large")
        elif len(parts) > announced(str(parts[0])):
            socket.parts = None
            self._queue(socket, parts, is_answer=parts[0][:1] in _ANSWERS)

    def _intake_whole(self, socket: EngineSocket, data: str | bytes) -> None:
        """Read a packet that holds its attachments, as msgpack does: only its inside tells an answer from an event."""
        try:
            pkt = read_by(self.packet_class, [data])
        except Exception:  # whatever the application's own format raises
            logger.info("Bad packet from %s", socket.connection.peer, exc_info=True)
            socket.fail("bad packet")
            return
        self._queue(socket, pkt, is_answer=pkt.kind == packet.ACK)

    def _queue(self, socket: EngineSocket, one: list[str | bytes] | Packet, *, is_answer: bool) -> None:
        # An answer must not wait behind the handler that waits for it.
        if is_answer:
            socket.connection.enqueue_answer(functools.partial(self._work, socket, one))
        else:
            socket.connection.enqueue(one)

    # ----- in: a worker's thread

    def _work(self, socket: EngineSocket, one: Any) -> None:
        if isinstance(one, functools.partial):
            one()
            return
        try:
            pkt = one if isinstance(one, Packet) else self._read(one)
        except (ValueError, TypeError, IndexError, KeyError, RecursionError) as error:
            logger.info("Bad packet from %s: %s", socket.connection.peer, error)
            socket.fail_now("bad packet")
            return
        self._dispatch(socket, pkt)

    def _read(self, parts: list[Any]) -> Packet:
        if self.packet_class is packet.Packet:
            return read(parts[0], parts[1:], self._loads)
        return read_by(self.packet_class, parts)

    def _dispatch(self, socket: EngineSocket, pkt: Packet) -> None:
        namespace = pkt.namespace
        if pkt.kind == packet.CONNECT:
            self._handle_connect(socket.sid, namespace, pkt.data)
        elif pkt.kind == packet.DISCONNECT:
            self._handle_disconnect(socket.sid, namespace, self.reason.CLIENT_DISCONNECT)
        elif (sid := self.manager.sid_from_eio_sid(socket.sid, namespace)) is None:
            # An answer passes what waits; one that came before a leaving may be looked at after it.
            if pkt.kind != packet.ACK or not socket.has_joined:
                socket.fail_now("packet for a namespace that was not joined")
        elif pkt.kind == packet.EVENT:
            # Here and now, where `_handle_event` would start a thread: a connection's events stay in order.
            if self.manager.is_connected(sid, namespace):
                self._handle_event_internal(self, sid, socket.sid, pkt.data, namespace, pkt.id)
        else:
            self._handle_ack(socket.sid, namespace, pkt.id, pkt.data)

    def _handle_connect(self, eio_sid: str, namespace: str | None, data: Any) -> None:
        namespace = namespace or "/"
        if not self._is_namespace(namespace):
            self._refuse(eio_sid, namespace, "Invalid namespace")
            return
        try:
            super()._handle_connect(eio_sid, namespace, data)
        except Exception:
            logger.exception("The connect handler of %s failed", namespace)
            sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
            if sid is not None:
                self.manager.disconnect(sid, namespace, ignore_queue=True)
            self._refuse(eio_sid, namespace, "The server failed to connect you")

    def _is_namespace(self, namespace: str) -> bool:
        if self.namespaces == "*" or namespace in self.namespaces:
            return True
        return namespace in self.handlers or namespace in self.namespace_handlers

    def _refuse(self, eio_sid: str, namespace: str, message: str) -> None:
        answer = self.packet_class(packet.CONNECT_ERROR, data={"message": message}, namespace=namespace)
        self._send_packet(eio_sid, answer)

    def _trigger_event(self, event: Any, namespace: str, *args: Any) -> Any:
        """Run a handler. One that fails to say goodbye must not keep its client in rooms for ever."""
        if event != "disconnect":
            return super()._trigger_event(event, namespace, *args)
        try:
            return super()._trigger_event(event, namespace, *args)
        except Exception:
            logger.exception("The disconnect handler of %s failed", namespace)
            return None

    def _handle_event_internal(  # noqa: PLR0917, python-socketio's signature
        self, server: Any, sid: str, eio_sid: str, data: Any, namespace: str, id: int | None
    ) -> None:
        result = server._trigger_event(data[0], namespace, sid, *data[1:])
        if isinstance(result, Promise | Future):
            result.add_done_callback(functools.partial(self._acknowledge_later, eio_sid, namespace, id))
        elif result is not self.not_handled and id is not None:
            self._acknowledge(eio_sid, namespace, id, result)

    def _acknowledge_later(
        self, eio_sid: str, namespace: str, id: int | None, done: Promise[Any] | Future[Any]
    ) -> None:
        """Send the ack of a handler that returned a promise; the thread that completes it is here."""
        if isinstance(done, Future) and done.cancelled():
            return
        error = done.exception()
        if error is not None:
            logger.error("A deferred ack in %s failed and is not sent", namespace, exc_info=error)
        elif id is not None:
            self._acknowledge(eio_sid, namespace, id, done.result())

    def _acknowledge(self, eio_sid: str, namespace: str, id: int, result: Any) -> None:
        if isinstance(result, Encoded):
            socket = self.eio.sockets.get(eio_sid)
            if isinstance(socket, EngineSocket) and self.packet_class is packet.Packet:
                socket.connection.send_blob(ack_blob(namespace, id, result))
                return
            result = result.decode()
        data = [] if result is None else list(result) if isinstance(result, tuple) else [result]
        self._send_packet(eio_sid, self.packet_class(packet.ACK, namespace=namespace, id=id, data=data))

    # ----- answers

    def answer(self, sid: str, callback: Callable[..., object], data: Any) -> None:
        """Run the callback of a client's ack: that of `call` here, the application's in the client's order."""
        if isinstance(callback, _Answer):
            callback(*data)
            return
        for namespace in list(self.manager.get_namespaces()):
            socket = self.eio.sockets.get(self.manager.eio_sid_from_sid(sid, namespace))
            if isinstance(socket, EngineSocket):
                socket.connection.enqueue(functools.partial(callback, *data))
                return
        self.start_background_task(callback, *data)  # the client is another server's

    def call(  # noqa: PLR0917, python-socketio's signature
        self,
        event: str,
        data: Any = None,
        to: str | None = None,
        sid: str | None = None,
        namespace: str | None = None,
        timeout: float = 60,
        ignore_queue: bool = False,
    ) -> Any:
        """Emit to one client and return its answer; socketio.exceptions.TimeoutError if none comes in time.

        May be called in a handler of that same client.
        """
        if to is None and sid is None:
            raise ValueError("Cannot use call() to broadcast.")
        answer = _Answer()
        self.emit(event, data, room=to or sid, namespace=namespace, callback=answer, ignore_queue=ignore_queue)
        if not answer.is_here.wait(timeout):
            raise socketio.exceptions.TimeoutError
        return answer.args if len(answer.args) > 1 else answer.args[0] if answer.args else None

    # ----- out

    def _send_packet(self, eio_sid: str, pkt: Any) -> None:
        if pkt.packet_type == packet.DISCONNECT:
            pkt.data = None  # python-socketio gives a reason, over which socket.io-client stumbles: none is allowed
        encoded = pkt.encode()
        socket = self.eio.sockets.get(eio_sid)
        if isinstance(socket, EngineSocket):
            socket.connection.send_blob(blob_of(encoded))
        else:
            super()._send_packet(eio_sid, pkt)

    def send_stock(self, eio_sid: str, encoded: str | bytes | list[str | bytes]) -> None:
        """Send to what is not a session of ours: a polling one, or Flask-SocketIO's test client."""
        for payload in encoded if isinstance(encoded, list) else [encoded]:
            self._send_eio_packet(eio_sid, eio_packet.Packet(eio_packet.MESSAGE, payload))


class _Answer:
    """Where `call` waits for its answer."""

    def __init__(self) -> None:
        self.is_here = threading.Event()
        self.args: tuple[Any, ...] = ()

    def __call__(self, *args: Any) -> None:
        self.args = args
        self.is_here.set()
