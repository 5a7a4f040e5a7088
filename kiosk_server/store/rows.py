"""Rows to structs and back, in one place: each list of columns beside the function that reads it.

The driver's plain tuples are used instead of the toolkit's rows because every scan loads a basket through here.
"""

from typing import Any, TypeAlias

import msgspec

from kiosk_server.domain.bagging import LearnedWeight
from kiosk_server.domain.basket import Basket, Discount, HeldCoupon, Line, Totals
from kiosk_server.domain.basket import State as BasketState
from kiosk_server.domain.catalog import Bagging, Item, ItemKind, Modifier, ModifierGroup
from kiosk_server.domain.intervention import Evidence, Intervention, InterventionKind, Outcome
from kiosk_server.domain.kitchen import State as TicketState
from kiosk_server.domain.kitchen import Ticket, TicketLine
from kiosk_server.domain.network_order import NetworkOrder, Treatment
from kiosk_server.domain.payment import Payment
from kiosk_server.domain.pump import FuellingPoint, Grade
from kiosk_server.domain.pump import State as PumpState
from kiosk_server.domain.staff import Member, Role, SecretKind, Session, StaffRole
from kiosk_server.domain.terminal import Enrolment, Kind, Terminal

Row: TypeAlias = tuple[Any, ...]

EMPTY = "[]"
# Looking a member up in a dict is six times faster than calling its class, and a scan does it for every line.
_KINDS = {kind.value: kind for kind in ItemKind}
_BAGGINGS = {bagging.value: bagging for bagging in Bagging}
_discounts = msgspec.json.Decoder(tuple[Discount, ...])
_modifiers = msgspec.json.Decoder(tuple[Modifier, ...])
_groups = msgspec.json.Decoder(tuple[ModifierGroup, ...])
_ticket_lines = msgspec.json.Decoder(tuple[TicketLine, ...])
_words = msgspec.json.Decoder(tuple[str, ...])
_numbers = msgspec.json.Decoder(tuple[int, ...])
_evidence = msgspec.json.Decoder(Evidence)


def as_json(value: Any) -> str:
    """JSON text for a column; the empty list, by far the most frequent, without the encoder."""
    return msgspec.json.encode(value).decode() if value else EMPTY


TERMINAL = "name, kind, enrolment, state, state_since, token_hash, added_at, basket_id, is_training"


def terminal(row: Row) -> Terminal:
    name, kind, enrolment, state, since, token_hash, added_at, basket_id, is_training = row
    return Terminal(
        name=name,
        kind=Kind(kind),
        enrolment=Enrolment(enrolment),
        state=state,
        state_since=since,
        token_hash=token_hash,
        added_at=added_at,
        basket_id=basket_id,
        is_training=bool(is_training),
    )


BASKET = (
    "basket_id, terminal, state, day, opened_at, tender, is_released, receipt_number, items, total_cents, due_cents, "
    "refund_of, reason, refunded_by, has_payments, has_coupons, is_training"
)
HAS_PAYMENTS, HAS_COUPONS = (BASKET.split(", ").index(name) for name in ("has_payments", "has_coupons"))


def basket(
    row: Row, lines: tuple[Line, ...], payments: tuple[Payment, ...] = (), coupons: tuple[HeldCoupon, ...] = ()
) -> Basket:
    basket_id, terminal_name, state, day, opened_at, tender, is_released, receipt_number, items, total, due = row[:11]
    return Basket(
        basket_id=basket_id,
        terminal=terminal_name,
        state=BasketState(state),
        lines=lines,
        totals=Totals(items, total, due, _saved_cents(lines)),
        opened_at=opened_at,
        day=day,
        tender=tender,
        is_released=bool(is_released),
        receipt_number=receipt_number,
        coupons=coupons,
        payments=payments,
        refund_of=row[11],
        reason=row[12],
        by=row[13],
        is_training=bool(row[16]),
    )


def _saved_cents(lines: tuple[Line, ...]) -> int:
    return sum(off.amount_cents for line in lines if not line.is_voided for off in line.discounts)


