"""A human must look before the basket goes on: what for, with what evidence, and how it ends.

Everything that follows from a kind of intervention is its row in RULES: what it stops, who may end it, and what each
end does to the basket. What was stopped is written into the intervention itself, so that a change of the settings
never frees or blocks a basket in mid-air.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec

from kiosk_server.domain.lane_rules import AgeCheck, LaneRules
from kiosk_server.domain.staff import Role


class InterventionKind(StrEnum):
    ASSISTANCE = "assistance"
    CASH = "cash"
    PUMP_CALL = "pump_call"
    AGE = "age"
    UNKNOWN_ITEM = "unknown_item"
    NOT_FOR_SALE = "not_for_sale"
    RECALLED = "recalled"
    EXPIRED = "expired"
    QUANTITY_CAP = "quantity_cap"
    WEIGHT_MISMATCH = "weight_mismatch"
    OWN_BAG = "own_bag"
    VOID_ABOVE_LIMIT = "void_above_limit"
    PRICE_OVERRIDE = "price_override"
    RANDOM_CHECK = "random_check"
    WALK_OFF = "walk_off"
    PAYMENT = "payment"  # nobody knows whether a card was charged
    REFUND = "refund"  # a card would not take its money back


class Outcome(StrEnum):
    """`done`: looked at, with nothing to decide. `withdrawn`: nobody needs to look any more."""

    DONE = "done"
    APPROVED = "approved"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What whoever looks has to know; only what the kind calls for is there. Weights in grams, ages in years.

    `quantity` is what the customer wants, `limit` what may be without being asked. `unit_price_cents` is the price now,
    `amount_cents` what is at stake: the price wanted, or the worth of what is to be taken back. `expires_on` is ISO
    8601. `reason` is a word for programs (`unplugged`, `skipped`), never a sentence. `pieces` are those of each line of
    the basket, from line 1 on, 0 where it was taken back.
    """

    line_id: int | None = None
    item_id: str = ""
    item_name: str = ""
    code: str = ""
    quantity: int | None = None
    limit: int | None = None
    expected_g: int | None = None
    measured_g: int | None = None
    minimum_age: int | None = None
    unit_price_cents: int | None = None
    amount_cents: int | None = None
    expires_on: str = ""
    reason: str = ""
    pieces: tuple[int, ...] = ()


