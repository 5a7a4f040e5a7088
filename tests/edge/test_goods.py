"""Produce, pictures, parked baskets and why a line costs what it does: over HTTP, for those who may see them."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from running_house import BREAD, MILK, House, bearer

from kiosk_server.domain.catalog import Item
from kiosk_server.domain.promotion import Group, Promotion, PromotionKind
from kiosk_server.store.produce import BY_CATEGORY, BY_SALES
from kiosk_server.store.repositories import driver_of

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 32
APPLES = Item(item_id="apples", name="Apples", code="4015", price_per_kg_cents=299, category="Fruit", picture="a.png")
PLUMS = Item(item_id="plums", name="Plums", code="4042", price_per_kg_cents=399, category="Fruit")
LEEK = Item(item_id="leek", name="Leek", code="4629", price_cents=119, category="Vegetables")
GONE = Item(item_id="gone", name="Recalled", code="4999", price_cents=119, category="Fruit", is_withdrawn=True)


class Till:
    """A lane over HTTP."""

    def __init__(self, house: House, name: str) -> None:
        self.house, self.who = house, bearer(house.enrols(name, "lane"))

    def does(self, name: str, **data: Any) -> dict[str, Any]:
        reply = self.house.gives(name, self.who, **data)
        assert reply["ok"], reply
        return dict(reply["result"])

    def asks(self, path: str) -> Any:
        return self.house.get(path, self.who)


@pytest.fixture
def lane(house: House) -> Till:
    return Till(house, "L1")


def runs(house: House, *promotions: Promotion) -> None:
    (house.data_dir / "staged").mkdir(exist_ok=True)
    (house.data_dir / "staged" / "p.json").write_bytes(msgspec.json.encode(promotions))
    body = {"key": f"p{house.kiosk.bus.head_seq}", "batch": "p.json"}
    answer = house._office.post(f"{house.url}/api/v1/promotions/import", json=body, headers=house.local(), timeout=30)
    assert answer.json()["ok"], answer.text


def two_milk(cents: int = 200) -> Promotion:
    group = Group(items=(MILK,), quantity=2)
    kind = PromotionKind.MULTI_BUY
    return Promotion(promotion_id="two", name=f"2 for {cents}", kind=kind, groups=(group,), amount_cents=cents)


# -- produce and pictures --


def test_lane_sees_produce_by_category_and_what_sells_first(house: House, lane: Till) -> None:
    house.stocks((APPLES, PLUMS, LEEK, GONE))
    lane.does("scan_item", code="4629")
    basket_id = lane.does("choose_tender", tender="cash")["basket_id"]
    house.gives("confirm_cash", basket_id=basket_id, received_cents=1000)

    everything = lane.asks("/api/v1/produce").json()
    fruit = lane.asks("/api/v1/produce?category=Fruit&limit=1").json()

    assert [item["item_id"] for item in everything["items"]] == ["leek", "apples", "plums"]
    assert everything["categories"] == ["Vegetables", "Fruit"]
    assert [item["item_id"] for item in fruit["items"]] == ["apples"]
    assert fruit["items"][0]["picture"] == "a.png"
    assert lane.asks("/api/v1/produce?limit=0").status_code == 400


@pytest.mark.parametrize(("query", "values"), [(BY_SALES, (60,)), (BY_CATEGORY, ("Fruit", 60))])
def test_produce_is_found_in_order_and_not_sorted(house: House, query: str, values: tuple[object, ...]) -> None:
    with house.kiosk.database.read() as connection:
        plan = driver_of(connection).execute(f"EXPLAIN QUERY PLAN {query}", values).fetchall()
    assert len(plan) == 1, plan
    assert "USING INDEX items_produce" in plan[0][3]


def test_picture_comes_from_the_stores_folder(house: House, lane: Till) -> None:
    house.stocks((APPLES, PLUMS))
    folder = house.data_dir / "pictures"
    folder.mkdir()
    (folder / "a.png").write_bytes(PNG)
    answer = lane.asks("/api/v1/pictures/apples")
    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (200, "image/png", PNG)
    assert "max-age=86400" in answer.headers["Cache-Control"]
    again = house.get("/api/v1/pictures/apples", {**lane.who, "If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert lane.asks("/api/v1/pictures/plums").status_code == 404
    assert lane.asks("/api/v1/pictures/..%2Fstore.db").status_code in {400, 404}
    assert house.get("/api/v1/pictures/apples").status_code == 401


def test_picture_that_leads_out_of_the_folder_is_not_shown(house: House, lane: Till, tmp_path: Path) -> None:
    house.stocks((APPLES,))
    folder = house.data_dir / "pictures"
    folder.mkdir()
    secret = tmp_path / "secret.png"
    secret.write_bytes(PNG)
    (folder / "a.png").symlink_to(secret)
    assert lane.asks("/api/v1/pictures/apples").status_code == 404


# -- baskets --


def test_staff_see_parked_baskets_and_lanes_do_not(house: House, lane: Till) -> None:
    lane.does("scan_item", code=MILK)
    parked = lane.does("suspend_basket")["basket_id"]
    (basket,) = house.get("/api/v1/baskets", house.local()).json()["baskets"]
    assert (basket["basket_id"], basket["terminal"], len(basket["lines"])) == (parked, "L1", 1)
    assert lane.asks("/api/v1/baskets").status_code == 403


def why(till: Till, basket_id: str, line_id: int = 1) -> dict[str, Any]:
    answer = till.asks(f"/api/v1/baskets/{basket_id}/lines/{line_id}/why")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_price_is_explained_as_it_was_after_catalog_and_promotion_have_changed(house: House, lane: Till) -> None:
    runs(house, two_milk())
    basket_id = lane.does("scan_item", code=MILK)["basket_id"]
    lane.does("scan_item", code=MILK, quantity=2)
    house.stocks((Item(item_id=MILK, name="Dearer milk", code=MILK, price_cents=999),))
    runs(house, two_milk(100))

    found = why(lane, basket_id)

    assert [(step["rule"], step["amount_cents"]) for step in found["steps"]] == [("price", 357), ("promotion", -38)]
    assert found["steps"][-1]["sum_cents"] == found["line"]["total_cents"] == 319
    promotion = found["steps"][1]["promotion"]
    assert (promotion["amount_cents"], promotion.get("revision", 1)) == (200, 1)
    assert [change["type"] for change in found["history"]] == ["item_scanned", "item_scanned"]
    assert [change["quantity"] for change in found["history"]] == [1, 3]


def test_terminal_sees_why_for_its_own_basket_only(house: House, lane: Till) -> None:
    other = Till(house, "L2")
    basket_id = lane.does("scan_item", code=BREAD)["basket_id"]
    path = f"/api/v1/baskets/{basket_id}/lines/1/why"
    assert other.asks(path).status_code == 404
    assert house.get(path, house.local()).status_code == 200
    assert house.get(path).status_code == 401
    for wrong in (path.replace("/1/", "/2/"), path.replace("/1/", "/x/"), path.replace(basket_id, "none")):
        assert lane.asks(wrong).status_code == 404
    lane.does("void_basket")
    assert lane.asks(path).status_code == 404, "the next customer does not see it"
