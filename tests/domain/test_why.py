"""Why a line costs what it does: the steps add up to the line, whatever was done to it."""

from builders import BREAD, BURGER, MILK, POLICY, a_basket, a_piece_of, an_item, an_offer
from hypothesis import given
from hypothesis import strategies as st

from kiosk_server.domain import basket as baskets
from kiosk_server.domain import events as e
from kiosk_server.domain.basket import Basket
from kiosk_server.domain.catalog import choose
from kiosk_server.domain.line import Line, fuel_line
from kiosk_server.domain.offers import Terms, apply
from kiosk_server.domain.pricing import Particulars
from kiosk_server.domain.promotion import Book, Promotion
from kiosk_server.domain.why import Fact, Rule, Why, explain

OFFERS = {
    one.promotion_id: one
    for one in (an_offer(), an_offer("percent_off", a_piece_of(BREAD.item_id), percent_bp=3333, coupon="C"))
}
PLUMS = an_item("plums", name="Plums", price_cents=None, price_per_kg_cents=299, code="4042")
BOTTLE = an_item("bottle", name="Water", price_cents=49, deposit_cents=25)


def promotion_of(promotion_id: str, _: int) -> Promotion | None:
    return OFFERS.get(promotion_id)


def scanned(basket: Basket, line: Line, kind: type = e.ItemScanned, **more: str) -> e.Event:
    return kind(terminal="lane3", basket_id=basket.basket_id, line=line, totals=basket.totals, **more)  # type: ignore[no-any-return]


def why(line_id: int, *facts: e.Event) -> Why:
    numbered = [Fact(n, n * 1000, str(one.__struct_config__.tag), "Ada", one) for n, one in enumerate(facts, 1)]
    found = explain("basket-1", line_id, numbered, promotion_of)
    assert found is not None
    assert found.steps[-1].sum_cents == sum(step.amount_cents for step in found.steps)
    assert found.steps[-1].sum_cents == (0 if found.line.is_voided else found.line.total_cents)
    return found


def rules(found: Why) -> list[tuple[str, int]]:
    return [(step.rule.value, step.amount_cents) for step in found.steps]


def test_weight_label_fuel_and_deposit_have_their_own_rule() -> None:
    basket, weighed = baskets.add(a_basket(), PLUMS, POLICY, piece=Particulars(weight_g=750))
    assert rules(why(1, scanned(basket, weighed))) == [("weight", 224)]
    basket, labelled = baskets.add(basket, PLUMS, POLICY, piece=Particulars(price_cents=512))
    assert rules(why(2, scanned(basket, labelled)))[0] in {("label", 512), ("weight", 512)}
    basket, bottles = baskets.add(basket, BOTTLE, POLICY, 3)
    assert rules(why(3, scanned(basket, bottles))) == [("price", 147), ("deposit", 75)]
    fuel = fuel_line(an_item("diesel", unit_price_mills=1799), POLICY, volume_ml=20_000, unit_price_mills=1799)
    assert rules(why(1, scanned(a_basket(fuel), fuel))) == [("fuel", 3598)]


def test_choices_stand_beside_the_price() -> None:
    basket, line = baskets.add(a_basket(), BURGER, POLICY, 2, choose(BURGER, ("cheese", "bacon")))
    assert rules(why(1, scanned(basket, line))) == [("price", 1300), ("choice", 180), ("choice", 240)]


def test_override_names_who_and_the_price_before() -> None:
    basket, line = baskets.add(a_basket(), MILK, POLICY, 2)
    after, dearer = baskets.reprice(basket, 1, 99)
    override = scanned(after, dearer, e.PriceOverridden, by="Ada", reason="shelf")
    found = why(1, scanned(basket, line), override)
    assert rules(found) == [("price", 258), ("override", -60)]
    assert (found.steps[1].by, found.steps[1].at) == ("Ada", 2000)


def test_line_taken_back_counts_nothing() -> None:
    basket, line = baskets.add(a_basket(), MILK, POLICY)
    after, gone = baskets.void_line(basket, 1)
    found = why(1, scanned(basket, line), scanned(after, gone, e.LineVoided))
    assert rules(found) == [("price", 129), ("void", -129)]
    assert [change.total_cents for change in found.history] == [129, 0]


def test_what_is_not_about_the_line_is_passed_over() -> None:
    basket, line = baskets.add(a_basket(), MILK, POLICY)
    event = scanned(basket, line)
    assert explain("basket-1", 2, [Fact(1, 1, "item_scanned", "", event)], promotion_of) is None
    assert explain("another", 1, [Fact(1, 1, "item_scanned", "", event)], promotion_of) is None


changes = st.lists(st.tuples(st.sampled_from((MILK, BREAD, BOTTLE)), st.integers(1, 5)), min_size=1, max_size=6)


@given(changes, st.booleans(), st.integers(0, 400))
def test_steps_add_up_whatever_happened(scans: list[tuple[object, int]], has_coupon: bool, override: int) -> None:
    held = (baskets.HeldCoupon(code="C", promotion_id="percent_off", name="x"),) if has_coupon else ()
    basket = a_basket(coupons=held)
    under = Terms(Book(OFFERS.values()), POLICY, 1, lambda _: "")
    facts: list[e.Event] = []

    def tell(after: Basket, line_id: int, kind: type = e.ItemScanned, **more: str) -> Basket:
        priced = apply(after, under)
        facts.append(scanned(priced, priced.lines[line_id - 1], kind, **more))
        facts.append(e.PromotionsApplied(terminal="", basket_id="basket-1", lines=priced.lines, totals=priced.totals))
        return priced

    for item, quantity in scans:
        after, line = baskets.add(basket, item, POLICY, quantity)  # type: ignore[arg-type]
        basket = tell(after, line.line_id)
    after, _ = baskets.reprice(basket, 1, override)
    basket = tell(after, 1, e.PriceOverridden, by="Ada", reason="")
    for line in basket.lines:
        found = why(line.line_id, *facts)
        assert found.line == line
        assert all(step.promotion for step in found.steps if step.rule is Rule.PROMOTION)
