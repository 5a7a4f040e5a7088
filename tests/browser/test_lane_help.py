"""When a human has to look at a lane; and what customers do for themselves: weigh, ask why, go on elsewhere, rest."""

import re
from collections.abc import Callable

import pytest
from house import BANANAS, LANDSCAPE, MANGO, PHONE, PORTRAIT, TABLET, House, Screen
from lane_states import CIABATTA, MILK, basket, lane, scales, states
from playwright.sync_api import Locator, expect
from soundness import check
from stage import Stage

BEER, GIN, FORMULA, RECALLED = "2990000000026", "2990000000057", "2990000000095", "2990000000132"
COLA, COLA_G = "2990000000149", 530
LOOSE_BANANAS = "4011"


@pytest.fixture
def attendant(house: House) -> Screen:
    return house.opens_console()


def lays(customer: Screen, lane: str, **what: object) -> None:
    """A hand at this lane's virtual plates, as the lane's own page reaches them."""
    status = customer.page.evaluate(
        """([lane, what]) => fetch(`/api/v1/virtual-scales/${lane}`, {
          method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(what),
        }).then((answer) => answer.status)""",
        [lane, what],
    )
    assert status == 200


def listens(customer: Screen) -> Callable[[], list[str]]:
    """What this lane says from now on, to whoever asked for it to be read aloud."""
    customer.page.evaluate(
        "() => { window.heard = []; speechSynthesis.speak = ({ text }) => window.heard.push(text); }"
    )
    return lambda: customer.page.evaluate("window.heard")


def test_customer_with_beer_scans_on_and_pays_once_somebody_has_looked(house: House, attendant: Screen) -> None:
    customer = house.opens("L1")
    customer.scans(BEER)
    customer.sees("An attendant has to see that you are 16 or older.")
    customer.scans(MANGO)  # goes on meanwhile
    customer.sees("Ripe mango")
    customer.sees("Paying waits until somebody has looked.")
    attendant.call("Lane 1").get_by_role("button", name="I am going").click()
    customer.sees(re.compile("is on the way"))
    attendant.call("Lane 1").get_by_role("button", name="Approve", exact=True).click()
    customer.sees_no("An attendant has to see that you are 16 or older.")
    customer.pays("Card")
    customer.sees("Thank you")
    customer.presses("Done")


def test_customer_who_is_too_young_is_told_what_became_of_the_beer(house: House, attendant: Screen) -> None:
    customer = house.opens("L1")
    customer.scans(MANGO)
    customer.scans(BEER)
    customer.sees("An attendant has to see")
    attendant.call("Lane 1").get_by_role("button", name="Deny", exact=True).click()
    attendant.presses("Too young")
    customer.sees("The attendant may not sell this to you. It was taken out of your basket.")
    expect(customer.total()).to_have_text("€1.69")


def test_recalled_item_is_refused_in_plain_words_and_help_knows_which(house: House, attendant: Screen) -> None:
    customer = house.opens("L2")
    customer.scans(RECALLED)
    customer.sees(re.compile("has been recalled and must not be sold"))
    customer.page.get_by_role("alert").get_by_role("button", name="Help").click()
    customer.sees("An attendant takes the recalled item from you.")
    expect(attendant.call("Lane 2")).to_contain_text("Smoked salmon")


def test_much_is_taken_out_by_an_attendant_only(house: House, attendant: Screen) -> None:
    customer = house.opens("L3", TABLET)
    customer.scans(GIN)
    customer.scans(GIN)
    expect(customer.total()).to_have_text("€29.98")
    customer.presses("Remove Gin 700 ml")
    customer.sees("Gin 700 ml is taken out by an attendant.")
    expect(customer.total()).to_have_text("€29.98")


def test_heavy_bagging_area_holds_the_lane_until_it_agrees_again(house: House) -> None:
    customer = house.opens("L4", PORTRAIT)
    customer.scans(COLA)
    customer.sees("Cherry cola")
    lays(customer, "L4", plate="bagging", put_g=5000, is_following=False)
    customer.sees("Something lies in the bagging area that was not scanned.")
    customer.sees("Please wait a moment")  # patience is over
    expect(customer.page.locator(".dimmed")).to_have_attribute("inert", "")
    customer.scans(BANANAS)
    customer.sees("Somebody has to look first.")
    lays(customer, "L4", plate="bagging", zero=True, put_g=COLA_G)
    customer.sees_no(re.compile("wait a moment"))
    customer.scans(BANANAS)
    customer.sees("Bananas, bunch of five")


