"""Coupons: which number they have, which promotion they open, and why one is not taken.

A coupon is a promotion's key (`Promotion.coupon`). One whose number goes on with a serial (a Global Coupon Number, GS1
General Specifications 3.9.4) is one very piece of paper and can be used once in the store; all others can be handed in
once with each basket.
"""

from typing import NamedTuple

from kiosk_server.domain import barcode
from kiosk_server.domain.basket import Basket, HeldCoupon, Line
from kiosk_server.domain.errors import BadCode, CouponNotTaken
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.promotion import Book, Promotion, ran_within
from kiosk_server.domain.reading import Coupon, CouponKind, HandOff, Reading

GCN_LENGTH = 13


class Handed(NamedTuple):
    """What was handed in: its whole number, and the number under which a promotion may be waiting for it."""

    code: str
    number: str

    @property
    def has_serial(self) -> bool:
        return self.code != self.number


def coupon_number(text: str, policy: Policy) -> str:
    """The number of a coupon as it is scanned. Raises BadCode for what is no coupon and no word of the store's own."""
    found = barcode.read(text, policy)
    if isinstance(found, HandOff):
        raise BadCode("This is the code of a basket, not of a coupon.")
    return handed(found).number


def handed(found: Coupon | Reading) -> Handed:
    """What a scan hands in, if it is a coupon. Words of the store's own ("SUMMER10") count in capitals or not."""
    if isinstance(found, Reading):
        code = found.code.upper()
        return Handed(code, code)
    is_serial = found.code.isdecimal() and len(found.code) > GCN_LENGTH and found.kind is CouponKind.GCN
    return Handed(found.code, found.code[:GCN_LENGTH] if is_serial else found.code)


def opened_by(coupon: Handed, book: Book) -> Promotion | None:
    """The promotion that this coupon opens, also one that has ended."""
    return book.by_coupon.get(coupon.number)


def take(basket: Basket, coupon: Handed, promotion: Promotion | None, now_ms: int, policy: Policy) -> HeldCoupon:
    """The coupon as the basket holds it. Raises CouponNotTaken (details: `reason`), saying why."""
    if promotion is None:
        raise _not_taken(coupon, "unknown", "This coupon is not valid in this store.")
    if any(held.code == coupon.code or held.promotion_id == promotion.promotion_id for held in basket.coupons):
        raise _not_taken(coupon, "held", "This basket has this coupon already; one counts.")
    if not ran_within(promotion, basket.opened_at or now_ms, now_ms, policy):
        raise _not_now(coupon, promotion)
    return HeldCoupon(code=coupon.code, promotion_id=promotion.promotion_id, name=promotion.name)


def _not_now(coupon: Handed, promotion: Promotion) -> CouponNotTaken:
    if promotion.is_ended:
        return _not_taken(coupon, "ended", f"The offer “{promotion.name}” has ended.")
    days = [f"from {promotion.starts_on}"] if promotion.starts_on else []
    days += [f"until {promotion.ends_on}"] if promotion.ends_on else []
    when = f" It is valid {' '.join(days)}." if days else " It is not valid on this day or at this hour."
    return _not_taken(
        coupon,
        "not_now",
        f"The coupon “{promotion.name}” is not valid now.{when}",
        starts_on=promotion.starts_on,
        ends_on=promotion.ends_on,
    )


def used_before(coupon: Handed, where: str, *, is_used: bool) -> CouponNotTaken:
    """The refusal for one piece of paper that somebody has handed in already."""
    if is_used:
        return _not_taken(coupon, "used", "This coupon was used before; it is good for one purchase.")
    return _not_taken(coupon, "elsewhere", f"This coupon is in the basket at {where} just now.")


def _not_taken(coupon: Handed, reason: str, why: str, **more: str) -> CouponNotTaken:
    return CouponNotTaken(
        f"{why} Nothing was changed. An attendant can help.", reason=reason, code=coupon.code[:40], **more
    )


def saved_by(lines: tuple[Line, ...], code: str) -> int:
    """What the coupon takes off these lines, in cents."""
    return sum(off.amount_cents for line in lines if not line.is_voided for off in line.discounts if off.coupon == code)
