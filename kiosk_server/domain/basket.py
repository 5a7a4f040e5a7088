"""A basket and its lines: one basket can hold groceries, a burger and fuel.

Every basket transition is in MACHINE. Operations take a Basket and give a new one; they never touch the old.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from kiosk_server.domain.catalog import Item, ItemKind, Modifier
from kiosk_server.domain.errors import AlreadyExists, BasketEmpty, NotFound, OutOfRange, WrongState
from kiosk_server.domain.line import (
    MAX_QUANTITY,
    Discount,
    Line,
    check_quantity,
    fuel_line,
    gift_line,
    is_more_of,
    is_single,
    price_cents,
    priced_line,
)
from kiosk_server.domain.machine import Machine
from kiosk_server.domain.money import MAX_CENTS
from kiosk_server.domain.payment import Payment
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.pricing import NOTHING_PARTICULAR, Particulars, line_cents

__all__ = [
    "MACHINE",
    "MAX_LINES",
    "MAX_QUANTITY",
    "Basket",
    "Discount",
    "Event",
    "HeldCoupon",
    "Line",
    "State",
    "Totals",
    "add",
    "add_gift",
    "already_paid",
    "change_quantity",
    "check_cap",
    "check_not_empty",
    "check_open",
    "find_line",
    "fuel_line",
    "is_empty",
    "is_single",
    "move",
    "pieces_of",
    "price_cents",
    "sum_up",
    "void_line",
]

MAX_LINES = 500  # a basket is drawn, pushed and printed whole; voided lines count, so voiding cannot grow it for ever


class State(StrEnum):
    OPEN = "open"
    TENDERING = "tendering"
    SUSPENDED = "suspended"
    PAID = "paid"
    VOID = "void"
    REFUNDED = "refunded"


class Event(StrEnum):
    TENDER = "tender"
    LEAVE_TENDER = "leave_tender"
    PAY = "pay"
    VOID = "void"
    SUSPEND = "suspend"
    RESUME = "resume"
    REFUND = "refund"


MACHINE = Machine(
    "basket",
    {
        (State.OPEN, Event.TENDER): State.TENDERING,
        (State.TENDERING, Event.LEAVE_TENDER): State.OPEN,
        (State.TENDERING, Event.PAY): State.PAID,
        (State.OPEN, Event.VOID): State.VOID,
        (State.TENDERING, Event.VOID): State.VOID,
        (State.SUSPENDED, Event.VOID): State.VOID,
        (State.OPEN, Event.SUSPEND): State.SUSPENDED,
        (State.SUSPENDED, Event.RESUME): State.OPEN,
        (State.PAID, Event.REFUND): State.REFUNDED,
    },
)


class Totals(msgspec.Struct, frozen=True):
    """`items` counts pieces (a fuel line is one); `due_cents` is what is left to pay; `saved_cents` by promotions."""

    items: int = 0
    total_cents: int = 0
    due_cents: int = 0
    saved_cents: int = 0


class HeldCoupon(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon that was handed in with a basket, and the promotion that it opens there."""

    code: str
    promotion_id: str
    name: str