def test_payment_begins_by_itself_once_the_bagging_area_is_at_rest(house: House) -> None:
    customer = house.opens("L6", PORTRAIT)
    lays(customer, "L6", plate="bagging", condition="unstable")  # a hand on the plate, for as long as it likes
    customer.scans(COLA)
    customer.sees("Cherry cola")
    customer.pays()
    customer.sees("the bagging area is being weighed. Payment begins by itself after that.")
    check(customer, "weighed before paying")
    customer.scans(BANANAS)  # who scans on chooses again
    customer.sees("Bananas, bunch of five")
    customer.sees_no(re.compile("by itself after that"))
    customer.pays()
    customer.sees("Payment begins by itself after that.")
    lays(customer, "L6", plate="bagging", condition="stable")
    customer.sees("Please pay the attendant")
    house.gives("L6", "leave_tender")
    house.gives("L6", "void_basket")  # the lane is the next test's


def test_bagging_area_says_aloud_what_it_wants(house: House) -> None:
    customer = house.opens("L6", PORTRAIT)
    customer.presses("Language, sight and sound")
    customer.page.get_by_role("switch", name="Read aloud").click()
    customer.presses("Close")
    lays(customer, "L6", plate="bagging", condition="unstable")
    customer.scans(COLA)
    customer.sees("Cherry cola")
    heard = listens(customer)
    customer.pays()
    house.until(lambda: any("Payment begins by itself after that." in said for said in heard()))
    lays(customer, "L6", plate="bagging", condition="stable")
    house.until(lambda: any(said.startswith("Please pay the attendant") for said in heard()))
    house.gives("L6", "leave_tender")
    house.gives("L6", "void_basket")  # the lane is the next test's


def test_customer_with_beer_hears_each_item_after_it(house: House) -> None:
    customer = house.opens("L5")
    customer.presses("Language, sight and sound")
    customer.page.get_by_role("switch", name="Read aloud").click()
    customer.presses("Close")
    heard = listens(customer)
    customer.scans(BEER)
    customer.sees("An attendant has to see that you are 16 or older.")
    for code, name in ((MANGO, "Ripe mango"), (BANANAS, "Bananas, bunch of five")):
        customer.scans(code)
        customer.sees(name)
        house.until(lambda name=name: any(said.startswith(name) for said in heard()))
    assert sum("16 or older" in said for said in heard()) == 1
    house.gives("L5", "void_basket")  # the lane is the next test's


def test_what_stands_for_long_is_said_once_and_silences_nothing(house: House) -> None:
    stage = Stage(house)
    stage.needs("spoken")
    customer = stage.opens(lane("scanning", basket=basket(MILK)))
    customer.page.get_by_role("button", name="Fruit and vegetables").wait_for()
    heard = listens(customer)
    surplus = "Something lies in the bagging area that was not scanned."
    stage.shows(lane("scanning", basket=basket(MILK), scales=scales("surplus")))
    house.until(lambda: heard() == [surplus])
    stage.shows(lane("scanning", basket=basket(MILK, CIABATTA), scales=scales("surplus")))
    house.until(lambda: heard()[1:] == ["Ciabatta, €3.00. Total €4.19"])
    stage.shows(states()["held-age"])
    house.until(lambda: len(heard()) == 4)
    assert heard()[2] == "Please wait a moment"
    stage.shows(lane("scanning", basket=basket(MILK, CIABATTA)))
    house.until(lambda: heard()[4:] == ["Ciabatta, €3.00. Total €4.19"])  # and how it goes on


def test_customer_picks_produce_by_its_tile_and_weighs_it(house: House) -> None:
    customer = house.opens("L5", PORTRAIT)
    customer.scans(MANGO)
    customer.presses("Fruit and vegetables")
    customer.page.get_by_role("group", name="Categories").get_by_role("button", name="Vegetables").click()
    customer.presses(re.compile("^L?Leeks"))
    customer.presses("Empty it")
    customer.sees("Put it on the scale")
    expect(customer.button("Add the item")).to_be_disabled()
    customer.presses("+ 0.820 kg")
    customer.sees("Ready")
    expect(customer.page.get_by_role("dialog")).to_contain_text("€2.44")  # of 0.815 kg: the bundle's band weighs 5 g
    customer.presses("Add the item")
    expect(customer.page.get_by_role("dialog")).to_have_count(0)
    customer.sees(re.compile(r"0\.8\d\d kg at €2\.99 a kg"))
    customer.presses("About Leeks")
    customer.presses("Why this price?")
    customer.sees("You pay")


def test_keyed_number_of_loose_produce_opens_the_scale(house: House) -> None:
    customer = house.opens("L6")
    customer.presses("Key in a number")
    customer.page.get_by_role("textbox").fill(LOOSE_BANANAS)
    customer.presses("Add the item")
    expect(customer.page.get_by_role("dialog", name="Bananas")).to_be_visible()
    customer.presses("Close")
    customer.sees("Scan your first item")


