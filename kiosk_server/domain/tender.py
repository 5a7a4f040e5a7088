"""Ways of paying, and the receipt that comes of it."""

import msgspec

from kiosk_server.domain.basket import Basket, Event, Line, move
from kiosk_server.domain.errors import AmountTooSmall
from kiosk_server.domain.payment import SAFE, Payment, TenderKind
from kiosk_server.domain.payment import Event as PaymentEvent
from kiosk_server.domain.payment import move as move_payment
from kiosk_server.domain.tax import TaxLine, tax_lines

__all__ = ["Receipt", "TenderKind", "change_cents", "pay"]


TRAINING_FROM = 9_000_000_000
"""Receipts of training are numbered from here on, so that those of sales have no gaps."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What was sold and how it was paid. Numbers have no gaps; `paid_at` is ms since 1970, UTC.

    `payments` are those that count, and add up to `total_cents + rounding_cents`; receipts from before there were
    several have none. `tender`, `received_cents` and `change_cents` tell of all cash among them, else `tender`
    of the last.
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
    is_training: bool = False


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
    basket: Basket,
    payments: tuple[Payment, ...],
    *,
    number: int,
    day: str,
    paid_at: int,
    by: str,
    cash_step: int = 1,
    reason: str = "",
    fallback: TenderKind = TenderKind.CASH,
) -> Receipt:
    """The receipt of a tendering basket whose money is here. Raises WrongState where it is not being paid.

    It carries all lines, the voided ones too: what was taken back is part of what happened. `payments` must add up to
    the total, but for what cash is rounded by (at most half of `cash_step`); anything else is a fault of the program.
    `fallback` is the tender of a basket that costs nothing.
    """
    move(basket, Event.PAY)
    total_cents = basket.totals.total_cents
    captured = tuple(move_payment(payment, PaymentEvent.CAPTURE) for payment in payments if payment.state in SAFE)
    rounding_cents = sum(payment.amount_cents for payment in captured) - total_cents
    cash = [payment for payment in captured if payment.kind is TenderKind.CASH]
    if rounding_cents and (not cash or (basket.refund_of is None and 2 * abs(rounding_cents) > cash_step)):
        raise ValueError(f"basket {basket.basket_id} is paid with {rounding_cents} cents too much or too little")
    told = (cash or captured)[-1:]
    return Receipt(
        number=number,
        basket_id=basket.basket_id,
        terminal=basket.terminal,
        day=day,
        paid_at=paid_at,
        lines=basket.lines,
        taxes=tax_lines(basket.lines),
        total_cents=total_cents,
        tender=told[0].kind if told else fallback,
        received_cents=sum(payment.received_cents for payment in cash),
        change_cents=sum(payment.change_cents for payment in cash),
        by=by,
        payments=captured,
        rounding_cents=rounding_cents,
        refund_of=basket.refund_of,
        reason=reason,
        is_training=basket.is_training,
    )
