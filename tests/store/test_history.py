"""The rows of one basket are found in the journal, also where the clock does not tell where they are."""

from builders import BREAD, MILK, an_offer
from shop import Lane, Person, Shop

from kiosk_server.store import history

DAY_MS = 24 * 3_600_000


def types(shop: Shop, basket_id: str) -> list[str]:
    with shop.database.read() as conn:
        return [fact.type for fact in history.facts_of(conn, basket_id)]


def test_only_the_rows_of_the_basket_are_read(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane4 = Lane(shop, "lane4")
    shop.runs(an_offer())
    basket_id = lane3.scans(MILK)["basket_id"]
    lane4.scans(BREAD)
    lane3.scans(MILK)
    attendant.takes_cash(lane3.pays()["basket_id"])
    lane3.scans(BREAD)
    assert types(shop, basket_id) == ["basket_opened", "item_scanned", "item_scanned"]
    assert types(shop, "none") == []


def test_basket_is_found_although_the_clock_was_set_back(shop: Shop, lane3: Lane) -> None:
    for days in (3, -2, 5, -7, 1):
        shop.clock.passes(days * DAY_MS)
        basket_id = lane3.scans(MILK)["basket_id"]
        lane3.changes(1, 4)
        assert types(shop, basket_id) == ["basket_opened", "item_scanned", "quantity_changed"]
        lane3.parks()


def test_why_follows_a_basket_to_another_lane(shop: Shop, lane3: Lane) -> None:
    lane4 = Lane(shop, "lane4")
    basket_id = lane3.scans(MILK)["basket_id"]
    shop.clock.passes(DAY_MS)
    lane4.scans(lane3.hands_over())
    shop.runs(an_offer())
    lane4.scans(MILK)
    with shop.database.read() as conn:
        found = history.why(conn, basket_id, 1)
    assert found is not None
    assert [(step.rule.value, step.amount_cents) for step in found.steps] == [("price", 258), ("promotion", -58)]
