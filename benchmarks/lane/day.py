"""Eight hours of shopping on one page, with the hours taken out: does its memory stay as it is?

Each journey scans, changes a quantity, takes a line back, pays in cash and puts the receipt away, as fast as the page
follows. What the page holds after a garbage collection is looked at every ten journeys; a line through the later half
tells how much a day adds. 320 journeys are one every 90 seconds for eight hours.
"""

import time
from statistics import mean
from typing import TYPE_CHECKING

from benchmarks.lane.screen import Chromium, Floor, a_floor, unmeasured, why_not
from benchmarks.outcome import Outcome, Row, Run, at_most
from benchmarks.store.lanes import code_of
from benchmarks.transport.stands import tell

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

A_DAY = 320
EVERY = 10
ITEMS = 6


def measure(run: Run) -> Outcome:
    """One page, from the first journey to the last."""
    name = "8 hours of shopping on one page: heap added / heap"
    if why_not():
        return unmeasured(name)
    journeys = run.scaled(A_DAY, 80)
    held_kb: list[float] = []
    began = time.monotonic()
    with a_floor(1) as floor, Chromium() as chromium:
        page = chromium.context(floor).new_page()
        page.goto(f"{floor.url}/lane")
        page.wait_for_selector(".attract h2")
        office, probe = floor.office(), page.context.new_cdp_session(page)
        for number in range(1, journeys + 1):
            _journey(page, floor, office)
            if number % EVERY == 0:
                held_kb.append(_heap_kb(probe))
    tell(f"{journeys} journeys", began)
    later = held_kb[len(held_kb) // 2 :]
    added_kb = _slope(later) / EVERY * A_DAY
    note = f"{mean(later):,.0f} kB held, {added_kb:+,.0f} kB in a day of {A_DAY} journeys; {journeys} were made"
    return Outcome(
        rows=[Row(name, max(0.0, added_kb) / mean(later), "", at_most(0.05), None, note)],
        figures={"lane_heap_kb": {str((n + 1) * EVERY): held for n, held in enumerate(held_kb)}},
    )


def _journey(page: "Page", floor: Floor, office: str) -> None:
    """Locators alone: whatever Playwright hands out as a handle stays on the page until it is given back."""
    for number in range(ITEMS):
        page.keyboard.type(code_of(number))
        page.keyboard.press("Enter")
    page.locator(".lines .line:not(.pending)").nth(ITEMS - 1).wait_for()
    basket_id = floor.gives("change_quantity", {"line_id": 1, "quantity": 2})["result"]["basket_id"]
    floor.gives("void_line", {"line_id": 2})
    floor.gives("choose_tender", {"tender": "cash"})
    floor.gives("confirm_cash", {"basket_id": basket_id, "received_cents": 5_000}, office)
    page.locator(".thanks").wait_for()
    floor.gives("finish", {})
    page.locator(".attract h2").wait_for()


def _heap_kb(probe: "CDPSession") -> float:
    probe.send("HeapProfiler.collectGarbage")
    return float(probe.send("Runtime.getHeapUsage")["usedSize"]) / 1000


def _slope(values: list[float]) -> float:
    """Of the straight line nearest to the values, a step."""
    middle, mean_value = (len(values) - 1) / 2, mean(values)
    spread = sum((n - middle) ** 2 for n in range(len(values)))
    return sum((n - middle) * (value - mean_value) for n, value in enumerate(values)) / spread
