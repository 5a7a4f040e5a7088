"""Promotions come into force, change and end; each change is a revision of its own."""

from collections.abc import Iterable

from msgspec.structs import replace

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import PromotionsAnswer
from kiosk_server.domain import promotion
from kiosk_server.domain.commands import ImportPromotions
from kiosk_server.domain.coupon import coupon_number
from kiosk_server.domain.errors import BadRequest, OutOfRange, Refusal
from kiosk_server.domain.events import PromotionsImported
from kiosk_server.domain.promotion import Promotion

PROMOTIONS_PER_EVENT = 200
UNKNOWN_SHOWN = 20


def import_promotions(command: ImportPromotions, desk: Desk) -> PromotionsAnswer:
    """Put promotions in force, all or none. Equal ones are left alone, so importing twice changes nothing."""
    coming = {one.promotion_id: _checked(desk, one) for one in command.promotions}
    if len(coming) < len(command.promotions):
        raise BadRequest("A promotion stands twice in one import. Nothing was imported.")
    known = desk.repositories.promotions()
    new = [_next(one, known.get(name)) for name, one in coming.items() if not _is_same(one, known.get(name))]
    gone = [one for name, one in known.items() if command.is_all and name not in coming and not one.is_ended]
    recorded = [*new, *(replace(one, is_ended=True, revision=one.revision + 1) for one in gone)]
    _check_coupons({**known, **{one.promotion_id: one for one in recorded}})
    for start in range(0, len(recorded), PROMOTIONS_PER_EVENT):
        part = tuple(recorded[start : start + PROMOTIONS_PER_EVENT])
        desk.record(PromotionsImported(promotions=part, source=command.source))
    added = sum(1 for one in new if one.promotion_id not in known)
    return PromotionsAnswer(
        added=added,
        changed=len(new) - added,
        unchanged=len(coming) - len(new),
        ended=len(gone),
        unknown_items=_unknown_items(desk, coming.values()),
    )


def _checked(desk: Desk, one: Promotion) -> Promotion:
    found = promotion.faults(one)
    if found:
        raise OutOfRange(
            f"{one.promotion_id}: {'; '.join(found)}. Nothing was imported.", promotion_id=one.promotion_id
        )
    if not one.coupon:
        return one
    try:
        return replace(one, coupon=coupon_number(one.coupon, desk.policy))
    except Refusal as refusal:
        raise OutOfRange(
            f"{one.promotion_id}: its coupon {one.coupon} cannot be scanned. {refusal.message}",
            promotion_id=one.promotion_id,
        ) from refusal


def _is_same(one: Promotion, known: Promotion | None) -> bool:
    return known is not None and replace(one, revision=known.revision) == known


def _next(one: Promotion, known: Promotion | None) -> Promotion:
    return replace(one, revision=known.revision + 1 if known else 1)


def _check_coupons(promotions: dict[str, Promotion]) -> None:
    """One coupon opens one promotion, or nobody could say which."""
    holders: dict[str, str] = {}
    for name, one in promotions.items():
        if one.coupon and not one.is_ended and holders.setdefault(one.coupon, name) != name:
            raise OutOfRange(
                f"The coupon {one.coupon} opens both {holders[one.coupon]} and {name}. Nothing was imported.",
                promotion_id=name,
                coupon=one.coupon,
            )


def _unknown_items(desk: Desk, promotions: Iterable[Promotion]) -> tuple[str, ...]:
    named = {item_id for one in promotions if not one.is_ended for group in one.groups for item_id in group.items}
    missing = named - desk.repositories.items_by_ids(named).keys()
    return tuple(sorted(missing)[:UNKNOWN_SHOWN])
