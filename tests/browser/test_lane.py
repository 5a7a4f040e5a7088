"""A whole journey at the self-checkout lane, in three languages and by every way in."""

import re

import pytest
from house import (
    APPLES,
    APPLES_NAME,
    BAD_CHECK_DIGIT,
    BANANAS,
    BANANAS_NAME,
    LANDSCAPE,
    MANGO,
    MANGO_NAME,
    PHONE,
    PORTRAIT,
    UNKNOWN,
    House,
    Screen,
)
from playwright.sync_api import Locator, expect

WORDS = {
    "English": (
        "Scan your first item",
        "Pay",
        "Cash",
        "Please pay the attendant",
        "Thank you",
        "Done",
        "We do not know",
        "ltr",
    ),
    "Deutsch": (
        "Scannen Sie Ihren ersten Artikel",
        "Bezahlen",
        "Bargeld",
        "Bitte bezahlen Sie beim Personal",
        "Vielen Dank",
        "Fertig",
        "kennen wir nicht",
        "ltr",
    ),
    "العربية": ("امسح أول منتج", "ادفع", "نقدًا", "ادفع للموظف من فضلك", "شكرًا لك", "تم", "لا نعرف هذا المنتج", "rtl"),
}


@pytest.mark.parametrize(("language", "size"), [("English", None), ("Deutsch", PORTRAIT), ("العربية", PHONE)])
def test_customer_scans_and_pays_in_own_language(house: House, language: str, size: dict[str, int] | None) -> None:
    attract, pay, cash, at_attendant, thanks, done, unknown, direction = WORDS[language]
    customer = house.opens("L1", **({"size": size} if size else {}))
    attendant = house.opens_console()

    customer.speaks(language)
    customer.sees(attract)
    assert customer.page.evaluate("document.documentElement.dir") == direction
    customer.scans(BANANAS)
    customer.sees(BANANAS_NAME)
    customer.scans(APPLES)
    customer.scans(APPLES)
    expect(customer.total()).to_contain_text(re.compile(r"6[.,]57"))
    customer.scans(UNKNOWN)
    customer.sees(unknown)
    customer.button(re.compile(f"^{pay} ")).dblclick()  # the second tap chooses nothing
    customer.page.get_by_role("dialog").get_by_role("button", name=cash).dblclick()  # and this pays once
    customer.sees(at_attendant)

    expect(attendant.call("Lane 1")).to_have_count(1)
    call = attendant.call("Lane 1")
    call.get_by_role("button", name="€10.00").click()
    expect(call).to_contain_text("€3.43")
    call.get_by_role("button", name=re.compile("^Cash received")).click()
    customer.sees(thanks)
    customer.sees(re.compile(r"3[.,]43"))
    expect(attendant.call("Lane 1")).to_have_count(0)
    customer.presses(done)
    customer.sees(WORDS["English"][0])  # the next customer finds the store's own language


def test_receipt_leaves_by_itself(house: House) -> None:
    customer, attendant = house.opens("L2"), house.opens_console()
    customer.scans(MANGO)
    customer.pays()
    attendant.call("Lane 2").get_by_role("button", name=re.compile("^Cash received")).click()
    customer.sees("Thank you")
    expect(customer.page.locator(".slip li")).to_have_text([re.compile("Ripe mango.*€1.69")])
    customer.sees("Scan your first item")


def test_receipt_of_its_own_is_printed_by_a_button(house: House) -> None:
    customer, attendant = house.opens("L2"), house.opens_console()
    customer.scans(MANGO)
    customer.pays()
    attendant.call("Lane 2").get_by_role("button", name=re.compile("^Cash received")).click()
    customer.sees("Thank you")
    screen = customer.page.request.get(f"{house.url}/api/v1/screen").json()
    customer.page.add_init_script("window.print = () => { window.isPrinted = true; }")

    customer.page.goto(f"{house.url}/receipt/{screen['state']['receipt']['number']}?lang=fr")
    customer.presses("Imprimer")

    assert customer.page.evaluate("window.isPrinted")
    customer.page.goto(f"{house.url}/lane")


