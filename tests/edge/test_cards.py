"""Cards at a running house: a whole payment by Socket.IO, and who may say what becomes of the next one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running_house import MILK, House, Screen, bearer

from kiosk_server.config_rows import CardConfig
from kiosk_server.hardware.virtual_bank import VirtualBank

QUICK = CardConfig(readers={"lane": "virtual", "lane-9": "none"}, virtual_pace_ms=50)
SLOW = CardConfig(readers={"lane": "virtual"}, virtual_pace_ms=700)
PLACE = "/api/v1/virtual-readers"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path, is_demo=True, card=QUICK) as running:
        yield running


def pays(lane: Screen) -> str:
    lane.scans(MILK)
    reply = lane.gives("choose_tender", tender="card")
    assert reply["ok"], reply
    return str(reply["result"]["payment_id"])


def payment(screen: Screen, payment_id: str, state: str) -> dict[str, Any]:
    """Waits until the screen has heard that the payment is in this state."""

    def heard() -> list[dict[str, Any]]:
        moved = [event["data"]["payment"] for event in screen.events if event["type"] == "payment_moved"]
        return [one for one in moved if (one["payment_id"], one["state"]) == (payment_id, state)]

    screen.waits(heard)
    return heard()[-1]


def wishes(house: House, lane: str, wish: object, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    answer = house.post(f"{PLACE}/{lane}", wish, headers or house.local())
    return answer.status_code, answer.json()


def test_lane_sees_what_the_reader_says_until_the_receipt(tmp_path: Path) -> None:
    with House(tmp_path, is_demo=True, card=SLOW) as house:
        lane = house.lane("lane-1")
        assert lane.snapshots[-1]["state"]["tenders"] == ["card", "cash", "gift"]
        payment_id = pays(lane)
        receipt = lane.hears("basket_paid")["data"]["receipt"]

    moved = [event["data"]["payment"] for event in lane.events if event["type"] == "payment_moved"]
    assert [one.get("display") for one in moved] == [None, "present_card", "processing", "approved"]
    assert [paid["payment_id"] for paid in receipt["payments"]] == [payment_id]
    assert receipt["payments"][0]["masked"].startswith("•••• ")
    assert len(VirtualBank(tmp_path / "card_bank.jsonl").records()) == 1


def test_manager_lets_the_next_card_be_declined(house: House) -> None:
    lane = house.lane("lane-1")
    assert wishes(house, "lane-1", {"next": "expired_card"}) == (200, {"lane": "lane-1", "next": "expired_card"})
    assert house.get(PLACE, house.local()).json() == {"readers": [{"lane": "lane-1", "next": "expired_card"}]}
    declined = payment(lane, pays(lane), "declined")
    assert (declined["reason"], declined["display"]) == ("expired_card", "declined")

    again = lane.gives("choose_tender", tender="card")["result"]["payment_id"]
    payment(lane, again, "authorised")


def test_wish_is_taken_back(house: House) -> None:
    lane = house.lane("lane-1")
    wishes(house, "lane-1", {"next": "time_out"})
    assert wishes(house, "lane-1", {"next": None}) == (200, {"lane": "lane-1", "next": None})
    payment(lane, pays(lane), "authorised")


@pytest.mark.parametrize("lane", ["lane-9", "stall-1", "nowhere"])
def test_only_lanes_with_a_virtual_reader_can_be_told(house: House, lane: str) -> None:
    house.enrols("lane-9", "lane")
    house.enrols("stall-1", "stall")
    status, body = wishes(house, lane, {"next": "approve"})
    assert (status, body["code"]) == (404, "not_found")
    assert lane in body["message"]


def test_customer_does_not_say_what_becomes_of_the_payment(house: House) -> None:
    token = house.enrols("lane-1", "lane")
    assert wishes(house, "lane-1", {"next": "approve"}, bearer(token))[0] == 403
    assert house.get(PLACE, bearer(token)).status_code == 403


@pytest.mark.parametrize("wish", [{"next": "free"}, {}, {"next": "approve", "more": 1}, [], "approve"])
def test_strange_wish_is_refused(house: House, wish: object) -> None:
    house.enrols("lane-1", "lane")
    status, body = wishes(house, "lane-1", wish)
    assert status in {400, 422}
    assert not body["ok"]


def test_house_without_readers_offers_no_cards(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        lane = house.lane("lane-1")
        assert lane.snapshots[-1]["state"]["tenders"] == ["cash", "gift"]
        lane.scans(MILK)
        assert lane.gives("choose_tender", tender="card")["code"] == "wrong_state"
        assert house.get(PLACE, house.local()).json() == {"readers": []}
        assert not (tmp_path / "card_bank.jsonl").exists()


def test_payment_begun_before_a_restart_ends_on_a_receipt_after_it(tmp_path: Path) -> None:
    with House(tmp_path, is_demo=True, card=SLOW) as house:
        token = house.enrols("lane-1", "lane")
        lane = house.screen(token)
        payment_id = pays(lane)
        payment(lane, payment_id, "authorising")
    with House(tmp_path, is_demo=True, card=SLOW) as house:
        lane = house.screen(token)
        if lane.snapshots[-1]["state"]["receipt"] is None:
            lane.hears("basket_paid")
    (record,) = VirtualBank(tmp_path / "card_bank.jsonl").records()
    assert (record.payment_id, record.standing) == (payment_id, "approved")
