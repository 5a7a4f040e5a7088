"""What happened to money on its way."""

from kiosk_server.domain.basket import Basket
from kiosk_server.domain.events.event import Event
from kiosk_server.domain.gift import GiftCard
from kiosk_server.domain.payment import Payment


class PaymentMoved(Event, frozen=True):
    """A payment was asked for, or is in another state. `due_cents` is what is left to pay after it."""

    basket_id: str
    payment: Payment
    due_cents: int


class RefundStarted(Event, frozen=True):
    """Goods come back: `basket` holds them with negative amounts, and why; BasketPaid writes the receipt of it."""

    basket: Basket
    by: str


class GiftCardMoved(Event, frozen=True):
    """A gift card was sold, loaded, redeemed or given money back. `card` is as it stands now."""

    card: GiftCard
    change_cents: int
    number_hash: str
    basket_id: str = ""
    payment_id: str = ""
