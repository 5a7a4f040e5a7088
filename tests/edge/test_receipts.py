"""Receipts from the outside: the console's list, printing over the real wire, and what a link opens on a phone."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from running_house import PATIENCE_S, FastClock, House, bearer, eventually

from kiosk_server.config_rows import PrinterConfig, ReceiptConfig
from kiosk_server.domain.receipt_words import WORDS
from kiosk_server.edge import languages
from kiosk_server.edge.receipts import DAY_MS, NOTHING_BEHIND

MILK, BREAD = "4006381333931", "4000000000006"
PHONE = {"Accept-Language": "de-DE,de;q=0.9"}
PRINTERS = PrinterConfig(
    addresses={"front": "virtual", "Küche 2": "virtual?columns=32&letters=utf-8", "far": "tcp://127.0.0.1:1"},
    terminals={"lane": "front"},
)
PAPER = ReceiptConfig(
    address=("Hauptstraße 5", "10115 Berlin"),
    tax_id="DE123456789",
    legal=("TSE 4711 <b>",),
    footer=("Mo–Sa 7–22",),
    days_readable=2,
    base_url="http://shop.lan",
)


class LeapingClock(FastClock):
    """A wall clock that can be set forward, too."""

    ahead_ms = 0

    def now_ms(self) -> int:
        return super().now_ms() + self.ahead_ms


@pytest.fixture
def clock() -> LeapingClock:
    return LeapingClock()


@pytest.fixture
def house(tmp_path: Path, clock: LeapingClock) -> Iterator[House]:
    with House(tmp_path, clock=clock, printer=PRINTERS, receipt=PAPER) as running:
        yield running


@pytest.fixture
def lane(house: House) -> dict[str, str]:
    return bearer(house.enrols("lane-1", "lane"))


def sold(house: House, lane: dict[str, str]) -> int:
    house.gives("scan_item", lane, code=MILK)
    house.gives("scan_item", lane, code=BREAD, quantity=2)
    basket = house.gives("choose_tender", lane, tender="cash")["result"]["basket_id"]
    reply = house.gives("confirm_cash", house.local(), basket_id=basket, received_cents=1000)
    number: int = reply["result"]["receipt"]["number"]
    return number


def listed(house: House, query: str = "") -> list[dict[str, Any]]:
    answer = house.get(f"/api/v1/receipts{query}", house.local())
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["receipts"]
    return rows


def job_of(house: House, number: int) -> dict[str, Any]:
    job: dict[str, Any] = next(row["job"] for row in listed(house) if row["number"] == number)
    return job


def printers(house: House) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in house.get("/api/v1/printers", house.local()).json()["printers"]}


def link(house: House, lane: dict[str, str], number: int) -> dict[str, Any]:
    found: dict[str, Any] = house.get(f"/api/v1/receipts/{number}/link", lane).json()
    return found


# -- printing --


def test_lane_prints_and_everybody_hears_how_it_ended(house: House) -> None:
    token = house.enrols("lane-1", "lane")
    lane, screen, console = bearer(token), house.screen(token), house.console()
    assert screen.snapshots[0]["state"]["can_print"] is True
    number = sold(house, lane)
    assert screen.gives("print_receipt", receipt_number=number, language="fr")["ok"]
    for one in (screen, console):
        job = one.hears("receipt_printed")["data"]["job"]
        assert (job["state"], job["language"], job["receipt_number"]) == ("printed", "fr", number)
    assert printers(house)["front"] == {
        "name": "front",
        "way": "virtual",
        "waiting": 0,
        "trouble": None,
        "is_paper_low": False,
        "set_trouble": None,
        "papers": 1,
    }


def test_two_taps_and_a_repeated_answer_are_one_paper(house: House, lane: dict[str, str]) -> None:
    number = sold(house, lane)
    first = house.gives("print_receipt", lane, key="tap-1", receipt_number=number)
    assert house.gives("print_receipt", lane, key="tap-1", receipt_number=number) == first
    house.gives("print_receipt", lane, key="tap-2", receipt_number=number)
    eventually(lambda: job_of(house, number)["state"] == "printed")
    again = house.gives("print_receipt", lane, receipt_number=number)
    assert again["code"] == "wrong_state"
    assert printers(house)["front"]["papers"] == 1


def test_failed_job_waits_for_somebody_who_settles_it(house: House, lane: dict[str, str]) -> None:
    console = house.console()
    number = sold(house, lane)
    assert house.gives("print_receipt", house.local(), receipt_number=number, printer="far")["ok"]
    job = console.hears("print_failed")["data"]["job"]
    assert (job["state"], job["outcome"], job["has_begun"]) == ("failed", "offline", False)
    assert house.console("second").snapshots[0]["state"]["print_jobs"] == [job]
    assert house.gives("settle_print", house.local(), job_id=job["job_id"])["ok"]
    assert console.hears("print_settled")["data"]["job"]["state"] == "settled"
    assert printers(house)["far"]["trouble"] == "offline"


def test_trouble_of_a_virtual_printer_is_set_and_mended(house: House, lane: dict[str, str]) -> None:
    path = f"/api/v1/printers/{quote('Küche 2')}/trouble"
    for trouble in ("paper_out", None):
        answer = house._office.post(
            house.url + path, json={"trouble": trouble}, headers=house.local(), timeout=PATIENCE_S
        )
        assert answer.json() == {"ok": True, "trouble": trouble}
        assert printers(house)["Küche 2"]["set_trouble"] == trouble
        number = sold(house, lane)
        house.gives("print_receipt", house.local(), receipt_number=number, printer="Küche 2")
        eventually(lambda number=number: job_of(house, number)["state"] != "waiting")
        assert job_of(house, number)["outcome"] == (trouble or "done")


@pytest.mark.parametrize(
    ("body", "status"), [({"trouble": "fire"}, 400), ({}, 400), ({"trouble": None, "x": 1}, 400), ([], 400)]
)
def test_trouble_that_nobody_can_have(house: House, body: Any, status: int) -> None:
    url = f"{house.url}/api/v1/printers/front/trouble"
    assert house._office.post(url, json=body, headers=house.local(), timeout=PATIENCE_S).status_code == status


def test_only_virtual_printers_have_rolls_and_troubles_to_set(house: House) -> None:
    for name in ("far", "attic", "..%2e", "x" * 5000):
        assert house.get(f"/api/v1/printers/{name}/roll", house.local()).status_code in {404, 414, 431}
    url = f"{house.url}/api/v1/printers/far/trouble"
    assert house._office.post(url, json={"trouble": None}, headers=house.local(), timeout=PATIENCE_S).status_code == 404


def test_roll_is_a_picture_that_can_do_nothing(house: House, lane: dict[str, str]) -> None:
    empty = house.get("/api/v1/printers/front/roll", house.local())
    ET.fromstring(empty.text)
    number = sold(house, lane)
    house.gives("print_receipt", lane, receipt_number=number, language="de")
    eventually(lambda: job_of(house, number)["state"] == "printed")
    answer = house.get("/api/v1/printers/front/roll", house.local())
    assert answer.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    words = [element.text for element in ET.fromstring(answer.text).iter("{http://www.w3.org/2000/svg}text")]
    assert {"Hauptstraße", "DE123456789", "<b>", "6,17", "€", "Rückgeld"} <= set(words)


# -- the list --


def test_list_is_the_newest_first_and_goes_on_below(house: House, lane: dict[str, str]) -> None:
    numbers = [sold(house, lane) for _ in range(5)]
    assert [row["number"] for row in listed(house)] == numbers[::-1]
    assert [row["number"] for row in listed(house, f"?before={numbers[3]}&limit=2")] == [numbers[2], numbers[1]]
    assert listed(house, "?before=1") == []
    assert listed(house)[0] | {"paid_at": 0} == {
        "number": numbers[-1],
        "terminal": "lane-1",
        "day": listed(house)[0]["day"],
        "paid_at": 0,
        "total_cents": 617,
        "by": "local administrator",
        "job": None,
    }


def test_practice_stands_above_the_list_and_says_so_on_paper(house: House, lane: dict[str, str]) -> None:
    sale = sold(house, lane)
    house.gives("finish", lane)
    assert house.gives("switch_training", house.local(), terminal="lane-1", is_on=True)["ok"]
    practice = sold(house, lane)
    assert [row["number"] for row in listed(house)] == [sale]
    assert [row["number"] for row in listed(house, f"?before={practice + 1}&limit=1")] == [practice]
    assert house.get(f"/receipt/{practice}", lane).text.count("TRAINING - NOT A RECEIPT") == 2


@pytest.mark.parametrize("query", ["?limit=0", "?limit=101", "?before=0", "?before=x", "?number=1", "?limit=1.5"])
def test_list_refuses_what_it_does_not_know(house: House, query: str) -> None:
    assert house.get(f"/api/v1/receipts{query}", house.local()).status_code == 400


# -- links and pages --


def test_link_opens_the_receipt_for_anybody_who_holds_it(house: House, lane: dict[str, str]) -> None:
    number = sold(house, lane)
    found = link(house, lane, number)
    assert found["url"] == f"http://shop.lan{found['path']}"
    page = house.get(found["path"], PHONE)
    text = unescape(page.text)
    assert page.status_code == 200
    assert '<html lang="de" dir="ltr">' in text
    for said in (
        "Hauptstraße 5",
        "Steuer-Nr. DE123456789",
        "TSE 4711 <b>",
        "Mo–Sa 7–22",
        "6,17\u00a0€",
        f"Beleg {number}",
    ):
        assert said in text
    assert "<b>" not in page.text, "what the settings say is text"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert re.search("Hier bis \\d{2}\\.\\d{2}\\.\\d{4}", text)


@pytest.mark.parametrize("language", WORDS)
def test_page_speaks_every_language_and_offers_the_others(house: House, lane: dict[str, str], language: str) -> None:
    number = sold(house, lane)
    page = unescape(house.get(f"{link(house, lane, number)['path']}?lang={language}").text)
    words = WORDS[language]
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page
    for name in ("total", "cash", "change", "thanks", "print"):
        assert words[name] in page
    for other in WORDS:
        assert (f'href="?lang={other}"' in page) is (other != language)


def test_link_ends_after_its_days(house: House, lane: dict[str, str], clock: LeapingClock) -> None:
    found = link(house, lane, sold(house, lane))
    clock.ahead_ms = 2 * DAY_MS - 60_000
    assert house.get(found["path"]).status_code == 200
    clock.ahead_ms = 2 * DAY_MS + 60_000
    late = house.get(found["path"], PHONE)
    assert late.status_code == 404
    assert "Dieser Link" in unescape(late.text)


def test_guesses_open_nothing_and_all_look_alike(house: House, lane: dict[str, str]) -> None:
    number = sold(house, lane)
    guesses = [f"{number}.{'a' * 22}", str(number), f"{number}.", "999.aaaaaaaaaaaaaaaaaaaaaa", "a.b", "x" * 300]
    answers = {(house.get(f"/r/{guess}").status_code, house.get(f"/r/{guess}").text) for guess in guesses}
    assert len(answers) == 1, "a guess at a receipt that is there must not look different"
    assert NOTHING_BEHIND in unescape(next(iter(answers))[1])
    assert all(NOTHING_BEHIND in languages.catalog(language) for language in languages.SPOKEN if language != "en")


def test_terminal_has_the_links_of_its_own_receipts_alone(house: House, lane: dict[str, str]) -> None:
    number = sold(house, lane)
    other = bearer(house.enrols("lane-2", "lane"))
    assert house.get(f"/api/v1/receipts/{number}/link", other).status_code == 404
    assert house.get(f"/api/v1/receipts/{number}/link").status_code == 401


def test_page_says_duplicate_once_paper_may_carry_it(house: House, lane: dict[str, str]) -> None:
    number = sold(house, lane)
    path = link(house, lane, number)["path"]
    assert "DUPLICATE" not in house.get(path).text
    house.gives("print_receipt", lane, receipt_number=number)
    eventually(lambda: job_of(house, number)["state"] == "printed")
    for page in (house.get(path), house.get(f"/receipt/{number}", lane)):
        assert page.text.count("DUPLICATE") == 2


def test_paper_carries_the_link(house: House, lane: dict[str, str]) -> None:
    number = sold(house, lane)
    house.gives("print_receipt", house.local(), receipt_number=number, printer="Küche 2")
    eventually(lambda: job_of(house, number)["state"] == "printed")
    virtual = house.kiosk.printers.stations["Küche 2"].virtual
    assert virtual is not None
    codes = [part.data.decode() for part in virtual.papers[0].parts if hasattr(part, "module")]
    assert codes == [link(house, lane, number)["url"]]


def test_house_that_only_this_machine_reaches_puts_no_link_on_paper(tmp_path: Path) -> None:
    with House(tmp_path, printer=PRINTERS) as house:
        lane = bearer(house.enrols("lane-1", "lane"))
        number = sold(house, lane)
        found = link(house, lane, number)
        assert found["url"] is None
        assert house.get(found["path"]).status_code == 200
        house.gives("print_receipt", lane, receipt_number=number)
        eventually(lambda: job_of(house, number)["state"] == "printed")
        virtual = house.kiosk.printers.stations["front"].virtual
        assert virtual is not None
        assert not [part for part in virtual.papers[0].parts if hasattr(part, "module")]


def test_job_that_waited_while_the_house_was_closed_comes_out_on_its_return(tmp_path: Path) -> None:
    with House(tmp_path, printer=PrinterConfig(addresses={"front": "virtual"}, terminals={"*": "front"})) as house:
        lane = bearer(house.enrols("lane-1", "lane"))
        number = sold(house, lane)
        # The room has closed, but the counter still takes orders: as in the moment before the power went.
        assert house.kiosk.printers.stop(PATIENCE_S)
        assert house.gives("print_receipt", lane, receipt_number=number)["result"]["job"]["state"] == "waiting"
    with House(tmp_path, printer=PrinterConfig(addresses={"front": "virtual"}, terminals={"*": "front"})) as house:
        eventually(lambda: job_of(house, number)["state"] == "printed")
        assert printers(house)["front"]["papers"] == 1
