"""When a basket needs a human: restricted items, many of one, much taken back, a random look before paying."""

import zlib
from itertools import zip_longest

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.people import raise_for, raise_or_revise, resolve, revise, settle_lane
from kiosk_server.domain.basket import Basket, Line, check_cap
from kiosk_server.domain.catalog import Item, ItemKind
from kiosk_server.domain.errors import AttendantNeeded, NotForSale
from kiosk_server.domain.intervention import (
    SKIPPED,
    Evidence,
    Intervention,
    InterventionKind,
    Outcome,
    holding_paying,
    holding_scanning,
)
from kiosk_server.domain.line import taken_back_cents
from kiosk_server.domain.pricing import check_for_sale
from kiosk_server.domain.terminal import Kind, Terminal

_REVIEWED = (InterventionKind.AGE, InterventionKind.QUANTITY_CAP)
_OF_A_LINE = (InterventionKind.VOID_ABOVE_LIMIT, InterventionKind.PRICE_OVERRIDE)


def check_may_scan(desk: Desk, terminal: Terminal) -> None:
    """Raise AttendantNeeded while something must be looked at before anything more is scanned."""
    if terminal.kind is not Kind.LANE or terminal.state != "held":
        return
    if holding := holding_scanning(desk.repositories.open_interventions(terminal.name)):
        raise _attendant_needed(holding, "Nothing was added. Please wait a moment: somebody is on the way.")


def check_may_grow(desk: Desk, terminal: Terminal, basket: Basket, line: Line, more: int) -> None:
    """Raise NotForSale for more of what was recalled meanwhile, OutOfRange for more than the item allows.

    A lane takes more than that, and asks before paying.
    """
    item = desk.repositories.item(line.item_id)
    if item is None:
        return
    check_for_sale(item)
    if terminal.kind is not Kind.LANE:
        check_cap(basket, item, more)


def check_recalls(desk: Desk, basket: Basket) -> None:
    """Raise NotForSale (details: `line_id` too) for what was recalled after it had gone into the basket.

    Asked before each payment that would take new money. What cannot be taken out again is not asked about: fuel is in
    its tank, and what was released has been made.
    """
    goods = [line for line in basket.lines if not line.is_voided and line.kind is not ItemKind.FUEL]
    if basket.is_released or not goods:
        return
    items = desk.repositories.items_by_ids({line.item_id for line in goods})
    for line in goods:
        item = items.get(line.item_id)
        if item is not None and item.is_withdrawn:
            raise NotForSale(
                f"{item.name} has been recalled and must not be sold. Nothing was booked. "
                "Please take it out of the basket, leave it with an attendant, and pay for the rest.",
                item_id=item.item_id,
                item_name=item.name,
                line_id=line.line_id,
                reason="withdrawn",
            )


def review_item(desk: Desk, terminal: Terminal, basket: Basket, item: Item) -> None:
    """Look at what was just added. Items without restrictions, nearly all, cost nothing here."""
    if terminal.kind is Kind.LANE and (item.minimum_age or item.max_quantity):
        review(desk, basket)


def review_line(desk: Desk, terminal: Terminal, basket: Basket, line: Line) -> None:
    """Look at a line that has grown or shrunk."""
    item = desk.repositories.item(line.item_id)
    if item is not None:
        review_item(desk, terminal, basket, item)


def review_change(desk: Desk, basket: Basket) -> None:
    """Something was taken out or made fewer: perhaps nobody needs to look any more."""
    waiting = desk.repositories.open_interventions(basket.terminal)
    if any(one.kind in _REVIEWED or _is_about_a_line(one) for one in waiting):
        review(desk, basket)


def _is_about_a_line(one: Intervention) -> bool:
    """Whether there is nothing left to decide once its line was taken back."""
    return one.kind in _OF_A_LINE or one.evidence.reason == SKIPPED


def review(desk: Desk, basket: Basket) -> None:
    """Raise what this basket calls for and was not approved, and withdraw what it calls for no more."""
    live = [line for line in basket.lines if not line.is_voided]
    items = desk.repositories.items_by_ids({line.item_id for line in live})
    history = desk.repositories.interventions_of(basket.basket_id)
    wanted = [*_ages(live, items), *_caps(live, items)]
    due = [(kind, evidence) for kind, evidence in wanted if not _was_approved(history, kind, evidence)]
    for kind, evidence in due:
        raise_or_revise(desk, basket, kind, evidence)
    keys = {_key(kind, evidence) for kind, evidence in due}
    gone = {line.line_id for line in basket.lines if line.is_voided}
    for one in history:
        is_over = one.kind in _REVIEWED and _key(one.kind, one.evidence) not in keys
        if one.outcome is None and (is_over or (_is_about_a_line(one) and one.evidence.line_id in gone)):
            resolve(desk, one, Outcome.WITHDRAWN)
    settle_lane(desk, basket.terminal)


def _key(kind: InterventionKind, evidence: Evidence) -> tuple[InterventionKind, str]:
    # One look at the customer serves every bottle; how many of a thing is asked for each thing.
    return (kind, "" if kind is InterventionKind.AGE else evidence.item_id)


