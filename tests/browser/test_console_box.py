"""The box itself on the console: its networks, its health, its past. In a store that lets one network in."""

import re
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from house import BANANAS, LANDSCAPE, PHONE, House
from playwright.sync_api import Browser, BrowserType, expect
from test_console_terminals import goes_to, row
from test_every_state import check

SIZES = pytest.mark.parametrize("size", [LANDSCAPE, PHONE], ids=["desk", "phone"])


@pytest.fixture(scope="module")
def _module_house(
    tmp_path_factory: pytest.TempPathFactory, browser_type: BrowserType, browser_type_launch_args: dict[str, object]
) -> Iterator[House]:
    browser: Browser = browser_type.launch(**browser_type_launch_args)  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KIOSK_MODE", "lan")
        patch.setenv("KIOSK_NETWORK_ALLOW", '["192.168.7.0/24"]')
        with House(tmp_path_factory.mktemp("store"), browser) as running:
            yield running
    browser.close()


def knocks_with_a_foreign_name(house: House) -> None:
    request = urllib.request.Request(house.url, headers={"Host": "kiosk.evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="421"):
        urllib.request.urlopen(request, timeout=30)


@SIZES
def test_who_was_turned_away_stands_there_with_the_reason(house: House, size: dict[str, int]) -> None:
    console = house.opens_console(size)
    goes_to(console, "Network")
    knocks_with_a_foreign_name(house)
    console.sees("It asked for a host name that is not ours.")
    turned_away = console.page.get_by_role("region", name="Turned away")
    expect(turned_away.get_by_role("article", name="127.0.0.1")).to_contain_text(re.compile(r"\d (try|tries)"))
    console.sees("192.168.7.0/24")
    check(console, "network")
    # This machine is never turned away: the refusal says so, and nothing changes.
    turned_away.get_by_role("button", name="Quarantine 127.0.0.1").click()
    expect(console.page.get_by_role("alert")).to_contain_text("Nothing was changed")


@SIZES
def test_address_is_let_in_for_an_hour_and_turned_away_again(house: House, size: dict[str, int]) -> None:
    address = "10.1.2.3" if size == LANDSCAPE else "10.1.2.4"
    console = house.opens_console(size)
    goes_to(console, "Network")
    test = console.page.get_by_role("region", name="Would it get in?")
    test.get_by_role("textbox").fill(address)
    test.get_by_role("textbox").press("Enter")
    expect(test).to_contain_text("It would be turned away.")
    expect(test).to_contain_text("It is in no network that is let in.")
    check(console, "would be turned away")
    test.get_by_role("button", name=f"Let {address} in for an hour").dblclick()
    expect(test).to_contain_text("It would get in.")
    expect(row(console, f"{address}/32")).to_contain_text("for 1 hour more")
    check(console, "let in for an hour")
    test.get_by_role("button", name=f"Quarantine {address}").click()
    expect(test).to_contain_text("It is in quarantine.")
    row(console, f"{address}/32").get_by_role("button", name=re.compile("^Take back")).first.click()
    expect(row(console, f"{address}/32").filter(has_text="Quarantine")).to_have_count(0)


def test_no_address_is_no_crash(house: House) -> None:
    console = house.opens_console()
    goes_to(console, "Network")
    test = console.page.get_by_role("region", name="Would it get in?")
    test.get_by_role("textbox").fill("010.0.0.1")
    test.get_by_role("button", name="Check").click()
    expect(test).to_contain_text("That is no address.")


@SIZES
def test_system_says_what_is_amiss_and_what_to_do(house: House, size: dict[str, int]) -> None:
    console = house.opens_console(size)
    goes_to(console, "System")
    backup = console.page.get_by_role("region", name="Last backup")
    if size == LANDSCAPE:
        expect(backup).to_contain_text("There is no backup yet")
        expect(backup).to_contain_text("kiosk-server backup")
        check(console, "system without a backup")
        house.runs("backup")
        house.runs("backup", "--drill")
    expect(backup).to_contain_text(re.compile("ago|now"))
    expect(console.page.get_by_role("region", name="Restore drill")).to_contain_text("all of it was there")
    expect(console.page.get_by_role("region", name="Version")).to_contain_text(re.compile(r"Kiosk Server \d+\.\d+"))
    check(console, "system")


def test_system_says_that_it_cannot_know(house: House) -> None:
    console = house.opens_console()
    console.page.route("**/api/v1/system", lambda route: route.abort())
    goes_to(console, "System")
    console.sees("The server did not answer.")
    check(console, "system unknown")
    console.page.unroute("**/api/v1/system")
    console.presses("Try again")
    expect(console.page.get_by_role("region", name="Disk")).to_contain_text("free")
    house.expects("ERR_FAILED")


@SIZES
def test_past_shows_the_floor_as_it_was(house: House, size: dict[str, int]) -> None:
    name, shown = ("L1", "Lane 1") if size == LANDSCAPE else ("L2", "Lane 2")
    lane, console = house.opens(name), house.opens_console(size)
    goes_to(console, "Past")
    tile = console.page.locator(".past").get_by_role("article", name=shown)
    expect(tile).to_contain_text("Free")
    lane.scans(BANANAS)
    expect(lane.total()).to_have_text("€1.59")
    expect(tile).to_contain_text("Free")  # the past stays what it was
    check(console, "past")
    slider = console.page.get_by_role("slider", name="Moment of today")
    slider.press("End")
    while "1.59" not in tile.inner_text():
        slider.press("End")  # until the clock has gone on by the second of the scan
        console.page.wait_for_timeout(100)
    slider.press("Home")
    expect(tile).to_contain_text("Free")
    expect(console.page.locator(".past .floor").get_by_role("button")).to_have_count(0)
    console.presses("Back to now")
    expect(console.button(re.compile(f"^{shown}"))).to_contain_text("€1.59")


def test_past_that_cannot_be_had_says_so(house: House) -> None:
    console = house.opens_console()
    console.page.route("**/api/v1/past*", lambda route: route.abort())
    goes_to(console, "Past")
    console.sees("The server did not answer.")
    check(console, "past unknown")
    house.expects("ERR_FAILED")
