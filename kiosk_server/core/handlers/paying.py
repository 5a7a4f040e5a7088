"""From a full basket to a receipt, on whatever terminal it stands."""

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import ReceiptAnswer, TenderAnswer
from kiosk_server.core.handlers.day import open_day
from kiosk_server.core.handlers.floor import clear_fuelling, home_of, show_paid
from kiosk_server.core.handlers.kitchen import fire_once
from kiosk_server.core.handlers.own import named_basket
from kiosk_server.core.handlers.people import cash_of, raise_for, resolve
from kiosk_server.domain import basket as baskets
from kiosk_server.domain import tender
from kiosk_server.domain.basket import Basket, State
from kiosk_server.domain.commands import ConfirmCash
from kiosk_server.domain.errors import WrongState
from kiosk_server.domain.events import BasketPaid, TenderLeft, TenderStarted
from kiosk_server.domain.intervention import InterventionKind, Outcome
from kiosk_server.domain.tender import TenderKind


def start_tender(desk: Desk, basket: Basket, kind: TenderKind) -> TenderAnswer:
    """Begin to pay an open basket, and ask an attendant to take the money."""
    baskets.check_not_empty(basket)
    baskets.check_open(basket)
    baskets.move(basket, baskets.Event.TENDER)
    due_cents = basket.totals.total_cents
    desk.record(TenderStarted(terminal=basket.terminal, basket_id=basket.basket_id, tender=kind, due_cents=due_cents))
    raised = raise_for(desk, basket.terminal, InterventionKind.CASH, basket_id=basket.basket_id, amount_cents=due_cents)
    return TenderAnswer(basket.basket_id, raised.intervention_id, due_cents)


def running_tender(desk: Desk, basket: Basket) -> TenderAnswer | None:
    """The answer of the first tap, for the second: None unless the basket is being paid."""
    if basket.state is not State.TENDERING:
        return None
    waiting = cash_of(desk, basket)
    return TenderAnswer(basket.basket_id, waiting.intervention_id if waiting else "", basket.totals.due_cents)


def stop_tender(desk: Desk, basket: Basket) -> Basket:
    """Back from paying, before anything was paid. The inbox forgets it."""
    after = baskets.move(basket, baskets.Event.LEAVE_TENDER)
    desk.record(TenderLeft(terminal=basket.terminal, basket_id=basket.basket_id))
    withdraw_cash(desk, basket)
    return after


def withdraw_cash(desk: Desk, basket: Basket) -> None:
    waiting = cash_of(desk, basket)
    if waiting is not None:
        resolve(desk, waiting, Outcome.WITHDRAWN)


def confirm_cash(command: ConfirmCash, desk: Desk) -> ReceiptAnswer:
    """An attendant has the money: receipt, ticket, and the terminal goes on."""
    basket = named_basket(desk, command.basket_id)
    if basket.state in {State.OPEN, State.SUSPENDED}:
        raise WrongState(
            "The customer is not paying (any more): the basket is open again. Nothing was booked. "
            "Give the money back, or let the customer choose to pay again.",
            basket_id=basket.basket_id,
            state=basket.state.value,
        )
    home = home_of(desk, basket)
    day = open_day(desk)
    receipt = tender.pay(
        basket,
        TenderKind(basket.tender or TenderKind.CASH),
        command.received_cents,
        number=desk.repositories.next_receipt_number(),
        day=day,
        paid_at=desk.now_ms,
        by=desk.identity.name,
    )
    desk.record(BasketPaid(terminal=basket.terminal, basket_id=basket.basket_id, receipt=receipt))
    waiting = cash_of(desk, basket)
    if waiting is not None:
        resolve(desk, waiting, Outcome.DONE)
    ticket = fire_once(desk, basket, day)
    if home is not None:
        show_paid(desk, home, ticket)
    clear_fuelling(desk, basket)
    return ReceiptAnswer(receipt)
