"""What the writer remembers of the baskets it has just changed: a scan into 500 lines costs what a scan into one does.

Only the writing thread may have one: it is right because nobody else writes, and because the writer forgets whenever
something is rolled back. Readers load from their own moment of the file instead.
"""

from collections import OrderedDict

from sqlalchemy import Connection

from kiosk_server.domain.basket import Line
from kiosk_server.domain.events import Event, ItemScanned, LineVoided, QuantityChanged
from kiosk_server.store.repositories import Repositories

BASKETS = 2_000


class RememberingRepositories(Repositories):
    """Repositories that keep the lines of the baskets used last."""

    __slots__ = ("_remembered",)

    def __init__(self, conn: Connection) -> None:
        super().__init__(conn)
        self._remembered: OrderedDict[str, tuple[Line, ...]] = OrderedDict()

    def learn(self, event: Event) -> None:
        """Take over what an event that was just recorded says about a basket's lines."""
        if not isinstance(event, ItemScanned | QuantityChanged | LineVoided):
            return
        lines = self._remembered.get(event.basket_id)
        if lines is None:
            return
        # Lines count from 1 without gaps, so a line's place is its number; anything else is loaded afresh.
        place = event.line.line_id - 1
        if 0 <= place <= len(lines):
            self._remembered[event.basket_id] = (*lines[:place], event.line, *lines[place + 1 :])
        else:
            del self._remembered[event.basket_id]

    def forget(self) -> None:
        """Something that was learnt has been rolled back."""
        self._remembered.clear()

    def _lines(self, basket_id: str) -> tuple[Line, ...]:
        lines = self._remembered.get(basket_id)
        if lines is None:
            lines = super()._lines(basket_id)
            if not lines or lines[-1].line_id == len(lines):
                self._remembered[basket_id] = lines
            if len(self._remembered) > BASKETS:
                self._remembered.popitem(last=False)
        else:
            self._remembered.move_to_end(basket_id)
        return lines