def test_next_customer_scans_while_the_receipt_shows(house: House) -> None:
    customer, attendant = house.opens("L2"), house.opens_console()
    customer.scans(MANGO)
    customer.pays()
    attendant.call("Lane 2").get_by_role("button", name=re.compile("^Cash received")).click()
    customer.sees("Thank you")
    customer.scans(BANANAS)
    expect(customer.total()).to_have_text("€1.59")


def test_scanner_is_heard_on_every_screen(house: House) -> None:
    customer = house.opens("L3")
    customer.scans(BANANAS)
    customer.button(re.compile("^Search")).focus()
    customer.scans(APPLES)  # its Enter must not press the button that has the focus
    customer.sees(APPLES_NAME)
    expect(customer.page.get_by_role("dialog")).to_have_count(0)
    customer.presses("Search")
    field = customer.page.get_by_role("textbox")
    field.type("ma")
    customer.scans(MANGO)  # into a search that somebody has begun
    customer.sees(MANGO_NAME)
    expect(customer.total()).to_have_text("€5.77")
    customer.scans(BANANAS, end="")  # a scanner without an end key
    expect(customer.total()).to_have_text("€7.36")
    customer.scans(BANANAS, end="Tab")
    expect(customer.total()).to_have_text("€8.95")


def test_scan_into_a_keyed_amount_leaves_it_as_it_was(house: House) -> None:
    customer = house.opens("L4")
    customer.scans(BANANAS)
    customer.presses(re.compile("^Pay "))
    customer.presses("Pay only a part")
    field = customer.page.get_by_role("textbox")
    field.press_sequentially("100", delay=120)
    expect(field).to_have_value("1.00")
    customer.page.wait_for_timeout(400)  # a hand takes longer from the pad to the scanner
    customer.scans(UNKNOWN)
    customer.sees(re.compile("We do not know this item"))
    expect(field).to_have_value("1.00")
    house.gives("L4", "void_basket")  # the lane is the next test's


def test_code_that_comes_in_two_parts_is_one_code(house: House) -> None:
    customer = house.opens("L4")
    customer.scans(BANANAS[:8], end="")  # as many digits as a short code has, but a check digit that is wrong
    customer.page.wait_for_timeout(400)  # the pause is what is tested: longer than a scanner makes within a code
    customer.scans(BANANAS[8:])
    customer.sees(BANANAS_NAME)
    expect(customer.total()).to_have_text("€1.59")
    expect(customer.page.get_by_role("alert")).to_have_count(0)
    customer.page.keyboard.type(APPLES[:6])
    customer.page.wait_for_timeout(400)
    customer.scans(APPLES[6:])
    customer.sees(APPLES_NAME)
    customer.scans(BAD_CHECK_DIGIT, end="")  # and one that was read badly is told of all the same
    customer.sees("The code was not read cleanly.")
    house.gives("L4", "void_basket")  # the lane is the next test's


def test_bad_codes_are_explained_and_change_nothing(house: House) -> None:
    customer = house.opens("L4")
    customer.scans(BAD_CHECK_DIGIT)
    customer.sees("not read cleanly")
    customer.scans("9" * 3_000)
    customer.sees("far too long")
    customer.scans("ÿ#garbage?!")
    customer.sees("not a product code")
    customer.sees("Scan your first item")


def test_scan_while_paying_can_be_added_after_all(house: House) -> None:
    customer = house.opens("L4")
    customer.scans(BANANAS)
    customer.pays()
    customer.sees("Please pay the attendant")
    customer.scans(APPLES)
    customer.sees("Payment has begun")
    customer.presses("Go back and add it")
    customer.sees(APPLES_NAME)
    expect(customer.total()).to_have_text("€4.08")


