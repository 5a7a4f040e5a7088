"""A lane without its line: customers scan on, nothing is lost or done twice, and nobody pays what they never saw."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from house import APPLES, APPLES_NAME, BANANAS, BANANAS_NAME, MANGO, MANGO_NAME, UNKNOWN, House, Screen
from playwright.sync_api import WebSocketRoute, expect
from test_lane_help import LOOSE_BANANAS, lays

PAY = re.compile("^Pay ")


class Cable:
    """The line between one page and the server, which somebody can pull out and plug in again."""

    def __init__(self, screen: Screen) -> None:
        self.is_out = False
        self.orders: list[tuple[str, str]] = []
        self._ends: list[WebSocketRoute] = []
        screen.page.route_web_socket(re.compile("/socket.io/"), self._carry)

    def is_pulled(self) -> None:
        self.is_out = True
        for end in self._ends:
            end.close()
        self._ends.clear()

    def is_plugged_in(self) -> None:
        self.is_out = False

    def _carry(self, page: WebSocketRoute) -> None:
        if self.is_out:
            page.close()
            return
        self._ends.append(page)
        server = page.connect_to_server()
        page.on_message(lambda message: self._up(server, str(message)))
        server.on_message(page.send)

    def _up(self, server: WebSocketRoute, message: str) -> None:
        if '"command"' in message:
            order = json.loads(message[message.index("[") :])[1]
            self.orders.append((order["key"], str(order["data"].get("code", order["name"]))))
        server.send(message)


@pytest.fixture
def sold(house: House, tmp_path: Path) -> Iterator["Prices"]:
    prices = Prices(house, tmp_path)
    yield prices
    prices.are(MANGO, MANGO_NAME, "1.69")


class Prices:
    """The office, where a price is changed while a lane has no line."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.folder = house, folder

    def are(self, code: str, name: str, price: str) -> None:
        file = self.folder / "prices.csv"
        file.write_text(f"code,name,price,tax_class\n{code},{name},{price},reduced\n")
        self.house.runs("catalog", "import", str(file))


def reads(customer: Screen, code: str) -> None:
    """A scan in one go: keys that come singly through a busy machine would not be a scanner's any more."""
    press = (
        "(key) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))"
    )
    customer.page.evaluate(f"(code) => [...code, 'Enter'].forEach({press})", code)


def knowing(house: House, terminal: str) -> tuple[Screen, Cable]:
    """A lane that has the whole catalog, and its cable."""
    customer = house.opens(terminal)
    cable = Cable(customer)
    customer.page.reload()
    expect(customer.page.locator("html")).to_have_attribute("data-catalog", "whole", timeout=30_000)
    return customer, cable


def test_price_that_changed_meanwhile_is_seen_before_paying(house: House, sold: Prices) -> None:
    customer, cable = knowing(house, "L1")
    customer.scans(BANANAS)
    customer.sees(BANANAS_NAME)
    cable.is_pulled()
    customer.sees("No connection to the store.")
    customer.scans(MANGO)
    customer.sees(MANGO_NAME)
    customer.sees("provisional price")
    expect(customer.page.locator(".line.pending .provisional")).to_have_text("€1.69")
    customer.sees(re.compile(r"^Prices as of \d"))
    expect(customer.button(PAY)).to_be_disabled()
    customer.sees("Paying waits until the connection is back.")
    sold.are(MANGO, MANGO_NAME, "1.89")
    cable.is_plugged_in()
    customer.sees("The connection is back")
    sheet = customer.page.get_by_role("dialog")
    expect(sheet).to_contain_text(MANGO_NAME)
    expect(sheet.locator(".money").last).to_have_text("€1.89")
    customer.presses("I have seen it")
    customer.sees_no("The connection is back")
    expect(customer.total()).to_have_text("€3.48")
    customer.presses(PAY)
    customer.sees_no("provisional price")


def test_unknown_code_is_asked_for_later_and_its_refusal_is_shown(house: House) -> None:
    customer, cable = knowing(house, "L2")
    customer.scans(APPLES)
    customer.sees(APPLES_NAME)
    cable.is_pulled()
    customer.sees("No connection to the store.")
    customer.scans(UNKNOWN)
    customer.sees(re.compile("not known here"))
    cable.is_plugged_in()
    sheet = customer.page.get_by_role("dialog", name="The connection is back")
    expect(sheet).to_contain_text(UNKNOWN)
    expect(sheet).to_contain_text("Not added.")
    customer.page.keyboard.press("Escape")
    expect(customer.page.locator(".line.pending")).to_have_count(0)
    expect(customer.button(PAY)).to_be_enabled()


def test_basket_and_queue_outlive_a_reload_without_a_line(house: House) -> None:
    customer, cable = knowing(house, "L3")
    customer.scans(BANANAS)
    expect(customer.total()).to_have_text("€1.59")
    customer.page.wait_for_timeout(600)  # the screen is kept a moment after it was drawn; nothing announces that
    cable.is_pulled()
    customer.sees("No connection to the store.")
    customer.scans(MANGO)
    customer.sees("provisional price")
    customer.page.reload()
    customer.sees(BANANAS_NAME)
    customer.sees("provisional price")
    expect(customer.page.locator(".line.pending")).to_have_count(1)
    customer.scans(APPLES)
    expect(customer.page.locator(".line.pending")).to_have_count(2)
    cable.orders.clear()
    cable.is_plugged_in()
    expect(customer.total()).to_have_text("€5.77")
    assert [code for _, code in cable.orders] == [MANGO, APPLES], "once each, in order"
    customer.sees_no("The connection is back")  # all is as it was shown


