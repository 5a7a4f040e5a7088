"""From a full basket to a receipt, on whatever terminal it stands: choosing a tender, going back, and cash."""

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import ReceiptAnswer, TenderAnswer
from kiosk_server.core.handlers.checks import check_recalls
from kiosk_server.core.handlers.ledger import book, put_payment, reverse_all
from kiosk_server.core.handlers.own import named_basket
from kiosk_server.core.handlers.payments import ask_card, check_nothing_waits, part_of
from kiosk_server.core.handlers.people import cash_of, raise_for, resolve
from kiosk_server.domain import basket as baskets
from kiosk_server.domain import payment, tender
from kiosk_server.domain.basket import Basket, State
from kiosk_server.domain.commands import ConfirmCash
from kiosk_server.domain.errors import WrongState
from kiosk_server.domain.events import TenderLeft, TenderStarted
from kiosk_server.domain.intervention import InterventionKind, Outcome
from kiosk_server.domain.payment import Payment, TenderKind


def start_tender(desk: Desk, basket: Basket, kind: TenderKind, amount_cents: int | None = None) -> TenderAnswer:
    """Begin to pay an open basket, all of it or a part."""
    baskets.check_not_empty(basket)
    baskets.check_open(basket)
    after = baskets.move(basket, baskets.Event.TENDER)
    return _ask(desk, after, kind, amount_cents)


def running_tender(
    desk: Desk, basket: Basket, kind: TenderKind = TenderKind.CASH, amount_cents: int | None = None
) -> TenderAnswer | None:
    """The answer of the first tap, for the second: None unless the basket is being paid.

    Another tender than the one that waits pays what is still due, once nothing else may still take it.
    """
    if basket.state is not State.TENDERING:
        return None
    running = payment.waiting_of(basket.payments)
    if running is not None and running.kind is kind:
        return TenderAnswer(basket.basket_id, "", basket.totals.due_cents, running.payment_id)
    check_nothing_waits(basket)
    call = cash_of(desk, basket)
    if call is not None and kind is TenderKind.CASH and call.amount_cents == _coins_cents(desk, basket, amount_cents):
        return TenderAnswer(basket.basket_id, call.intervention_id, basket.totals.due_cents)
    check_recalls(desk, basket)
    withdraw_cash(desk, basket)
    return _ask(desk, basket, kind, amount_cents)


def _ask(desk: Desk, basket: Basket, kind: TenderKind, amount_cents: int | None) -> TenderAnswer:
    due_cents = basket.totals.due_cents
    part_cents = part_of(basket, amount_cents)
    coins_cents = _coins_cents(desk, basket, amount_cents)
    desk.record(TenderStarted(terminal=basket.terminal, basket_id=basket.basket_id, tender=kind, due_cents=due_cents))
    if kind is TenderKind.GIFT and due_cents:
        return TenderAnswer(basket.basket_id, "", due_cents)
    # What costs nothing wakes no reader: an attendant sees it off.
    if kind is TenderKind.CARD and due_cents:
        return TenderAnswer(basket.basket_id, "", due_cents, ask_card(desk, basket, part_cents).payment_id)
    raised = raise_for(
        desk, basket.terminal, InterventionKind.CASH, basket_id=basket.basket_id, amount_cents=coins_cents
    )
    return TenderAnswer(basket.basket_id, raised.intervention_id, due_cents)


def _coins_cents(desk: Desk, basket: Basket, amount_cents: int | None) -> int:
    return payment.cash_due_cents(part_of(basket, amount_cents), payment.cash_step_cents(desk.policy))


def stop_tender(desk: Desk, basket: Basket) -> Basket:
    """Back from paying. The inbox forgets it, and what was paid already goes back."""
    if desk.identity.terminal is not None:
        _check_may_leave(basket)
    after = baskets.move(basket, baskets.Event.LEAVE_TENDER)
    reverse_all(desk, basket)
    desk.record(TenderLeft(terminal=basket.terminal, basket_id=basket.basket_id))
    withdraw_cash(desk, basket)
    return after


def _check_may_leave(basket: Basket) -> None:
    """Raises WrongState where going back would leave money behind that no machine can give back."""
    waiting = payment.waiting_of(basket.payments)
    if waiting is not None and waiting.state is payment.State.UNKNOWN:
        check_nothing_waits(basket)
    cash_cents = payment.safe_cents(paid for paid in basket.payments if paid.kind is TenderKind.CASH)
    if cash_cents:
        raise WrongState(
            f"You have paid {cash_cents} cents in cash already. Nothing was changed. "
            "Pay the rest, or ask an attendant to give it back.",
            cash_cents=cash_cents,
        )


def withdraw_cash(desk: Desk, basket: Basket) -> None:
    waiting = cash_of(desk, basket)
    if waiting is not None:
        resolve(desk, waiting, Outcome.WITHDRAWN)


def confirm_cash(command: ConfirmCash, desk: Desk) -> ReceiptAnswer:
    """An attendant has the money: what was asked for in cash is paid; with the last of it the receipt is written.

    Raises NotForSale for what was recalled meanwhile: the money is still in their hand, and goes back.
    """
    basket = named_basket(desk, command.basket_id)
    if basket.state in {State.OPEN, State.SUSPENDED}:
        raise WrongState(
            "The customer is not paying (any more): the basket is open again. Nothing was booked. "
            "Give the money back, or let the customer choose to pay again.",
            basket_id=basket.basket_id,
            state=basket.state.value,
        )
    baskets.move(basket, baskets.Event.PAY)
    if basket.refund_of is not None:
        raise WrongState("This gives money back. Nothing was booked. Settle the refund instead.")
    check_nothing_waits(basket)
    check_recalls(desk, basket)
    due_cents = payment.cash_due_cents(basket.totals.due_cents, payment.cash_step_cents(desk.policy))
    call = cash_of(desk, basket)
    asked_cents = due_cents if call is None or call.amount_cents is None else min(due_cents, call.amount_cents)
    paid = Payment(
        payment_id=desk.new_id(),
        kind=TenderKind.CASH,
        amount_cents=asked_cents,
        state=payment.State.AUTHORISED,
        asked_at=desk.now_ms,
        received_cents=command.received_cents,
        change_cents=tender.change_cents(asked_cents, command.received_cents),
    )
    if asked_cents == due_cents:
        return ReceiptAnswer(book(desk, basket, payment.with_payment(basket.payments, paid)))
    put_payment(desk, basket, paid)
    withdraw_cash(desk, basket)
    return ReceiptAnswer(None)
