"""What is stored of promotions, coupons and baskets that are carried to another lane: rows to values."""

import sqlite3
from typing import NamedTuple

import msgspec

from kiosk_server.domain.basket import HeldCoupon
from kiosk_server.domain.promotion import Promotion

_promotion = msgspec.json.Decoder(Promotion)


class Holder(NamedTuple):
    """Who has a coupon: a basket, where it stands, and whether it was paid with it."""

    basket_id: str
    terminal: str
    is_used: bool


class HandedOver(NamedTuple):
    """A basket on its way to another lane. `taken_by` is where it went on; "" while nobody has scanned its code."""

    basket_id: str
    expires_at: int
    taken_by: str


def latest(driver: sqlite3.Connection) -> tuple[Promotion, ...]:
    """The latest revision of each promotion, ended ones too, by id."""
    found = driver.execute("SELECT data FROM promotions WHERE is_latest = 1 ORDER BY promotion_id")
    return tuple(_promotion.decode(data) for (data,) in found)


def revision(driver: sqlite3.Connection, promotion_id: str, number: int) -> Promotion | None:
    """A promotion as it was then."""
    query = "SELECT data FROM promotions WHERE promotion_id = ? AND revision = ?"
    row = driver.execute(query, (promotion_id, number)).fetchone()
    return _promotion.decode(row[0]) if row else None


def coupons_of(driver: sqlite3.Connection, basket_id: str) -> tuple[HeldCoupon, ...]:
    found = driver.execute(
        "SELECT code, promotion_id, name FROM coupons WHERE basket_id = ? ORDER BY code", (basket_id,)
    )
    return tuple(HeldCoupon(code=code, promotion_id=promotion_id, name=name) for code, promotion_id, name in found)


def holder_of(driver: sqlite3.Connection, code: str) -> Holder | None:
    """Baskets that came to nothing or were filled in training do not count, nor where the coupon took nothing off."""
    query = (
        "SELECT coupons.basket_id, baskets.terminal, coupons.is_used FROM coupons JOIN baskets USING (basket_id) "
        "WHERE code = ? AND NOT is_training AND (is_used = 1 OR state IN ('open', 'tendering', 'suspended')) "
        "ORDER BY is_used DESC LIMIT 1"
    )
    row = driver.execute(query, (code,)).fetchone()
    return Holder(row[0], row[1], bool(row[2])) if row else None


def hand_off(driver: sqlite3.Connection, fingerprint: str) -> HandedOver | None:
    query = "SELECT basket_id, expires_at, taken_by FROM hand_offs WHERE fingerprint = ?"
    row = driver.execute(query, (fingerprint,)).fetchone()
    return HandedOver(*row) if row else None
