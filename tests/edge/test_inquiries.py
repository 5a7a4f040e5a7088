"""What staff ask before they act, over HTTP: true, the same as what is done afterwards, and refused in words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running_house import BREAD, ITEMS, MILK, House, bearer

from kiosk_server.domain.catalog import Item

WINE = Item(item_id="wine", name="Wine", code="9001", price_cents=899, minimum_age=18)


class Counter:
    """A lane and the counter beside it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.lane = bearer(house.enrols("L1", "lane"))

    def asks(self, path: str, **options: Any) -> dict[str, Any]:
        answer = self.house.get(f"/api/v1/{path}", self.house.local(), **options)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def scans(self, *codes: str) -> dict[str, Any]:
        for code in codes:
            reply = self.house.gives("scan_item", self.lane, code=code)
            assert reply["ok"], reply
        result: dict[str, Any] = reply["result"]
        return result

    def sells(self, *codes: str, received_cents: int = 10_000) -> int:
        """The number of the receipt."""
        self.scans(*codes)
        basket_id = self.house.gives("choose_tender", self.lane, tender="cash")["result"]["basket_id"]
        paid = self.house.gives("confirm_cash", basket_id=basket_id, received_cents=received_cents)
        return int(paid["result"]["receipt"]["number"])

    def refunds(self, number: int, **lines: int) -> dict[str, Any]:
        wanted = [{"line_id": int(line[1:]), "quantity": pieces} for line, pieces in lines.items()]
        return self.house.gives("refund_receipt", receipt_number=number, reason="sour", lines=wanted)


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    with House(tmp_path, items=(*ITEMS, WINE)) as house:
        yield Counter(house)


def test_what_is_offered_is_what_is_refunded(counter: Counter) -> None:
    number = counter.sells(MILK, MILK, BREAD)
    offer = counter.asks(f"receipts/{number}/refund", params={"lines": "1x1"})
    assert [(row["line"]["name"], row["left"]) for row in offer["lines"]] == [("Whole milk 1 l", 2), ("Rye bread", 1)]
    assert (offer["total_cents"], offer["receipt_cents"]) == (119, 487)
    assert offer["backs"] == [{"kind": "cash", "cents": 119, "masked": "", "scheme": ""}]

    done = counter.refunds(number, l1=1)["result"]["receipt"]
    assert (done["total_cents"], done["refund_of"]) == (-119, number)

    after = counter.asks(f"receipts/{number}/refund")
    assert [(row["left"], row["refunded_cents"]) for row in after["lines"]] == [(1, 119), (1, 0)]
    assert after["total_cents"] == 368
    (refund,) = after["refunds"]
    assert (refund["total_cents"], refund["reason"], refund["receipt_number"]) == (-119, "sour", done["number"])


def test_receipt_that_has_given_back_all_says_so(counter: Counter) -> None:
    number = counter.sells(MILK)
    refund = counter.refunds(number)["result"]["receipt"]["number"]
    assert counter.asks(f"receipts/{number}/refund")["why_not"] == "nothing_left"
    assert counter.asks(f"receipts/{refund}/refund")["why_not"] == "refund"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("lines=1x9", 422, "out_of_range"),
        ("lines=7x1", 404, "not_found"),
        ("lines=1x1,1x1", 400, "bad_request"),
        ("lines=1x0", 400, "bad_request"),
        ("lines=all", 400, "bad_request"),
        ("rows=1", 400, "bad_request"),
    ],
)
def test_refund_of_what_was_not_bought_is_refused_in_words(
    counter: Counter, query: str, status: int, code: str
) -> None:
    number = counter.sells(MILK)
    answer = counter.house.get(f"/api/v1/receipts/{number}/refund?{query}", counter.house.local())
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("number", ["4711", "0", "-1", "1e3", "٣", "9" * 30])
def test_receipt_that_does_not_exist_is_not_found(counter: Counter, number: str) -> None:
    answer = counter.house.get(f"/api/v1/receipts/{number}/refund", counter.house.local())
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_staff_see_a_lanes_basket_and_what_was_parked(counter: Counter) -> None:
    basket_id = counter.scans(MILK, BREAD)["basket_id"]
    basket = counter.asks(f"baskets/{basket_id}")
    assert [line["name"] for line in basket["lines"]] == ["Whole milk 1 l", "Rye bread"]
    assert counter.asks("baskets/parked") == {"baskets": []}

    counter.house.gives("suspend_basket", counter.lane)
    (parked,) = counter.asks("baskets/parked")["baskets"]
    assert (parked["basket_id"], parked["terminal"], parked["items"], parked["total_cents"]) == (
        basket_id,
        "L1",
        2,
        368,
    )

    counter.house.gives("resume_basket", counter.lane, basket_id=basket_id)
    assert counter.asks("baskets/parked") == {"baskets": []}


def test_basket_that_does_not_exist_is_not_found(counter: Counter) -> None:
    assert counter.house.get("/api/v1/baskets/nothing", counter.house.local()).status_code == 404


def test_day_counts_help_and_what_came_back(counter: Counter) -> None:
    nothing = counter.asks("today")
    assert (nothing["settled"], nothing["median_ms"], nothing["refunds"], nothing["kinds"]) == (0, 0, 0, [])

    counter.scans(WINE.code or "")
    (call,) = _inbox(counter)
    assert counter.asks("today")["open"] == 1
    reply = counter.house.gives("resolve_intervention", intervention_id=call["intervention_id"], outcome="approved")
    assert reply["ok"], reply
    counter.refunds(counter.sells(MILK))

    day = counter.asks("today")
    assert (day["settled"], day["open"], day["refunds"], day["refunded_cents"]) == (2, 0, 1, 1018)
    assert {(row["kind"], row["count"]) for row in day["kinds"]} == {("age", 1), ("cash", 1)}


def test_store_owes_what_gift_cards_hold(counter: Counter) -> None:
    assert counter.asks("gifts") == {"cards": 0, "cents": 0, "expired_cards": 0, "expired_cents": 0}
    basket_id = counter.scans(MILK)["basket_id"]
    sold = counter.house.gives("sell_gift", basket_id=basket_id, amount_cents=2_500)
    assert len(sold["result"]["number"]) == 20
    counter.sells(BREAD)
    assert counter.asks("gifts") == {"cards": 1, "cents": 2_500, "expired_cards": 0, "expired_cents": 0}


def _inbox(counter: Counter) -> list[dict[str, Any]]:
    inbox: list[dict[str, Any]] = counter.house.console().snapshots[-1]["state"]["inbox"]
    return inbox
