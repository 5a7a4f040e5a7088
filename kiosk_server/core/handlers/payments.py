"""Cards: asked for by the lane, carried out by a reader after the commit, and settled by its word."""

from msgspec.structs import replace

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import PaymentAnswer
from kiosk_server.core.handlers.ledger import book, is_paid, put_payment, raise_once, reverse
from kiosk_server.core.handlers.own import named_basket, own_terminal
from kiosk_server.domain import payment
from kiosk_server.domain.basket import Basket
from kiosk_server.domain.basket import State as BasketState
from kiosk_server.domain.commands import CancelPayment, ReportPayment
from kiosk_server.domain.commands.payments import PaymentOutcome
from kiosk_server.domain.errors import Forbidden, NotFound, OutOfRange, WrongState
from kiosk_server.domain.intervention import InterventionKind
from kiosk_server.domain.payment import Event, Payment, State, TenderKind
from kiosk_server.domain.terminal import Kind
from kiosk_server.store.payments import Placed

_HEARD = {
    PaymentOutcome.BEGUN: Event.BEGIN,
    PaymentOutcome.APPROVED: Event.AUTHORISE,
    PaymentOutcome.DECLINED: Event.DECLINE,
    PaymentOutcome.CANCELLED: Event.CANCEL,
    PaymentOutcome.TIMED_OUT: Event.TIME_OUT,
    PaymentOutcome.UNKNOWN: Event.LOSE,
    PaymentOutcome.REVERSED: Event.GIVE_BACK,
}


def ask_card(desk: Desk, basket: Basket, amount_cents: int | None) -> Payment:
    """Ask for a card to pay what is due, or a part of it. The reader wakes after the commit.

    In training no reader may hear of it: the card is approved at once, and is nobody's.
    """
    if TenderKind.CARD not in payment.tenders_of(desk.policy, basket.terminal, Kind.LANE):
        raise WrongState("There is no card reader here. Nothing was booked. Please choose another way to pay.")
    asked = Payment(
        payment_id=desk.new_id(),
        kind=TenderKind.CARD,
        amount_cents=part_of(basket, amount_cents),
        state=State.AUTHORISED if basket.is_training else State.ASKED,
        asked_at=desk.now_ms,
        scheme="training" if basket.is_training else "",
    )
    put_payment(desk, basket, asked)
    return asked


def part_of(basket: Basket, amount_cents: int | None) -> int:
    """What one tender is to pay. Raises OutOfRange for more than is due."""
    due_cents = basket.totals.due_cents
    if amount_cents is not None and amount_cents > due_cents:
        raise OutOfRange(
            f"{amount_cents} cents are more than the {due_cents} that are due. Nothing was booked. Choose less.",
            due_cents=due_cents,
        )
    return due_cents if amount_cents is None else amount_cents


def check_nothing_waits(basket: Basket) -> None:
    """Raises WrongState while a payment is being asked for: two at once could both succeed."""
    waiting = payment.waiting_of(basket.payments)
    if waiting is None:
        return
    if waiting.state is State.UNKNOWN:
        raise WrongState(
            "Nobody knows yet whether your card was charged; we are asking. Nothing else was booked. "
            "Please wait for the answer or for an attendant, and do not pay again.",
            payment_id=waiting.payment_id,
            state=waiting.state.value,
        )
    raise WrongState(
        "The card reader is waiting for your card. Nothing else was booked. Cancel that first to pay in another way.",
        payment_id=waiting.payment_id,
        state=waiting.state.value,
    )


def cancel_payment(command: CancelPayment, desk: Desk) -> PaymentAnswer:
    """Stop asking, or give back: whatever the reader was doing, no money stays taken."""
    placed = _placed(desk, command.payment_id)
    basket = named_basket(desk, placed.basket_id)
    if desk.identity.terminal is not None:
        _check_own(desk, placed)
    if placed.payment.state is State.CAPTURED:
        raise WrongState(
            f"This payment is on receipt {basket.receipt_number}. Nothing was changed. Refund the receipt instead.",
            receipt_number=basket.receipt_number,
        )
    if basket.refund_of is not None:
        raise WrongState("This payment gives money back and cannot be stopped. Nothing was changed.")
    return PaymentAnswer(_of_basket(reverse(desk, basket, placed.payment), command.payment_id))


def _placed(desk: Desk, payment_id: str) -> Placed:
    found = desk.repositories.payment(payment_id)
    if found is None:
        raise NotFound(f"There is no payment {payment_id}. Nothing was changed.", payment_id=payment_id)
    return found


def _check_own(desk: Desk, placed: Placed) -> None:
    if own_terminal(desk).basket_id != placed.basket_id:
        raise Forbidden("This payment is not of this terminal. Nothing was changed. An attendant can stop it.")
    if placed.payment.state is State.UNKNOWN:
        raise WrongState(
            "Nobody knows yet whether your card was charged. Nothing was changed. An attendant is on the way.",
            payment_id=placed.payment.payment_id,
        )
    if placed.payment.kind is TenderKind.CASH:
        raise WrongState("An attendant has your cash. Nothing was changed. Ask them to give it back.")


def report_payment(command: ReportPayment, desk: Desk) -> PaymentAnswer:
    """The reader's word. The last one that was missing writes the receipt in the same commit."""
    placed = _placed(desk, command.payment_id)
    heard = _told(placed.payment, command)
    if heard == placed.payment:
        if command.outcome is PaymentOutcome.UNKNOWN and heard.state is State.REVERSING:
            raise_once(desk, named_basket(desk, placed.basket_id), InterventionKind.PAYMENT, heard)
        return PaymentAnswer(heard)
    basket = put_payment(desk, named_basket(desk, placed.basket_id), heard)
    if basket.state is not BasketState.TENDERING:
        # Its basket went on without it; a sum that is late must not stay here.
        basket = reverse(desk, basket, heard)
    elif heard.state is State.AUTHORISED and is_paid(desk, basket):
        receipt = book(desk, basket, basket.payments)
        basket = replace(basket, payments=receipt.payments)
    elif basket.refund_of is not None and heard.state in payment.LATE:
        raise_once(desk, basket, InterventionKind.REFUND, heard)
    return PaymentAnswer(_of_basket(basket, heard.payment_id))


def _of_basket(basket: Basket, payment_id: str) -> Payment:
    return next(paid for paid in basket.payments if paid.payment_id == payment_id)


def _told(before: Payment, command: ReportPayment) -> Payment:
    """The payment with what the reader has said; the same where it says nothing new."""
    after = payment.hear(before, _HEARD[command.outcome])
    # While it is authorising, each "begun" may show the customer something else.
    is_news = command.outcome is PaymentOutcome.BEGUN and after.state is State.AUTHORISING
    if after.state is before.state and not is_news:
        return before
    told = {name: value for name in ("reference", "masked", "scheme", "reason") if (value := getattr(command, name))}
    return replace(after, display=command.display, **told)
