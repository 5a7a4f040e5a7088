"""How the events about print jobs change their table: each carries the whole job."""

import sqlite3
from collections.abc import Callable
from typing import Any

from kiosk_server.domain import events as e
from kiosk_server.store.journal import Entry
from kiosk_server.store.prints import COLUMNS, row_of

PrintEvent = e.PrintAsked | e.ReceiptPrinted | e.PrintFailed | e.PrintSettled

_PUT = f"INSERT OR REPLACE INTO print_jobs ({COLUMNS}) VALUES ({', '.join('?' * 12)})"


def _put_job(db: sqlite3.Connection, event: PrintEvent, _: Entry) -> None:
    db.execute(_PUT, row_of(event.job))


PRINT_PROJECTIONS: dict[type[e.Event], Callable[[sqlite3.Connection, Any, Entry], None]] = {
    e.PrintAsked: _put_job,
    e.ReceiptPrinted: _put_job,
    e.PrintFailed: _put_job,
    e.PrintSettled: _put_job,
}
