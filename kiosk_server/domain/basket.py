"""A basket and its lines: one basket can hold groceries, a burger and fuel.

Every basket transition is in MACHINE. Operations take a Basket and give a new one; they never touch the old.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from kiosk_server.domain.catalog import Item, ItemKind, Modifier
from kiosk_server.domain.errors import BasketEmpty, NotForSale, NotFound, OutOfRange, WrongState
from kiosk_server.domain.machine import Machine
from kiosk_server.domain.money import MAX_CENTS, fuel_amount_cents
from kiosk_server.domain.payment import Payment
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.pricing import line_cents, tax_rate_bp

MAX_QUANTITY = 999
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


class Discount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a promotion takes off one line. `amount_cents` > 0; `name` is what the customer reads.

    `revision` is that of the promotion which was applied. `pieces` of the line took part; 0: the whole basket did.
    """

    promotion_id: str
    name: str
    amount_cents: int
    revision: int = 1
    pieces: int = 0


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of a basket. `total_cents` is all that it costs: price - discounts + deposit.

    The price is quantity * (unit price + modifiers), or weight * price a kilogram, or the fuel amount. Weighed lines
    have quantity 1, `weight_g` and `price_per_kg_cents`. `deposit_cents` is of the whole line.

    `line_id` counts from 1 within the basket and is never used again. Fuel lines have quantity 1, `volume_ml` and
    `unit_price_mills`. A voided line stays, struck through, and counts nothing.
    """

    line_id: int
    item_id: str
    name: str
    kind: ItemKind
    quantity: int
    unit_price_cents: int
    total_cents: int
    tax_class: str
    tax_rate_bp: int
    code: str | None = None
    modifiers: tuple[Modifier, ...] = ()
    volume_ml: int | None = None
    unit_price_mills: int | None = None
    is_voided: bool = False
    weight_g: int | None = None
    price_per_kg_cents: int | None = None
    deposit_cents: int = 0
    discounts: tuple[Discount, ...] = ()


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


def price_cents(line: Line) -> int:
    """What the line costs before promotions and beside its deposit."""
    return line.total_cents - line.deposit_cents + sum(discount.amount_cents for discount in line.discounts)


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
    basket: Basket, item: Item, policy: Policy, quantity: int = 1, modifiers: tuple[Modifier, ...] = ()
) -> tuple[Basket, Line]:
    """Put `quantity` of `item` in; gives the basket and the line that was added or grew.

    The same item at the same price and tax, without choices, grows its line. Raises WrongState, NotForSale, OutOfRange.
    """
    check_open(basket)
    fresh = _priced_line(item, policy, len(basket.lines) + 1, quantity, modifiers)
    for line in basket.lines:
        if _is_more_of(line, fresh):
            return _set_quantity(basket, line, line.quantity + quantity)
    if len(basket.lines) >= MAX_LINES:
        raise OutOfRange(
            f"A basket holds {MAX_LINES} lines. Nothing was added. Please pay for these first.", limit=MAX_LINES
        )
    return _with_line(basket, fresh), fresh


def change_quantity(basket: Basket, line_id: int, quantity: int) -> tuple[Basket, Line]:
    """Set the quantity of a line. Raises WrongState (also for voided and fuel lines), NotFound, OutOfRange."""
    check_open(basket)
    line = find_line(basket, line_id)
    if line.is_voided:
        raise WrongState(f"{line.name} was taken back. Nothing was changed. Scan it again.", line_id=line_id)
    if line.kind is ItemKind.FUEL:
        raise WrongState("The pump measured this amount; it cannot be changed here.", line_id=line_id)
    if quantity == line.quantity:
        return basket, line
    return _set_quantity(basket, line, quantity)


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


def fuel_line(item: Item, policy: Policy, *, volume_ml: int, unit_price_mills: int) -> Line:
    """The only line of a fuelling's basket, at the price that stood on the pump when the nozzle was lifted."""
    amount_cents = fuel_amount_cents(volume_ml, unit_price_mills)
    return Line(
        line_id=1,
        item_id=item.item_id,
        name=item.name,
        kind=ItemKind.FUEL,
        quantity=1,
        unit_price_cents=amount_cents,
        total_cents=amount_cents,
        tax_class=item.tax_class,
        tax_rate_bp=tax_rate_bp(item, policy),
        code=item.code,
        volume_ml=volume_ml,
        unit_price_mills=unit_price_mills,
    )


def _priced_line(item: Item, policy: Policy, line_id: int, quantity: int, modifiers: tuple[Modifier, ...]) -> Line:
    if item.kind is ItemKind.FUEL:
        raise NotForSale(f"{item.name} is sold at the fuelling points only. Nothing was added.", item_id=item.item_id)
    if item.price_cents is None:
        raise NotForSale(
            f"{item.name} has no price yet, so it cannot be sold. Nothing was added. Please call an attendant.",
            item_id=item.item_id,
        )
    _check_quantity(item.name, quantity)
    return Line(
        line_id=line_id,
        item_id=item.item_id,
        name=item.name,
        kind=item.kind,
        quantity=quantity,
        unit_price_cents=item.price_cents,
        total_cents=line_cents(item.price_cents, modifiers, quantity) + item.deposit_cents * quantity,
        tax_class=item.tax_class,
        tax_rate_bp=tax_rate_bp(item, policy),
        code=item.code,
        modifiers=modifiers,
        deposit_cents=item.deposit_cents * quantity,
    )


def _is_more_of(line: Line, fresh: Line) -> bool:
    return (
        line.item_id == fresh.item_id
        and not line.is_voided
        and not line.modifiers
        and not fresh.modifiers
        and line.unit_price_cents == fresh.unit_price_cents
        and line.tax_rate_bp == fresh.tax_rate_bp
        and line.tax_class == fresh.tax_class
        and line.deposit_cents * fresh.quantity == fresh.deposit_cents * line.quantity
    )


def _check_quantity(name: str, quantity: int) -> None:
    if not 1 <= quantity <= MAX_QUANTITY:
        raise OutOfRange(
            f"{name}: one line holds 1 to {MAX_QUANTITY} pieces, not {quantity}. Nothing was changed.",
            quantity=quantity,
            limit=MAX_QUANTITY,
        )


def _set_quantity(basket: Basket, line: Line, quantity: int) -> tuple[Basket, Line]:
    _check_quantity(line.name, quantity)
    deposit_cents = line.deposit_cents // line.quantity * quantity
    changed = msgspec.structs.replace(
        line,
        quantity=quantity,
        total_cents=line_cents(line.unit_price_cents, line.modifiers, quantity) + deposit_cents,
        deposit_cents=deposit_cents,
        discounts=(),
    )
    return _with_line(basket, changed), changed


def _with_line(basket: Basket, line: Line) -> Basket:
    kept = [line if old.line_id == line.line_id else old for old in basket.lines]
    lines = tuple(kept) if line.line_id <= len(kept) else (*kept, line)
    totals = sum_up(lines)
    if totals.total_cents > MAX_CENTS:
        raise OutOfRange(
            f"The basket would cost {totals.total_cents} cents, too much for one. Nothing was changed. Pay first.",
            limit_cents=MAX_CENTS,
        )
    return msgspec.structs.replace(basket, lines=lines, totals=totals)