def test_customer_changes_the_basket_and_starts_over(house: House) -> None:
    customer = house.opens("L5")
    customer.scans(BANANAS)
    customer.presses(f"One more of {BANANAS_NAME}")
    expect(customer.total()).to_have_text("€3.18")
    customer.scans(MANGO)
    customer.presses(f"Change {BANANAS_NAME}")
    customer.presses(f"Remove {BANANAS_NAME}")
    expect(customer.total()).to_have_text("€1.69")
    customer.sees("Removed")
    customer.presses(re.compile("^More$"))
    customer.presses("Start over")
    customer.page.get_by_role("dialog").get_by_role("button", name="Start over").click()
    customer.sees("Scan your first item")


def taps_twice(customer: Screen, target: Locator) -> None:
    """Two taps of one finger at one place, as far apart as a hand needs; the answer to the first comes between them."""
    box = target.bounding_box()
    assert box is not None
    mouse = customer.page.mouse
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for count in (1, 2):
        mouse.down(click_count=count)
        mouse.up(click_count=count)
        customer.page.wait_for_timeout(150)  # the pace of the hand is what is tested


def test_double_tap_takes_one_line_out_and_picks_the_line_it_meant(house: House) -> None:
    customer = house.opens("L6")
    for code in (BANANAS, APPLES, MANGO):
        customer.scans(code)
    expect(customer.total()).to_have_text("€5.77")
    taps_twice(customer, customer.button(f"Change {BANANAS_NAME}"))
    expect(customer.page.locator(".line.large")).to_contain_text(BANANAS_NAME)
    taps_twice(customer, customer.button(f"Change {MANGO_NAME}"))
    taps_twice(customer, customer.button(f"Remove {MANGO_NAME}"))
    expect(customer.page.locator(".line.voided")).to_have_count(1)
    expect(customer.total()).to_have_text("€4.08")
    house.gives("L6", "void_basket")  # the lane is the next test's


@pytest.mark.parametrize("size", [LANDSCAPE, PHONE], ids=["landscape", "phone"])
def test_two_taps_at_one_place_add_two_pieces(house: House, size: dict[str, int]) -> None:
    customer = house.opens("L6", size)
    customer.scans(APPLES)
    customer.sees(APPLES_NAME)
    taps_twice(customer, customer.button(f"One more of {APPLES_NAME}"))
    expect(customer.total()).to_have_text("€7.47")
    house.gives("L6", "void_basket")  # the lane is the next test's


def test_customer_finds_an_item_by_typing_its_name(house: House) -> None:
    customer = house.opens("L5", PORTRAIT)
    customer.presses("Search")
    for key in "mango":
        customer.page.get_by_role("group", name="Keyboard").get_by_role("button", name=key, exact=True).click()
    customer.presses(re.compile("Ripe mango"))
    expect(customer.total()).to_have_text("€1.69")
    customer.presses("Search")
    customer.page.get_by_role("textbox").fill("zzzz")
    customer.sees("Nothing found")
    customer.page.keyboard.press("Escape")
    expect(customer.page.get_by_role("dialog")).to_have_count(0)


def test_customer_pays_by_touch_alone(house: House) -> None:
    customer, attendant = house.opens("L6", PORTRAIT, has_touch=True), house.opens_console()
    sheet = customer.page.get_by_role("dialog")
    customer.button("Key in a number").tap()
    for digit in MANGO:
        sheet.get_by_role("button", name=digit, exact=True).tap()
    sheet.get_by_role("button", name="Add the item").tap()
    customer.sees(MANGO_NAME)
    customer.button(re.compile("^Pay ")).tap()
    sheet.get_by_role("button", name="Cash").tap()
    customer.sees("Please pay the attendant")
    attendant.call("Lane 6").get_by_role("button", name=re.compile("^Cash received")).click()
    customer.sees("Thank you")
    customer.button("Done").tap()
    customer.sees("Scan your first item")