LINE = (
    "line_id, item_id, name, kind, quantity, unit_price_cents, total_cents, tax_class, tax_rate_bp, code, modifiers, "
    "volume_ml, unit_price_mills, is_voided, weight_g, price_per_kg_cents, deposit_cents, discounts, lot, serial, peak"
)
# With the basket in front of its columns, which `line_row` does not hold.
LINES_INTO = f"INTO lines (basket_id, {LINE}) VALUES {{rows}}"
LINES_COLUMNS = LINE.count(",") + 2


def line(row: Row) -> Line:
    number, item_id, name, kind, quantity, unit_price, total, tax_class, rate, code = row[:10]
    modifiers, volume, mills, void, weight, per_kg, deposit, discounts, lot, serial, peak = row[10:]
    return Line(
        line_id=number,
        item_id=item_id,
        name=name,
        kind=_KINDS[kind],
        quantity=quantity,
        unit_price_cents=unit_price,
        total_cents=total,
        tax_class=tax_class,
        tax_rate_bp=rate,
        code=code,
        modifiers=() if modifiers == EMPTY else _modifiers.decode(modifiers),
        volume_ml=volume,
        unit_price_mills=mills,
        is_voided=bool(void),
        weight_g=weight,
        price_per_kg_cents=per_kg,
        deposit_cents=deposit,
        discounts=() if discounts == EMPTY else _discounts.decode(discounts),
        lot=lot,
        serial=serial,
        peak=peak,
    )


def line_row(value: Line) -> Row:
    return (
        value.line_id,
        value.item_id,
        value.name,
        value.kind.value,
        value.quantity,
        value.unit_price_cents,
        value.total_cents,
        value.tax_class,
        value.tax_rate_bp,
        value.code,
        as_json(value.modifiers),
        value.volume_ml,
        value.unit_price_mills,
        int(value.is_voided),
        value.weight_g,
        value.price_per_kg_cents,
        value.deposit_cents,
        as_json(value.discounts),
        value.lot,
        value.serial,
        value.peak,
    )


ITEM = (
    "item_id, name, kind, code, price_cents, unit_price_mills, tax_class, category, modifier_groups, allergens, "
    "picture, price_per_kg_cents, weight_g, minimum_age, max_quantity, deposit_cents, is_withdrawn, bagging, tare_g"
)


def item(row: Row) -> Item:
    item_id, name, kind, code, price, mills, tax_class, category, groups, allergens, picture = row[:11]
    per_kg, weight, age, most, deposit, is_withdrawn, bagging, tare = row[11:]
    return Item(
        item_id=item_id,
        name=name,
        kind=ItemKind(kind),
        code=code,
        price_cents=price,
        unit_price_mills=mills,
        tax_class=tax_class,
        category=category,
        modifier_groups=() if groups == EMPTY else _groups.decode(groups),
        allergens=() if allergens == EMPTY else _words.decode(allergens),
        picture=picture,
        price_per_kg_cents=per_kg,
        weight_g=weight,
        minimum_age=age,
        max_quantity=most,
        deposit_cents=deposit,
        is_withdrawn=bool(is_withdrawn),
        bagging=_BAGGINGS[bagging],
        tare_g=tare,
    )


def item_row(value: Item) -> Row:
    return (
        value.item_id,
        value.name,
        value.kind,
        value.code,
        value.price_cents,
        value.unit_price_mills,
        value.tax_class,
        value.category,
        as_json(value.modifier_groups),
        as_json(value.allergens),
        value.picture,
        value.price_per_kg_cents,
        value.weight_g,
        value.minimum_age,
        value.max_quantity,
        value.deposit_cents,
        int(value.is_withdrawn),
        value.bagging.value,
        value.tare_g,
    )


INTERVENTION = (
    "intervention_id, kind, terminal, raised_at, basket_id, amount_cents, outcome, resolved_at, resolved_by, note, "
    "evidence, claimed_by, claimed_at, is_holding_scanning, is_holding_paying"
)
NO_EVIDENCE = "{}"


def intervention(row: Row) -> Intervention:
    intervention_id, kind, terminal_name, raised_at, basket_id, amount, outcome, resolved_at = row[:8]
    resolved_by, note, evidence, claimed_by, claimed_at, is_holding_scanning, is_holding_paying = row[8:]
    return Intervention(
        intervention_id=intervention_id,
        kind=InterventionKind(kind),
        terminal=terminal_name,
        raised_at=raised_at,
        basket_id=basket_id,
        amount_cents=amount,
        outcome=None if outcome is None else Outcome(outcome),
        resolved_at=resolved_at,
        resolved_by=resolved_by,
        note=note,
        evidence=Evidence() if evidence == NO_EVIDENCE else _evidence.decode(evidence),
        claimed_by=claimed_by,
        claimed_at=claimed_at,
        is_holding_scanning=bool(is_holding_scanning),
        is_holding_paying=bool(is_holding_paying),
    )


