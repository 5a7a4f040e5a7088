"""Reads a large store whole while it already sells, and stops the selling if it is damaged."""

import logging
import sqlite3
import threading
from collections.abc import Callable

from kiosk_server.store.db import Database

log = logging.getLogger(__name__)


class Checkup:
    """One check of one store on a thread of its own; `condemn` is told what was found."""

    def __init__(self, database: Database, condemn: Callable[[str], None]) -> None:
        self._database = database
        self._condemn = condemn
        self._thread = threading.Thread(target=self._run, name="checkup", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout_s: float) -> bool:
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            damage = self._database.damage()
        except sqlite3.DatabaseError as problem:
            damage = str(problem)
        if damage:
            self._condemn(damage)
            return
        self._database.is_checked = True
        log.info("the whole store was read and is sound")
