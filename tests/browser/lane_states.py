"""Every state of a self-checkout lane that a customer can meet, by name: values of the domain, nothing that runs."""

import time
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from kiosk_server.domain.basket import Basket, HeldCoupon, Line, State, sum_up
from kiosk_server.domain.catalog import ItemKind
from kiosk_server.domain.intervention import Evidence, Intervention, InterventionKind
from kiosk_server.domain.line import Discount
from kiosk_server.domain.payment import Display, Payment, TenderKind
from kiosk_server.domain.payment import State as Paid
from kiosk_server.domain.printing import PrintJob, PrintOutcome
from kiosk_server.domain.printing import State as Printing
from kiosk_server.domain.scale import BaggingReading, Condition, Deviation, LaneScales, Reading
from kiosk_server.domain.screens import LaneScreen, Store, Tile
from kiosk_server.domain.tax import TaxLine
from kiosk_server.domain.tender import Receipt

STORE = Store(
    name="Main Street",
    currency="EUR",
    languages=("en", "es", "fr", "de", "ar"),
    zone="Europe/Berlin",
    is_demo=True,
)
TENDERS = (TenderKind.CARD, TenderKind.CASH, TenderKind.GIFT)
DAY = "2026-11-20"


def line(line_id: int, name: str, cents: int, quantity: int = 1, **changes: Any) -> Line:
    plain = {
        "line_id": line_id,
        "item_id": f"item-{line_id}",
        "name": name,
        "kind": ItemKind.GROCERY,
        "quantity": quantity,
        "unit_price_cents": cents,
        "total_cents": cents * quantity,
        "tax_class": "reduced",
        "tax_rate_bp": 700,
    }
    return Line(**{**plain, **changes})


MILK = line(1, "Whole milk 1 l", 119)
CIABATTA = line(
    2,
    "Ciabatta",
    175,
    2,
    total_cents=300,
    discounts=(Discount(promotion_id="two-for-three", name="2 for 3.00", amount_cents=50, pieces=2),),
)
BANANAS = line(3, "Bananas", 148, weight_g=742, price_per_kg_cents=199)
COLA = line(4, "Cola 1 l", 129, 2, total_cents=308, deposit_cents=50)
YOGHURT = line(5, "Natural yoghurt 500 g", 99, is_voided=True)
WINE = line(6, "Riesling 0.75 l", 649, tax_class="standard", tax_rate_bp=1900)
LINES = (MILK, CIABATTA, COLA, YOGHURT, WINE, BANANAS)


def now_ms() -> int:
    return int(time.time() * 1000)


def basket(*lines: Line, **changes: Any) -> Basket:
    totals = sum_up(lines or LINES)
    plain = {
        "basket_id": "b1",
        "terminal": "L3",
        "lines": lines or LINES,
        "totals": totals,
        "opened_at": now_ms(),
        "day": DAY,
    }
    return Basket(**{**plain, **changes})


def lane(name: str, **changes: Any) -> LaneScreen:
    tile = Tile(name="L3", kind="lane", state=name, state_since=now_ms(), is_online=True, basket_id="b1")
    plain = {"store": STORE, "terminal": tile, "tenders": TENDERS, "can_print": True}
    return LaneScreen(**{**plain, **changes})


def calls(kind: str, *, is_holding: bool = False, by: str = "", **evidence: Any) -> Intervention:
    return Intervention(
        intervention_id=f"i-{kind}",
        kind=InterventionKind(kind),
        terminal="L3",
        raised_at=now_ms() - 41_000,
        basket_id="b1",
        evidence=Evidence(**evidence),
        claimed_by=by,
        claimed_at=now_ms() if by else None,
        is_holding_scanning=is_holding,
        is_holding_paying=is_holding
        or kind in {"age", "quantity_cap", "void_above_limit", "price_override", "random_check"},
    )


def scales(deviation: str = "none") -> LaneScales:
    return LaneScales(
        produce=Reading(Condition.STABLE, 742),
        bagging=BaggingReading(Condition.STABLE, 760, Deviation(deviation)),
        can_lay=True,
    )


def scanning(*interventions: Intervention, **changes: Any) -> LaneScreen:
    name = "held" if any(one.is_holding_scanning for one in interventions) else "intervention"
    state = name if interventions else "scanning"
    return lane(state, **{"basket": basket(), "interventions": interventions, **changes})


def paying(*payments: Payment, tender: str = "card", **changes: Any) -> LaneScreen:
    paid = sum(one.amount_cents for one in payments if one.state in {Paid.AUTHORISED, Paid.CAPTURED})
    whole = basket()
    totals = replace(whole.totals, due_cents=whole.totals.total_cents - paid)
    tendered = replace(whole, state=State.TENDERING, tender=tender, payments=payments, totals=totals)
    return lane("tendering", **{"basket": tendered, **changes})


def payment(state: str, kind: str = "card", cents: int | None = None, **changes: Any) -> Payment:
    amount = basket().totals.total_cents if cents is None else cents
    return Payment(
        payment_id=f"p-{kind}-{state}", kind=TenderKind(kind), amount_cents=amount, state=Paid(state), **changes
    )


def receipt(*payments: Payment) -> Receipt:
    total = basket().totals.total_cents
    return Receipt(
        number=1042,
        basket_id="b1",
        terminal="L3",
        day=DAY,
        paid_at=now_ms(),
        lines=LINES,
        taxes=(TaxLine(tax_class="reduced", tax_rate_bp=700, net_cents=total - 100, tax_cents=100, gross_cents=total),),
        total_cents=total,
        tender=TenderKind.CARD,
        received_cents=total,
        change_cents=0,
        by="L3",
        payments=payments or (payment("captured", masked="•••• 4242", scheme="visa"),),
    )


