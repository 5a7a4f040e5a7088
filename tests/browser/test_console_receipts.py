"""Receipts on the console: the list, its paper, the roll of the virtual printer, and what did not come out."""

import json
import re
import urllib.request
from typing import Any

import pytest
from house import APPLES, BANANAS, LANDSCAPE, PHONE, House, Screen
from playwright.sync_api import Locator, expect
from test_console_terminals import goes_to
from test_every_state import check

SIZES = pytest.mark.parametrize("size", [LANDSCAPE, PHONE], ids=["desk", "phone"])
GIVE = """async ([path, body]) => {
  const headers = {"Content-Type": "application/json"};
  const answer = await fetch(path, {method: "POST", headers, body: JSON.stringify(body)});
  return await answer.json();
}"""


def staff_gives(console: Screen, name: str, **data: Any) -> dict[str, Any]:
    """A command of whoever is signed in at this console, beside its screen."""
    key = console.page.evaluate("() => crypto.randomUUID()")
    reply: dict[str, Any] = console.page.evaluate(GIVE, ["/api/v1/commands", {"key": key, "name": name, "data": data}])
    assert reply["ok"], reply
    result: dict[str, Any] = reply["result"]
    return result


def lets_the_printer(console: Screen, trouble: str | None) -> None:
    """Let the demo's printer suffer from something; None: be well again."""
    assert console.page.evaluate(GIVE, ["/api/v1/printers/Front/trouble", {"trouble": trouble}])["ok"]


def sells(house: House, console: Screen, lane: str, *codes: str) -> int:
    """Somebody pays in cash at this lane; the receipt's number."""
    for code in codes:
        house.gives(lane, "scan_item", code=code)
    house.pays_at(lane, "cash")
    tiles = console.page.evaluate("async () => (await (await fetch('/api/v1/terminals')).json()).terminals")
    basket_id = next(tile["basket_id"] for tile in tiles if tile["name"] == lane)
    paid = staff_gives(console, "confirm_cash", basket_id=basket_id, received_cents=2000)
    number: int = paid["receipt"]["number"]
    return number


def row(console: Screen, number: int) -> Locator:
    return console.page.get_by_role("article", name=f"Receipt {number}", exact=True).and_(console.page.locator(".row"))


def call(console: Screen, number: int) -> Locator:
    """The inbox's card about a receipt that did not come out."""
    return console.page.locator(".call").filter(has_text=f"Receipt {number}")


@SIZES
def test_receipt_is_listed_and_told_when_it_is_printed(house: House, size: dict[str, int]) -> None:
    console = house.opens_console(size)
    number = sells(house, console, "L2", BANANAS, APPLES)
    goes_to(console, "Receipts")
    expect(row(console, number)).to_contain_text("Not printed")
    expect(row(console, number)).to_contain_text("€4.08")
    house.gives("L2", "print_receipt", receipt_number=number, language="de")
    expect(row(console, number)).to_contain_text("Printed")
    printer = console.page.get_by_role("article", name="Front")
    expect(printer).to_contain_text("Ready")
    roll = printer.get_by_role("img")
    expect(roll).to_have_attribute("alt", re.compile("receipts? on paper"))
    house.until(lambda: bool(roll.evaluate("picture => picture.complete && picture.naturalWidth > 400")))
    check(console, "receipts")


@SIZES
def test_receipt_is_found_by_its_number_and_by_the_code_on_its_paper(house: House, size: dict[str, int]) -> None:
    console = house.opens_console(size)
    number = sells(house, console, "L3", BANANAS)
    goes_to(console, "Receipts")
    field = console.page.get_by_role("textbox", name="Number of a receipt")
    field.fill("one")
    field.press("Enter")
    console.sees("A receipt's number is made of digits.")
    field.fill("99999999")
    field.press("Enter")
    console.sees("There is no receipt with this number.")
    check(console, "a receipt that is not there")
    console.presses("Close")
    house.expects("404")
    for text in (str(number), f"http://192.168.1.10:8080/r/{number}.Jq3xTz9wLk0c5VnY7bRd2A"):
        field.fill(text)
        field.press("Enter")
        sheet = console.page.get_by_role("dialog", name=f"Receipt {number}")
        expect(sheet).to_contain_text("Bananas, bunch of five")
        expect(sheet).to_contain_text("of which 7 % tax")
        check(console, "a receipt")
        console.presses("Close")


