"""From a car at a stall to the kitchen's pass, with the carhop's cash in between."""

import re

from house import TABLET, House
from playwright.sync_api import expect


def test_order_goes_from_stall_to_kitchen_and_back(house: House) -> None:
    guest, kitchen, carhop = house.opens("S1", TABLET), house.opens("K1"), house.opens_console()
    guest.presses("Start your order")
    guest.presses(re.compile("^Classic burger"))
    sheet = guest.page.get_by_role("dialog", name="Classic burger")
    sheet.get_by_role("radio", name=re.compile("Double")).click()
    sheet.get_by_role("checkbox", name="No onions").click()
    sheet.get_by_role("button", name="Add to order").click()
    guest.presses("Drinks")
    guest.page.locator(".tile").first.click()
    if guest.page.get_by_role("dialog").count():
        guest.page.get_by_role("dialog").get_by_role("button", name="Add to order").click()
    guest.presses("Sides")
    guest.page.locator(".tile").first.click()
    if guest.page.get_by_role("dialog").count():
        guest.page.get_by_role("dialog").get_by_role("button", name="Add to order").click()
    expect(guest.page.locator(".order li:not(.pending)")).to_have_count(3)
    guest.button("Place order").dblclick()
    guest.sees("A carhop is coming to you")
    kitchen.sees("Nothing to make")  # unpaid orders do not fire

    call = carhop.call("Stall 1")
    expect(call).to_have_count(1)
    call.get_by_role("button", name=re.compile("^Cash received")).click()
    ticket = kitchen.page.get_by_role("article")
    expect(ticket).to_have_count(1)
    expect(ticket).to_contain_text("Classic burger")
    expect(ticket).to_contain_text("No onions")
    guest.sees("Your order is paid")

    ticket.get_by_role("button", name="Start").click()
    guest.sees("Your order is being prepared")
    kitchen.page.keyboard.press("1")  # bump
    guest.sees("Your order is ready")
    ticket.get_by_role("button", name="Back to making").click()  # too early: it returns with its age
    guest.sees("Your order is being prepared")
    kitchen.page.keyboard.press("1")
    ticket.get_by_role("button", name="Handed over").click()
    guest.sees("Enjoy your meal")
    kitchen.sees("Nothing to make")
    guest.presses("Done")
    guest.sees("What would you like?")


def test_carhop_lets_the_kitchen_start_before_the_money(house: House) -> None:
    guest, kitchen, carhop = house.opens("S2", TABLET), house.opens("K1"), house.opens_console()
    board = house.screen(TABLET)
    guest.presses("Start your order")
    guest.presses("Drinks")
    guest.page.locator(".tile").first.click()
    if guest.page.get_by_role("dialog").count():
        guest.page.get_by_role("dialog").get_by_role("button", name="Add to order").click()
    guest.presses("Place order")
    carhop.call("Stall 2").get_by_role("button", name="Let the kitchen start").click()
    guest.sees("The kitchen has your order")
    expect(kitchen.page.get_by_role("article")).to_have_count(1)
    expect(carhop.call("Stall 2")).to_contain_text("The kitchen is at it already")
    board.page.close()


def test_two_cooks_bump_at_once_and_one_counts(house: House) -> None:
    left, right = house.opens("K1"), house.opens("K1", TABLET)
    for cook in (left, right):
        expect(cook.page.get_by_role("article")).to_have_count(1)
    left.page.keyboard.press("1")
    right.page.keyboard.press("1")
    for cook in (left, right):
        expect(cook.page.get_by_role("article").get_by_role("button", name="Handed over")).to_be_visible()
        expect(cook.page.get_by_role("alert")).to_have_count(0)


def test_guest_changes_the_order_after_sending_it(house: House) -> None:
    guest = house.opens("S3", TABLET)
    guest.presses("Start your order")
    guest.presses("Sides")
    guest.page.locator(".tile").first.click()
    if guest.page.get_by_role("dialog").count():
        guest.page.get_by_role("dialog").get_by_role("button", name="Add to order").click()
    guest.presses("Place order")
    guest.presses("Change the order")
    guest.presses(re.compile("^One more of"))
    guest.sees("2 items")
    guest.presses("Cancel the order")
    guest.sees("What would you like?")
