"""Filling and emptying the own basket, at a lane or a stall: scan, pick, change, void, finish."""

from contextlib import suppress

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import ArrivalAnswer, BasketAnswer, CouponAnswer, LineAnswer, StateAnswer
from kiosk_server.core.handlers.bagging import weight_on_plate
from kiosk_server.core.handlers.checks import (
    check_may_grow,
    check_may_scan,
    may_take_back,
    of_line,
    review_change,
    review_item,
    review_line,
)
from kiosk_server.core.handlers.coupons import check_coupon, put_coupon
from kiosk_server.core.handlers.day import open_day
from kiosk_server.core.handlers.finding import find
from kiosk_server.core.handlers.floor import (
    begin,
    check_may_add,
    clear_fuelling,
    home_of,
    leave_basket,
    step_lane,
    step_stall,
)
from kiosk_server.core.handlers.kitchen import take_back
from kiosk_server.core.handlers.ledger import reverse_all
from kiosk_server.core.handlers.offers import MakeEvent, record_line
from kiosk_server.core.handlers.own import named_basket, own_basket, own_terminal, shown_basket
from kiosk_server.core.handlers.parking import take_over
from kiosk_server.core.handlers.paying import withdraw_cash
from kiosk_server.domain import barcode, catalog, lane, stall
from kiosk_server.domain import basket as baskets
from kiosk_server.domain import coupon as coupons
from kiosk_server.domain.basket import Basket, Line, State
from kiosk_server.domain.catalog import Item
from kiosk_server.domain.commands import (
    AddItem,
    ChangeQuantity,
    Finish,
    ScanItem,
    VoidBasket,
    VoidLine,
    WeighItem,
)
from kiosk_server.domain.coupon import Handed
from kiosk_server.domain.errors import BadRequest, Forbidden, UnknownItem, WeightNeeded, WrongState
from kiosk_server.domain.events import (
    BasketOpened,
    BasketVoided,
    ItemScanned,
    LineVoided,
    QuantityChanged,
)
from kiosk_server.domain.intervention import Evidence
from kiosk_server.domain.pricing import NOTHING_PARTICULAR, Particulars, net_weight_g, price_of
from kiosk_server.domain.reading import Coupon, HandOff
from kiosk_server.domain.terminal import Kind, Terminal


def scan_item(command: ScanItem, desk: Desk) -> LineAnswer | CouponAnswer | ArrivalAnswer:
    """A code was read. Codes are judged before the catalog is asked, so garbage never costs a query."""
    terminal = own_terminal(desk)
    check_may_add(desk, terminal)
    reading = barcode.read(command.code, desk.policy)
    if isinstance(reading, HandOff):
        return take_over(desk, terminal, reading)
    if isinstance(reading, Coupon):
        return _take_coupon(desk, terminal, coupons.handed(reading))
    try:
        found = find(desk, reading)
    except UnknownItem:
        word = coupons.handed(reading)
        if coupons.opened_by(word, desk.repositories.book()) is None:
            raise
        return _take_coupon(desk, terminal, word)
    choices = catalog.choose(found.item, ())
    return _put_in(desk, terminal, found.item, command.quantity * found.pieces, choices, piece=found.piece)


def _take_coupon(desk: Desk, terminal: Terminal, handed: Handed) -> CouponAnswer:
    basket, is_new = _basket_to_fill(desk, terminal)
    held = check_coupon(desk, basket, handed)
    if is_new:
        _open(desk, basket)
    answer = put_coupon(desk, basket, held)
    begin(desk, terminal)
    return answer


def add_item(command: AddItem, desk: Desk) -> LineAnswer:
    """An item was picked from a list, with its choices."""
    terminal = own_terminal(desk)
    check_may_add(desk, terminal)
    item = _picked(desk, command.item_id)
    return _put_in(desk, terminal, item, command.quantity, catalog.choose(item, command.modifiers))


