"""Who is in which room: python-socketio's manager, with a broadcast that encodes once and sends bytes.

Stock, a client costs two bidicts and its end walks every room; here it costs two dict entries and its end walks its
own rooms. The methods that a message-queue manager calls keep their names and meaning, so those work on top.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final, cast

from socketio import Manager, packet

from kiosk_server.transport.broadcast import broadcast
from kiosk_server.transport.connection import Connection
from kiosk_server.transport.encoded import Encoded, event_blob
from kiosk_server.transport.engine import EngineSocket, blob_of
from kiosk_server.transport.outbox import Outbox

# Between the answer to a connect and what its handler emitted. A client that awaits one message after the other, as the
# protocol's own test suite does, loses the second of two that one read brings.
_APART_S: Final = 0.01


class LeanManager(Manager):
    """Rooms of one server. Also the base of the message-queue managers, see `lean`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Begin without any client."""
        # rooms[namespace][room][sid] = eio_sid as in the stock manager, but without a room for each sid
        self._lock = threading.RLock()
        self._sids: dict[str, dict[str, str]] = {}  # namespace, eio_sid: sid
        self._joined: dict[str, set[str]] = {}  # sid: rooms that it was put into
        self._held: dict[str, Outbox | None] = {}  # sid: what waits for its CONNECT answer
        self._leaving: set[str] = set()
        # namespace, room: its connections, kept from one broadcast to the next while nobody comes or goes
        self._audiences: dict[tuple[str, Any], list[Connection]] = {}

    # ----- who is there

    def get_participants(self, namespace: str, room: Any) -> Iterator[tuple[str, str]]:
        """Return (sid, eio_sid) of those in a room, or in any of a list of rooms."""
        with self._lock:
            return iter(self._members(namespace, room))

    def _members(self, namespace: str, room: Any) -> list[tuple[str, str]]:
        rooms = self.rooms.get(namespace)
        if rooms is None:
            return []
        if room is None or isinstance(room, str) or not hasattr(room, "__len__"):
            return list(self._room(rooms, room).items())
        merged: dict[str, str] = {}
        for one in room:
            merged.update(self._room(rooms, one))
        return list(merged.items())

    def _room(self, rooms: dict[Any, dict[str, str]], room: Any) -> dict[str, str]:
        members = rooms.get(room)
        if members is None:
            eio_sid = rooms[None].get(room) if None in rooms else None
            return {} if eio_sid is None else {room: eio_sid}
        return members

    def sid_from_eio_sid(self, eio_sid: str, namespace: str) -> str | None:
        """Return a client's sid in a namespace."""
        return self._sids.get(namespace, {}).get(eio_sid)

    def eio_sid_from_sid(self, sid: str, namespace: str) -> str | None:
        """Return the Engine.IO session of a client."""
        members: dict[str, str] = self.rooms.get(namespace, {}).get(None, {})
        return members.get(sid)

    def is_connected(self, sid: str, namespace: str) -> bool:
        """Tell whether a client is in a namespace, and neither coming nor going."""
        if sid in self._held or sid in self._leaving:
            return False
        return self.eio_sid_from_sid(sid, namespace) is not None

    def is_pre_connected(self, sid: str, namespace: str) -> bool:
        """Tell whether a client's connect handler is still running."""
        return sid in self._held and self.eio_sid_from_sid(sid, namespace) is not None

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        """Return a client's rooms, its own first."""
        with self._lock:
            if self.eio_sid_from_sid(sid, namespace) is None:
                return []
            return [sid, *self._joined.get(sid, ())]

    # ----- coming and going

    def pre_connect(self, eio_sid: str, namespace: str) -> str | None:
        """Register a client whose connect handler will run; None if it is there already."""
        with self._lock:
            sids = self._sids.setdefault(namespace, {})
            if eio_sid in sids:
                return None
            sid: str = self.server.eio.generate_id()
            sids[eio_sid] = sid
            self._audiences.clear()
            self._held[sid] = None
            self.basic_enter_room(sid, namespace, None, eio_sid=eio_sid)
            return sid

    def connect(self, sid: str, namespace: str) -> str:
        """Register that a client's CONNECT was answered, and send what waited for that."""
        with self._lock:
            if not self.is_pre_connected(sid, namespace):
                sid = self.pre_connect(sid, namespace) or sid
            eio_sid = self.eio_sid_from_sid(sid, namespace)
            held = self._held.get(sid)
            socket = self.server.eio.sockets.get(eio_sid)
            if isinstance(socket, EngineSocket) and (held or self.server.always_connect):
                socket.connection.cork(_APART_S, held)
            # Last, so that who emits meanwhile still sees that it has to wait for the lock.
            self._held.pop(sid, None)
            self._count(eio_sid, 1)
        return sid

    def pre_disconnect(self, sid: str, namespace: str) -> str | None:
        """Mark a client as leaving while its disconnect handler runs."""
        self._leaving.add(sid)
        return self.eio_sid_from_sid(sid, namespace)

    def basic_disconnect(self, sid: str, namespace: str, **_kwargs: Any) -> None:
        """Forget a client."""
        with self._lock:
            eio_sid = self.eio_sid_from_sid(sid, namespace)
            if eio_sid is not None and sid not in self._held:
                self._count(eio_sid, -1)
            for room in self._joined.pop(sid, ()):
                self._drop(sid, namespace, room)
            self._drop(sid, namespace, None)
            sids = self._sids.get(namespace, {})
            sids.pop(eio_sid or "", None)
            if not sids:
                self._sids.pop(namespace, None)
            self.callbacks.pop(sid, None)
            self._held.pop(sid, None)
            self._leaving.discard(sid)

    def basic_enter_room(self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None) -> None:
        """Put a client into a room; ValueError if it is not in the namespace, or the room is another's own."""
        with self._lock:
            known = eio_sid or self.eio_sid_from_sid(sid, namespace)
            if known is None:
                raise ValueError("sid is not connected to requested namespace")
            if room == sid:
                return
            if room is not None:
                if self.is_sid_room(namespace, room):
                    raise ValueError("cannot enter a sid room")
                self._joined.setdefault(sid, set()).add(room)
            self._audiences.clear()
            self.rooms.setdefault(namespace, {}).setdefault(room, {})[sid] = known

    def basic_leave_room(self, sid: str, namespace: str, room: str | None) -> None:
        """Take a client out of a room; one that is not in it is out already."""
        with self._lock:
            joined = self._joined.get(sid)
            if joined is not None:
                joined.discard(room)
                if not joined:
                    del self._joined[sid]
            self._drop(sid, namespace, room)

    def _drop(self, sid: str, namespace: str, room: str | None) -> None:
        self._audiences.clear()
        rooms = self.rooms.get(namespace, {})
        members = rooms.get(room)
        if members is None:
            return
        members.pop(sid, None)
        if not members:
            del rooms[room]
            if not rooms:
                del self.rooms[namespace]

    def _count(self, eio_sid: str | None, change: int) -> None:
        socket = self.server.eio.sockets.get(eio_sid)
        if isinstance(socket, EngineSocket):
            socket.note_joined(change)

    # ----- emitting

    def emit_encoded(self, event: str, encoded: Encoded, namespace: str, room: str) -> None:
        """Send an event whose argument is JSON already to a room of this process."""
        is_text = self.server.packet_class is packet.Packet
        audience = self._audience(namespace, room) if is_text else None
        if audience is None:  # somebody needs more than bytes
            self.emit_here(event, encoded.decode(), namespace, room)
        elif audience:
            broadcast(audience, event_blob(namespace, event, encoded))

    def emit(  # noqa: PLR0917, python-socketio's signature
        self,
        event: str,
        data: Any,
        namespace: str,
        room: Any = None,
        skip_sid: Any = None,
        callback: Callable[..., object] | None = None,
        to: Any = None,
        **_kwargs: Any,
    ) -> None:
        """Send an event to a client, a room or everyone."""
        self.emit_here(event, data, namespace, to or room, skip_sid=skip_sid, callback=callback)

    def emit_here(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: Any = None,
        *,
        skip_sid: Any = None,
        callback: Callable[..., object] | None = None,
        topic: object = None,
    ) -> None:
        """Send an event to clients of this process, encoded once for all of them.

        A `topic` lets it be replaced while it waits for a slow reader.
        """
        arguments = list(data) if isinstance(data, tuple) else [] if data is None else [data]
        skipped = skip_sid if isinstance(skip_sid, list) else [skip_sid]
        packet_class = self.server.packet_class
        if callback is None and topic is None and skip_sid is None:
            audience = self._audience(namespace, room)
            if audience is not None:
                if audience:
                    one = packet_class(packet.EVENT, namespace=namespace, data=[event, *arguments])
                    broadcast(audience, blob_of(one.encode()))
                return
        with self._lock:
            members = self._members(namespace, room)
        if skip_sid is not None:
            members = [m for m in members if m[0] not in skipped]
        if not members:
            return
        if callback is None:
            one = packet_class(packet.EVENT, namespace=namespace, data=[event, *arguments])
            self._deliver(members, one.encode(), topic)
            return
        for sid, eio_sid in members:
            with self._lock:
                number = self._generate_ack_id(sid, callback)
            one = packet_class(packet.EVENT, namespace=namespace, data=[event, *arguments], id=number)
            self._deliver([(sid, eio_sid)], one.encode(), None)

    def _audience(self, namespace: str, room: Any) -> list[Connection] | None:
        """Return the connections in a room; None if some need more than to be sent bytes."""
        if room is not None and not isinstance(room, str):
            return None
        with self._lock:
            audience = self._audiences.get((namespace, room))
            if audience is None:
                sockets = [self.server.eio.sockets.get(e) for _, e in self._members(namespace, room)]
                if self._held or not all(type(s) is EngineSocket for s in sockets):
                    return None
                audience = [socket.connection for socket in sockets]
                self._audiences[namespace, room] = audience
        return audience

    def _deliver(self, members: Iterable[tuple[str, str]], encoded: Any, topic: object) -> None:
        blob = blob_of(encoded)
        sockets = self.server.eio.sockets
        held = self._held
        for sid, eio_sid in members:
            socket = sockets.get(eio_sid)
            if type(socket) is not EngineSocket:
                self.server.send_stock(eio_sid, encoded)
            elif held and sid in held:
                self._hold(sid, eio_sid, blob, topic)
            elif topic is None:
                socket.connection.send_blob(blob)
            else:
                socket.connection.send_latest(topic, blob)

    def _hold(self, sid: str, eio_sid: str, blob: bytes, topic: object) -> None:
        """Keep a frame back until the CONNECT of its client is answered."""
        with self._lock:
            socket = self.server.eio.sockets.get(eio_sid)
            if sid not in self._held or not isinstance(socket, EngineSocket):
                self._send(eio_sid, blob, topic)
                return
            hub = socket.connection.hub
            waiting = self._held[sid]
            if waiting is None:
                waiting = self._held[sid] = Outbox(hub.limits)
            if topic is None:
                waiting.add(blob)
            else:
                waiting.add_latest(topic, blob)
            if waiting.is_bursting:
                hub.reactor.call_soon(socket.connection.abort, "slow reader")

    def _send(self, eio_sid: str | None, blob: bytes, topic: object) -> None:
        socket = self.server.eio.sockets.get(eio_sid)
        if not isinstance(socket, EngineSocket):
            return
        if topic is None:
            socket.connection.send_blob(blob)
        else:
            socket.connection.send_latest(topic, blob)

    # ----- answers to emits

    def trigger_callback(self, sid: str, id: int, data: Any) -> None:
        """Give a client's answer to whoever waits for it."""
        with self._lock:
            callback = self.callbacks.get(sid, {}).pop(id, None) if id else None
        if callback is None:
            self._get_logger().warning("Unknown callback received, ignoring.")
        elif isinstance(callback, partial):
            callback(*data)  # of a message queue: it ends in a trigger_callback again
        else:
            self.server.answer(sid, callback, data)


def adopt(manager: Manager) -> LeanManager:
    """Put our rooms under a manager that was made elsewhere, as one for a message queue is.

    Its class becomes one that has ours between its own and the stock one.
    """
    if not isinstance(manager, LeanManager):
        stock = type(manager)
        manager.__class__ = type(f"Lean{stock.__name__}", (stock, LeanManager), {})
        manager.prepare()
    return cast(LeanManager, manager)
