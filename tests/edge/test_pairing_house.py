"""A box becomes a terminal: it shows a code, a manager types it, it has its screen. Over real TCP and real sockets."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from running_house import MILK, PATIENCE_S, FromAddress, House, Screen, bearer, eventually

from kiosk_server.edge.door import PAIRING_COOKIE, TERMINAL_COOKIE


class Box:
    """A kiosk's browser that nobody knows yet."""

    def __init__(self, house: House, browser: requests.Session) -> None:
        self.house = house
        self.browser = browser

    def opens(self, path: str = "/") -> requests.Response:
        return self.browser.get(self.house.url + path, timeout=PATIENCE_S)

    @property
    def code(self) -> str:
        page = self.opens("/pair").text
        return page.partition('id="pairing"')[2].partition("</p>")[0].rpartition(">")[2].strip()

    def asks(self) -> tuple[int, dict[str, Any]]:
        answer = self.browser.get(self.house.url + "/api/v1/pairing", timeout=PATIENCE_S)
        return answer.status_code, answer.json()

    def connects(self) -> Screen:
        screen = Screen(self.house.url)
        self.house._clients.append(screen)
        screen.connects({}, {"Cookie": f"{TERMINAL_COOKIE}={self.browser.cookies[TERMINAL_COOKIE]}"})
        return screen


@contextmanager
def a_box(house: House, address: str = "127.0.0.1") -> Iterator[Box]:
    with requests.Session() as browser:
        browser.mount("http://", FromAddress(address))
        yield Box(house, browser)


def confirms(house: House, code: str, terminal: str = "lane3", kind: str = "lane", **more: Any) -> dict[str, Any]:
    return house.gives("confirm_pairing", code=code, terminal=terminal, kind=kind, **more)


def test_unknown_browser_shows_a_code_and_becomes_the_lane(house: House) -> None:
    with a_box(house) as box:
        assert box.opens().url == house.url + "/pair"
        code = box.code
        assert len(code) == 9
        status, state = box.asks()
        assert (status, state["state"], state["code"]) == (200, "pending", code)
        assert confirms(house, code.lower().replace("-", " "))["result"] == {
            "terminal": "lane3",
            "kind": "lane",
            "is_replacement": False,
        }
        assert box.asks() == (200, {"state": "confirmed", "screen": "/lane"})
        cookie = next(cookie for cookie in box.browser.cookies if cookie.name == TERMINAL_COOKIE)
        assert cookie.has_nonstandard_attr("HttpOnly")
        assert box.connects().scans(MILK)["ok"]


def test_console_hears_of_a_box_but_not_its_whole_code(house: House) -> None:
    console = house.console()
    with a_box(house) as box:
        code = box.code
        console.waits(lambda: [live for live in console.lives if live["topic"] == "pairings"])
        (waiting,) = console.lives[-1]["data"]["pairings"]
        assert waiting["hint"] == code[:4]
        assert waiting["address"] == "127.0.0.1"
        assert code not in str(console.lives)
        late = house.console("console-2")
        assert [row["pairing_id"] for row in late.snapshots[0]["state"]["pairings"]] == [waiting["pairing_id"]]
        confirms(house, code)
        console.waits(lambda: console.lives[-1]["data"] == {"pairings": []})
        console.waits(lambda: "lane3" in [event["data"].get("terminal") for event in console.events])


def test_answer_that_is_lost_is_asked_for_again_even_after_a_restart(tmp_path: Path) -> None:
    with House(tmp_path) as house, a_box(house) as box:
        confirms(house, box.code)
        kept = {PAIRING_COOKIE: box.browser.cookies[PAIRING_COOKIE]}
    with House(tmp_path) as house, a_box(house) as box:
        box.browser.cookies.update(kept)
        assert box.asks()[1]["state"] == "confirmed"
        assert box.connects().snapshots[0]["screen"] == "lane"


def test_denied_box_is_told_and_may_ask_again(house: House) -> None:
    with a_box(house) as box:
        code = box.code
        (waiting,) = house.get("/api/v1/pairings", house.local()).json()["pairings"]
        assert house.gives("deny_pairing", pairing_id=waiting["pairing_id"])["ok"]
        assert eventually(lambda: "not let in" in box.opens("/pair").text)
        assert confirms(house, code)["code"] == "not_found"
        box.opens("/pair?again=1")
        assert confirms(house, box.code)["ok"]
        assert house.gives("deny_pairing", pairing_id="gone")["code"] == "not_found"


