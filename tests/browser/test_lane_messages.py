"""What a lane says when something went wrong: to whoever hears the screen each time anew, and where somebody looks."""

from collections.abc import Callable

import pytest
from house import PHONE, PORTRAIT, TABLET, UNKNOWN, House, Screen
from lane_states import scanning, states
from playwright.sync_api import Locator, expect
from soundness import check
from stage import Stage

BEER = "2990000000026"
OPTIONS = "Language, sight and sound"

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
    customer.presses(OPTIONS)
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


def opens_options(customer: Screen) -> Locator:
    """The globe of the sheet that is open, else that of the header."""
    customer.page.get_by_role("button", name=OPTIONS).last.click()
    options = customer.page.get_by_role("dialog", name=OPTIONS)
    expect(options).to_be_visible()
    return options


@pytest.mark.parametrize("size", [PORTRAIT, TABLET, PHONE])
def test_refusal_is_told_in_the_sheet_of_languages_with_its_ways_out(house: House, size: dict[str, int]) -> None:
    customer = house.opens("L1", size)
    options = opens_options(customer)
    customer.scans(UNKNOWN)
    is_refused(customer)
    expect(customer.page.get_by_role("alert")).to_have_count(1)
    expect(options.get_by_role("alert")).to_be_in_viewport(ratio=1)
    check(customer, "refused over the languages")
    options.get_by_role("alert").get_by_role("button", name="Search").click()
    expect(customer.page.get_by_role("dialog", name="Search for an item")).to_be_visible()
    expect(options).to_have_count(0)


def test_sheet_on_top_tells_it_and_gives_it_to_the_one_below(house: House) -> None:
    customer = house.opens("L2")
    customer.scans(UNKNOWN)
    is_refused(customer)
    customer.presses("Key in a number")
    keypad = customer.page.get_by_role("dialog", name="Key in a number")
    expect(keypad).to_be_visible()
    options = opens_options(customer)
    expect(customer.page.get_by_role("dialog").get_by_role("alert")).to_have_count(0)  # it is no news there
    customer.scans(UNKNOWN)
    expect(options.get_by_role("alert")).to_be_visible()
    expect(keypad.get_by_role("alert")).to_have_count(0)
    customer.page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(keypad.get_by_role("alert")).to_be_visible()
    customer.page.keyboard.press("Escape")
    expect(keypad).to_have_count(0)
    expect(customer.page.get_by_role("alert")).to_be_visible()


def test_help_that_is_called_in_a_sheet_is_seen_to_come(house: House) -> None:
    customer = house.opens("L3")
    opens_options(customer)
    customer.scans(UNKNOWN)
    is_refused(customer).get_by_role("button", name="Help").click()
    expect(customer.page.get_by_role("dialog")).to_have_count(0)
    customer.sees("An attendant finds out what this item costs.")


def test_what_an_attendant_has_to_see_is_told_in_an_open_sheet(house: House) -> None:
    customer = house.opens("L4")
    options = opens_options(customer)
    customer.scans(BEER)
    expect(options.get_by_text("An attendant has to see that you are 16 or older.")).to_be_visible()
    options.get_by_role("button", name="Close").click()
    customer.sees("An attendant has to see that you are 16 or older.")
    house.gives("L4", "void_basket")


def asks_whether_anybody_is_there(stage: Stage) -> Locator:
    stage.page.clock.install()
    stage.opens(scanning())
    stage.page.get_by_role("button", name="Fruit and vegetables").wait_for()
    stage.page.clock.fast_forward(61_000)
    question = stage.page.get_by_role("dialog", name="Are you still there?")
    expect(question).to_be_visible()
    return question


def test_scan_takes_the_question_away_before_its_refusal_comes(house: House) -> None:
    stage = Stage(house)
    question = asks_whether_anybody_is_there(stage)
    stage.screen.scans(UNKNOWN)
    expect(question).to_have_count(0)
    house.until(lambda: stage.asked == [("scan_item", {"code": UNKNOWN})])


def test_whatever_happens_to_the_lane_takes_the_question_away(house: House) -> None:
    stage = Stage(house)
    question = asks_whether_anybody_is_there(stage)
    stage.shows(states()["age"])
    stage.screen.sees("An attendant has to see that you are 18 or older.")
    expect(question).to_have_count(0)