def keys_in_what_nobody_knows(customer: Screen) -> Locator:
    """The sheet of the number, which says so."""
    customer.presses("Key in a number")
    sheet = customer.page.get_by_role("dialog")
    sheet.get_by_role("textbox").fill("99999")
    sheet.get_by_role("button", name="Add the item").click()
    expect(sheet.get_by_role("alert")).to_contain_text("We do not know this item")
    return sheet


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, TABLET, PHONE])
def test_sheet_that_says_what_was_refused_is_sound(house: House, size: dict[str, int]) -> None:
    customer = house.opens("L6", size)
    sheet = keys_in_what_nobody_knows(customer)
    expect(sheet.get_by_role("button", name="Add the item")).to_be_in_viewport(ratio=1)
    check(customer, "refused in the sheet")


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE, TABLET, PHONE])
def test_keyed_number_that_nobody_knows_is_corrected_or_searched_for(house: House, size: dict[str, int]) -> None:
    customer = house.opens("L6", size)
    sheet = keys_in_what_nobody_knows(customer)
    sheet.get_by_role("alert").get_by_role("button", name="Search").click()
    expect(customer.page.get_by_role("dialog", name="Search for an item")).to_be_visible()
    expect(sheet.get_by_role("alert")).to_have_count(0)  # it is no news there
    sheet.get_by_role("button", name="Close").click()
    keys_in_what_nobody_knows(customer)
    sheet.get_by_role("textbox").fill(MANGO)
    sheet.get_by_role("button", name="Add the item").click()
    expect(sheet).to_have_count(0)
    customer.sees("Ripe mango")
    expect(customer.page.get_by_role("alert")).to_have_count(0)
    house.gives("L6", "void_basket")  # the lane is the next test's


def test_help_with_a_keyed_number_is_seen_to_come(house: House, attendant: Screen) -> None:
    customer = house.opens("L6")
    customer.presses("Key in a number")
    customer.page.get_by_role("textbox").fill("99999")
    customer.presses("Add the item")
    customer.page.get_by_role("dialog").get_by_role("alert").get_by_role("button", name="Help").click()
    customer.sees("An attendant finds out what this item costs.")
    expect(customer.page.get_by_role("dialog")).to_have_count(0)
    expect(attendant.call("Lane 6")).to_contain_text("99999")


def test_basket_is_carried_to_another_lane_by_its_code(house: House) -> None:
    customer, other = house.opens("L5"), house.opens("L6")
    customer.scans(MANGO)
    customer.presses(re.compile("^More$"))
    customer.presses("Go on at another lane or till")
    code = customer.page.locator(".spelled").inner_text()
    other.scans(code)
    other.sees("Ripe mango")
    customer.sees("Scan your first item")


def test_shelf_price_is_asked_about_and_paying_waits(house: House, attendant: Screen) -> None:
    customer = house.opens("L3")
    customer.scans(MANGO)
    customer.presses("About Ripe mango")
    customer.presses("The shelf said another price")
    customer.page.get_by_role("textbox").press_sequentially("99")
    customer.presses("Have it checked")
    customer.sees("Ripe mango: you saw €0.99 on the shelf.")
    expect(customer.button(re.compile("^Pay "))).to_be_disabled()


def test_next_customer_finds_the_lane_as_everybody_does(house: House) -> None:
    customer = house.opens("L5", PORTRAIT)
    customer.presses("Language, sight and sound")
    for need in ("High contrast", "Larger text", "Everything within low reach", "Read aloud"):
        customer.page.get_by_role("switch", name=need).click()
    customer.presses("Close")
    heard = listens(customer)
    customer.scans(MANGO)
    customer.sees("Ripe mango")
    house.until(lambda: any("Ripe mango, €1.69" in said for said in heard()))
    customer.presses(re.compile("^More$"))
    customer.presses("Start over")
    customer.page.get_by_role("dialog").get_by_role("button", name="Start over").click()
    customer.sees("Scan your first item")
    expect(customer.page.locator("html")).to_have_attribute("data-needs", "")


def test_who_scans_while_a_receipt_shows_finds_the_lane_as_everybody_does(house: House) -> None:
    stage = Stage(house)
    stage.speaks("de")
    stage.needs("contrast")
    customer = stage.opens(states()["receipt"])
    customer.sees("Vielen Dank")
    expect(customer.page.locator("html")).to_have_attribute("data-needs", "contrast")
    stage.shows(lane("scanning", basket=basket(MILK, basket_id="b2")))
    expect(customer.page.locator("html")).to_have_attribute("lang", "en")
    expect(customer.page.locator("html")).to_have_attribute("data-needs", "")
