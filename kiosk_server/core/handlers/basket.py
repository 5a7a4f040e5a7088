"""Filling and emptying the own basket, at a lane or a stall: scan, pick, change, void, park, resume, finish."""

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import BasketAnswer, LineAnswer, StateAnswer
from kiosk_server.core.handlers.day import open_day
from kiosk_server.core.handlers.floor import clear_fuelling, home_of, leave_basket, step_lane, step_stall
from kiosk_server.core.handlers.kitchen import take_back
from kiosk_server.core.handlers.own import named_basket, own_basket, own_terminal, shown_basket
from kiosk_server.core.handlers.paying import withdraw_cash
from kiosk_server.domain import barcode, catalog, lane, stall
from kiosk_server.domain import basket as baskets
from kiosk_server.domain.basket import Basket, Line, State
from kiosk_server.domain.catalog import Item
from kiosk_server.domain.commands import (
    AddItem,
    ChangeQuantity,
    Finish,
    ResumeBasket,
    ScanItem,
    SuspendBasket,
    VoidBasket,
    VoidLine,
)
from kiosk_server.domain.day import local_time
from kiosk_server.domain.errors import BadRequest, Forbidden, NotForSale, UnknownItem, WrongState
from kiosk_server.domain.events import (
    BasketOpened,
    BasketResumed,
    BasketSuspended,
    BasketVoided,
    ItemScanned,
    LineVoided,
    QuantityChanged,
)
from kiosk_server.domain.terminal import Kind, Terminal

_WHY_NOT_NOW = {
    (Kind.LANE, lane.State.CLOSED.value): "This lane is closed. Nothing was added. Please use another one.",
    (Kind.STALL, stall.State.CLOSED.value): "This stall is closed. Nothing was added. Please use another one.",
    (Kind.STALL, stall.State.ORDERED.value): "Your order is placed. Nothing was added. Take it back to change it.",
    (Kind.STALL, stall.State.PAID.value): "Your order is being made. Nothing was added. Order more once it is here.",
}


def scan_item(command: ScanItem, desk: Desk) -> LineAnswer:
    """A code was read. Codes are judged before the catalog is asked, so garbage never costs a query."""
    terminal = own_terminal(desk)
    _check_may_add(terminal)
    item = _find(desk, barcode.parse(command.code))
    return _put_in(desk, terminal, item, command.quantity, catalog.choose(item, ()))


def add_item(command: AddItem, desk: Desk) -> LineAnswer:
    """An item was picked from a list, with its choices."""
    terminal = own_terminal(desk)
    _check_may_add(terminal)
    item = desk.repositories.item(command.item_id)
    if item is None:
        raise UnknownItem(
            "This item is not in the catalog any more. Nothing was added. Please pick another.",
            item_id=command.item_id,
        )
    return _put_in(desk, terminal, item, command.quantity, catalog.choose(item, command.modifiers))


def _check_may_add(terminal: Terminal) -> None:
    why_not = _WHY_NOT_NOW.get((terminal.kind, terminal.state))
    if why_not:
        raise WrongState(why_not, state=terminal.state)


def _find(desk: Desk, reading: barcode.Reading) -> Item:
    for lookup in reading.lookups:
        item = desk.repositories.item(lookup)
        if item is not None:
            return _sellable(desk, item, reading)
    for code in (reading.code, *reading.lookups):
        item = desk.repositories.item_by_code(code)
        if item is not None:
            return _sellable(desk, item, reading)
    raise UnknownItem(
        f"We do not know the product with the code {reading.code[:40]}. Nothing was added. "
        "Please search for it, or call an attendant.",
        code=reading.code[:40],
    )


def _sellable(desk: Desk, item: Item, reading: barcode.Reading) -> Item:
    if reading.is_measured:
        raise NotForSale(
            f"{item.name} carries its weight or price in its code, which this lane cannot sell yet. "
            "Nothing was added. Please call an attendant.",
            item_id=item.item_id,
        )
    today = local_time(desk.now_ms, desk.policy.zone).date()
    if reading.expires_on is not None and reading.expires_on < today:
        raise NotForSale(
            f"{item.name} was to be used by {reading.expires_on.isoformat()}. Nothing was added. "
            "Please leave it with an attendant and take another.",
            item_id=item.item_id,
            expired_on=reading.expires_on.isoformat(),
        )
    return item


def _put_in(
    desk: Desk, terminal: Terminal, item: Item, quantity: int, modifiers: tuple[catalog.Modifier, ...]
) -> LineAnswer:
    shown = shown_basket(desk, terminal)
    is_new = shown is None or shown.state not in {State.OPEN, State.TENDERING}
    basket = Basket(basket_id=desk.new_id(), terminal=terminal.name) if shown is None or is_new else shown
    basket, line = baskets.add(basket, item, desk.policy, quantity, modifiers)
    if is_new:
        day = open_day(desk)
        desk.record(BasketOpened(terminal=terminal.name, basket_id=basket.basket_id, day=day, opened_at=desk.now_ms))
    desk.record(ItemScanned(terminal=terminal.name, basket_id=basket.basket_id, line=line, totals=basket.totals))
    _begin(desk, terminal)
    return _answer(basket, line)


def _begin(desk: Desk, terminal: Terminal) -> None:
    if terminal.kind is Kind.LANE:
        step_lane(desk, terminal, lane.Event.SCAN)
    else:
        step_stall(desk, terminal, stall.Event.ADD)


def _answer(basket: Basket, line: Line) -> LineAnswer:
    return LineAnswer(basket.basket_id, line, basket.totals)


