"""Tells systemd that the server works, and only after it has proved it: one real write and one real request.

A full disk is no reason to be restarted (reading goes on, and the writer recovers by itself), so a refused write counts
as an answer; a write or a request that is not answered does not.
"""

import logging
import threading
import urllib.error
import urllib.request

from kiosk_server.core.bus import Bus
from kiosk_server.systemd import notify, watchdog_interval_s

PATIENCE_S = 5.0

log = logging.getLogger("kiosk.watchdog")


class Watchdog:
    """A context: inside it, the manager hears of us as often as it asked to. Does nothing where nobody watches."""

    def __init__(self, url: str, bus: Bus) -> None:
        self._url = url
        self._bus = bus
        self._commits = -1
        self._interval_s = watchdog_interval_s()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def __enter__(self) -> None:
        if self._interval_s is not None:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._is_over.set()

    def _watch(self) -> None:
        while not self._is_over.is_set():
            try:
                self.prove()
            except Exception:  # whatever it is, the manager must not hear of us
                log.exception("the server did not answer its own watchdog; it will be restarted if that goes on")
            else:
                notify("WATCHDOG=1")
            self._is_over.wait(self._interval_s)

    def prove(self) -> None:
        """Write and ask; raises when either is not answered in time."""
        reply = self._bus.probe().result(PATIENCE_S)
        commits, self._commits = self._commits, self._bus.stats.commits
        # A full queue is what an overloaded writer and a hung one have in common; only one of them gets on with it.
        if reply.code == "busy" and commits == self._commits:
            raise TimeoutError("the queue is full and nothing was committed since the last look")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            opener.open(f"{self._url}/healthz", timeout=PATIENCE_S).close()
        except urllib.error.HTTPError as answer:
            answer.close()
