"""How events of promotions, coupons and hand-offs change the state tables."""

import sqlite3
from collections.abc import Callable
from typing import Any

import msgspec

from kiosk_server.domain import events as e
from kiosk_server.domain.tender import Receipt
from kiosk_server.store.journal import Entry


def _promotions_imported(db: sqlite3.Connection, event: e.PromotionsImported, _: Entry) -> None:
    ids = [(one.promotion_id,) for one in event.promotions]
    db.executemany("UPDATE promotions SET is_latest = 0 WHERE promotion_id = ? AND is_latest = 1", ids)
    db.executemany(
        "INSERT INTO promotions (promotion_id, revision, data, is_latest) VALUES (?, ?, ?, 1)",
        [(one.promotion_id, one.revision, msgspec.json.encode(one).decode()) for one in event.promotions],
    )


def _coupon_taken(db: sqlite3.Connection, event: e.CouponTaken, _: Entry) -> None:
    held = event.coupon
    query = "INSERT INTO coupons (basket_id, code, promotion_id, name) VALUES (?, ?, ?, ?)"
    db.execute(query, (event.basket_id, held.code, held.promotion_id, held.name))
    db.execute("UPDATE baskets SET has_coupons = 1 WHERE basket_id = ?", (event.basket_id,))


def _coupon_returned(db: sqlite3.Connection, event: e.CouponReturned, _: Entry) -> None:
    db.execute("DELETE FROM coupons WHERE basket_id = ? AND code = ?", (event.basket_id, event.code))


def _hand_off_offered(db: sqlite3.Connection, event: e.HandOffOffered, _: Entry) -> None:
    query = "INSERT INTO hand_offs (fingerprint, basket_id, expires_at) VALUES (?, ?, ?)"
    db.execute(query, (event.fingerprint, event.basket_id, event.expires_at))


def use_coupons(db: sqlite3.Connection, basket_id: str, receipt: Receipt) -> None:
    """Of a paid basket's coupons, those are spent that have taken something off."""
    codes = {discount.coupon for line in receipt.lines for discount in line.discounts if discount.coupon}
    if codes and not receipt.refund_of:
        query = "UPDATE coupons SET is_used = 1 WHERE basket_id = ? AND code = ?"
        db.executemany(query, [(basket_id, code) for code in sorted(codes)])


def end_hand_offs(db: sqlite3.Connection, event: e.BasketResumed) -> None:
    """The basket goes on somewhere: none of its codes moves it again."""
    query = "UPDATE hand_offs SET taken_by = ? WHERE basket_id = ? AND taken_by = ''"
    db.execute(query, (event.terminal, event.basket_id))


OFFER_PROJECTIONS: dict[type[e.Event], Callable[[sqlite3.Connection, Any, Entry], None]] = {
    e.PromotionsImported: _promotions_imported,
    e.CouponTaken: _coupon_taken,
    e.CouponReturned: _coupon_returned,
    e.HandOffOffered: _hand_off_offered,
}
