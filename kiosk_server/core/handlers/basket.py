"""Filling and emptying the own basket, at a lane or a stall: scan, pick, change, void, park, resume, finish."""

from msgspec.structs import replace

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import BasketAnswer, LineAnswer, StateAnswer
from kiosk_server.core.handlers.checks import (
    check_may_scan,
    may_take_back,
    of_line,
    review,
    review_change,
    review_item,
    review_line,
)
from kiosk_server.core.handlers.day import open_day
from kiosk_server.core.handlers.finding import find
from kiosk_server.core.handlers.floor import clear_fuelling, home_of, leave_basket, step_lane, step_stall
from kiosk_server.core.handlers.kitchen import take_back
from kiosk_server.core.handlers.ledger import reverse_all
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
    WeighItem,
)
from kiosk_server.domain.errors import BadRequest, Forbidden, ScaleNotReady, UnknownItem, WrongState
from kiosk_server.domain.events import (
    BasketOpened,
    BasketResumed,
    BasketSuspended,
    BasketVoided,
    ItemScanned,
    LineVoided,
    QuantityChanged,
)
from kiosk_server.domain.intervention import Evidence
from kiosk_server.domain.pricing import NOTHING_PARTICULAR, Particulars, net_weight_g
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
    _check_may_add(desk, terminal)
    found = find(desk, barcode.parse(command.code, desk.policy))
    choices = catalog.choose(found.item, ())
    return _put_in(desk, terminal, found.item, command.quantity * found.pieces, choices, piece=found.piece)


def add_item(command: AddItem, desk: Desk) -> LineAnswer:
    """An item was picked from a list, with its choices."""
    terminal = own_terminal(desk)
    _check_may_add(desk, terminal)
    item = desk.repositories.item(command.item_id)
    if item is None:
        raise UnknownItem(
            "This item is not in the catalog any more. Nothing was added. Please pick another.",
            item_id=command.item_id,
        )
    return _put_in(desk, terminal, item, command.quantity, catalog.choose(item, command.modifiers))


def judge_code(desk: Desk, code: str) -> Item:
    """What a code would add. Raises the refusal that scanning it would meet."""
    return find(desk, barcode.parse(code, desk.policy)).item


def weigh_item(command: WeighItem, desk: Desk) -> LineAnswer:
    """What lies on the scale goes in as this item, by the weight that the scale said when the customer tapped."""
    terminal = own_terminal(desk)
    _check_may_add(desk, terminal)
    item = desk.repositories.item(command.item_id)
    if item is None:
        raise UnknownItem(
            "This item is not in the catalog any more. Nothing was added. Please pick another.",
            item_id=command.item_id,
        )
    if command.weight_g is None:
        raise ScaleNotReady(
            "This lane has no scale that answers. Nothing was added. Please call an attendant.", condition="unplugged"
        )
    weight_g = net_weight_g(item, command.weight_g, desk.policy, command.container)
    return _put_in(desk, terminal, item, 1, (), piece=Particulars(weight_g=weight_g))


def _check_may_add(desk: Desk, terminal: Terminal) -> None:
    why_not = _WHY_NOT_NOW.get((terminal.kind, terminal.state))
    if why_not:
        raise WrongState(why_not, state=terminal.state)
    check_may_scan(desk, terminal)


def _put_in(
    desk: Desk,
    terminal: Terminal,
    item: Item,
    quantity: int,
    modifiers: tuple[catalog.Modifier, ...],
    *,
    piece: Particulars = NOTHING_PARTICULAR,
) -> LineAnswer:
    shown = shown_basket(desk, terminal)
    is_new = shown is None or shown.state not in {State.OPEN, State.TENDERING}
    basket = Basket(basket_id=desk.new_id(), terminal=terminal.name) if shown is None or is_new else shown
    # At a lane more than the item allows goes in, but is not paid for until somebody has looked.
    is_cap_waived = terminal.kind is Kind.LANE
    basket, line = baskets.add(basket, item, desk.policy, quantity, modifiers, piece=piece, is_cap_waived=is_cap_waived)
    if is_new:
        day = open_day(desk)
        desk.record(BasketOpened(terminal=terminal.name, basket_id=basket.basket_id, day=day, opened_at=desk.now_ms))
    desk.record(ItemScanned(terminal=terminal.name, basket_id=basket.basket_id, line=line, totals=basket.totals))
    _begin(desk, terminal)
    review_item(desk, terminal, basket, item)
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
    known = baskets.find_line(before, command.line_id)
    after, line = baskets.change_quantity(before, command.line_id, command.quantity)
    fewer_cents = known.total_cents - line.total_cents
    evidence = of_line(known, quantity=command.quantity, amount_cents=fewer_cents)
    if fewer_cents > 0 and not may_take_back(desk, terminal, before, fewer_cents, evidence):
        return _answer(before, known)
    if after != before:
        desk.record(QuantityChanged(terminal=terminal.name, basket_id=after.basket_id, line=line, totals=after.totals))
        review_line(desk, terminal, after, line)
    return _answer(after, line)


def void_line(command: VoidLine, desk: Desk) -> LineAnswer:
    """Take a line back. The last one leaves an empty basket: the customer may scan on, or finish.

    Above the limit of the store somebody is asked first: the answer is the line as it still stands.
    """
    terminal, before = own_basket(desk)
    known = baskets.find_line(before, command.line_id)
    after, line = baskets.void_line(before, command.line_id)
    if after == before:
        return _answer(after, line)
    if not may_take_back(desk, terminal, before, known.total_cents, of_line(known, amount_cents=known.total_cents)):
        return _answer(before, known)
    desk.record(LineVoided(terminal=terminal.name, basket_id=after.basket_id, line=line, totals=after.totals))
    review_change(desk, after)
    return _answer(after, line)


def void_basket(command: VoidBasket, desk: Desk) -> BasketAnswer:
    """Take everything back. A terminal's second tap finds nothing left and says so without fault."""
    basket = _basket_to_void(command, desk)
    if basket is None:
        return BasketAnswer(None)
    home = home_of(desk, basket)
    if desk.identity.terminal is not None and home is not None:
        worth_cents = basket.totals.total_cents
        evidence = Evidence(amount_cents=worth_cents, quantity=basket.totals.items)
        if not may_take_back(desk, home, basket, worth_cents, evidence):
            return BasketAnswer(basket.basket_id)
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
    reverse_all(desk, basket)
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
    _check_may_add(desk, terminal)
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
    if terminal.kind is Kind.LANE:
        review(desk, replace(basket, terminal=terminal.name))
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
