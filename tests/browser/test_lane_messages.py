"""What a lane says when something went wrong: to whoever hears the screen, each time anew."""

from collections.abc import Callable

from house import UNKNOWN, House, Screen
from playwright.sync_api import Locator, expect

NOBODY_KNOWS = "We do not know this item"


def reads(alert: Locator) -> Callable[[], list[str]]:
    """What a screen reader is told of this live region from now on: what is put into it while it stands there."""
    alert.evaluate(
        """region => {
          window.told = [];
          new MutationObserver(changes => {
            const fresh = changes.flatMap(({ type, target, addedNodes }) =>
              type === "characterData" ? [target] : [...addedNodes]);
            window.told.push(...fresh.map(node => node.textContent));
          }).observe(region, { subtree: true, childList: true, characterData: true });
        }"""
    )
    return lambda: alert.page.evaluate("window.told")


def is_refused(screen: Screen) -> Locator:
    alert = screen.page.get_by_role("alert")
    expect(alert).to_contain_text(NOBODY_KNOWS)
    return alert


def test_same_code_refused_twice_is_read_out_twice(house: House) -> None:
    customer = house.opens("L1")
    customer.scans(UNKNOWN)
    alert = is_refused(customer)
    told, region = reads(alert), alert.element_handle()
    alert.get_by_role("button", name="Close").focus()
    customer.scans(UNKNOWN)
    house.until(lambda: len(told()) == 1)
    assert NOBODY_KNOWS in told()[0]
    assert region.evaluate("region => region.isConnected"), "what is read is put into the region that is listened to"
    expect(alert.get_by_role("button", name="Close")).to_be_focused()


def test_same_number_refused_twice_in_its_sheet_is_read_out_twice(house: House) -> None:
    customer = house.opens("L2")
    customer.presses("Key in a number")
    customer.page.get_by_role("textbox").fill("99999")
    customer.presses("Add the item")
    told = reads(is_refused(customer))
    customer.presses("Add the item")
    house.until(lambda: len(told()) == 1)
    assert NOBODY_KNOWS in told()[0]


def test_same_code_refused_twice_is_said_twice_where_the_lane_reads_aloud(house: House) -> None:
    customer = house.opens("L3")
    customer.presses("Language, sight and sound")
    customer.page.get_by_role("switch", name="Read aloud").click()
    customer.presses("Close")
    customer.page.evaluate(
        "() => { window.heard = []; speechSynthesis.speak = ({ text }) => window.heard.push(text); }"
    )
    for times in (1, 2):
        customer.scans(UNKNOWN)
        house.until(
            lambda times=times: sum(NOBODY_KNOWS in said for said in customer.page.evaluate("window.heard")) == times
        )
