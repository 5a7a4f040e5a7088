"""Coupons: handed in with a basket by scanning them, and given back."""

from msgspec.structs import replace

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import CouponAnswer
from kiosk_server.core.handlers.offers import price_afresh
from kiosk_server.core.handlers.own import own_basket
from kiosk_server.domain import basket as baskets
from kiosk_server.domain import coupon as coupons
from kiosk_server.domain.basket import Basket, HeldCoupon
from kiosk_server.domain.commands import ReturnCoupon
from kiosk_server.domain.coupon import Handed
from kiosk_server.domain.errors import NotFound
from kiosk_server.domain.events import CouponReturned, CouponTaken


def check_coupon(desk: Desk, basket: Basket, handed: Handed) -> HeldCoupon:
    """The coupon as this basket would hold it. Raises WrongState, CouponNotTaken."""
    baskets.check_open(basket)
    held = coupons.take(basket, handed, coupons.opened_by(handed, desk.repositories.book()), desk.now_ms, desk.policy)
    if handed.has_serial:
        holder = desk.repositories.holder_of_coupon(handed.code)
        if holder is not None:
            raise coupons.used_before(handed, holder.terminal, is_used=holder.is_used)
    return held


def put_coupon(desk: Desk, basket: Basket, held: HeldCoupon) -> CouponAnswer:
    """Hold the coupon. Where nothing in the basket goes with it yet, it waits, and the answer says so."""
    desk.record(CouponTaken(terminal=basket.terminal, basket_id=basket.basket_id, coupon=held))
    after = price_afresh(desk, replace(basket, coupons=(*basket.coupons, held)))
    return _answer(after, held)


def return_coupon(command: ReturnCoupon, desk: Desk) -> CouponAnswer:
    """The customer keeps the coupon for another time."""
    _, basket = own_basket(desk)
    baskets.check_open(basket)
    held = next((one for one in basket.coupons if one.code == command.code), None)
    if held is None:
        raise NotFound("This coupon is not in the basket (any more). Nothing was changed.", code=command.code[:40])
    desk.record(CouponReturned(terminal=basket.terminal, basket_id=basket.basket_id, code=held.code))
    kept = tuple(one for one in basket.coupons if one is not held)
    return replace(_answer(price_afresh(desk, replace(basket, coupons=kept)), held), is_returned=True)


def _answer(basket: Basket, held: HeldCoupon) -> CouponAnswer:
    return CouponAnswer(basket.basket_id, held, coupons.saved_by(basket.lines, held.code), basket.totals)
