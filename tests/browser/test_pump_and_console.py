"""Fuel from the lifted nozzle to the money, and what the console sees and stops."""

import re
import time

from house import BANANAS, PHONE, TABLET, House
from playwright.sync_api import expect


def test_driver_fuels_and_pays_inside(house: House) -> None:
    driver, attendant = house.opens("P1", TABLET), house.opens_console()
    tile = attendant.button(re.compile("^Pump 1"))
    driver.presses(re.compile("^Diesel"))
    driver.sees("An attendant has been asked")
    attendant.call("Pump 1").get_by_role("button", name="Switch on", exact=True).click()
    driver.sees("Hang up the nozzle when you have enough.")
    expect(tile).to_contain_text("Fuelling")
    litres = driver.page.locator(".figure b").nth(1)
    expect(litres).not_to_have_text("0.00")
    early = litres.inner_text()
    expect(litres).not_to_have_text(early)  # they run while it flows
    assert float(litres.inner_text()) > float(early)
    driver.presses(re.compile("Hang up the nozzle"))
    driver.sees("Please pay inside")
    amount = driver.page.locator(".figure.first b").inner_text()
    call = attendant.call("Pump 1")
    expect(call.locator(".amount")).to_have_text(amount)
    call.get_by_role("button", name=re.compile("^Cash received")).click()
    driver.sees("Thank you, and a safe journey.")


def test_emergency_stop_holds_every_pump(house: House) -> None:
    driver, attendant = house.opens("P2", TABLET), house.opens_console()
    driver.presses(re.compile("^Super Plus"))
    attendant.call("Pump 2").get_by_role("button", name="Switch on", exact=True).click()
    driver.sees("Hang up the nozzle when you have enough.")
    attendant.presses("Stop all pumps")
    driver.sees("An attendant has stopped this pump")
    attendant.sees(re.compile(r"^\d pumps? (was|were) stopped\.$"))
    attendant.presses(re.compile("^Pump 2"))
    attendant.presses("Go on delivering")
    driver.sees("Hang up the nozzle when you have enough.")
    # Who hangs up before a cent has flowed owes nothing.
    expect(driver.page.locator(".figure.first b")).not_to_have_text("€0.00")
    driver.presses(re.compile("Hang up the nozzle"))
    driver.sees("Please pay inside")


def test_scan_shows_on_the_console_at_once(house: House) -> None:
    attendant, customer = house.opens_console(), house.opens("L1")
    tile = attendant.button(re.compile("^Lane 1"))
    began = time.monotonic()
    customer.scans(BANANAS)
    expect(tile).to_contain_text("€1.59")
    print(f"scan to console: {time.monotonic() - began:.3f} s")  # noqa: T201 - a figure to read, never a verdict
    expect(tile).to_contain_text("Scanning")


def test_takings_count_what_was_paid(house: House) -> None:
    customer, attendant = house.opens("L2"), house.opens_console()
    before = attendant.page.locator(".takings-strip small").inner_text()
    customer.scans(BANANAS)
    customer.pays()
    attendant.call("Lane 2").get_by_role("button", name=re.compile("^Cash received")).click()
    expect(attendant.page.locator(".takings-strip small")).not_to_have_text(before)
    attendant.presses("Today")
    attendant.sees("Takings by hour")
    expect(attendant.page.locator(".chart canvas")).to_be_visible()
    shown = attendant.page.locator(".sums dd").first.inner_text()
    attendant.page.reload()  # the server's own sum is the same
    attendant.presses("Today")
    expect(attendant.page.locator(".sums dd").first).to_have_text(shown)


def test_attendant_types_another_amount(house: House) -> None:
    customer, attendant = house.opens("L3"), house.opens_console(PHONE)
    customer.scans(BANANAS)
    customer.pays()
    call = attendant.call("Lane 3")
    call.get_by_role("button", name="Other").click()
    call.get_by_role("textbox").fill("1,00")
    expect(call.get_by_role("button", name=re.compile("^Cash received"))).to_be_disabled()
    call.get_by_role("textbox").fill("2,10")
    expect(call).to_contain_text("€0.51")
    call.get_by_role("button", name=re.compile("^Cash received")).click()
    customer.sees("€0.51")


def test_terminal_that_leaves_is_shown_as_gone(house: House) -> None:
    attendant, customer = house.opens_console(), house.opens("L4")
    tile = attendant.button(re.compile("^Lane 4"))
    expect(tile).to_contain_text("Free")
    customer.page.close()
    expect(tile).to_contain_text("Not connected")


def test_manager_closes_and_opens_a_lane(house: House) -> None:
    attendant, customer = house.opens_console(), house.opens("L5")
    attendant.presses(re.compile("^Lane 5"))
    attendant.presses("Close this terminal")
    customer.sees("This lane is closed")
    customer.scans(BANANAS)
    customer.sees("nothing was scanned")
    attendant.presses("Open this terminal")
    customer.sees("Scan your first item")


def test_simulation_is_one_switch(house: House) -> None:
    attendant = house.opens_console()
    switch = attendant.page.get_by_role("switch", name="Simulated customers")
    was_on = switch.get_attribute("aria-checked")
    switch.click()
    expect(switch).not_to_have_attribute("aria-checked", was_on or "")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", was_on or "")
