"""Promotions as data: what one is, when it runs, what is wrong with one, and which of them concern an item.

Two layers, so that the best price is well defined:

    offers on pieces    percent, amount, price, multi-buy, buy-n-get-m, combo: a piece takes part in one of them at most
    offers on baskets   percent or amount off what is left, from a threshold on; the threshold looks at full prices

Goods in an `excluded` promotion are in none (tobacco, books: their price is law). Deposits and fuel never are. Which
offers make the basket cheapest is decided in `best_price.py`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from kiosk_server.domain.day import business_day, local_time
from kiosk_server.domain.money import MAX_CENTS, divide_half_up
from kiosk_server.domain.policy import Policy

FULL_BP = 10_000
DAY_MINUTES = 24 * 60
DAY_MS = 24 * 60 * 60 * 1000
MAX_DAYS = 31  # a basket that was parked longer ago is not owed every offer since
MAX_BUNDLE = 20
MAX_GROUPS = 8
MIN_COMBO = 2

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

PromotionId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$(?!\n)")]
Cents = Annotated[int, Meta(ge=0, le=MAX_CENTS)]
Minute = Annotated[int, Meta(ge=0, le=DAY_MINUTES)]


class PromotionKind(StrEnum):
    PERCENT_OFF = "percent_off"
    AMOUNT_OFF = "amount_off"
    FIXED_PRICE = "fixed_price"
    MULTI_BUY = "multi_buy"
    BUY_GET = "buy_get"
    COMBO = "combo"
    BASKET_PERCENT = "basket_percent"
    BASKET_AMOUNT = "basket_amount"
    EXCLUDED = "excluded"


ON_BASKETS = frozenset({PromotionKind.BASKET_PERCENT, PromotionKind.BASKET_AMOUNT})
ON_ONE_PIECE = frozenset({PromotionKind.PERCENT_OFF, PromotionKind.AMOUNT_OFF, PromotionKind.FIXED_PRICE})


class Group(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Items by id or by category; a group that names neither holds everything. `quantity`: pieces it gives a bundle."""

    items: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    quantity: Annotated[int, Meta(ge=1, le=MAX_BUNDLE)] = 1

    def holds(self, item_id: str, category: str) -> bool:
        return item_id in self.items or category in self.categories or not (self.items or self.categories)


