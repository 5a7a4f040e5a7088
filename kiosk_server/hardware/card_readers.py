"""Card readers as the settings name them -> readers that take payments. One row a sort in `_reader`."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kiosk_server.domain.policy import CardRules
from kiosk_server.domain.terminal import Kind
from kiosk_server.hardware.card_reader import CardReader, NoReader
from kiosk_server.hardware.virtual_bank import VirtualBank
from kiosk_server.hardware.virtual_reader import VirtualReader
from kiosk_server.store.db import Database
from kiosk_server.store.repositories import Repositories

VIRTUAL: Final = "virtual"


class Readers:
    """Every lane's reader, made when it is first asked for.

    `ledger` is the file of the virtual ones' bank, `pace_ms` how long their customers take for each thing.
    """

    def __init__(self, rules: CardRules, ledger: Path, now_ms: Callable[[], int], pace_ms: int) -> None:
        self._rules, self._ledger, self._now_ms, self._pace_ms = rules, ledger, now_ms, pace_ms
        self._lock = threading.Lock()
        self._bank: VirtualBank | None = None
        self._virtual: dict[str, VirtualReader] = {}

    def reader_of(self, lane: str) -> CardReader:
        """The reader that stands at this lane."""
        return self.virtual(lane) or NoReader()

    def virtual(self, lane: str) -> VirtualReader | None:
        """The same, where it is a virtual one."""
        if self._rules.reader_of(lane, Kind.LANE) != VIRTUAL:
            return None
        with self._lock:
            if self._bank is None:
                self._bank = VirtualBank(self._ledger)
            if lane not in self._virtual:
                self._virtual[lane] = VirtualReader(lane, self._bank, self._now_ms, self._pace_ms)
            return self._virtual[lane]


def lane_finder(database: Database) -> Callable[[str], str]:
    """Where a payment was taken, by its id; '' for one that is not known."""

    def find(payment_id: str) -> str:
        with database.read() as connection:
            found = Repositories(connection).payment(payment_id)
        return found.terminal if found else ""

    return find