def test_wrong_codes_are_refused_and_five_are_enough(house: House) -> None:
    with a_box(house) as box:
        code = box.code
        for _ in range(5):
            assert confirms(house, "XXXX-XXXX")["code"] == "not_found"
        refused = confirms(house, code)
        assert refused["code"] == "too_many"
        assert refused["details"]["retry_after_s"] > 1
        manager = bearer(house.enrols("console", "manager"))
        reply = house.gives("confirm_pairing", manager, code=code, terminal="lane3", kind="lane")
        assert reply["ok"], "another manager is not held by it"


def test_box_that_asks_too_often_is_slowed_down(house: House) -> None:
    with a_box(house) as box:
        box.opens("/pair")
        assert box.asks()[0] == 200
        status, refusal = box.asks()
        assert (status, refusal["code"]) == (429, "too_many")
        assert refusal["details"]["interval_s"] == 7


def test_same_confirmation_sent_twice_is_done_once(house: House) -> None:
    with a_box(house) as box:
        order = {"code": box.code, "terminal": "lane3", "kind": "lane"}
        first = house.gives("confirm_pairing", key="again", **order)
        assert first["ok"]
        assert house.gives("confirm_pairing", key="again", **order) == first
        assert house.gives("confirm_pairing", **{**order, "terminal": "lane4"})["code"] == "already_exists"


def test_box_takes_the_place_of_another_and_the_basket_stays(house: House) -> None:
    old = house.lane("lane3")
    old.scans(MILK)
    with a_box(house) as box:
        code = box.code
        assert confirms(house, code)["details"]["can_replace"] is True
        assert confirms(house, code, kind="stall", is_replacing=True)["code"] == "wrong_state"
        assert confirms(house, code, is_replacing=True)["result"]["is_replacement"] is True
        old.waits(lambda: old.is_over)
        assert eventually(lambda: box.asks()[1]["state"] == "confirmed")
        screen = box.connects()
        assert screen.snapshots[0]["state"]["basket"]["totals"]["items"] == 1


def test_revoked_box_is_out_within_a_second_and_can_be_paired_again(house: House) -> None:
    with a_box(house) as box:
        confirms(house, box.code)
        box.asks()
        screen = box.connects()
        house.gives("retire_terminal", terminal="lane3")
        screen.waits(lambda: screen.is_over)
        again = eventually(lambda: box.code)
        assert confirms(house, again)["details"]["can_replace"] is True
        assert confirms(house, again, is_replacing=True)["ok"]
        box.opens("/pair")
        assert box.connects().snapshots[0]["state"]["terminal"]["state"] == "attract"


def test_lane_may_not_confirm_and_learns_nothing_about_codes(house: House) -> None:
    lane = bearer(house.enrols("lane-1", "lane"))
    with a_box(house) as box:
        code = box.code
        for typed in (code, "XXXX-XXXX"):
            reply = house.gives("confirm_pairing", lane, code=typed, terminal="x", kind="lane")
            assert reply["code"] == "forbidden"
        assert house.get("/api/v1/pairings", lane).status_code == 403


def test_one_address_cannot_fill_the_list(house: House) -> None:
    statuses = []
    for _ in range(8):
        with a_box(house) as box:
            statuses.append(box.opens("/pair").status_code)
    assert statuses == [200] * 5 + [429] * 3
    assert len(house.get("/api/v1/pairings", house.local()).json()["pairings"]) == 3
    with a_box(house, "127.0.0.9") as neighbour:
        assert neighbour.opens("/pair").status_code == 200


def test_forged_pairing_cookie_gets_nothing(house: House) -> None:
    with a_box(house) as box:
        for forged in ("", "x", "é".encode().decode("latin-1"), "a" * 5000, secrets.token_urlsafe(32)):
            answer = requests.get(
                house.url + "/api/v1/pairing",
                headers={"Cookie": f"{PAIRING_COOKIE}={forged}".encode("latin-1")},
                timeout=PATIENCE_S,
            )
            assert answer.status_code == 404, forged
        assert box.asks()[0] == 404


def test_pairing_page_works_without_script(house: House) -> None:
    with a_box(house) as box:
        page = box.opens("/pair").text
        assert 'http-equiv="refresh"' in page
        confirms(house, box.code)
        assert box.opens("/pair").url == house.url + "/lane"
