"""How a customer comes to each kind of intervention, and what has to become of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from builders import CATALOG, POLICY, an_item
from shop import Lane, Person, Shop

from kiosk_server.domain import commands as c
from kiosk_server.domain.basket import Basket
from kiosk_server.domain.intervention import Intervention, InterventionKind, Outcome
from kiosk_server.domain.lane_rules import AgeCheck, LaneRules
from kiosk_server.domain.scale import Condition
from kiosk_server.domain.staff import Identity, Role

K = InterventionKind
SCALES = Identity(name="scales", role=Role.DRIVER)
STAFF = frozenset({Role.ATTENDANT, Role.CASHIER, Role.MANAGER, Role.OWNER, Role.LOCAL})
CASHIERS = STAFF - {Role.ATTENDANT}

WINE = an_item("wine", name="Wine", code="9001", price_cents=899, minimum_age=18)
SUGAR = an_item("sugar", name="Sugar", code="9003", price_cents=99, max_quantity=2)
TELEVISION = an_item("television", name="Television", code="9004", price_cents=49_900)
OLD_MEAT = an_item("meat", name="Meat", code="9005", price_cents=799, is_withdrawn=True)
EXPIRED = "]d2010400638133393117261119"  # milk, best before 2026-11-19; it is the 20th


def a_shop(folder: Path, **rules: Any) -> Shop:
    shop = Shop(folder, msgspec.structs.replace(POLICY, lane=LaneRules(**rules)))
    shop.stocks((*CATALOG, WINE, SUGAR, TELEVISION, OLD_MEAT))
    return shop


def says_scale(lane: Lane, measured_g: int, **more: Any) -> None:
    report = c.ReportBagging(terminal=lane.name, basket_id=lane.basket.basket_id, measured_g=measured_g, **more)
    lane.shop.asks(report, SCALES)


def scans(lane: Lane, item: Any, quantity: int = 1) -> None:
    lane.scans(item, quantity)


def brings_a_bag(lane: Lane) -> None:
    lane.does(c.DeclareBag(measured_g=900, condition=Condition.STABLE))


def asks_for_price(lane: Lane) -> None:
    lane.does(c.AskForPrice(line_id=1, unit_price_cents=99))


def calls_about(code: str) -> Callable[[Lane], None]:
    def call(lane: Lane) -> None:
        lane.does(c.CallAttendant(code=code))

    return call


def person(lane: Lane, role: Role) -> Person:
    return Person(lane.shop, f"the {role.value}", role)


def decide(somebody: Person, call: Intervention, outcome: Outcome) -> Any:
    seen = call.evidence
    order = c.ResolveIntervention(intervention_id=call.intervention_id, outcome=outcome, note="seen", seen=seen)
    return somebody.does(order)


@dataclass(frozen=True)
class Case:
    """One kind: how a customer with a pint of milk comes to it, and what the table says about it, in words of its own.

    `revises` does it once more with other evidence; `withdraws` is how the customer ends it alone.
    """

    kind: InterventionKind
    raises: Callable[[Lane], Any]
    state: str = "intervention"
    is_holding_paying: bool = True
    deciders: frozenset[Role] = STAFF
    revises: Callable[[Lane], Any] | None = None
    withdraws: Callable[[Lane], Any] | None = None
    approved: Callable[[Basket], bool] = lambda basket: basket.totals.total_cents == 129
    denied: Callable[[Basket], bool] = lambda basket: basket.totals.total_cents == 129
    is_call: bool = False
    rules: tuple[tuple[str, Any], ...] = ()


CASES = {
    "age at payment": Case(
        K.AGE,
        lambda lane: scans(lane, WINE),
        withdraws=lambda lane: lane.voids(2),
        approved=lambda basket: basket.totals.total_cents == 129 + 899,
    ),
    "age at scan": Case(
        K.AGE,
        lambda lane: scans(lane, WINE),
        state="held",
        withdraws=lambda lane: lane.voids(2),
        approved=lambda basket: basket.totals.total_cents == 129 + 899,
        rules=(("age_check", AgeCheck.SCAN),),
    ),
    "quantity cap": Case(
        K.QUANTITY_CAP,
        lambda lane: scans(lane, SUGAR, 3),
        revises=lambda lane: scans(lane, SUGAR, 2),
        withdraws=lambda lane: lane.changes(2, 2),
        approved=lambda basket: basket.lines[1].quantity >= 3,
        denied=lambda basket: basket.lines[1].quantity == 2,
    ),
    "void above the limit": Case(
        K.VOID_ABOVE_LIMIT,
        lambda lane: (scans(lane, TELEVISION), lane.voids(2)),
        approved=lambda basket: basket.lines[1].is_voided and basket.totals.total_cents == 129,
        denied=lambda basket: basket.totals.total_cents == 129 + 49_900,
    ),
    "price override": Case(
        K.PRICE_OVERRIDE,
        asks_for_price,
        deciders=CASHIERS,
        withdraws=lambda lane: (scans(lane, SUGAR), lane.voids(1)),
        approved=lambda basket: basket.totals.total_cents == 99,
    ),
    "random check": Case(K.RANDOM_CHECK, lambda lane: lane.pays(), rules=(("random_check_permille", 1000),)),
    "own bag": Case(
        K.OWN_BAG, brings_a_bag, state="held", withdraws=lambda lane: says_scale(lane, 0), rules=(("own_bag_g", 100),)
    ),
    "weight mismatch": Case(
        K.WEIGHT_MISMATCH,
        lambda lane: (scans(lane, SUGAR), lane.voids(1), says_scale(lane, -300)),
        state="held",
        revises=lambda lane: says_scale(lane, -400),
        withdraws=lambda lane: says_scale(lane, 0),
        approved=lambda basket: basket.totals.total_cents == 99,
        denied=lambda basket: basket.totals.total_cents == 99,
    ),
    "unknown item": Case(K.UNKNOWN_ITEM, calls_about("5449000000996"), is_holding_paying=False, is_call=True),
    "not for sale": Case(K.NOT_FOR_SALE, calls_about("96385074"), is_holding_paying=False, is_call=True),
    "recalled": Case(K.RECALLED, calls_about("9005"), is_holding_paying=False, is_call=True),
    "expired": Case(K.EXPIRED, calls_about(EXPIRED), is_holding_paying=False, is_call=True),
    "help": Case(K.ASSISTANCE, lambda lane: lane.calls(), is_holding_paying=False, is_call=True),
}
