"""What one thread sends in one go: each client hears all that it got of it in one write, instead of one write each.

An answer and the news that follows from it are two frames. Written one by one they cost the kernel, the interpreter
(which changes hands at each write) and the client twice.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kiosk_server.transport.connection import Connection

SENT_AT_ONCE: Final = 32  # some 0.3 ms of sending; then a page may pass


class _Gathered(threading.local):
    blobs: dict[Connection, list[bytes]] | None = None


GATHERED = _Gathered()


def send_now(connection: Connection) -> None:
    """Send what this thread has gathered for one client, before something that is not gathered."""
    if GATHERED.blobs is not None:
        blobs = GATHERED.blobs.pop(connection, None)
        if blobs:
            connection.send_whole(b"".join(blobs))


@contextmanager
def together() -> Iterator[None]:
    """What this thread sends within it leaves at its end, each client's frames in one write and in their order."""
    if GATHERED.blobs is not None:
        yield
        return
    gathered = GATHERED.blobs = {}
    try:
        yield
    finally:
        GATHERED.blobs = None
        # As in a broadcast: the processor is given away only while there is somebody who needs it.
        gives_way = len(gathered) > SENT_AT_ONCE and next(iter(gathered)).hub.has_visitors()
        for number, (connection, blobs) in enumerate(gathered.items(), 1):
            connection.send_whole(b"".join(blobs))
            if gives_way and not number % SENT_AT_ONCE:
                os.sched_yield()
