"""What a peer has not taken yet. Exists only while there is something; its connection's lock guards it."""

from __future__ import annotations

import socket
import time
from collections import deque
from typing import Final

from kiosk_server.transport.limits import Limits

_CEILING: Final = 4  # times the limits, where the grace ends at once


class _Latest:
    """A queued value that a newer one on its topic may replace."""

    __slots__ = ("blob", "topic")

    def __init__(self, topic: object, blob: bytes) -> None:
        self.topic = topic
        self.blob = blob


class Outbox:
    """Runs of frames in the order of their sending."""

    __slots__ = ("_entries", "_latest", "_limits", "_size", "over_since")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._entries: deque[bytes | memoryview | _Latest] = deque()
        self._latest: dict[object, _Latest] | None = None
        self._size = 0
        self.over_since: float | None = None  # monotonic; None: within the limits

    def add(self, blob: bytes) -> None:
        """Queue frames."""
        self._entries.append(blob)
        self._size += len(blob)
        self._judge()

    def add_latest(self, topic: object, blob: bytes) -> None:
        """Queue frames in the place of those on the same topic, or at the end."""
        if self._latest is None:
            self._latest = {}
        waiting = self._latest.get(topic)
        if waiting is None:
            waiting = self._latest[topic] = _Latest(topic, b"")
            self._entries.append(waiting)
        self._size += len(blob) - len(waiting.blob)
        waiting.blob = blob
        self._judge()

    def extend(self, other: Outbox) -> None:
        """Queue what another one holds, in its order."""
        for entry in other._entries:
            if isinstance(entry, _Latest):
                self.add_latest(entry.topic, entry.blob)
            else:
                self._entries.append(entry)
                self._size += len(entry)
        self._judge()

    @property
    def is_bursting(self) -> bool:
        """Whether it is so far over its limits that no grace is given."""
        return self._is_beyond(_CEILING)

    def write(self, sock: socket.socket) -> int:
        """Give the kernel what it takes and return how many bytes that were; OSError if the peer is gone."""
        written = 0
        while self._entries:
            head = self._entries[0]
            if isinstance(head, _Latest):
                if self._latest is not None:
                    self._latest.pop(head.topic)
                head = self._entries[0] = head.blob  # begun, so no longer to be replaced
            try:
                sent = sock.send(head)
            except BlockingIOError:
                break
            written += sent
            if sent < len(head):
                self._entries[0] = memoryview(head)[sent:]  # a copy of all the rest each time would cost most
                break
            self._entries.popleft()
        self._size -= written
        self._judge()
        return written

    def __bool__(self) -> bool:
        return bool(self._entries)

    def _judge(self) -> None:
        if not self._is_beyond(1):
            self.over_since = None
        elif self.over_since is None:
            self.over_since = time.monotonic()

    def _is_beyond(self, times: int) -> bool:
        """Compare with the limits. The first message is not weighed: one may be larger than the whole outbox."""
        if len(self._entries) > times * self._limits.outbox_messages:
            return True
        if self._size <= times * self._limits.outbox_bytes:
            return False
        head = self._entries[0]
        first = len(head.blob if isinstance(head, _Latest) else head)
        return self._size - first > times * self._limits.outbox_bytes
