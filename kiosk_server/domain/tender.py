"""Ways of paying, and the receipt that comes of it."""

import msgspec

from kiosk_server.domain.basket import Basket, Event, Line, move
from kiosk_server.domain.errors import AmountTooSmall
from kiosk_server.domain.payment import Payment, TenderKind
from kiosk_server.domain.tax import TaxLine, tax_lines

__all__ = ["Receipt", "TenderKind", "change_cents", "pay"]


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold and how it was paid. Numbers have no gaps; `paid_at` is ms since 1970, UTC.

    `payments` are those that count, and add up to `total_cents + rounding_cents`; receipts from before there were
    several have none. `tender`, `received_cents` and `change_cents` tell of the cash among them, else of the last one.
    A refund is a receipt of its own with negative amounts: `refund_of` is the number of the one that it takes back.
    """

    number: int
    basket_id: str
    terminal: str
    day: str
    paid_at: int
    lines: tuple[Line, ...]
    taxes: tuple[TaxLine, ...]
    total_cents: int
    tender: TenderKind
    received_cents: int
    change_cents: int
    by: str
    payments: tuple[Payment, ...] = ()
    rounding_cents: int = 0
    refund_of: int | None = None
    reason: str = ""


def change_cents(due_cents: int, received_cents: int) -> int:
    """What goes back to the customer. Raises AmountTooSmall.

    Its details: `due_cents`, `received_cents`, `missing_cents`.
    """
    if received_cents < due_cents:
        missing = due_cents - received_cents
        raise AmountTooSmall(
            f"{received_cents} cents do not cover the {due_cents} that are due; {missing} are missing. "
            "Nothing was booked.",
            due_cents=due_cents,
            received_cents=received_cents,
            missing_cents=missing,
        )
    return received_cents - due_cents


def pay(
    basket: Basket, tender: TenderKind, received_cents: int, *, number: int, day: str, paid_at: int, by: str
) -> Receipt:
    """The receipt of a tendering basket. Raises AmountTooSmall, or WrongState where it is not being paid.

    It carries all lines, the voided ones too: what was taken back is part of what happened.
    """
    move(basket, Event.PAY)
    return Receipt(
        number=number,
        basket_id=basket.basket_id,
        terminal=basket.terminal,
        day=day,
        paid_at=paid_at,
        lines=basket.lines,
        taxes=tax_lines(basket.lines),
        total_cents=basket.totals.total_cents,
        tender=tender,
        received_cents=received_cents,
        change_cents=change_cents(basket.totals.due_cents, received_cents),
        by=by,
    )
