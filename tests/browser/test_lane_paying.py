"""Paying at a lane with cards, gift cards and parts, as the customer sees it; the virtual reader plays its part."""

import re

import pytest
from house import BANANAS, LANDSCAPE, MANGO, PORTRAIT, House, Screen
from playwright.sync_api import expect

LOST_FOR_MS = 90_000  # the virtual bank's answer comes after 12 of its customer's paces


@pytest.fixture
def attendant(house: House) -> Screen:
    return house.opens_console()


def lets(attendant: Screen, lane: str, behaviour: str) -> None:
    """What becomes of the next card at this lane, as a manager chooses it."""
    status = attendant.page.evaluate(
        """([lane, next]) => fetch(`/api/v1/virtual-readers/${lane}`, {
          method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ next }),
        }).then((answer) => answer.status)""",
        [lane, behaviour],
    )
    assert status == 200


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
def test_customer_pays_by_card_and_reads_what_the_reader_says(
    house: House, attendant: Screen, size: dict[str, int]
) -> None:
    customer = house.opens("L1", size)
    lets(attendant, "L1", "slow")
    customer.scans(BANANAS)
    customer.pays("Card")
    customer.sees("Hold your card to the reader, or put it in")
    customer.sees("Your bank is being asked")
    customer.sees("Thank you")
    expect(customer.page.locator(".slip")).to_contain_text("••••")
    expect(customer.page.get_by_role("img", name="Your receipt for your phone")).to_be_visible()
    customer.presses("Done")


def test_double_tap_on_a_tender_charges_once(house: House) -> None:
    customer = house.opens("L2")
    customer.scans(BANANAS)
    customer.button(re.compile("^Pay ")).dblclick()
    customer.page.get_by_role("dialog").get_by_role("button", name="Card", exact=True).dblclick()
    customer.sees("Thank you")
    screen = customer.page.request.get(f"{house.url}/api/v1/screen").json()["state"]
    assert [payment["kind"] for payment in screen["receipt"]["payments"]] == ["card"]
    customer.presses("Done")


def test_declined_customer_chooses_again(house: House, attendant: Screen) -> None:
    customer = house.opens("L2")
    lets(attendant, "L2", "insufficient_funds")
    customer.scans(MANGO)
    customer.pays("Card")
    customer.sees("The card does not cover this amount. No money was taken.")
    customer.presses("Cash")
    customer.sees("Please pay the attendant")
    customer.presses("Pay in another way")
    customer.presses("Card")
    customer.sees("Thank you")
    expect(attendant.call("Lane 2")).to_have_count(0)
    customer.presses("Done")


def test_customer_stops_a_card_and_goes_back_to_scanning(house: House, attendant: Screen) -> None:
    customer = house.opens("L3")
    lets(attendant, "L3", "time_out")
    customer.scans(MANGO)
    customer.pays("Card")
    customer.sees("Hold your card")
    customer.presses("Stop this payment")
    customer.sees("The payment was cancelled. No money was taken.")
    customer.presses("Back to scanning")
    expect(customer.page.locator("main.scanning")).to_be_visible()  # a scan before that is asked about
    customer.scans(BANANAS)
    expect(customer.total()).to_have_text("€3.28")


def test_lost_answer_is_waited_for_and_nothing_can_be_paid_twice(house: House, attendant: Screen) -> None:
    customer = house.opens("L4")
    lets(attendant, "L4", "lose_approval")
    customer.scans(MANGO)
    customer.pays("Card")
    customer.sees("We do not know yet whether your card was charged")
    customer.page.reload()
    customer.sees("We do not know yet whether your card was charged")
    expect(customer.page.locator("main").get_by_role("button")).to_have_count(0)
    expect(customer.page.get_by_text("Thank you")).to_be_visible(timeout=LOST_FOR_MS)
    customer.presses("Done")


def test_customer_pays_a_part_in_cash_and_the_rest_by_card(house: House, attendant: Screen) -> None:
    customer = house.opens("L5")
    customer.scans(MANGO)
    customer.presses(re.compile("^Pay "))
    customer.presses("Pay only a part in this way")
    field = customer.page.get_by_role("textbox")
    expect(field).to_be_focused()
    field.press_sequentially("200")
    customer.sees("That is more than what is due.")
    field.press("Backspace")
    field.press_sequentially("5")  # 20.5 cents are 2.05; still too much
    customer.sees("That is more than what is due.")
    for _ in range(3):
        field.press("Backspace")
    field.press_sequentially("100")
    customer.presses("Pay this part")
    customer.presses(re.compile("^Cash"))
    customer.sees("Please pay the attendant")
    expect(customer.page.locator(".due strong")).to_have_text("€1.00")
    attendant.call("Lane 5").get_by_role("button", name=re.compile("^Cash received")).click()
    customer.sees("How do you want to pay?")
    expect(customer.page.locator(".due strong")).to_have_text("€0.69")
    customer.presses("Card")
    customer.sees("Thank you")
    expect(customer.page.locator(".slip")).to_contain_text("€0.69")
    customer.presses("Done")


def test_gift_card_that_nobody_knows_is_told_and_can_be_left(house: House) -> None:
    customer = house.opens("L6")
    customer.scans(MANGO)
    customer.pays("Gift card")
    customer.sees("Scan the gift card, or key in its number")
    customer.scans("12345678901234567897")  # by the scanner, straight into the tender
    customer.sees("We do not know a gift card with this number.")
    customer.presses("Back to scanning")
    customer.sees("Ripe mango")
    expect(customer.total()).to_have_text("€1.69")
