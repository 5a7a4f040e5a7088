"""What promotions take off a basket, recorded in the same commit as the change that it follows from.

Baskets in a store without promotions cost nothing here; with promotions, a line that none of them concerns costs two
look-ups in memory.
"""

from collections.abc import Callable
from typing import TypeAlias

from kiosk_server.core.desk import Desk
from kiosk_server.domain import offers
from kiosk_server.domain.basket import Basket, Line, State, Totals
from kiosk_server.domain.events import Event, PromotionsApplied
from kiosk_server.domain.offers import Terms

# Makes the event of a changed line from the line and the totals.
MakeEvent: TypeAlias = Callable[[Line, Totals], Event]


def record_line(desk: Desk, before: Basket, after: Basket, line_id: int, make: MakeEvent) -> tuple[Basket, Line]:
    """Record the change of one line at its best price, and then the other lines that it made cheaper or dearer."""
    others: tuple[Line, ...] = ()
    if desk.repositories.book() or before.totals.saved_cents:
        after, others = offers.reprice(before, after, line_id, _terms(desk))
    line = after.lines[line_id - 1]
    desk.record(make(line, after.totals))
    if others:
        _record(desk, after, others)
    return after, line


def price_afresh(desk: Desk, basket: Basket) -> Basket:
    """The whole open basket at its best price now: before paying, on another terminal, with another coupon."""
    if basket.state is not State.OPEN or not (desk.repositories.book() or basket.totals.saved_cents):
        return basket
    after = offers.apply(basket, _terms(desk))
    changed = tuple(new for old, new in zip(basket.lines, after.lines, strict=True) if new is not old)
    if changed:
        _record(desk, after, changed)
    return after


def _record(desk: Desk, basket: Basket, lines: tuple[Line, ...]) -> None:
    desk.record(
        PromotionsApplied(terminal=basket.terminal, basket_id=basket.basket_id, lines=lines, totals=basket.totals)
    )


def _terms(desk: Desk) -> Terms:
    return Terms(desk.repositories.book(), desk.policy, desk.now_ms, lambda item_id: _category(desk, item_id))


def _category(desk: Desk, item_id: str) -> str:
    item = desk.repositories.item(item_id)
    return item.category if item else ""
