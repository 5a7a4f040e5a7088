"""What happened to promotions and coupons, and baskets that are carried to another lane."""

from kiosk_server.domain.basket import HeldCoupon
from kiosk_server.domain.events.event import Event
from kiosk_server.domain.promotion import Promotion


class PromotionsImported(Event, frozen=True):
    """New, changed or ended promotions, each with its new revision, at most 200 an event."""

    promotions: tuple[Promotion, ...]
    source: str = ""


class CouponTaken(Event, frozen=True):
    """A coupon was handed in with a basket. What it takes off follows as `promotions_applied`, if it does now."""

    basket_id: str
    coupon: HeldCoupon


class CouponReturned(Event, frozen=True):
    """The customer has the coupon with this code back; it counts no more."""

    basket_id: str
    code: str


class HandOffOffered(Event, frozen=True):
    """Whoever scans the code of this fingerprint before `expires_at` (ms since 1970, UTC) takes the basket over."""

    basket_id: str
    fingerprint: str
    expires_at: int
