"""A lane outside the opening hours, and one on which people practise, as the console and the customer see them."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from house import BANANAS, BANANAS_NAME, PORTRAIT, House
from playwright.sync_api import BrowserType, expect

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.fixture
def closed_house(
    tmp_path: Path, browser_type: BrowserType, browser_type_launch_args: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """A store that opens in three days, and then only."""
    day = WEEKDAYS[(datetime.now(UTC) + timedelta(days=3)).weekday()]
    monkeypatch.setitem(os.environ, "KIOSK_LANE_HOURS", f'{{ {day} = "08:00-20:00" }}')
    browser = browser_type.launch(**browser_type_launch_args)
    with House(tmp_path, browser) as running:
        yield running
        assert running.leave() == []
    browser.close()


def test_closed_store_says_when_it_opens(closed_house: House) -> None:
    customer = closed_house.opens("L1", PORTRAIT)
    customer.sees("The store is closed")
    day = (datetime.now(UTC) + timedelta(days=3)).strftime("%A")
    customer.sees(f"It opens on {day} at 08:00 AM.")
    customer.scans(BANANAS)
    customer.sees("This lane is closed, so nothing was scanned.")
    customer.sees_no(BANANAS_NAME)
    expect(customer.page.locator(".light")).to_have_text("Closed")


def test_manager_lets_people_practise_from_the_console(house: House) -> None:
    lane, console = house.opens("L1", PORTRAIT), house.opens_console()
    console.page.get_by_role("button", name="Lane 1").first.click()
    console.presses("Begin a training")
    lane.sees("Training: nothing that is sold here counts.")
    sheet = console.page.get_by_role("dialog")
    expect(sheet).to_contain_text("Nothing that is sold here counts.")
    lane.scans(BANANAS)
    lane.sees(BANANAS_NAME)
    expect(console.button("End the training")).to_be_disabled()  # somebody is at it
    house.gives("L1", "void_basket")
    console.presses("End the training")
    lane.sees_no("Training: nothing that is sold here counts.")