def intervention_row(value: Intervention) -> Row:
    return (
        value.intervention_id,
        value.kind.value,
        value.terminal,
        value.raised_at,
        value.basket_id,
        value.amount_cents,
        value.outcome,
        value.resolved_at,
        value.resolved_by,
        value.note,
        evidence_json(value.evidence),
        value.claimed_by,
        value.claimed_at,
        int(value.is_holding_scanning),
        int(value.is_holding_paying),
    )


def evidence_json(value: Evidence) -> str:
    return msgspec.json.encode(value).decode()


WEIGHT = "item_id, weight_g, spread_g, samples"


def learned_weight(row: Row) -> LearnedWeight:
    item_id, weight_g, spread_g, samples = row
    return LearnedWeight(item_id=item_id, weight_g=weight_g, spread_g=spread_g, samples=_numbers.decode(samples))


TICKET = "ticket_id, number, basket_id, terminal, state, lines, fired_at, moved_at, moved_by"


def ticket(row: Row) -> Ticket:
    ticket_id, number, basket_id, terminal_name, state, lines, fired_at, moved_at, moved_by = row
    return Ticket(
        ticket_id=ticket_id,
        number=number,
        basket_id=basket_id,
        terminal=terminal_name,
        state=TicketState(state),
        lines=_ticket_lines.decode(lines),
        fired_at=fired_at,
        moved_at=moved_at,
        moved_by=moved_by,
    )


POINT = (
    "terminal, state, grade_id, grade_name, grade_mills, transaction_number, volume_ml, amount_cents, limit_cents, "
    "unpaid, is_hung"
)


def point(row: Row) -> FuellingPoint:
    terminal_name, state, grade_id, grade_name, mills, number, volume, amount, limit, unpaid, is_hung = row
    return FuellingPoint(
        terminal=terminal_name,
        state=PumpState(state),
        grade=None if grade_id is None else Grade(item_id=grade_id, name=grade_name, unit_price_mills=mills),
        transaction=number,
        volume_ml=volume,
        amount_cents=amount,
        limit_cents=limit,
        unpaid=() if unpaid == EMPTY else _words.decode(unpaid),
        is_hung=bool(is_hung),
    )


def point_row(value: FuellingPoint) -> Row:
    grade = value.grade
    return (
        value.terminal,
        value.state,
        grade.item_id if grade else None,
        grade.name if grade else None,
        grade.unit_price_mills if grade else None,
        value.transaction,
        value.volume_ml,
        value.amount_cents,
        value.limit_cents,
        as_json(value.unpaid),
        int(value.is_hung),
    )


MEMBER = "name, role, secret_kind, fingerprint, added_at, is_retired"


def member(row: Row) -> Member:
    name, role, kind, fingerprint, added_at, is_retired = row
    return Member(
        name=name,
        role=StaffRole(role),
        secret_kind=SecretKind(kind),
        fingerprint=fingerprint,
        added_at=added_at,
        is_retired=bool(is_retired),
    )


SESSION = "session_id, person, role, source, began_at, kept_at, age_s, idle_s"


def session(row: Row, token_hash: str = "") -> Session:
    session_id, person, role, source, began_at, kept_at, age_s, idle_s = row
    return Session(
        session_id=session_id,
        person=person,
        role=Role(role),
        source=source,
        began_at=began_at,
        kept_at=kept_at,
        age_s=age_s,
        idle_s=idle_s,
        token_hash=token_hash,
    )


NETWORK_ORDER = 'network, treatment, why, "by", ordered_at, lasts_s'


def network_order(row: Row) -> NetworkOrder:
    network, treatment, why, by, ordered_at, lasts_s = row
    return NetworkOrder(
        network=network,
        treatment=Treatment(treatment),
        why=why,
        by=by,
        ordered_at=ordered_at,
        lasts_s=lasts_s,
    )