class Intervention(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the console's inbox. Times are ms since 1970, UTC; the inbox is ordered by `raised_at`.

    `claimed_by` is who is on the way, since `claimed_at`. While it is open, `is_holding_scanning` keeps its lane from
    scanning and `is_holding_paying` its basket from being paid.
    """

    intervention_id: str
    kind: InterventionKind
    terminal: str
    raised_at: int
    basket_id: str | None = None
    amount_cents: int | None = None
    outcome: Outcome | None = None
    resolved_at: int | None = None
    resolved_by: str = ""
    note: str = ""
    evidence: Evidence = Evidence()
    claimed_by: str = ""
    claimed_at: int | None = None
    is_holding_scanning: bool = False
    is_holding_paying: bool = False


class Effect(StrEnum):
    """What the end of an intervention does to the basket."""

    NOTHING = "nothing"
    REMEMBER = "remember"  # the same is not asked again for this basket
    VOID_LINES = "void_lines"  # those that need this age
    CUT_TO_LIMIT = "cut_to_limit"
    TARE = "tare"  # the bagging area agrees with the basket from here on, and what was weighed is learned
    ALLOW_BAG = "allow_bag"
    VOID_ASKED = "void_asked"  # the line, the pieces or the basket that the customer wanted to take back
    REPRICE = "reprice"
    VOID_BASKET = "void_basket"


class Rule(msgspec.Struct, frozen=True):
    """One row: what a kind stops while it is open, who may end it, and what both ends do.

    `is_call` marks what the customer asked for and may go on without: paying or leaving withdraws it. `needs_note`:
    money changes hands by a word, so whoever says it says why.
    """

    stops_scanning: bool
    stops_paying: bool
    resolvers: frozenset[Role]
    approved: Effect = Effect.NOTHING
    denied: Effect = Effect.NOTHING
    is_call: bool = False
    has_decision: bool = True
    needs_note: bool = False


_MANAGEMENT: Final = frozenset({Role.MANAGER, Role.OWNER, Role.LOCAL})
_CASHIERS: Final = _MANAGEMENT | {Role.CASHIER}
_STAFF: Final = _CASHIERS | {Role.ATTENDANT}

_CALL: Final = Rule(False, False, _STAFF, is_call=True, has_decision=False)

K = InterventionKind
RULES: Final[Mapping[InterventionKind, Rule]] = MappingProxyType(
    {
        # kind: scanning stops? paying stops? who may end it, what approving does, what denying does
        K.ASSISTANCE: _CALL,
        # Ended by ConfirmCash, LeaveTender and AuthorisePump, never by a plain "done".
        K.CASH: Rule(False, False, frozenset(), has_decision=False),
        # Ended by the reader's word or CancelPayment, and by SettleRefund.
        K.PAYMENT: Rule(False, False, frozenset(), has_decision=False),
        K.REFUND: Rule(False, False, frozenset(), has_decision=False),
        K.PUMP_CALL: Rule(False, False, _STAFF, has_decision=False),
        # By `lane.age_check` the lane goes on scanning until it is paid for.
        K.AGE: Rule(False, True, _STAFF, Effect.REMEMBER, Effect.VOID_LINES),
        # Nothing of these went into the basket: there is nothing to take out of it either.
        K.UNKNOWN_ITEM: _CALL,
        K.NOT_FOR_SALE: _CALL,
        K.RECALLED: _CALL,
        K.EXPIRED: _CALL,
        K.QUANTITY_CAP: Rule(False, True, _STAFF, Effect.REMEMBER, Effect.CUT_TO_LIMIT),
        K.WEIGHT_MISMATCH: Rule(True, True, _STAFF, Effect.TARE, Effect.NOTHING),
        K.OWN_BAG: Rule(True, True, _STAFF, Effect.ALLOW_BAG, Effect.NOTHING),
        K.VOID_ABOVE_LIMIT: Rule(False, True, _STAFF, Effect.VOID_ASKED, Effect.NOTHING, needs_note=True),
        K.PRICE_OVERRIDE: Rule(False, True, _CASHIERS, Effect.REPRICE, Effect.NOTHING, needs_note=True),
        K.RANDOM_CHECK: Rule(False, True, _STAFF, Effect.REMEMBER, Effect.NOTHING),
        # Approved: the customer is gone. Denied: they are back.
        K.WALK_OFF: Rule(True, True, _STAFF, Effect.VOID_BASKET, Effect.NOTHING),
    }
)


def is_stopping_scanning(kind: InterventionKind, rules: LaneRules) -> bool:
    if kind is K.AGE:
        return rules.age_check is AgeCheck.SCAN
    return RULES[kind].stops_scanning


def holding_scanning(interventions: Iterable[Intervention]) -> tuple[Intervention, ...]:
    """Those open ones because of which the lane must not go on scanning."""
    return tuple(one for one in interventions if one.outcome is None and one.is_holding_scanning)


def holding_paying(interventions: Iterable[Intervention], basket_id: str) -> tuple[Intervention, ...]:
    """Those open ones because of which this basket must not be paid."""
    return tuple(
        one for one in interventions if one.outcome is None and one.is_holding_paying and one.basket_id == basket_id
    )


SKIPPED: Final = "skipped"  # the reason of a mismatch that the customer has asked for
SCALE_FAULT: Final = "scale_"  # what reasons begin with that are about a scale itself


def is_of_a_machine(one: Intervention) -> bool:
    """Whether it is about a scale and no customer: it moves no lane, and no customer's leaving ends it."""
    return one.kind is K.ASSISTANCE and one.evidence.reason.startswith(SCALE_FAULT)


def is_of_the_bagging_area(one: Intervention) -> bool:
    """Whether what lies there has called for a look, so that it is over once the area agrees with its basket."""
    return one.kind in {K.WALK_OFF, K.OWN_BAG} or (one.kind is K.WEIGHT_MISMATCH and one.evidence.reason != SKIPPED)
