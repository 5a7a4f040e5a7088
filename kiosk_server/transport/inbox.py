"""What a peer has sent and nobody has handled yet: messages for a worker in order, answers for a thread of their own.

Both count towards one limit, beyond which no more is read from the peer.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from kiosk_server.transport.states import Owner

if TYPE_CHECKING:
    from kiosk_server.transport.hub import Hub

logger = logging.getLogger(__name__)

_TURN: Final = 16  # messages handled before a connection goes to the back of the queue


class Inbox:
    """The half of a connection that workers know. Its lock guards the other half, too."""

    __slots__ = ("__weakref__", "_answers", "_inbox", "_is_busy", "_lock", "_owner", "hub", "peer")

    def __init__(self, hub: Hub, owner: Owner, peer: str) -> None:
        self.hub = hub
        self.peer = peer
        self._owner = owner
        self._lock = threading.Lock()
        self._inbox: deque[Any] | None = None
        self._is_busy = False  # a worker has this connection, or will
        self._answers = 0  # those that wait for their thread

    @property
    def is_busy(self) -> bool:
        """Whether messages of this peer are being handled or wait for it."""
        return self._is_busy

    def enqueue(self, item: Any) -> None:
        """Have a worker call the owner's `handle(item)`, after all that was enqueued before."""
        with self._lock:
            if self._inbox is None:
                self._inbox = deque()
            self._inbox.append(item)
            is_full = self._waiting() == self.hub.limits.inbox_messages
            is_idle = not self._is_busy
            self._is_busy = True
        if is_idle:
            self.hub.workers.submit(self._work)
        if is_full:
            self.hub.reactor.call_soon(self._pause)

    def enqueue_answer(self, job: Callable[[], object]) -> None:
        """Have the thread for answers do a job, which so passes all that waits for a worker."""
        with self._lock:
            self._answers += 1
            is_full = self._waiting() == self.hub.limits.inbox_messages
        self.hub.answers.submit(partial(self._answer, job))
        if is_full:
            self.hub.reactor.call_soon(self._pause)

    def _waiting(self) -> int:
        return self._answers + (len(self._inbox) if self._inbox else 0)

    # ----- the thread for answers

    def _answer(self, job: Callable[[], object]) -> None:
        try:
            job()
        finally:
            with self._lock:
                self._answers -= 1
                is_resuming = self._is_half_empty()
            if is_resuming:
                self.hub.reactor.call_soon(self._resume)

    # ----- a worker's thread

    def _work(self) -> None:
        for _ in range(_TURN):
            with self._lock:
                if not self._inbox:
                    self._inbox = None
                    self._is_busy = False
                    return
                item = self._inbox.popleft()
                is_resuming = self._is_half_empty()
            if is_resuming:
                self.hub.reactor.call_soon(self._resume)
            try:
                if isinstance(item, partial):
                    item()
                else:
                    self._owner.handle(item)
            except Exception:
                logger.exception("A handler failed for %s", self.peer)
        self.hub.workers.submit(self._work)

    def _is_half_empty(self) -> bool:
        """Tell whether it is time to read again; asked after each that is taken out, under the lock."""
        return self._waiting() == self.hub.limits.inbox_messages // 2

    # ----- the reactor's thread

    def _pause(self) -> None:
        raise NotImplementedError

    def _resume(self) -> None:
        raise NotImplementedError