class Basket(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to buy. One with `refund_of` gives that receipt's goods back, for `reason`, taken by `by`."""

    basket_id: str
    terminal: str
    state: State = State.OPEN
    lines: tuple[Line, ...] = ()
    totals: Totals = Totals()
    opened_at: int = 0
    day: str = ""
    tender: str | None = None
    is_released: bool = False
    receipt_number: int | None = None
    coupons: tuple[HeldCoupon, ...] = ()
    payments: tuple[Payment, ...] = ()
    refund_of: int | None = None
    reason: str = ""
    by: str = ""
    is_training: bool = False


def sum_up(lines: Iterable[Line]) -> Totals:
    """The totals of these lines, nothing of it paid yet. Voided lines count nothing."""
    items = total = saved = 0
    for line in lines:
        if not line.is_voided:
            items += line.quantity
            total += line.total_cents
            for discount in line.discounts:
                saved += discount.amount_cents
    return Totals(items, total, total, saved)


def is_empty(basket: Basket) -> bool:
    """Whether nothing in it counts. An empty basket may have voided lines."""
    return all(line.is_voided for line in basket.lines)


def check_not_empty(basket: Basket) -> None:
    if is_empty(basket):
        raise BasketEmpty("There is nothing in the basket, so there is nothing to pay or to park.")


_WHY_NOT_OPEN = {
    State.TENDERING: "This basket is being paid. Nothing was changed. Go back from paying to change it.",
    State.SUSPENDED: "This basket is parked. Nothing was changed. Resume it first.",
    State.VOID: "This basket was taken back. Nothing was changed. Scan something to begin a new one.",
    State.REFUNDED: "This basket was refunded. Nothing was changed. Scan something to begin a new one.",
}


def check_open(basket: Basket) -> None:
    """Raise WrongState, saying what to do, unless lines may still change."""
    if basket.state is State.OPEN:
        return
    if basket.state is State.PAID:
        raise already_paid(basket)
    raise WrongState(_WHY_NOT_OPEN[basket.state], basket_id=basket.basket_id, state=basket.state.value)


def already_paid(basket: Basket) -> WrongState:
    """The refusal that names the receipt, so that whoever asks twice sees that it went well the first time."""
    return WrongState(
        f"This basket is already paid: receipt {basket.receipt_number}. Nothing was booked again.",
        basket_id=basket.basket_id,
        state=basket.state.value,
        receipt_number=basket.receipt_number,
    )


def move(basket: Basket, event: Event) -> Basket:
    """The basket after `event`. Raises WrongState naming the receipt if it is paid, else IllegalTransition."""
    if basket.state is State.PAID and not MACHINE.allows(basket.state, event):
        raise already_paid(basket)
    return msgspec.structs.replace(basket, state=MACHINE.next(basket.state, event))


def add(
    basket: Basket,
    item: Item,
    policy: Policy,
    quantity: int = 1,
    modifiers: tuple[Modifier, ...] = (),
    *,
    piece: Particulars = NOTHING_PARTICULAR,
    is_cap_waived: bool = False,
) -> tuple[Basket, Line]:
    """Put `quantity` of `item` in; gives the basket and the line that was added or grew.

    The same item at the same price and tax, without choices, grows its line; what was weighed, labelled or is the only
    one of its serial number stays a line of its own. `is_cap_waived`: somebody has looked at the quantity.
    Raises WrongState, NotForSale, WeightNeeded, AlreadyExists (this serial number is in it), OutOfRange.
    """
    check_open(basket)
    fresh = priced_line(item, policy, len(basket.lines) + 1, quantity, modifiers, piece=piece)
    _check_serial(basket, fresh)
    if not is_cap_waived:
        check_cap(basket, item, quantity)
    for line in basket.lines:
        if is_more_of(line, fresh):
            return _set_quantity(basket, line, line.quantity + quantity)
    return _with_one_more(basket, fresh), fresh


def add_gift(basket: Basket, item_id: str, name: str, amount_cents: int) -> tuple[Basket, Line]:
    """Put money for a gift card in, as a line of its own. Raises WrongState, OutOfRange."""
    check_open(basket)
    fresh = gift_line(len(basket.lines) + 1, item_id, name, amount_cents)
    return _with_one_more(basket, fresh), fresh


def _with_one_more(basket: Basket, fresh: Line) -> Basket:
    if len(basket.lines) >= MAX_LINES:
        raise OutOfRange(
            f"A basket holds {MAX_LINES} lines. Nothing was added. Please pay for these first.", limit=MAX_LINES
        )
    return _with_line(basket, fresh)


def pieces_of(basket: Basket, item_id: str) -> int:
    """How many of this item are in the basket, on whichever lines."""
    return sum(line.quantity for line in basket.lines if line.item_id == item_id and not line.is_voided)


def check_cap(basket: Basket, item: Item, more: int) -> None:
    """Raise OutOfRange (`reason` max_quantity) if `more` pieces are more than one basket may hold unasked."""
    wanted = pieces_of(basket, item.item_id) + more
    if item.max_quantity is not None and wanted > item.max_quantity:
        raise OutOfRange(
            f"{item.name}: one purchase may hold {item.max_quantity}, and this would be {wanted}. Nothing was added. "
            "Please call an attendant.",
            reason="max_quantity",
            item_id=item.item_id,
            item_name=item.name,
            quantity=wanted,
            limit=item.max_quantity,
        )


def _check_serial(basket: Basket, fresh: Line) -> None:
    if not fresh.serial:
        return
    for line in basket.lines:
        is_same = line.item_id == fresh.item_id and line.serial == fresh.serial
        if is_same and not line.is_voided:
            raise AlreadyExists(
                f"This very piece of {line.name} (serial number {line.serial}) is in the basket already. "
                "Nothing was added.",
                line_id=line.line_id,
                serial=line.serial,
            )


def change_quantity(basket: Basket, line_id: int, quantity: int) -> tuple[Basket, Line]:
    """Set the quantity of a line. Raises WrongState (also for voided and fuel lines), NotFound, OutOfRange."""
    check_open(basket)
    line = find_line(basket, line_id)
    if line.is_voided:
        raise WrongState(f"{line.name} was taken back. Nothing was changed. Scan it again.", line_id=line_id)
    if line.kind is ItemKind.GIFT:
        raise WrongState("A gift card's money is not counted in pieces. Nothing was changed. Take it back instead.")
    if line.kind is ItemKind.FUEL:
        raise WrongState("The pump measured this amount; it cannot be changed here.", line_id=line_id)
    if is_single(line):
        raise WrongState(
            f"{line.name} is weighed or labelled one by one. Nothing was changed. Scan or weigh the next one.",
            line_id=line_id,
        )
    if quantity == line.quantity:
        return basket, line
    return _set_quantity(basket, line, quantity)


def reprice(basket: Basket, line_id: int, unit_price_cents: int) -> tuple[Basket, Line]:
    """Let each piece of a line cost what somebody of the staff decided. Raises WrongState, NotFound.

    As with every change of a line, what promotions take off it is decided afresh (`offers.py`).
    """
    check_open(basket)
    line = find_line(basket, line_id)
    total_cents = line_cents(unit_price_cents, line.modifiers, line.quantity) + line.deposit_cents
    changed = msgspec.structs.replace(line, unit_price_cents=unit_price_cents, total_cents=total_cents, discounts=())
    return _with_line(basket, changed), changed


def void_line(basket: Basket, line_id: int) -> tuple[Basket, Line]:
    """Take a line back; it stays, struck through. A voided line comes back as it is. Raises WrongState, NotFound."""
    check_open(basket)
    line = find_line(basket, line_id)
    if line.is_voided:
        return basket, line
    whole_cents = price_cents(line) + line.deposit_cents
    line = msgspec.structs.replace(line, is_voided=True, total_cents=whole_cents, discounts=())
    return _with_line(basket, line), line


def find_line(basket: Basket, line_id: int) -> Line:
    for line in basket.lines:
        if line.line_id == line_id:
            return line
    raise NotFound(f"The basket has no line {line_id}. Nothing was changed.", line_id=line_id)


def _set_quantity(basket: Basket, line: Line, quantity: int) -> tuple[Basket, Line]:
    check_quantity(line.name, quantity)
    deposit_cents = line.deposit_cents // line.quantity * quantity
    changed = msgspec.structs.replace(
        line,
        quantity=quantity,
        total_cents=line_cents(line.unit_price_cents, line.modifiers, quantity) + deposit_cents,
        deposit_cents=deposit_cents,
        discounts=(),
        peak=max(line.peak, line.quantity) if quantity < line.quantity else line.peak,
    )
    return _with_line(basket, changed), changed


def _with_line(basket: Basket, line: Line) -> Basket:
    # Lines count from 1 without gaps, so a line's place is its number. The others need not be added up again.
    place = line.line_id - 1
    lines = (*basket.lines[:place], line, *basket.lines[place + 1 :])
    was, now, old = basket.totals, sum_up((line,)), sum_up(basket.lines[place : place + 1])
    total_cents = was.total_cents - old.total_cents + now.total_cents
    totals = Totals(
        items=was.items - old.items + now.items,
        total_cents=total_cents,
        due_cents=total_cents,
        saved_cents=was.saved_cents - old.saved_cents + now.saved_cents,
    )
    if totals.total_cents > MAX_CENTS:
        raise OutOfRange(
            f"The basket would cost {totals.total_cents} cents, too much for one. Nothing was changed. Pay first.",
            limit_cents=MAX_CENTS,
        )
    return msgspec.structs.replace(basket, lines=lines, totals=totals)