def change_quantity(command: ChangeQuantity, desk: Desk) -> LineAnswer:
    """Set a line's quantity; the quantity it has already changes nothing."""
    terminal, before = own_basket(desk)
    after, line = baskets.change_quantity(before, command.line_id, command.quantity)
    if after != before:
        desk.record(QuantityChanged(terminal=terminal.name, basket_id=after.basket_id, line=line, totals=after.totals))
    return _answer(after, line)


def void_line(command: VoidLine, desk: Desk) -> LineAnswer:
    """Take a line back. The last one leaves an empty basket: the customer may scan on, or finish."""
    terminal, before = own_basket(desk)
    after, line = baskets.void_line(before, command.line_id)
    if after != before:
        desk.record(LineVoided(terminal=terminal.name, basket_id=after.basket_id, line=line, totals=after.totals))
    return _answer(after, line)


def void_basket(command: VoidBasket, desk: Desk) -> BasketAnswer:
    """Take everything back. A terminal's second tap finds nothing left and says so without fault."""
    basket = _basket_to_void(command, desk)
    if basket is None:
        return BasketAnswer(None)
    take_away(desk, basket, command.reason)
    return BasketAnswer(basket.basket_id)


def _basket_to_void(command: VoidBasket, desk: Desk) -> Basket | None:
    if desk.identity.terminal is None:
        if command.basket_id is None:
            raise BadRequest("Name the basket that is to be taken back (basket_id). Nothing was changed.")
        return named_basket(desk, command.basket_id)
    terminal = own_terminal(desk)
    if command.basket_id is not None and command.basket_id != terminal.basket_id:
        raise Forbidden("This basket is not at this terminal. Nothing was changed. An attendant can take it back.")
    basket = shown_basket(desk, terminal)
    if basket is not None:
        baskets.check_open(basket)
    return basket


def take_away(desk: Desk, basket: Basket, reason: str) -> None:
    """Void a basket and everything that hangs on it: its row in the inbox, its ticket, its place on a screen."""
    baskets.move(basket, baskets.Event.VOID)
    home = home_of(desk, basket)
    desk.record(
        BasketVoided(terminal=basket.terminal, basket_id=basket.basket_id, reason=reason, by=desk.identity.name)
    )
    withdraw_cash(desk, basket)
    take_back(desk, basket)
    clear_fuelling(desk, basket)
    if home is not None:
        leave_basket(desk, home)


def suspend_basket(_: SuspendBasket, desk: Desk) -> BasketAnswer:
    """Park the own basket and free the terminal."""
    terminal, basket = own_basket(desk)
    baskets.check_open(basket)
    baskets.check_not_empty(basket)
    baskets.move(basket, baskets.Event.SUSPEND)
    desk.record(BasketSuspended(terminal=terminal.name, basket_id=basket.basket_id))
    leave_basket(desk, terminal)
    return BasketAnswer(basket.basket_id)


def resume_basket(command: ResumeBasket, desk: Desk) -> BasketAnswer:
    """Go on here with a basket that was parked anywhere. What is at this terminal must be done or empty."""
    terminal = own_terminal(desk)
    _check_may_add(terminal)
    basket = named_basket(desk, command.basket_id)
    if basket.state is State.OPEN and basket.basket_id == terminal.basket_id:
        return BasketAnswer(basket.basket_id)
    _make_room(desk, terminal)
    if basket.state is not State.SUSPENDED:
        raise WrongState(
            f"This basket is {basket.state.value}, not parked. Nothing was changed.",
            basket_id=basket.basket_id,
            state=basket.state.value,
        )
    baskets.move(basket, baskets.Event.RESUME)
    desk.record(BasketResumed(terminal=terminal.name, basket_id=basket.basket_id, from_terminal=basket.terminal))
    _begin(desk, terminal)
    return BasketAnswer(basket.basket_id)


def _make_room(desk: Desk, terminal: Terminal) -> None:
    shown = shown_basket(desk, terminal)
    if shown is None or shown.state not in {State.OPEN, State.TENDERING}:
        return
    if not baskets.is_empty(shown):
        raise WrongState(
            "There is another basket at this terminal. Nothing was changed. Pay for it or park it first.",
            basket_id=shown.basket_id,
        )
    baskets.move(shown, baskets.Event.VOID)
    desk.record(BasketVoided(terminal=terminal.name, basket_id=shown.basket_id, reason="empty", by=desk.identity.name))


_AT_REST = frozenset({lane.State.ATTRACT.value, stall.State.FREE.value})


def finish(_: Finish, desk: Desk) -> StateAnswer:
    """Done here: the receipt was looked at, the stall was served, or nothing was bought after all."""
    terminal = own_terminal(desk)
    if terminal.state in _AT_REST:
        return StateAnswer(terminal.state)
    shown = shown_basket(desk, terminal)
    if shown is not None and shown.state is State.OPEN:
        if not baskets.is_empty(shown):
            raise WrongState(
                "There are items in the basket. Nothing was changed. Pay for them, park them, or take them back.",
                basket_id=shown.basket_id,
                items=shown.totals.items,
            )
        take_away(desk, shown, "empty")
        return StateAnswer(lane.State.ATTRACT.value if terminal.kind is Kind.LANE else stall.State.FREE.value)
    if terminal.kind is Kind.LANE:
        return StateAnswer(step_lane(desk, terminal, lane.Event.FINISH))
    leaving = stall.Event.EMPTY if terminal.state == stall.State.ARRIVED else stall.Event.FINISH
    return StateAnswer(step_stall(desk, terminal, leaving))
