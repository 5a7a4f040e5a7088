"""Tells subscribers what was committed, in journal order, on a thread of its own: a slow one holds nobody's commit."""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from typing import TypeAlias

from kiosk_server.store.journal import Entry

log = logging.getLogger(__name__)

Subscriber: TypeAlias = Callable[[Sequence[Entry]], None]
Watcher: TypeAlias = Callable[[str | None], None]


class Publisher:
    """One queue, one thread, any number of subscribers (of entries) and watchers (of trouble with the store)."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._subscribers: tuple[Subscriber, ...] = ()
        self._watchers: tuple[Watcher, ...] = ()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Publish what waits, then end. False if that took longer."""
        self._queue.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        with self._lock:
            self._subscribers = (*self._subscribers, subscriber)
        return lambda: self._unsubscribe(subscriber)

    def watch(self, watcher: Watcher) -> None:
        with self._lock:
            self._watchers = (*self._watchers, watcher)

    def publish(self, entries: Sequence[Entry]) -> None:
        """Never blocks."""
        self._queue.put(lambda: self._tell(entries))

    def publish_trouble(self, trouble: str | None) -> None:
        """Never blocks."""
        self._queue.put(lambda: self._tell_trouble(trouble))

    @property
    def backlog(self) -> int:
        """Batches that wait to be told."""
        return self._queue.qsize()

    def _unsubscribe(self, subscriber: Subscriber) -> None:
        with self._lock:
            self._subscribers = tuple(other for other in self._subscribers if other != subscriber)

    def _run(self) -> None:
        while (tell := self._queue.get()) is not None:
            tell()

    def _tell(self, entries: Sequence[Entry]) -> None:
        for subscriber in self._subscribers:
            try:
                subscriber(entries)
            except Exception:  # one deaf subscriber must not silence the others
                log.exception("a subscriber failed at entries %s to %s", entries[0].seq, entries[-1].seq)

    def _tell_trouble(self, trouble: str | None) -> None:
        for watcher in self._watchers:
            try:
                watcher(trouble)
            except Exception:
                log.exception("a watcher failed at the news: %s", trouble)
