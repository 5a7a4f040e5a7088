"""Every open socket: whose it is, which stream it follows, from where. One lock, no I/O.

A socket follows exactly one stream, so that `prev` of an event means something to it: `terminal:<name>` for lanes,
stalls and pumps; `kitchen` for kitchens and the pickup board; `display` for the boards over the lanes; `manager` for
consoles of those who manage; `staff` for those of attendants and cashiers, who do not see who comes in and out.
"""

import threading
from collections import defaultdict
from dataclasses import dataclass, field

from kiosk_server.domain.staff import Identity, Role
from kiosk_server.edge.identity import MANAGEMENT, Caller
from kiosk_server.edge.proxies import Admission

KITCHEN = "kitchen"
MANAGER = "manager"
STAFF = "staff"
CONSOLES = (MANAGER, STAFF)
DISPLAY = "display"


def stream_of(identity: Identity) -> str:
    """The stream an identity follows."""
    if identity.role in (Role.LANE, Role.STALL, Role.PUMP):
        return f"terminal:{identity.terminal}"
    if identity.role is Role.DISPLAY:
        return DISPLAY
    if identity.role in (Role.KITCHEN, Role.PICKUP):
        return KITCHEN
    return MANAGER if identity.role in MANAGEMENT else STAFF


@dataclass(frozen=True, slots=True)
class OpenSocket:
    """One live Socket.IO connection. `opened_at` is ms since 1970, UTC."""

    sid: str
    caller: Caller
    screen: str
    admission: Admission
    opened_at: int

    @property
    def stream(self) -> str:
        return stream_of(self.caller.identity)

    @property
    def terminal(self) -> str | None:
        return self.caller.identity.terminal


@dataclass(slots=True)
class Registry:
    _sockets: dict[str, OpenSocket] = field(default_factory=dict)
    _streams: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, socket: OpenSocket) -> None:
        with self._lock:
            self._sockets[socket.sid] = socket
            self._streams[socket.stream].add(socket.sid)

    def remove(self, sid: str) -> OpenSocket | None:
        with self._lock:
            socket = self._sockets.pop(sid, None)
            if socket is not None:
                self._streams[socket.stream].discard(sid)
                if not self._streams[socket.stream]:
                    del self._streams[socket.stream]
            return socket

    def get(self, sid: str) -> OpenSocket | None:
        return self._sockets.get(sid)

    def all(self) -> list[OpenSocket]:
        with self._lock:
            return list(self._sockets.values())

    def has_followers(self, stream: str) -> bool:
        return stream in self._streams

    def streams_of(self, role: Role) -> list[str]:
        """The streams that open sockets of this role follow."""
        with self._lock:
            return sorted({s.stream for s in self._sockets.values() if s.caller.identity.role is role})

    def of_terminal(self, terminal: str) -> list[OpenSocket]:
        return [socket for socket in self.all() if socket.terminal == terminal]

    def of_session(self, session_hash: str) -> list[OpenSocket]:
        return [socket for socket in self.all() if socket.caller.session_hash == session_hash]
