"""A shop with a card room and virtual readers, on their own threads and by the real clock."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from readers import CARD_READER
from shop import PATIENCE_S, Shop

from kiosk_server.domain.payment import State
from kiosk_server.hardware.card_room import CardRoom
from kiosk_server.hardware.virtual_bank import Standing, VirtualBank
from kiosk_server.hardware.virtual_reader import VirtualReader


class Counter:
    """A shop with its card room; customers take a twentieth of a second for everything."""

    def __init__(self, shop: Shop, folder: Path, pace_ms: int = 50) -> None:
        self.shop, self.pace_ms = shop, pace_ms
        self.bank = VirtualBank(folder / "bank.jsonl")
        self.readers: dict[str, VirtualReader] = {}
        self._moved = threading.Condition()
        shop.bus.subscribe(self._hear)
        self.room = self._opens()

    def _opens(self) -> CardRoom:
        room = CardRoom(
            self.reader, self._terminal_of, lambda command, key: self.shop.bus.submit(command, CARD_READER, key), "EUR"
        )
        self._unsubscribe = self.shop.bus.subscribe(room.on_entries)
        with self.shop.looks() as repositories:
            room.start(repositories.unsettled_payments())
        return room

    def closes(self) -> None:
        self._unsubscribe()
        assert self.room.stop(PATIENCE_S)

    def restarts(self) -> None:
        self.closes()
        self.bank = VirtualBank(self.bank.path)
        self.readers.clear()
        self.room = self._opens()

    def reader(self, terminal: str) -> VirtualReader:
        return self.readers.setdefault(
            terminal, VirtualReader(terminal, self.bank, lambda: time.time_ns() // 1_000_000, self.pace_ms)
        )

    def _terminal_of(self, payment_id: str) -> str:
        with self.shop.looks() as repositories:
            found = repositories.payment(payment_id)
        return found.terminal if found else ""

    def _hear(self, _: Any) -> None:
        with self._moved:
            self._moved.notify_all()

    def sees(self, payment_id: str, state: State) -> None:
        """Waits until the store holds the payment in this state."""
        self.waits(lambda: self.shop.payment(payment_id).state is state)

    def waits(self, test: Callable[[], bool]) -> None:
        """Until something that was committed makes it true."""
        with self._moved:
            assert self._moved.wait_for(test, PATIENCE_S)

    def standing(self, payment_id: str) -> Standing:
        record = self.bank.find(payment_id)
        assert record is not None
        return record.standing
