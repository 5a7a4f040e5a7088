"""Why a line costs what it costs: its price taken apart, rule by rule, from what the journal says of it.

Nothing here looks at the catalog or at the promotions of today: what a line was scanned at, what staff changed and
which revision of which promotion acted on it stand in its own events. The amounts of the steps add up to what the
line counts, to the cent.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

import msgspec

from kiosk_server.domain import events as e
from kiosk_server.domain.catalog import ItemKind
from kiosk_server.domain.line import Line, price_cents
from kiosk_server.domain.money import divide_half_up
from kiosk_server.domain.pricing import GRAMS_PER_KG
from kiosk_server.domain.promotion import Promotion


class Rule(StrEnum):
    """Which rule a step follows."""

    PRICE = "price"  # so many pieces at the price of one
    WEIGHT = "weight"  # weight times the price of a kilogram
    LABEL = "label"  # what the label on the piece said
    FUEL = "fuel"  # volume times the price of a litre
    OVERRIDE = "override"  # staff decided on another price for a piece
    CHOICE = "choice"  # a larger size, something extra
    AT_LEAST_FREE = "at_least_free"  # choices make a piece free at most, they give no money back
    PROMOTION = "promotion"
    DEPOSIT = "deposit"
    VOID = "void"  # taken back: it counts nothing


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One rule and what it adds (`amount_cents`, below 0 where it takes off); `sum_cents` is the price so far.

    `name` is the choice's or promotion's, `by` who decided, `at` when (ms since 1970, UTC). `promotion` holds its terms
    as they were then.
    """

    rule: Rule
    amount_cents: int
    sum_cents: int = 0
    name: str = ""
    quantity: int = 0
    unit_price_cents: int = 0
    weight_g: int = 0
    price_per_kg_cents: int = 0
    volume_ml: int = 0
    unit_price_mills: int = 0
    by: str = ""
    at: int = 0
    coupon: str = ""
    promotion: Promotion | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the journal that changed the line, and what it was after it."""

    seq: int
    at: int
    type: str
    by: str
    quantity: int
    total_cents: int


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """The line as it stands, its price step by step, and how it came to be so."""

    basket_id: str
    line: Line
    steps: tuple[Step, ...]
    history: tuple[Change, ...]


class Fact(msgspec.Struct, frozen=True):
    """One event of the basket, and where it stands in the journal."""

    seq: int
    at: int
    type: str
    by: str
    event: e.Event


PromotionOf = Callable[[str, int], Promotion | None]
"""A promotion by its id and revision, as it was then."""


def explain(basket_id: str, line_id: int, facts: Iterable[Fact], promotion_of: PromotionOf) -> Why | None:
    """Why the line costs what it does after these facts, oldest first; None where they know no such line."""
    line: Line | None = None
    history: list[Change] = []
    scanned_cents = 0
    override: Fact | None = None
    for fact in facts:
        found = _line_in(fact.event, basket_id, line_id)
        if found is None:
            continue
        if line is None:
            scanned_cents = found.unit_price_cents
        if isinstance(fact.event, e.PriceOverridden):
            override = fact
        line = found
        history.append(
            Change(
                seq=fact.seq,
                at=fact.at,
                type=fact.type,
                by=fact.by,
                quantity=line.quantity,
                total_cents=0 if line.is_voided else line.total_cents,
            )
        )
    if line is None:
        return None
    steps = _summed([*_price_steps(line, scanned_cents, override), *_later_steps(line, promotion_of)])
    return Why(basket_id=basket_id, line=line, steps=steps, history=tuple(history))


def _line_in(event: e.Event, basket_id: str, line_id: int) -> Line | None:
    lines: tuple[Line, ...] = ()
    if isinstance(event, e.ItemScanned | e.QuantityChanged | e.LineVoided | e.PriceOverridden):
        lines = (event.line,) if event.basket_id == basket_id else ()
    elif isinstance(event, e.PromotionsApplied):
        lines = event.lines if event.basket_id == basket_id else ()
    return next((line for line in lines if line.line_id == line_id), None)


def _price_steps(line: Line, scanned_cents: int, override: Fact | None) -> Iterator[Step]:
    yield _first_step(line, scanned_cents)
    if override is not None:
        yield Step(
            rule=Rule.OVERRIDE,
            amount_cents=(line.unit_price_cents - scanned_cents) * line.quantity,
            quantity=line.quantity,
            unit_price_cents=line.unit_price_cents,
            by=override.by,
            at=override.at,
        )
    whole = line.unit_price_cents * line.quantity
    for choice in line.modifiers:
        whole += choice.price_cents * line.quantity
        yield Step(rule=Rule.CHOICE, amount_cents=choice.price_cents * line.quantity, name=choice.name)
    if whole != price_cents(line):
        yield Step(rule=Rule.AT_LEAST_FREE, amount_cents=price_cents(line) - whole)


def _first_step(line: Line, scanned_cents: int) -> Step:
    if line.kind is ItemKind.FUEL:
        return Step(
            rule=Rule.FUEL,
            amount_cents=scanned_cents,
            volume_ml=line.volume_ml or 0,
            unit_price_mills=line.unit_price_mills or 0,
        )
    per_kg = line.price_per_kg_cents
    if line.weight_g is not None and per_kg is not None:
        is_computed = divide_half_up(line.weight_g * per_kg, GRAMS_PER_KG) == scanned_cents
        return Step(
            rule=Rule.WEIGHT if is_computed else Rule.LABEL,
            amount_cents=scanned_cents,
            weight_g=line.weight_g,
            price_per_kg_cents=per_kg,
        )
    return Step(
        rule=Rule.PRICE,
        amount_cents=scanned_cents * line.quantity,
        quantity=line.quantity,
        unit_price_cents=scanned_cents,
    )


def _later_steps(line: Line, promotion_of: PromotionOf) -> Iterator[Step]:
    for off in line.discounts:
        yield Step(
            rule=Rule.PROMOTION,
            amount_cents=-off.amount_cents,
            name=off.name,
            quantity=off.pieces,
            coupon=off.coupon,
            promotion=promotion_of(off.promotion_id, off.revision),
        )
    if line.deposit_cents:
        yield Step(rule=Rule.DEPOSIT, amount_cents=line.deposit_cents, quantity=line.quantity)
    if line.is_voided:
        yield Step(rule=Rule.VOID, amount_cents=-line.total_cents)


def _summed(steps: Iterable[Step]) -> tuple[Step, ...]:
    done, total = [], 0
    for step in steps:
        total += step.amount_cents
        done.append(msgspec.structs.replace(step, sum_cents=total))
    return tuple(done)
