"""Is a terminal there? A lease, not a flag: held by its live sockets, and running out after the last one is gone.

The transport pings every socket, so a dead terminal loses its last one within 5 s; a page that reloads is `late` for a
moment and never `offline`. Presence is volatile: it is told as `live`, never journaled.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

LATE_S = 10.0


class Presence(StrEnum):
    ONLINE = "online"
    LATE = "late"
    OFFLINE = "offline"


@dataclass(slots=True)
class Lease:
    """Times: `gone_s` monotonic seconds, `seen_at` ms since 1970, UTC."""

    sockets: int = 0
    gone_s: float = 0.0
    seen_at: int = 0
    told: Presence = Presence.OFFLINE


@dataclass(slots=True)
class Leases:
    """All terminals' leases. `tell(terminal, {presence, is_online, seen_at})` is called for every change."""

    now_ms: Callable[[], int]
    monotonic_s: Callable[[], float]
    tell: Callable[[str, dict[str, object]], None]
    _leases: dict[str, Lease] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def arrive(self, terminal: str) -> None:
        with self._lock:
            lease = self._leases.setdefault(terminal, Lease())
            lease.sockets += 1
            lease.seen_at = self.now_ms()
        self.sweep()

    def leave(self, terminal: str) -> None:
        with self._lock:
            lease = self._leases.setdefault(terminal, Lease())
            lease.sockets = max(0, lease.sockets - 1)
            lease.gone_s, lease.seen_at = self.monotonic_s(), self.now_ms()
        self.sweep()

    def of(self, terminal: str) -> Presence:
        with self._lock:
            lease = self._leases.get(terminal)
            return self._presence(lease) if lease else Presence.OFFLINE

    def online(self) -> frozenset[str]:
        """The names of those who hold a live socket now."""
        with self._lock:
            return frozenset(name for name, lease in self._leases.items() if lease.sockets)

    def seen(self) -> dict[str, int]:
        """When each was here last, ms since 1970, UTC; who was not since the server started is not in it."""
        with self._lock:
            return {name: lease.seen_at for name, lease in self._leases.items() if lease.seen_at}

    def sweep(self) -> None:
        """Tell every change since the last time; called on arrivals and departures and once a second."""
        changes = []
        with self._lock:
            for name, lease in self._leases.items():
                presence = self._presence(lease)
                if presence is not lease.told:
                    lease.told = presence
                    changes.append((name, presence, lease.seen_at))
        for name, presence, seen_at in changes:
            self.tell(
                name,
                {"presence": presence.value, "is_online": presence is Presence.ONLINE, "seen_at": seen_at},
            )

    def _presence(self, lease: Lease) -> Presence:
        if lease.sockets:
            return Presence.ONLINE
        return Presence.LATE if self.monotonic_s() - lease.gone_s < LATE_S and lease.seen_at else Presence.OFFLINE
