"""What every state of every screen must keep: axe finds nothing, all fits, the way on is in sight, fingers hit it."""

import re

import pytest
from house import APPLES, BANANAS, LANDSCAPE, PHONE, PORTRAIT, TABLET, UNKNOWN, House, Screen
from playwright.sync_api import expect
from soundness import check, sees_whole


def add_first_tile(guest: Screen) -> None:
    guest.page.locator(".tile").first.click()
    if guest.page.get_by_role("dialog").count():
        guest.page.get_by_role("dialog").get_by_role("button").last.click()


@pytest.fixture
def attendant(house: House) -> Screen:
    return house.opens_console()


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, TABLET, PHONE], ids=["portrait", "landscape", "tablet", "phone"])
def test_lane_is_sound_in_every_state(house: House, attendant: Screen, size: dict[str, int]) -> None:
    lane = house.opens("L1", size)
    lane.sees("Scan your first item")
    check(lane, "attract")
    lane.scans(UNKNOWN)
    lane.sees("We do not know")
    check(lane, "unknown item")
    lane.scans(BANANAS)
    lane.scans(APPLES)
    expect(lane.total()).to_have_text("€4.08")
    check(lane, "scanning")
    sees_whole(lane, re.compile("^Pay "))
    lane.presses("Search")
    lane.page.get_by_role("textbox").fill("ma")
    lane.sees("Ripe mango")
    check(lane, "search")
    lane.presses("Close")
    lane.presses("Key in a number")
    sees_whole(lane, "Add the item")
    check(lane, "keypad")
    lane.presses("Close")
    lane.presses("Language, sight and sound")
    check(lane, "languages")
    lane.presses("Close")
    lane.presses("Help")
    lane.sees("Help is on its way")
    check(lane, "help")
    lane.pays()
    lane.sees("Please pay the attendant")
    sees_whole(lane, "Back to scanning")
    check(lane, "paying")
    attendant.call("Lane 1").get_by_role("button", name=re.compile("^Cash received")).click()
    lane.sees("Thank you")
    sees_whole(lane, "Done")
    check(lane, "receipt")
    lane.presses("Done")


def test_lane_is_sound_in_arabic(house: House) -> None:
    lane = house.opens("L2", PHONE)
    lane.speaks("العربية")
    lane.sees("امسح أول منتج")
    check(lane, "attract in Arabic")
    lane.scans(BANANAS)
    expect(lane.total()).to_be_visible()
    check(lane, "scanning in Arabic")


@pytest.mark.parametrize("size", [TABLET, PHONE], ids=["tablet", "phone"])
def test_stall_is_sound_in_every_state(house: House, attendant: Screen, size: dict[str, int]) -> None:
    stall = house.opens("S1", size)
    check(stall, "free")
    stall.presses("Start your order")
    stall.sees("Burgers")
    check(stall, "arrived")
    stall.page.locator(".tile").first.click()
    check(stall, "choices")
    stall.presses("Add to order")
    expect(stall.page.locator(".order li:not(.pending)")).to_have_count(1)
    sees_whole(stall, "Place order")
    check(stall, "ordering")
    stall.presses("Place order")
    stall.sees("A carhop is coming")
    check(stall, "ordered")
    kitchen = house.opens("K1", LANDSCAPE if size == TABLET else PHONE)
    check(kitchen, "empty kitchen")
    attendant.call("Stall 1").get_by_role("button", name=re.compile("^Cash received")).click()
    stall.sees("Your order is paid")
    check(stall, "paid")
    kitchen.presses("Start")
    stall.sees("Your order is being prepared")
    check(kitchen, "ticket in progress")
    kitchen.page.get_by_role("article").get_by_role("button", name="Ready").click()
    stall.sees("Your order is ready")
    check(kitchen, "ticket ready")
    kitchen.presses("Handed over")
    stall.sees("Enjoy your meal")
    check(stall, "served")
    kitchen.presses("Recall")
    check(kitchen, "recall")
    stall.presses("Done")


@pytest.mark.parametrize("size", [TABLET, PHONE], ids=["tablet", "phone"])
def test_pump_is_sound_in_every_state(house: House, attendant: Screen, size: dict[str, int]) -> None:
    pump = house.opens("P1", size)
    pump.sees(re.compile("Lift the nozzle of the fuel you want|a safe journey"))
    check(pump, "idle")
    pump.presses(re.compile("^Diesel"))
    pump.sees("An attendant has been asked")
    check(pump, "calling")
    attendant.call("Pump 1").get_by_role("button", name="Switch on", exact=True).click()
    pump.sees("Hang up the nozzle when")
    check(pump, "fuelling")
    pump.presses(re.compile("Hang up the nozzle"))
    pump.sees("Please pay inside")
    check(pump, "to pay")
    attendant.call("Pump 1").get_by_role("button", name=re.compile("^Cash received")).click()
    pump.sees("Thank you")
    check(pump, "paid")


@pytest.mark.parametrize("size", [LANDSCAPE, PHONE], ids=["desk", "phone"])
def test_console_is_sound_in_every_state(house: House, size: dict[str, int]) -> None:
    lane, console = house.opens("L3"), house.opens_console(size)
    is_phone = size == PHONE
    check(console, "calm")
    lane.scans(BANANAS)
    lane.presses("Help")
    lane.pays()
    lane.sees("Please pay the attendant")
    expect(console.call("Lane 3")).to_have_count(1)
    console.call("Lane 3").get_by_role("button", name="Other").click()
    check(console, "inbox")
    if is_phone:
        console.presses("Floor")
    check(console, "floor")
    console.presses(re.compile("^Lane 3"))
    check(console, "terminal sheet")
    console.presses("Close")
    console.presses(re.compile("^Pump 1"))
    check(console, "pump sheet")
    console.presses("Close")
    console.presses("Today")
    check(console, "today")
    lane.presses("Back to scanning")


def test_pages_of_the_server_are_sound(house: House) -> None:
    stranger = house.screen(PHONE)
    stranger.page.goto(f"{house.url}/signin")
    check(stranger, "sign-in")
    stranger.page.goto(f"{house.url}/enrol/nonsense")
    house.expects("401")
    check(stranger, "not enrolled")


def test_screens_are_sound_while_the_server_is_away(house: House, request: pytest.FixtureRequest) -> None:
    screens = [house.opens(terminal, TABLET) for terminal in ("L4", "S2", "P2", "K1")]
    house.is_killed()
    request.addfinalizer(house.is_restarted)
    for screen in screens:
        screen.sees("No connection to the store.")
        check(screen, f"offline {screen.page.url}")


def test_motion_rests_where_people_want_none(house: House) -> None:
    lane = house.opens("L5", reduced_motion="reduce")
    lane.sees("Scan your first item")
    assert lane.page.evaluate("document.getAnimations().length") == 0
