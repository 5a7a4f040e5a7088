"""Where a connection can be, and whom it tells."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from kiosk_server.transport.connection import Connection


class State(enum.IntEnum):
    """Where a connection is; it only ever moves down this list."""

    OPEN = 0
    CLOSING = 1  # our close frame is out, the peer's is awaited
    LINGERING = 2  # both are done, the peer closes TCP now
    CLOSED = 3


class Owner(Protocol):
    """What a connection is for. `on_message` and `on_end` run in the reactor's thread and never block."""

    connection: Connection  # set before anything is called

    def on_message(self, message: str | bytes) -> None:
        """Take one message."""

    def on_end(self, reason: str, code: int, text: str) -> None:
        """Learn, exactly once, that no more will come or go."""

    def handle(self, item: Any) -> None:
        """Work on an item of the inbox, in a worker's thread."""
