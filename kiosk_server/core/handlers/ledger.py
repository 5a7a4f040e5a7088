"""Money on its way: every payment is moved here, every gift card's balance, and every receipt is written here."""

from msgspec.structs import replace

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.day import open_day
from kiosk_server.core.handlers.floor import clear_fuelling, home_of, show_paid
from kiosk_server.core.handlers.kitchen import fire_once
from kiosk_server.core.handlers.people import cash_of, raise_for, resolve
from kiosk_server.domain import gift, payment, refund, tender
from kiosk_server.domain.basket import Basket
from kiosk_server.domain.catalog import ItemKind
from kiosk_server.domain.errors import GiftCardEmpty, WrongState
from kiosk_server.domain.events import BasketPaid, GiftCardMoved, PaymentMoved
from kiosk_server.domain.intervention import Evidence, Intervention, InterventionKind, Outcome
from kiosk_server.domain.payment import Event, Payment, State, TenderKind
from kiosk_server.domain.tender import Receipt

GIFT_ITEM = "gift:"  # before the card's id, the item_id of a line that puts money on it


# -- payments --


def put_payment(desk: Desk, basket: Basket, moved: Payment) -> Basket:
    """Record a payment as it is now; gives the basket with it and with what is due after it."""
    payments = payment.with_payment(basket.payments, moved)
    due_cents = payment.due_cents(basket.totals.total_cents, payments)
    place = _place_of(basket)
    desk.record(PaymentMoved(terminal=place, basket_id=basket.basket_id, payment=moved, due_cents=due_cents))
    _ask_for_help(desk, basket, moved)
    return replace(basket, payments=payments, totals=replace(basket.totals, due_cents=due_cents))


def _place_of(basket: Basket) -> str:
    """Where money is asked for: refunds are given at the console, and no lane hears of them."""
    return "" if basket.refund_of is not None else basket.terminal


def _ask_for_help(desk: Desk, basket: Basket, moved: Payment) -> None:
    """A payment that nobody knows the end of stands in the inbox for as long as that lasts.

    Once somebody has called it off it stays there until the reader has seen to it.
    """
    if moved.state is State.UNKNOWN:
        raise_once(desk, basket, InterventionKind.PAYMENT, moved)
    elif moved.state is not State.REVERSING:
        call = call_of(desk, basket, InterventionKind.PAYMENT, moved.payment_id)
        if call is not None:
            resolve(desk, call, Outcome.DONE, moved.state.value)


def raise_once(desk: Desk, basket: Basket, kind: InterventionKind, moved: Payment) -> None:
    """Ask staff to look into a payment, unless they are asked; the evidence names it and the acquirer's word."""
    if call_of(desk, basket, kind, moved.payment_id) is not None:
        return
    evidence = Evidence(
        code=moved.payment_id, amount_cents=moved.amount_cents, reason=moved.reason or moved.state.value
    )
    raise_for(
        desk,
        _place_of(basket),
        kind,
        basket_id=basket.basket_id,
        amount_cents=abs(moved.amount_cents),
        evidence=evidence,
    )


def call_of(desk: Desk, basket: Basket, kind: InterventionKind, payment_id: str) -> Intervention | None:
    """The row of the inbox about this payment."""
    for intervention in desk.repositories.open_interventions(_place_of(basket), kind):
        if intervention.basket_id == basket.basket_id and intervention.evidence.code == payment_id:
            return intervention
    return None


def reverse(desk: Desk, basket: Basket, paid: Payment) -> Basket:
    """See to it that no money stays taken: at once for gift cards and for cash in staff's hands, else by the reader."""
    if not payment.MACHINE.allows(paid.state, Event.REVERSE):
        return basket
    reversing = payment.move(paid, Event.REVERSE)
    if paid.kind is TenderKind.CARD and not basket.is_training:
        return put_payment(desk, basket, reversing)
    if paid.kind is TenderKind.GIFT:
        move_gift_card(desk, paid.reference, paid.amount_cents, basket_id=basket.basket_id, payment_id=paid.payment_id)
    return put_payment(desk, basket, payment.move(reversing, Event.GIVE_BACK))


