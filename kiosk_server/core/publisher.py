"""Answers and tells, after the commit and in journal order, on threads of its own: a slow one holds nobody's commit.

The screens hear first, together with the answers: what is sent to one client within `together` leaves in one piece. All
others hear after them, on a second thread, so that a printer's room or a note for the time machine delays no screen.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TypeAlias

from kiosk_server.core.reply import Reply
from kiosk_server.core.waiting import Waiting
from kiosk_server.store.journal import Entry

log = logging.getLogger(__name__)

Subscriber: TypeAlias = Callable[[Sequence[Entry]], None]
Watcher: TypeAlias = Callable[[str | None], None]
Answers: TypeAlias = Sequence[tuple[Waiting, Reply]]


class Publisher:
    """Two lines of what is to be told, any number of subscribers (of entries) and watchers (of trouble with the store).

    `together` is entered around the answers of a batch and what the screens hear of it.
    """

    def __init__(self) -> None:
        self.together: Callable[[], AbstractContextManager[object]] = nullcontext
        self._screens: tuple[Subscriber, ...] = ()
        self._others: tuple[Subscriber, ...] = ()
        self._watchers: tuple[Watcher, ...] = ()
        self._lock = threading.Lock()
        self._published = self._answered = 0  # commands; each number belongs to one thread
        self._first = _Line("publisher")
        self._second = _Line("publisher-others")

    def start(self) -> None:
        self._first.thread.start()
        self._second.thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Answer and publish what waits, then end. False if that took longer."""
        ends_s = time.monotonic() + timeout_s
        return self._first.stop(timeout_s) and self._second.stop(max(0.1, ends_s - time.monotonic()))

    def subscribe(self, subscriber: Subscriber, *, is_screen: bool = False) -> Callable[[], None]:
        """Returns what ends it. One that `is_screen` must be quick and must wait for no command: its answer is next."""
        with self._lock:
            if is_screen:
                self._screens = (*self._screens, subscriber)
            else:
                self._others = (*self._others, subscriber)
        return lambda: self._unsubscribe(subscriber)

    def watch(self, watcher: Watcher) -> None:
        with self._lock:
            self._watchers = (*self._watchers, watcher)

    def publish(self, answers: Answers, entries: Sequence[Entry]) -> None:
        """Never blocks."""
        self._published += len(answers)
        self._first.jobs.put(lambda: self._tell(answers, entries))

    def publish_trouble(self, trouble: str | None) -> None:
        """Never blocks."""
        self._first.jobs.put(lambda: self._tell_trouble(trouble))

    @property
    def unanswered(self) -> int:
        """Commands that are done, and whose senders have not heard so yet."""
        return self._published - self._answered

    @property
    def backlog(self) -> int:
        """Batches that wait to be told."""
        return self._first.jobs.qsize() + self._second.jobs.qsize()

    def _unsubscribe(self, subscriber: Subscriber) -> None:
        with self._lock:
            self._screens = tuple(other for other in self._screens if other != subscriber)
            self._others = tuple(other for other in self._others if other != subscriber)

    def _tell(self, answers: Answers, entries: Sequence[Entry]) -> None:
        with self.together():
            for waiting, reply in answers:
                self._answered += 1
                waiting.future.set_result(reply)
            if entries:
                _tell_each(self._screens, entries)
        if entries and self._others:
            self._second.jobs.put(lambda: _tell_each(self._others, entries))

    def _tell_trouble(self, trouble: str | None) -> None:
        for watcher in self._watchers:
            try:
                watcher(trouble)
            except Exception:
                log.exception("a watcher failed at the news: %s", trouble)


class _Line:
    """Jobs that a thread does one after the other."""

    def __init__(self, name: str) -> None:
        self.jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)

    def stop(self, timeout_s: float) -> bool:
        """Do what waits, then end. False if that took longer."""
        self.jobs.put(None)
        self.thread.join(timeout_s)
        return not self.thread.is_alive()

    def _run(self) -> None:
        while (job := self.jobs.get()) is not None:
            try:
                job()
            except Exception:  # those behind it wait for their answers
                log.exception("a batch could not be told")


def _tell_each(subscribers: Iterable[Subscriber], entries: Sequence[Entry]) -> None:
    for subscriber in subscribers:
        try:
            subscriber(entries)
        except Exception:  # one deaf subscriber must not silence the others
            log.exception("a subscriber failed at entries %s to %s", entries[0].seq, entries[-1].seq)
