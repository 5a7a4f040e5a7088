"""The same frames to many connections: the loop in which nanoseconds are multiplied by terminals."""

from __future__ import annotations

import os
from collections.abc import Sequence

from kiosk_server.transport.connection import Connection
from kiosk_server.transport.gathering import GATHERED, SENT_AT_ONCE


def broadcast(connections: Sequence[Connection], blob: bytes) -> None:
    """Send the same frames to many.

    While pages are asked for, the processor is given away now and then: the kernel lets a thread that never waits run
    for some 3 ms at a time, and on a small box that is how long a page would have to wait behind each push.
    """
    if GATHERED.blobs is not None:
        for connection in connections:
            connection.send_blob(blob)
        return
    if len(connections) <= SENT_AT_ONCE or not connections[0].hub.has_visitors():
        _send_to_all(connections, blob)
        return
    for first in range(0, len(connections), SENT_AT_ONCE):
        _send_to_all(connections[first : first + SENT_AT_ONCE], blob)
        os.sched_yield()


def _send_to_all(connections: Sequence[Connection], blob: bytes) -> None:
    """`send_blob` unrolled, because here nanoseconds are multiplied by terminals."""
    size = len(blob)
    for connection in connections:
        with connection._lock:
            if connection._outbox is None and not connection._state:
                try:
                    sent = connection._sock.send(blob)
                except OSError:
                    connection._send_blob(blob)  # meets the same error again, and takes care of it
                    continue
                connection.bytes_out += sent
                if sent != size:
                    connection._queue(blob[sent:])
            else:
                connection._send_blob(blob)