class Promotion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One offer. `name` is what the customer reads under the line it acts on ("2 for 3.00").

    | kind | acts on | uses |
    |---|---|---|
    | percent_off | each piece of its group | `percent_bp` |
    | amount_off | each piece of its group | `amount_cents`, at most the price |
    | fixed_price | each piece of its group | `amount_cents` instead of a higher price |
    | multi_buy | any `quantity` pieces of its group | `amount_cents` for all of them |
    | buy_get | `quantity` + `free_quantity` pieces of its group | the cheapest `free_quantity`, `percent_bp` off them |
    | combo | `quantity` pieces of each of its groups | `amount_cents` for all of them |
    | basket_percent | the basket, from `threshold_cents` on | `percent_bp` |
    | basket_amount | the basket, from `threshold_cents` on | `amount_cents` |
    | excluded | its group | nothing: no other promotion may touch it |

    `percent_bp`: hundredths of a percent. It runs on the business days `starts_on` to `ends_on` (ISO 8601, both
    included), on `weekdays` (1 Monday to 7 Sunday of the business day, none: all), from `from_minute` to before
    `until_minute` of the store's wall clock (where the second is smaller past midnight, and all of that night belongs
    to the day on which it began; all day where they are equal).
    `limit`: bundles (pieces, for offers on one piece) in one basket. `exclusive`: of the promotions that share this
    word, one acts on a basket at most. `priority`: which of two equal offers is named, and which of several basket
    offers comes first; higher is first. `coupon`: it runs only for baskets with which this code was handed in.
    `revision` counts the changes of the promotion, from 1.
    """

    promotion_id: PromotionId
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    kind: PromotionKind
    groups: Annotated[tuple[Group, ...], Meta(max_length=MAX_GROUPS)] = ()
    percent_bp: Annotated[int, Meta(ge=0, le=FULL_BP)] = 0
    amount_cents: Cents = 0
    free_quantity: Annotated[int, Meta(ge=0, le=MAX_BUNDLE)] = 0
    threshold_cents: Cents = 0
    starts_on: str = ""
    ends_on: str = ""
    weekdays: tuple[int, ...] = ()
    from_minute: Minute = 0
    until_minute: Minute = 0
    limit: Annotated[int, Meta(ge=0, le=10_000)] = 0
    exclusive: Annotated[str, Meta(max_length=64)] = ""
    priority: Annotated[int, Meta(ge=-1000, le=1000)] = 0
    coupon: Annotated[str, Meta(max_length=64)] = ""
    revision: int = 1
    is_ended: bool = False


def runs_at(promotion: Promotion, moment_ms: int, policy: Policy) -> bool:
    """Whether it is on at this moment, coupons aside."""
    if promotion.is_ended:
        return False
    is_timed = promotion.from_minute != promotion.until_minute
    if not (promotion.starts_on or promotion.ends_on or promotion.weekdays or is_timed):
        return True
    day = _day_of(promotion, moment_ms, policy)
    if (promotion.starts_on and day < promotion.starts_on) or (promotion.ends_on and day > promotion.ends_on):
        return False
    if promotion.weekdays and date.fromisoformat(day).isoweekday() not in promotion.weekdays:
        return False
    return not is_timed or _is_between(promotion, local_time(moment_ms, policy.zone))


def _day_of(promotion: Promotion, moment_ms: int, policy: Policy) -> str:
    """The business day that counts: of a night (Friday 22:00 to 2:00) that on which it began."""
    begin, end = promotion.from_minute, promotion.until_minute
    local = local_time(moment_ms, policy.zone)
    if begin <= end or local.hour * 60 + local.minute >= end:
        return business_day(moment_ms, policy.zone, policy.day_starts_at_h)
    evening = local.date() - timedelta(days=2 if begin < policy.day_starts_at_h * 60 else 1)
    return evening.isoformat()


def ran_within(promotion: Promotion, since_ms: int, until_ms: int, policy: Policy) -> bool:
    """Whether it was on at any moment from `since_ms` (at most MAX_DAYS ago) to `until_ms`."""
    since_ms = max(since_ms, until_ms - MAX_DAYS * DAY_MS)
    if runs_at(promotion, until_ms, policy) or runs_at(promotion, since_ms, policy):
        return True
    if promotion.is_ended or since_ms >= until_ms:
        return False
    # It may have begun and ended in between. It begins with a business day or at its minute, so those are looked at.
    begins = (promotion.from_minute, policy.day_starts_at_h * 60)
    moments = _moments_at(begins, since_ms, until_ms, policy.zone)
    return any(runs_at(promotion, moment, policy) for moment in moments)


def _moments_at(minutes: Iterable[int], since_ms: int, until_ms: int, zone: str) -> Iterator[int]:
    """When the wall clock showed these minutes of the day, in between."""
    first, last = local_time(since_ms, zone), local_time(until_ms, zone)
    for days in range((last.date() - first.date()).days + 1):
        day = first.date() + timedelta(days=days)
        for minute in minutes:
            hour, rest = divmod(minute % DAY_MINUTES, 60)
            moment = datetime(day.year, day.month, day.day, hour, rest, tzinfo=first.tzinfo)
            moment_ms = round(moment.timestamp() * 1000)
            if since_ms < moment_ms < until_ms:
                yield moment_ms


def _is_between(promotion: Promotion, local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    begin, end = promotion.from_minute, promotion.until_minute
    return begin <= minute < end if begin < end else minute >= begin or minute < end


def off_one_piece(promotion: Promotion, piece_cents: int) -> int:
    """What an offer on one piece takes off it; never more than it costs, never less than nothing."""
    if promotion.kind is PromotionKind.PERCENT_OFF:
        return divide_half_up(piece_cents * promotion.percent_bp, FULL_BP)
    if promotion.kind is PromotionKind.AMOUNT_OFF:
        return min(promotion.amount_cents, piece_cents)
    return max(0, piece_cents - promotion.amount_cents)


def off_basket(promotion: Promotion, full_cents: int, left_cents: int) -> int:
    """What an offer on the basket takes off `left_cents`; `full_cents` are the same goods before any promotion."""
    if full_cents < promotion.threshold_cents:
        return 0
    if promotion.kind is PromotionKind.BASKET_PERCENT:
        return divide_half_up(left_cents * promotion.percent_bp, FULL_BP)
    return min(promotion.amount_cents, left_cents)


def faults(promotion: Promotion) -> list[str]:
    """What keeps it out of the store, in words for the person who wrote it. Empty when it may go in."""
    found = [*_group_faults(promotion), *_time_faults(promotion)]
    kind = promotion.kind
    if not promotion.name.strip() or not promotion.name.isprintable():
        found.append("the name is empty or holds control characters")
    if kind in {PromotionKind.PERCENT_OFF, PromotionKind.BUY_GET, PromotionKind.BASKET_PERCENT}:
        if not promotion.percent_bp:
            found.append("it needs a percentage above 0 and up to 100")
    elif kind is not PromotionKind.EXCLUDED and not promotion.amount_cents:
        found.append("it needs an amount or a price above 0")
    if (kind is PromotionKind.BUY_GET) != (promotion.free_quantity > 0):
        found.append("buy_get, and only that, says how many pieces are free")
    if promotion.threshold_cents and kind not in ON_BASKETS:
        found.append("only offers on the whole basket have a threshold")
    if kind is PromotionKind.EXCLUDED and (promotion.coupon or promotion.exclusive or promotion.limit):
        found.append("an exclusion has neither coupon nor limit nor others that it excludes")
    return found


def _group_faults(promotion: Promotion) -> list[str]:
    groups, kind = promotion.groups, promotion.kind
    pieces = sum(group.quantity for group in groups) + promotion.free_quantity
    if kind in ON_BASKETS:
        wrong = "offers on the whole basket have no groups; keep goods out with an excluded promotion" if groups else ""
    elif kind is PromotionKind.COMBO and len(groups) < MIN_COMBO:
        wrong = "a combo has two groups or more"
    elif kind is not PromotionKind.COMBO and len(groups) != 1:
        wrong = "it needs one group of items or categories"
    elif pieces > MAX_BUNDLE:
        wrong = f"one bundle would hold {pieces} pieces, the limit is {MAX_BUNDLE}"
    elif (kind in ON_ONE_PIECE or kind is PromotionKind.EXCLUDED) and pieces != 1:
        wrong = f"{kind.value} acts on single pieces; its group has the quantity 1"
    elif kind is PromotionKind.MULTI_BUY and pieces == 1:
        wrong = "a multi_buy is of two pieces or more; for one, use fixed_price"
    else:
        wrong = ""
    return [wrong] if wrong else []


def _time_faults(promotion: Promotion) -> list[str]:
    dates = [text for text in (promotion.starts_on, promotion.ends_on) if text]
    found = [f"{text[:20]!r} is not a date like 2026-11-30" for text in dates if not _is_date(text)]
    if not found and promotion.ends_on and promotion.ends_on < promotion.starts_on:
        found.append("it ends before it begins")
    if any(not 1 <= day <= 7 for day in promotion.weekdays):
        found.append("weekdays are 1 (Monday) to 7 (Sunday)")
    return found


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


class Book:
    """All promotions of a store, found by item, by category, by coupon. Ended ones act on nothing.

    `by_coupon` has the ended ones too, so that a refusal can tell an old coupon from a strange one. Never changes once
    made.
    """

    __slots__ = ("_by_category", "_by_item", "_everything", "by_coupon", "by_id", "on_baskets")

    def __init__(self, promotions: Iterable[Promotion] = ()) -> None:
        known = sorted(promotions, key=lambda one: (one.is_ended, -one.priority, one.promotion_id))
        live = [one for one in known if not one.is_ended]
        self.by_id: Mapping[str, Promotion] = {one.promotion_id: one for one in live}
        self.by_coupon: Mapping[str, Promotion] = {one.coupon: one for one in reversed(known) if one.coupon}
        self.on_baskets = tuple(one for one in live if one.kind in ON_BASKETS)
        self._by_item: dict[str, list[Promotion]] = {}
        self._by_category: dict[str, list[Promotion]] = {}
        self._everything: list[Promotion] = []
        for one in live:
            if one.kind not in ON_BASKETS:
                self._file(one)

    def _file(self, promotion: Promotion) -> None:
        if any(not (group.items or group.categories) for group in promotion.groups):
            self._everything.append(promotion)
            return
        for item_id in {item for group in promotion.groups for item in group.items}:
            self._by_item.setdefault(item_id, []).append(promotion)
        for category in {category for group in promotion.groups for category in group.categories}:
            self._by_category.setdefault(category, []).append(promotion)

    def __bool__(self) -> bool:
        return bool(self.by_id)

    def of(self, item_id: str, category: str) -> tuple[Promotion, ...]:
        """Those on pieces that may act on this item, each once, first the one that is named first."""
        found = [*self._by_item.get(item_id, ()), *self._by_category.get(category, ()), *self._everything]
        if len(found) < 2:
            return tuple(found)
        unique = {one.promotion_id: one for one in found}
        return tuple(sorted(unique.values(), key=_name_order))


def _name_order(promotion: Promotion) -> tuple[int, str]:
    return -promotion.priority, promotion.promotion_id