# A quick hand: the sheet is opened and three keys are touched before half a second is over. `detail` counts the taps
# of one place as the browser does.
QUICK_HAND = """async () => {
  const named = (root, name) => [...root.querySelectorAll('button')].find((one) => one.textContent.trim() === name);
  const frame = () => new Promise(requestAnimationFrame);
  named(document, 'Key in a number').click();
  let sheet = null;
  while (!(sheet = document.querySelector('[role=dialog]'))) await frame();
  for (const [key, detail] of [['2', 1], ['0', 1], ['0', 2]]) {
    named(sheet, key).dispatchEvent(new MouseEvent('click', { detail, bubbles: true, cancelable: true }));
    await frame();
  }
}"""


def test_quick_hand_keys_two_noughts(house: House) -> None:
    customer = house.opens("L6")
    customer.page.evaluate(QUICK_HAND)
    expect(customer.page.get_by_role("textbox")).to_have_value("200")


# A key that comes as soon as the sheet is there to be seen.
QUICK_ESCAPE = """() => {
  const isThere = new Promise((resolve) => new MutationObserver((_, watch) => {
    if (!document.querySelector('[role=dialog]')) return;
    watch.disconnect();
    dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    resolve();
  }).observe(document.body, { childList: true, subtree: true }));
  [...document.querySelectorAll('button')].find((one) => one.textContent.trim() === 'Key in a number').click();
  return isThere;
}"""


def test_language_changes_in_a_sheet_and_what_was_keyed_stays(house: House) -> None:
    customer = house.opens("L6", PORTRAIT)
    customer.presses("Key in a number")
    sheet = customer.page.get_by_role("dialog", name="Key in a number")
    for digit in "401":
        sheet.get_by_role("button", name=digit, exact=True).click()
    sheet.get_by_role("button", name="Language, sight and sound").click()
    customer.page.get_by_role("dialog", name="Language, sight and sound").get_by_role("button", name="Deutsch").click()
    sheet = customer.page.get_by_role("dialog", name="Nummer eingeben")
    expect(sheet.get_by_role("textbox")).to_have_value("401")
    expect(customer.page.get_by_role("dialog")).to_have_count(1)


def test_sheet_hears_the_first_key(house: House) -> None:
    customer = house.opens("L6")
    customer.page.evaluate(QUICK_ESCAPE)
    expect(customer.page.get_by_role("dialog")).to_have_count(0)


def test_customer_pays_by_keyboard_alone(house: House) -> None:
    customer = house.opens("L6")
    customer.page.keyboard.type(BANANAS, delay=120)  # by hand, digit by digit
    customer.page.keyboard.press("Enter")
    customer.sees(BANANAS_NAME)
    for _ in range(30):
        customer.page.keyboard.press("Tab")
        if customer.page.evaluate("document.activeElement.classList.contains('pay')"):
            break
    customer.page.keyboard.press("Enter")
    expect(customer.page.get_by_role("dialog", name="How do you want to pay?")).to_be_visible()
    cash = customer.page.get_by_role("dialog").get_by_role("button", name="Cash")
    while not cash.evaluate("button => button === document.activeElement"):
        customer.page.keyboard.press("Tab")
    customer.page.keyboard.press("Enter")
    customer.sees("Please pay the attendant")


def test_help_is_called_and_comes(house: House) -> None:
    customer, attendant = house.opens("L6"), house.opens_console()
    customer.presses("Help")
    customer.sees("Help is on its way")
    attendant.call("Lane 6").get_by_role("button", name="Done").click()
    customer.sees_no("Help is on its way")


def test_language_changes_at_any_moment_and_nothing_is_lost(house: House) -> None:
    customer = house.opens("L3")
    customer.scans(MANGO)
    customer.presses("Language, sight and sound")
    customer.speaks("Français")
    customer.sees("Payer")
    customer.sees(MANGO_NAME)
    expect(customer.total()).to_have_text(re.compile(r"^\d+,\d\d\s€$"))
    customer.page.reload()
    customer.sees("Payer")
    customer.sees(MANGO_NAME)