def _ages(lines: list[Line], items: dict[str, Item]) -> list[tuple[InterventionKind, Evidence]]:
    """At most one: for the line that asks for the highest age."""
    restricted = [(item.minimum_age, line) for line in lines if (item := items.get(line.item_id)) and item.minimum_age]
    if not restricted:
        return []
    age, line = max(restricted, key=lambda one: one[0])
    return [
        (
            InterventionKind.AGE,
            Evidence(
                line_id=line.line_id,
                item_name=line.name,
                minimum_age=age,
                quantity=sum(each.quantity for _, each in restricted),
            ),
        )
    ]


def _caps(lines: list[Line], items: dict[str, Item]) -> list[tuple[InterventionKind, Evidence]]:
    found = []
    for item_id, item in items.items():
        of_it = [line for line in lines if line.item_id == item_id]
        pieces = sum(line.quantity for line in of_it)
        if item.max_quantity and pieces > item.max_quantity:
            evidence = Evidence(
                line_id=of_it[-1].line_id,
                item_id=item_id,
                item_name=item.name,
                code=item.code or "",
                quantity=pieces,
                limit=item.max_quantity,
            )
            found.append((InterventionKind.QUANTITY_CAP, evidence))
    return found


def _was_approved(history: tuple[Intervention, ...], kind: InterventionKind, wanted: Evidence) -> bool:
    """Whether somebody has already approved as much: as high an age, or as many of the same."""
    for one in history:
        if one.kind is not kind or one.outcome is not Outcome.APPROVED:
            continue
        seen = one.evidence
        if kind is InterventionKind.AGE and (seen.minimum_age or 0) >= (wanted.minimum_age or 0):
            return True
        is_same = seen.item_id == wanted.item_id
        if kind is InterventionKind.QUANTITY_CAP and is_same and (seen.quantity or 0) >= (wanted.quantity or 0):
            return True
    return False


def gate_paying(desk: Desk, terminal: Terminal, basket: Basket) -> Intervention | None:
    """What stands between this basket and paying: AttendantNeeded for what is open, or the random check that begins.

    None: it may be paid. Only lanes are held up; a stall's carhop looks at everything anyway.
    """
    if terminal.kind is not Kind.LANE:
        return None
    history = desk.repositories.interventions_of(basket.basket_id)
    if holding := holding_paying(history, basket.basket_id):
        raise _attendant_needed(holding, "Nothing was booked. Somebody looks at your items first, then you can pay.")
    if not _is_drawn(basket.basket_id, desk.policy.lane.random_check_permille):
        return None
    if any(_was_looked_through(one, basket) for one in history):
        return None
    totals = basket.totals
    evidence = Evidence(quantity=totals.items, amount_cents=totals.total_cents, pieces=_pieces(basket))
    raised = raise_for(
        desk, terminal.name, InterventionKind.RANDOM_CHECK, basket_id=basket.basket_id, evidence=evidence
    )
    settle_lane(desk, terminal.name)
    return raised


def _was_looked_through(one: Intervention, basket: Basket) -> bool:
    """Whether all that is in the basket by now was: what is scanned after a check was seen by nobody, whatever went for
    it.
    """
    if one.kind is not InterventionKind.RANDOM_CHECK or one.outcome is not Outcome.APPROVED:
        return False
    both = zip_longest(one.evidence.pieces, _pieces(basket), fillvalue=0)
    return all(now <= seen for seen, now in both)


def _pieces(basket: Basket) -> tuple[int, ...]:
    """How many of each line; a line keeps its number for ever, so two of these can be compared one by one."""
    live = {line.line_id: line.quantity for line in basket.lines if not line.is_voided}
    return tuple(live.get(line_id, 0) for line_id in range(1, max(live, default=0) + 1))


def _is_drawn(basket_id: str, permille: int) -> bool:
    """The same answer for a basket for ever, and nothing a customer could learn to steer."""
    return zlib.crc32(basket_id.encode()) % 1000 < permille


def _attendant_needed(holding: tuple[Intervention, ...], message: str) -> AttendantNeeded:
    return AttendantNeeded(
        message,
        kinds=[one.kind.value for one in holding],
        interventions=[one.intervention_id for one in holding],
    )


def may_take_back(desk: Desk, terminal: Terminal, basket: Basket, amount_cents: int, evidence: Evidence) -> bool:
    """Whether the customer may take this back alone; otherwise somebody was asked, and nothing changes until then."""
    if terminal.kind is not Kind.LANE:
        return True
    taken_cents = sum(taken_back_cents(line) for line in basket.lines)
    if taken_cents + amount_cents <= desk.policy.lane.void_limit_cents:
        return True
    for one in desk.repositories.open_interventions(terminal.name, InterventionKind.VOID_ABOVE_LIMIT):
        if one.basket_id == basket.basket_id and one.evidence.line_id == evidence.line_id:
            revise(desk, one, evidence)  # the same wish, or by now another one
            return False
    raise_for(desk, terminal.name, InterventionKind.VOID_ABOVE_LIMIT, basket_id=basket.basket_id, evidence=evidence)
    settle_lane(desk, terminal.name)
    return False


def of_line(line: Line, **more: int | str | None) -> Evidence:
    """Evidence about one line."""
    known: dict[str, int | str | None] = {
        "line_id": line.line_id,
        "item_id": line.item_id,
        "item_name": line.name,
        "code": line.code or "",
        "unit_price_cents": line.unit_price_cents,
    }
    return Evidence(**{**known, **more})  # type: ignore[arg-type]
