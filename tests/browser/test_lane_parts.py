"""What the lane loads after its first second: whole before anybody needs it, and had in the end whatever happens."""

import json
import re
import urllib.request

import pytest
from house import BANANAS, House
from playwright.sync_api import Route, expect

PART = re.compile(r"/lane-part-")
CATALOG = re.compile(r"/(\w+)-\w+\.messages$")


def test_customer_opens_sheets_that_were_never_opened_while_the_line_is_down(
    house: House, request: pytest.FixtureRequest
) -> None:
    customer = house.screen({"width": 1080, "height": 1920})
    fetched: list[str] = []
    customer.page.on("requestfinished", lambda one: fetched.append(one.url))
    customer.page.goto(f"{house.url}/enrol/{house.token('L1')}")
    customer.sees("Scan your first item")
    customer.scans(BANANAS)
    later = _later(house)
    house.until(lambda: all(any(url.endswith(name) for url in fetched) for name in later))

    house.is_killed()
    request.addfinalizer(house.is_restarted)
    customer.sees("No connection to the store.")

    customer.presses("Search")
    expect(customer.page.get_by_role("dialog", name="Search for an item")).to_be_visible()
    customer.presses("Close")
    customer.presses("Key in a number")
    expect(customer.page.get_by_role("dialog", name="Key in a number")).to_be_visible()


def test_language_that_nobody_spoke_yet_is_there_while_the_line_is_down(
    house: House, request: pytest.FixtureRequest
) -> None:
    customer = house.screen({"width": 1080, "height": 1920})
    fetched: set[str] = set()
    customer.page.on("requestfinished", lambda one: fetched.update(CATALOG.findall(one.url)))
    customer.page.goto(f"{house.url}/enrol/{house.token('L3')}")
    customer.sees("Scan your first item")
    house.until(lambda: fetched == {"en", "es", "fr", "de", "ar"})

    house.is_killed()
    request.addfinalizer(house.is_restarted)
    customer.sees("No connection to the store.")

    customer.speaks("Deutsch")
    customer.sees("Scannen Sie Ihren ersten Artikel")


def test_customer_gets_a_sheet_although_its_part_failed_to_load_at_first(house: House) -> None:
    customer = house.screen({"width": 1280, "height": 800})
    later = _later(house)
    failures: list[str] = []

    def fails_once(route: Route) -> None:
        name = route.request.url.rsplit("/", 1)[-1]
        if name in later and name not in failures:
            failures.append(name)
            route.abort()
        else:
            route.continue_()

    customer.page.route(PART, fails_once)
    customer.page.goto(f"{house.url}/enrol/{house.token('L2')}")
    customer.sees("Scan your first item")
    house.until(lambda: bool(failures))
    customer.presses("Search")
    expect(customer.page.get_by_role("dialog", name="Search for an item")).to_be_visible()
    house.expects("ERR_FAILED")


def test_language_that_cannot_be_had_says_so_and_is_there_at_the_next_touch(house: House) -> None:
    customer = house.screen({"width": 390, "height": 844})
    away = re.compile(r"/de-\w+\.messages$")
    customer.page.route(away, lambda route: route.abort())
    customer.page.goto(f"{house.url}/enrol/{house.token('L4')}")
    customer.sees("Scan your first item")
    customer.speaks("Deutsch")
    customer.sees("Deutsch cannot be shown: the store's server does not answer.")
    customer.sees("Scan your first item")

    customer.speaks("Français")
    customer.sees("Scannez votre premier article")
    expect(customer.page.get_by_role("alert")).to_have_count(0)

    customer.speaks("Deutsch")
    customer.sees("Deutsch ne peut pas s’afficher")
    customer.page.unroute(away)
    customer.speaks("Deutsch")
    customer.sees("Scannen Sie Ihren ersten Artikel")
    expect(customer.page.get_by_role("alert")).to_have_count(0)
    house.expects("ERR_FAILED")


def _later(house: House) -> list[str]:
    with urllib.request.urlopen(f"{house.url}/static/app/manifest.json") as answer:
        return list(json.load(answer)["lane"]["later"])