@SIZES
def test_another_copy_says_duplicate_in_the_language_that_is_wanted(house: House, size: dict[str, int]) -> None:
    console = house.opens_console(size)
    number = sells(house, console, "L4", BANANAS)
    goes_to(console, "Receipts")
    row(console, number).get_by_role("button", name="Show").click()
    sheet = console.page.get_by_role("dialog", name=f"Receipt {number}")
    sheet.get_by_role("button", name="Deutsch").click()
    sheet.get_by_role("button", name="Print").dblclick()
    expect(sheet).to_contain_text("the next copy says DUPLICATE")
    sheet.get_by_role("button", name="Print a duplicate").click()
    expect(sheet).to_contain_text("Printed again")
    roll = console.page.evaluate("async () => (await fetch('/api/v1/printers/Front/roll')).text()")
    first, second = roll.split("<g ")[2:0:-1]
    assert ">DUPLIKAT<" not in first
    assert second.count(">DUPLIKAT<") == 2
    assert f">{number}<" in first
    assert f">{number}<" in second


@SIZES
def test_receipt_without_paper_waits_in_the_inbox(house: House, size: dict[str, int]) -> None:
    console = house.opens_console(size)
    first, second = sells(house, console, "L5", BANANAS), sells(house, console, "L6", APPLES)
    lets_the_printer(console, "paper_out")
    house.gives("L5", "print_receipt", receipt_number=first)
    house.gives("L6", "print_receipt", receipt_number=second)
    expect(call(console, first)).to_contain_text("Front\u2069 has no paper. Nothing was printed.")
    check(console, "a receipt that did not come out")
    lets_the_printer(console, None)
    call(console, first).get_by_role("button", name="Print again").click()
    expect(call(console, first)).to_have_count(0)
    call(console, second).get_by_role("button", name="Seen to").click()
    expect(call(console, second)).to_have_count(0)
    goes_to(console, "Receipts")
    expect(row(console, first)).to_contain_text("Printed")
    expect(row(console, second)).to_contain_text("Not printed")


def test_manager_tries_the_troubles_of_the_virtual_printer(house: House) -> None:
    console = house.opens_console()
    number = sells(house, console, "L2", BANANAS)
    goes_to(console, "Receipts")
    console.page.get_by_text("Try its troubles").click()
    console.presses("Line breaks once")
    expect(console.button("Line breaks once")).to_have_attribute("aria-pressed", "true")
    check(console, "troubles")
    house.gives("L2", "print_receipt", receipt_number=number)
    expect(row(console, number)).to_contain_text("Perhaps printed")
    expect(call(console, number)).to_contain_text("broke off while it printed")
    call(console, number).get_by_role("button", name="Print a duplicate").click()
    expect(row(console, number)).to_contain_text("Printed again")
    expect(console.button("Well")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("language", ["English", "العربية"])
def test_customers_phone_opens_the_receipt_by_its_link(house: House, language: str) -> None:
    console = house.opens_console()
    number = sells(house, console, "L3", BANANAS, APPLES)
    headers = {"Authorization": f"Bearer {house.token('L3')}"}
    request = urllib.request.Request(f"{house.url}/api/v1/receipts/{number}/link", headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        path = json.load(answer)["path"]
    phone = house.screen(PHONE)
    phone.page.goto(house.url + path)
    if language != "English":
        phone.page.get_by_role("link", name=language).click()
    expect(phone.page.locator("html")).to_have_attribute("dir", "ltr" if language == "English" else "rtl")
    expect(phone.page.get_by_role("table")).to_contain_text("Royal Gala apples")
    expect(phone.page.get_by_role("heading", level=1)).to_have_text("Main Street")
    expect(phone.page.locator("#print")).to_be_visible()
    overflow = phone.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0
