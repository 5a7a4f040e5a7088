"""Screens come in by their code and go out by one button, on the console."""

import re

import pytest
from house import LANDSCAPE, PHONE, House, Screen
from playwright.sync_api import Locator, expect
from test_every_state import check

SIZES = pytest.mark.parametrize("size", [LANDSCAPE, PHONE], ids=["desk", "phone"])


def goes_to(console: Screen, view: str) -> None:
    """Through the navigation: on a phone, what has no room in the bar is under More."""
    expect(console.page.get_by_role("navigation")).to_be_visible()
    if console.page.locator(".to-more").is_visible():
        console.presses("More")
        console.page.get_by_role("dialog").get_by_role("button", name=view).click()
    else:
        console.page.get_by_role("navigation").get_by_role("button", name=view).click()
    expect(console.page.locator(".office")).to_be_visible()


def asks(house: House, size: dict[str, int] = PHONE) -> tuple[Screen, str]:
    """A browser that nobody knows, and the code it shows."""
    box = house.screen(size)
    box.page.goto(house.url)
    return box, box.page.locator("#pairing").inner_text().strip()


def asking(console: Screen, code: str) -> Locator:
    return console.page.get_by_role("article", name=f"New screen {code[:4]}").filter(visible=True)


def row(console: Screen, name: str) -> Locator:
    return console.page.locator(".row").filter(has=console.page.get_by_text(name, exact=True))


@SIZES
def test_screen_that_asks_shows_at_once_and_is_paired(house: House, size: dict[str, int]) -> None:
    console = house.opens_console(size)
    box, code = asks(house)
    call = asking(console, code)
    expect(call).to_be_visible()
    expect(call).not_to_contain_text(code)  # the other half stands on the screen alone
    check(console, "a screen asks")
    call.get_by_role("button", name="Pair it").click()
    sheet = console.page.get_by_role("dialog", name="Pair a screen")
    expect(sheet.get_by_role("button", name="Pair it")).to_be_disabled()
    check(console, "pairing sheet")
    console.page.keyboard.type(code[5:].lower())  # focus is where the letters go
    name = sheet.get_by_label("Name")
    expect(name).to_have_value(re.compile(r"^L\d+$"))
    expected = name.input_value()
    sheet.get_by_role("button", name="Pair it").dblclick()
    expect(sheet).to_have_count(0)
    expect(box.page).to_have_url(re.compile("/lane$"))
    expect(asking(console, code)).to_have_count(0)
    goes_to(console, "Terminals")
    line = row(console, f"Lane {expected.removeprefix('L')}")
    expect(line).to_contain_text("Connected")
    check(console, "terminals")


def test_wrong_code_is_refused_in_the_sheet_and_nothing_is_lost(house: House) -> None:
    console = house.opens_console()
    goes_to(console, "Terminals")
    console.presses("Pair a screen")
    sheet = console.page.get_by_role("dialog")
    sheet.get_by_label("The code on the screen").fill("BCDF-GHJK")
    sheet.get_by_label("Name").fill("Front door")
    sheet.get_by_role("button", name="Pair it").click()
    expect(sheet.get_by_role("alert")).to_contain_text("No screen shows this code now")
    expect(sheet.get_by_label("Name")).to_have_value("Front door")
    check(console, "wrong code")
    console.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def test_screen_that_is_turned_away_is_told(house: House) -> None:
    console = house.opens_console()
    box, code = asks(house)
    asking(console, code).get_by_role("button", name="Turn away").dblclick()
    box.sees("This screen was not let in")
    expect(asking(console, code)).to_have_count(0)


def test_screen_takes_the_place_of_another(house: House) -> None:
    house.forgives("/api/v1/catalog?")  # the lane that goes may be copying it just then
    old = house.opens("L6")
    console = house.opens_console()
    box, code = asks(house)
    asking(console, code).get_by_role("button", name="Pair it").click()
    sheet = console.page.get_by_role("dialog")
    console.page.keyboard.type(code[5:])
    sheet.get_by_label("Name").fill("L6")
    expect(sheet).to_contain_text("This screen takes its place")
    sheet.get_by_role("button", name="Pair it").click()
    expect(box.page).to_have_url(re.compile("/lane$"))
    old.sees("This screen is not signed in")


@SIZES
def test_terminal_is_taken_out_of_service_after_a_question(house: House, size: dict[str, int]) -> None:
    house.forgives("/api/v1/catalog?")  # the lane that goes may be copying it just then
    name, shown = ("L4", "Lane 4") if size == LANDSCAPE else ("L5", "Lane 5")
    lane, console = house.opens(name), house.opens_console(size)
    goes_to(console, "Terminals")
    expect(row(console, shown)).to_contain_text("Connected")
    console.presses(f"Take {shown} out of service")
    check(console, "question")
    console.presses("Back")
    lane.sees("Scan your first item")
    console.presses(f"Take {shown} out of service")
    console.page.get_by_role("dialog").get_by_role("button", name="Take out of service").dblclick()
    expect(row(console, shown)).to_have_count(0)
    lane.sees("This screen is not signed in")


def test_terminal_that_went_says_when_it_was_there_last(house: House) -> None:
    lane, console = house.opens("L3"), house.opens_console()
    goes_to(console, "Terminals")
    expect(row(console, "Lane 3")).to_contain_text("Connected")
    lane.page.close()
    expect(row(console, "Lane 3")).to_contain_text("Not connected")
    late = house.opens_console()
    goes_to(late, "Terminals")
    expect(row(late, "Lane 3")).to_contain_text(re.compile("second|minute|now"))
    expect(row(late, "Stall 4")).to_contain_text("Not seen since the server started")


def test_terminals_are_sound_in_arabic(house: House) -> None:
    console = house.opens_console(PHONE)
    console.presses("Language and sound")
    console.page.get_by_role("button", name="العربية").click()
    console.page.locator(".to-more").click()
    console.page.get_by_role("dialog").get_by_role("button", name="الأجهزة").click()
    expect(console.page.get_by_role("heading", name="الأجهزة")).to_be_visible()
    check(console, "terminals in Arabic")
