"""Notes a moment for the time machine every so many rows, after the commit and beside the selling."""

import logging
import sqlite3
from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError

from kiosk_server.store.db import Database
from kiosk_server.store.journal import Entry

log = logging.getLogger(__name__)


class Historian:
    """A subscriber of the bus."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def on_entries(self, entries: Sequence[Entry]) -> None:
        """Looking back may take longer without a moment; that is all, so a disk that refuses it is only told of."""
        moments = self._database.moments
        if not moments.is_due(entries):
            return
        try:
            with self._database.read() as conn:
                moments.keep(conn)
        except (OSError, sqlite3.Error, SQLAlchemyError) as problem:
            moments.skip(entries[-1].seq)
            log.warning("no moment was noted for the time machine at row %d: %s", entries[-1].seq, problem)