def thanked(job: PrintJob | None = None, *payments: Payment, **changes: Any) -> LaneScreen:
    paid = replace(basket(), state=State.PAID, receipt_number=1042)
    return lane("receipt", **{"basket": paid, "receipt": receipt(*payments), "print_job": job, **changes})


def job(state: str, outcome: str | None = None) -> PrintJob:
    return PrintJob(
        job_id=f"j-{state}",
        receipt_number=1042,
        printer="front",
        terminal="L3",
        language="en",
        by="L3",
        asked_at=now_ms(),
        state=Printing(state),
        outcome=PrintOutcome(outcome) if outcome else None,
    )


CASH_CALL = Intervention(
    intervention_id="i-cash", kind=InterventionKind.CASH, terminal="L3", raised_at=0, basket_id="b1"
)
COUPON = HeldCoupon(code="9900001", promotion_id="summer", name="10 % off ice cream")


def states() -> Mapping[str, LaneScreen]:
    """Fresh ones, so that their clocks are of now."""
    half = basket().totals.total_cents // 2
    cash_call = replace(CASH_CALL, raised_at=now_ms() - 12_000)
    unknown_call = replace(cash_call, kind=InterventionKind.PAYMENT, intervention_id="i-unknown", claimed_by="Ana")
    return {
        "attract": lane("attract"),
        "scanning": scanning(),
        "scanning-coupon": scanning(basket=basket(coupons=(COUPON,))),
        "scanning-empty": scanning(basket=basket(replace(MILK, is_voided=True))),
        "help": scanning(calls("assistance")),
        "help-claimed": scanning(calls("assistance", by="Ana")),
        "scale-broken": scanning(calls("assistance", reason="scale_unplugged")),
        "age": scanning(calls("age", line_id=6, item_name="Riesling 0.75 l", minimum_age=18)),
        "unknown-item": scanning(calls("unknown_item", code="4006381333931")),
        "recalled": scanning(calls("recalled", item_name="Baby spinach", code="4006381333931")),
        "expired": scanning(calls("expired", item_name="Minced beef", expires_on="2026-11-18")),
        "quantity-cap": scanning(calls("quantity_cap", item_name="Baby milk powder", quantity=6, limit=4)),
        "void-above-limit": scanning(calls("void_above_limit", line_id=6, item_name="Riesling 0.75 l")),
        "price-override": scanning(calls("price_override", line_id=1, item_name="Whole milk 1 l", amount_cents=99)),
        "random-check": scanning(calls("random_check", quantity=7, amount_cents=1524)),
        "many-calls": scanning(
            calls("age", item_name="Riesling 0.75 l", minimum_age=18),
            calls("quantity_cap", item_name="Baby milk powder", quantity=6, limit=4),
            calls("unknown_item", code="4006381333931"),
        ),
        "bagging-missing": scanning(scales=scales("missing")),
        "bagging-surplus": scanning(scales=scales("surplus")),
        "held-too-heavy": scanning(
            calls("weight_mismatch", is_holding=True, line_id=3, item_name="Bananas", expected_g=510, measured_g=760)
        ),
        "held-too-light": scanning(
            calls("weight_mismatch", is_holding=True, by="Ana", line_id=3, expected_g=760, measured_g=510)
        ),
        "held-own-bag": scanning(calls("own_bag", is_holding=True, measured_g=640, expected_g=0, limit=150)),
        "held-age": scanning(calls("age", is_holding=True, item_name="Riesling 0.75 l", minimum_age=18)),
        "held-walk-off": scanning(calls("walk_off", is_holding=True, expected_g=760, measured_g=0)),
        "paying-cash": paying(tender="cash", interventions=(cash_call,)),
        "paying-cash-claimed": paying(tender="cash", interventions=(replace(cash_call, claimed_by="Ana"),)),
        "paying-card-asked": paying(payment("asked")),
        "paying-card-present": paying(payment("authorising", display=Display.PRESENT_CARD)),
        "paying-card-processing": paying(payment("authorising", display=Display.PROCESSING)),
        "paying-card-remove": paying(payment("authorising", display=Display.REMOVE_CARD)),
        "paying-card-declined": paying(payment("declined", reason="insufficient_funds")),
        "paying-card-timed-out": paying(payment("timed_out")),
        "paying-card-unknown": paying(payment("unknown"), interventions=(unknown_call,)),
        "paying-gift": paying(tender="gift"),
        "paying-rest": paying(
            payment("authorised", "gift", half, masked="•••• 0042"), payment("declined"), tender="card"
        ),
        "paying-reversing": paying(payment("reversing", masked="•••• 4242", scheme="visa"), payment("cancelled")),
        "receipt": thanked(),
        "receipt-split": thanked(
            None,
            payment("captured", "gift", half, masked="•••• 0042"),
            payment("captured", "cash", half, received_cents=1000, change_cents=1000 - half),
        ),
        "receipt-printing": thanked(job("waiting")),
        "receipt-printed": thanked(job("printed", "done")),
        "receipt-no-paper": thanked(job("failed", "paper_out")),
        "receipt-unprintable": thanked(can_print=False),
        "closed": lane("closed"),
    }