def _picked(desk: Desk, item_id: str) -> Item:
    item = desk.repositories.item(item_id)
    if item is None:
        raise UnknownItem(
            "This item is not in the catalog any more. Nothing was added. Please pick another.", item_id=item_id
        )
    return item


def judge_code(desk: Desk, code: str) -> Item:
    """What a code would add. Raises the refusal that scanning it would meet, but that it has to be weighed first."""
    found = find(desk, barcode.parse(code, desk.policy))
    with suppress(WeightNeeded):
        price_of(found.item, found.piece, desk.policy)
    return found.item


def weigh_item(command: WeighItem, desk: Desk) -> LineAnswer:
    """What lies on the scale goes in as this item, by the weight that the scale said when the customer tapped."""
    terminal = own_terminal(desk)
    check_may_add(desk, terminal)
    item = _picked(desk, command.item_id)
    weight_g = net_weight_g(item, weight_on_plate(command), desk.policy, command.container)
    return _put_in(desk, terminal, item, 1, (), piece=Particulars(weight_g=weight_g))


def _put_in(
    desk: Desk,
    terminal: Terminal,
    item: Item,
    quantity: int,
    modifiers: tuple[catalog.Modifier, ...],
    *,
    piece: Particulars = NOTHING_PARTICULAR,
) -> LineAnswer:
    before, is_new = _basket_to_fill(desk, terminal)
    # At a lane more than the item allows goes in, but is not paid for until somebody has looked.
    is_cap_waived = terminal.kind is Kind.LANE
    after, line = baskets.add(before, item, desk.policy, quantity, modifiers, piece=piece, is_cap_waived=is_cap_waived)
    if is_new:
        _open(desk, before)
    basket, line = record_line(desk, before, after, line.line_id, _event(ItemScanned, before))
    begin(desk, terminal)
    review_item(desk, terminal, basket, item)
    return _answer(basket, line)


def _basket_to_fill(desk: Desk, terminal: Terminal) -> tuple[Basket, bool]:
    """The basket that is filled here, and whether it is a new one that has to be opened."""
    shown = shown_basket(desk, terminal)
    if shown is not None and shown.state in {State.OPEN, State.TENDERING}:
        return shown, False
    fresh = Basket(
        basket_id=desk.new_id(), terminal=terminal.name, opened_at=desk.now_ms, is_training=terminal.is_training
    )
    return fresh, True


def _open(desk: Desk, basket: Basket) -> None:
    day = open_day(desk)
    desk.record(
        BasketOpened(
            terminal=basket.terminal,
            basket_id=basket.basket_id,
            day=day,
            opened_at=basket.opened_at,
            is_training=basket.is_training,
        )
    )


def _event(kind: type[ItemScanned | QuantityChanged | LineVoided], basket: Basket) -> MakeEvent:
    return lambda line, totals: kind(terminal=basket.terminal, basket_id=basket.basket_id, line=line, totals=totals)


def _answer(basket: Basket, line: Line) -> LineAnswer:
    return LineAnswer(basket.basket_id, line, basket.totals)


def change_quantity(command: ChangeQuantity, desk: Desk) -> LineAnswer:
    """Set a line's quantity; the quantity it has already changes nothing."""
    terminal, before = own_basket(desk)
    known = baskets.find_line(before, command.line_id)
    after, line = baskets.change_quantity(before, command.line_id, command.quantity)
    if line.quantity > known.quantity:
        check_may_scan(desk, terminal)
        check_may_grow(desk, terminal, before, known, line.quantity - known.quantity)
    # By pieces, not by totals: fewer of a multi-buy may cost more than all of it did.
    fewer_cents = known.total_cents * max(0, known.quantity - command.quantity) // known.quantity
    evidence = of_line(known, quantity=command.quantity, amount_cents=fewer_cents)
    if fewer_cents > 0 and not may_take_back(desk, terminal, before, fewer_cents, evidence):
        return _answer(before, known)
    if after != before:
        after, line = record_line(desk, before, after, line.line_id, _event(QuantityChanged, before))
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
    after, line = record_line(desk, before, after, line.line_id, _event(LineVoided, before))
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
