"""A basket and its lines: one basket can hold groceries, a burger and fuel.

Every basket transition is in MACHINE. Operations take a Basket and give a new one; they never touch the old.
"""

from enum import StrEnum

import msgspec

from kiosk_server.domain.catalog import ItemKind, Modifier
from kiosk_server.domain.machine import Machine


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


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a basket. `total_cents` = quantity * (unit price + modifiers), or the fuel amount.

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


class Totals(msgspec.Struct, frozen=True):
    """`items` counts pieces (a fuel line is one); `due_cents` is what is left to pay."""

    items: int = 0
    total_cents: int = 0
    due_cents: int = 0


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