def reverse_all(desk: Desk, basket: Basket) -> Basket:
    """The basket is not going to be paid: everything that was paid towards it goes back. Raises WrongState."""
    if basket.refund_of is not None:
        raise WrongState(
            "This gives money back, some of it perhaps already. Nothing was changed. Settle the refund instead."
        )
    for paid in basket.payments:
        basket = reverse(desk, basket, paid)
    return basket


# -- gift cards --


def move_gift_card(
    desk: Desk, card_id: str, change_cents: int, *, basket_id: str = "", payment_id: str = "", is_load: bool = False
) -> None:
    """Change a balance. Raises GiftCardEmpty before it would fall below zero; a load makes the card valid afresh."""
    found = desk.repositories.gift_card(card_id)
    if found is None:
        raise WrongState("This gift card is not known any more. Nothing was changed.", card_id=card_id)
    card, number_hash = found
    if card.balance_cents + change_cents < 0:
        raise GiftCardEmpty(
            f"The gift card {card.masked} holds {card.balance_cents} cents, and {-change_cents} were to be taken. "
            "Nothing was changed.",
            balance_cents=card.balance_cents,
        )
    after = replace(card, balance_cents=card.balance_cents + change_cents)
    if is_load:
        after = replace(after, expires_at=desk.now_ms + gift.VALID_MS)
    desk.record(
        GiftCardMoved(
            card=after, change_cents=change_cents, number_hash=number_hash, basket_id=basket_id, payment_id=payment_id
        )
    )


def _load_gift_cards(desk: Desk, basket: Basket) -> None:
    """What was paid for them is on them from now on."""
    for line in basket.lines:
        if line.kind is ItemKind.GIFT and not line.is_voided:
            card_id = line.item_id.removeprefix(GIFT_ITEM)
            move_gift_card(desk, card_id, line.total_cents, basket_id=basket.basket_id, is_load=True)


# -- receipts --


def is_paid(desk: Desk, basket: Basket) -> bool:
    """Whether all that is due is safely here, but for what cash is rounded by; or all of a refund given back.

    A refund may hand over coins more than once, each time rounded: what counts is that nobody is owed a part of it.
    """
    if basket.refund_of is not None:
        return payment.waiting_of(basket.payments) is None and not refund.refused(basket.payments)
    has_cash = any(paid.kind is TenderKind.CASH and paid.state in payment.SAFE for paid in basket.payments)
    off_by_cents = payment.cash_step_cents(desk.policy) if has_cash else 0
    return 2 * abs(basket.totals.due_cents) <= off_by_cents and payment.waiting_of(basket.payments) is None


def book(desk: Desk, basket: Basket, payments: tuple[Payment, ...]) -> Receipt:
    """Write the receipt of a basket whose money is here, and let everything that waited for it go on."""
    home = home_of(desk, basket)
    day = open_day(desk)
    receipt = tender.pay(
        basket,
        payments,
        number=desk.repositories.next_receipt_number(is_training=basket.is_training),
        day=day,
        paid_at=desk.now_ms,
        by=basket.by or desk.identity.name,
        cash_step=payment.cash_step_cents(desk.policy),
        reason=basket.reason,
        fallback=TenderKind(basket.tender or TenderKind.CASH),
    )
    is_refund = basket.refund_of is not None
    desk.record(BasketPaid(terminal=_place_of(basket), basket_id=basket.basket_id, receipt=receipt))
    if is_refund:
        return receipt
    waiting = cash_of(desk, basket)
    if waiting is not None:
        resolve(desk, waiting, Outcome.DONE)
    _load_gift_cards(desk, basket)
    # Nobody cooks what was only practised.
    ticket = None if basket.is_training else fire_once(desk, basket, day)
    if home is not None:
        show_paid(desk, home, ticket)
    clear_fuelling(desk, basket)
    return receipt
