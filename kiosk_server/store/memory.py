"""What the writer keeps of what it used last: baskets, terminals and items, so that a scan asks the file for nothing.

Only the writing thread may have one: it is right because nobody else writes, because it is told of every event, and
because the writer forgets whenever something is rolled back. Readers load from their own moment of the file instead.
"""

from collections import OrderedDict
from typing import TypeAlias

from msgspec.structs import replace
from sqlalchemy import Connection

from kiosk_server.domain import events as e
from kiosk_server.domain.basket import Basket
from kiosk_server.domain.catalog import Item
from kiosk_server.domain.promotion import Book
from kiosk_server.domain.terminal import Terminal
from kiosk_server.store.repositories import Repositories

BASKETS = 2_000
ITEMS = 20_000

_LINE_EVENTS = (e.ItemScanned, e.QuantityChanged, e.LineVoided, e.PriceOverridden, e.PromotionsApplied)

LineEvent: TypeAlias = e.ItemScanned | e.QuantityChanged | e.LineVoided | e.PriceOverridden | e.PromotionsApplied

# Events that change no row but that of the terminal and of the basket which they name. After one that is not listed
# everything is loaded afresh: whoever adds an event need not know of this file.
_FLOOR_EVENTS = frozenset(
    {
        e.BasketOpened,
        e.TerminalMoved,
        e.TenderStarted,
        e.TenderLeft,
        e.BasketPaid,
        e.BasketVoided,
        e.BasketSuspended,
        e.BasketResumed,
        e.CouponTaken,
        e.CouponReturned,
        e.HandOffOffered,
        e.PaymentMoved,
        e.InterventionRaised,
        e.InterventionClaimed,
        e.InterventionRevised,
        e.InterventionResolved,
        e.BaggingTared,
        e.BaggingSkipped,
        e.WeightLearned,
        e.GiftCardMoved,
        e.OrderPlaced,
        e.OrderReleased,
        e.TicketFired,
        e.TicketMoved,
    }
)


class RememberingRepositories(Repositories):
    """Repositories that keep what was loaded last."""

    __slots__ = ("_baskets", "_book", "_by_code", "_items", "_terminals")

    def __init__(self, conn: Connection) -> None:
        super().__init__(conn)
        self._baskets: OrderedDict[str, Basket] = OrderedDict()
        self._terminals: dict[str, Terminal] = {}
        self._items: dict[str, Item | None] = {}
        self._by_code: dict[str, Item | None] = {}
        self._book: Book | None = None

    def learn(self, event: e.Event) -> None:
        """Take over what an event that was just recorded has changed."""
        if isinstance(event, _LINE_EVENTS):
            self._learn_lines(event)
        elif isinstance(event, e.BasketPaid) and event.receipt.refund_of is not None:
            self.forget()  # the basket whose goods came back is another one than the event names
        elif type(event) in _FLOOR_EVENTS:
            self._terminals.pop(event.terminal, None)
            self._baskets.pop(getattr(event, "basket_id", None) or "", None)
        else:
            # Promotions change by one event only, and a book of hundreds is not to be written afresh for every print.
            book = None if isinstance(event, e.PromotionsImported) else self._book
            self.forget()
            self._book = book

    def forget(self) -> None:
        """Something that was learnt has been rolled back, or nobody knows what has changed."""
        self._book = None
        self._baskets.clear()
        self._terminals.clear()
        self._items.clear()
        self._by_code.clear()

    def terminal(self, name: str) -> Terminal | None:
        known = self._terminals.get(name) or super().terminal(name)
        if known is not None:
            self._terminals[name] = known
        return known

    def basket(self, basket_id: str) -> Basket | None:
        known = self._baskets.get(basket_id)
        if known is not None:
            self._baskets.move_to_end(basket_id)
            return known
        basket = super().basket(basket_id)
        if basket is not None:
            self._baskets[basket_id] = basket
            if len(self._baskets) > BASKETS:
                self._baskets.popitem(last=False)
        return basket

    def item(self, item_id: str) -> Item | None:
        if item_id not in self._items:
            _make_room(self._items)
            self._items[item_id] = super().item(item_id)
        return self._items[item_id]

    def item_by_code(self, code: str) -> Item | None:
        if code not in self._by_code:
            _make_room(self._by_code)
            self._by_code[code] = super().item_by_code(code)
        return self._by_code[code]

    def book(self) -> Book:
        if self._book is None:
            self._book = super().book()
        return self._book

    def _learn_lines(self, event: LineEvent) -> None:
        basket = self._baskets.get(event.basket_id)
        if basket is None:
            return
        lines = basket.lines
        for line in event.lines if isinstance(event, e.PromotionsApplied) else (event.line,):
            # Lines count from 1 without gaps, so a line's place is its number; anything else is loaded afresh.
            place = line.line_id - 1
            if not (0 <= place <= len(lines) and (not lines or lines[-1].line_id == len(lines))):
                del self._baskets[event.basket_id]
                return
            lines = (*lines[:place], line, *lines[place + 1 :])
        self._baskets[event.basket_id] = replace(basket, lines=lines, totals=event.totals)


def _make_room(items: dict[str, Item | None]) -> None:
    """A till scans the same few thousand again and again; whoever sends ten thousand strange codes costs no more."""
    if len(items) >= ITEMS:
        items.clear()
