"""Gift cards at the counter: sold as a line, asked for their balance, redeemed in whole or in part."""

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import GiftAnswer, GiftLineAnswer, PaymentAnswer
from kiosk_server.core.handlers.checks import check_recalls
from kiosk_server.core.handlers.ledger import GIFT_ITEM, book, is_paid, move_gift_card, put_payment
from kiosk_server.core.handlers.own import named_basket, own_basket
from kiosk_server.core.handlers.paying import withdraw_cash
from kiosk_server.core.handlers.payments import check_nothing_waits, part_of
from kiosk_server.core.handlers.training import check_is_sale
from kiosk_server.domain import basket as baskets
from kiosk_server.domain import gift
from kiosk_server.domain.basket import State
from kiosk_server.domain.commands import CheckGift, RedeemGift, SellGift
from kiosk_server.domain.errors import AlreadyExists, GiftCardEmpty, GiftCardExpired, UnknownGiftCard, WrongState
from kiosk_server.domain.events import GiftCardMoved, ItemScanned
from kiosk_server.domain.gift import GiftCard
from kiosk_server.domain.payment import Payment, TenderKind
from kiosk_server.domain.payment import State as PaymentState


def check_gift(command: CheckGift, desk: Desk) -> GiftAnswer:
    """What a gift card holds; an empty one is an answer, too, an expired one a refusal."""
    card = _valid(desk, command.number_hash)
    return GiftAnswer(card.masked, card.balance_cents, card.expires_at)


def redeem_gift(command: RedeemGift, desk: Desk) -> PaymentAnswer:
    """Pay with what a card holds. It is taken from the card and put towards the basket in one commit."""
    _, basket = own_basket(desk)
    if basket.state is State.OPEN:
        raise WrongState("This basket is not being paid yet. Nothing was booked. Choose to pay with a gift card first.")
    baskets.move(basket, baskets.Event.PAY)
    check_is_sale(basket)
    check_nothing_waits(basket)
    check_recalls(desk, basket)
    card = _valid(desk, command.number_hash)
    if card.balance_cents == 0:
        raise GiftCardEmpty(
            f"The gift card {card.masked} is empty. Nothing was booked. Please pay in another way.", balance_cents=0
        )
    amount_cents = min(part_of(basket, command.amount_cents), card.balance_cents)
    if amount_cents == 0:
        raise WrongState("Nothing is due. Nothing was booked.")
    paid = Payment(
        payment_id=desk.new_id(),
        kind=TenderKind.GIFT,
        amount_cents=amount_cents,
        state=PaymentState.AUTHORISED,
        asked_at=desk.now_ms,
        reference=card.card_id,
        masked=card.masked,
    )
    move_gift_card(desk, card.card_id, -amount_cents, basket_id=basket.basket_id, payment_id=paid.payment_id)
    withdraw_cash(desk, basket)
    after = put_payment(desk, basket, paid)
    if is_paid(desk, after):
        book(desk, after, after.payments)
    return PaymentAnswer(paid)


def _valid(desk: Desk, number_hash: str | None) -> GiftCard:
    found = desk.repositories.gift_card(gift.card_id_of(number_hash)) if number_hash else None
    if found is None or found[1] != number_hash:
        raise UnknownGiftCard("We do not know a gift card with this number. Nothing was booked. Check its digits.")
    card = found[0]
    if card.expires_at and card.expires_at <= desk.now_ms:
        raise GiftCardExpired(
            f"The gift card {card.masked} has expired. Nothing was booked. Please ask an attendant.",
            expired_at=card.expires_at,
        )
    return card


def sell_gift(command: SellGift, desk: Desk) -> GiftLineAnswer:
    """Put money for a card into an open basket. The card is known from now on, and empty until that is paid."""
    basket = named_basket(desk, command.basket_id)
    baskets.check_open(basket)
    check_is_sale(basket)
    if command.number_hash is None:
        raise UnknownGiftCard("This is not the number of a gift card. Nothing was changed. Check its digits.")
    card_id = gift.card_id_of(command.number_hash)
    found = desk.repositories.gift_card(card_id)
    if found is None:
        card = GiftCard(card_id=card_id, masked=command.masked)
        desk.record(
            GiftCardMoved(card=card, change_cents=0, number_hash=command.number_hash, basket_id=basket.basket_id)
        )
    elif found[1] != command.number_hash:
        raise AlreadyExists("This number cannot be used. Nothing was changed. Take another card.")
    item_id = GIFT_ITEM + card_id
    if any(line.item_id == item_id and not line.is_voided for line in basket.lines):
        raise AlreadyExists("This card is in the basket already. Nothing was changed. Take it back to change it.")
    after, line = baskets.add_gift(basket, item_id, command.masked, command.amount_cents)
    desk.record(ItemScanned(terminal=basket.terminal, basket_id=basket.basket_id, line=line, totals=after.totals))
    return GiftLineAnswer(basket.basket_id, line, after.totals)