def test_queue_outlives_the_window_it_was_scanned_in(house: House) -> None:
    house.gives("L2", "void_basket")
    customer, cable = knowing(house, "L2")
    customer.scans(BANANAS)
    customer.sees(BANANAS_NAME)
    cable.is_pulled()
    customer.sees("No connection to the store.")
    customer.scans(MANGO)
    customer.sees("provisional price")
    again = Screen(house, customer.page.context.new_page())
    cable = Cable(again)
    customer.page.close()
    again.page.goto(f"{house.url}/lane")
    again.sees(MANGO_NAME)
    expect(again.total()).to_have_text("€3.28")
    assert [code for _, code in cable.orders] == [MANGO]


def test_what_never_left_can_be_taken_back(house: House) -> None:
    customer, cable = knowing(house, "L4")
    customer.scans(BANANAS)
    customer.sees(BANANAS_NAME)
    cable.is_pulled()
    customer.sees("No connection to the store.")
    customer.scans(MANGO)
    customer.sees("provisional price")
    customer.presses(f"Remove {MANGO_NAME}")
    expect(customer.page.locator(".line.pending")).to_have_count(0)
    cable.orders.clear()
    cable.is_plugged_in()
    customer.sees_no("No connection to the store.")
    expect(customer.total()).to_have_text("€1.59")
    assert cable.orders == []


def test_scale_that_was_emptied_meanwhile_is_shown_empty(house: House) -> None:
    customer, cable = knowing(house, "L4")
    customer.scans(LOOSE_BANANAS)
    sheet = customer.page.get_by_role("dialog", name="Bananas")
    customer.presses("Empty it")
    customer.presses("+ 0.820 kg")
    expect(sheet).to_contain_text("Ready")
    cable.is_pulled()
    customer.sees("No connection to the store.")
    lays(customer, "L4", plate="produce", zero=True)
    cable.is_plugged_in()
    customer.sees_no("No connection to the store.")
    expect(sheet).to_contain_text("Put it on the scale")
    expect(sheet.get_by_role("button", name="Add the item")).to_be_disabled()


def test_number_keyed_without_a_line_waits_in_the_list_and_closes_nothing_later(house: House) -> None:
    customer, cable = knowing(house, "L6")
    customer.scans(BANANAS)
    customer.sees(BANANAS_NAME)
    cable.is_pulled()
    customer.sees("No connection to the store.")
    sheet = customer.page.get_by_role("dialog", name="Key in a number")
    customer.presses("Key in a number")
    customer.page.get_by_role("textbox").fill(MANGO)
    customer.presses("Add the item")
    expect(sheet).to_have_count(0)
    customer.sees("provisional price")
    customer.presses("Key in a number")  # and the next one; it is half keyed when the line comes back
    customer.page.get_by_role("textbox").fill("40")
    cable.is_plugged_in()
    expect(customer.total()).to_have_text("€3.28")
    expect(sheet.get_by_role("textbox")).to_have_value("40")
    customer.presses("Close")
    house.gives("L6", "void_basket")  # the lane is the next test's


def test_next_customer_finds_nothing_of_a_basket_that_went_meanwhile(house: House) -> None:
    customer, cable = knowing(house, "L1")
    customer.scans(BANANAS)
    customer.sees(BANANAS_NAME)
    customer.presses(PAY)
    customer.scans(UNKNOWN)
    expect(customer.page.get_by_role("alert")).to_be_visible()
    cable.is_pulled()
    house.gives("L1", "void_basket")
    cable.is_plugged_in()
    customer.sees("Scan your first item")
    expect(customer.page.get_by_role("dialog")).to_have_count(0)
    expect(customer.page.get_by_role("alert")).to_have_count(0)


def test_scans_for_a_basket_that_is_gone_go_into_no_other(house: House) -> None:
    customer, cable = knowing(house, "L5")
    customer.scans(BANANAS)
    customer.sees(BANANAS_NAME)
    cable.is_pulled()
    customer.sees("No connection to the store.")
    customer.scans(MANGO)
    customer.sees("provisional price")
    house.gives("L5", "void_basket")
    house.gives("L5", "scan_item", code=APPLES)  # the next customer's
    cable.is_plugged_in()
    expect(customer.page.get_by_role("dialog")).to_contain_text("the basket it was for is no longer here")
    customer.presses("I have seen it")
    customer.sees(APPLES_NAME)
    customer.sees_no(MANGO_NAME)


def test_twenty_scans_without_a_server_arrive_once_in_order(house: House) -> None:
    customer, cable = knowing(house, "L6")
    customer.scans(BANANAS)
    customer.sees(BANANAS_NAME)
    house.is_killed()
    customer.sees("No connection to the store.")
    cable.orders.clear()
    codes = [MANGO, APPLES] * 10
    for number, code in enumerate(codes, 1):
        reads(customer, code)
        expect(customer.page.locator(".line.pending")).to_have_count(number)
    house.is_restarted()
    expect(customer.total()).to_have_text("€43.39")
    assert [code for _, code in cable.orders] == codes
    assert len({key for key, _ in cable.orders}) == len(codes)
