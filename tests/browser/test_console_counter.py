"""The counter: a lane's basket in its sheet, goods that come back, gift cards, parked baskets, and the day."""

import re

import pytest
from console_stage import ConsoleStage, console
from house import APPLES, BANANAS, LANDSCAPE, PHONE, House, Screen
from playwright.sync_api import expect
from soundness import check
from test_console_terminals import goes_to

from kiosk_server.domain.basket import Line
from kiosk_server.domain.catalog import ItemKind
from kiosk_server.domain.payment import Payment, State, TenderKind
from kiosk_server.edge import wire
from kiosk_server.store.inquiries import Back, LeftLine, Refunded, RefundOffer

SIZES = pytest.mark.parametrize("size", [LANDSCAPE, PHONE], ids=["desk", "phone"])


def opens_sheet(console: Screen, lane: str) -> None:
    if console.page.viewport_size == PHONE:
        console.presses("Floor")
    console.presses(re.compile(f"^{lane}"))


def sells(house: House, lane: str, console: Screen, *codes: str) -> int:
    """Paid in cash over the counter; the number of the receipt."""
    for code in codes:
        house.gives(lane, "scan_item", code=code)
    house.pays_at(lane, "cash")
    shown = f"Lane {lane.removeprefix('L')}"
    console.call(shown).get_by_role("button", name=re.compile("^Cash received")).click()
    expect(console.call(shown)).to_have_count(0)
    receipts = console.page.request.get(f"{house.url}/api/v1/receipts?limit=1").json()["receipts"]
    return int(receipts[0]["number"])


def finds(console: Screen, typed: str) -> None:
    console.page.get_by_label("Receipt number").fill(typed)
    console.page.get_by_label("Receipt number").press("Enter")


@SIZES
def test_staff_take_a_line_and_then_the_basket_back(house: House, size: dict[str, int]) -> None:
    name, shown = ("L1", "Lane 1") if size == LANDSCAPE else ("L2", "Lane 2")
    customer = house.opens(name)
    customer.sees("Scan your first item")
    customer.scans(BANANAS)
    expect(customer.total()).to_have_text("€1.59")
    customer.scans(APPLES)
    expect(customer.total()).to_have_text("€4.08")
    console = house.opens_console(size)
    opens_sheet(console, shown)
    sheet = console.page.get_by_role("dialog", name=shown)
    expect(sheet.locator(".lines li")).to_have_count(2)
    check(console, "a lane's basket")
    sheet.get_by_role("button", name=re.compile("^Take back Bananas")).click()
    check(console, "take a line back")
    sheet.get_by_role("button", name="Damaged").dblclick()
    expect(customer.total()).to_have_text("€2.49")
    expect(sheet.locator(".line.voided")).to_have_count(1)
    customer.scans(APPLES)  # the sheet follows the customer
    expect(sheet.locator(".sum .money")).to_have_text("€4.98")
    sheet.get_by_role("button", name="Take back the whole basket").click()
    sheet.get_by_role("button", name="Changed their mind").click()
    expect(customer.page.locator(".lane.is-attract")).to_be_visible()
    expect(sheet.locator(".lane-basket")).to_have_count(0)


@SIZES
def test_goods_come_back_piece_by_piece(house: House, size: dict[str, int]) -> None:
    console = house.opens_console(size)
    if size == PHONE:
        desk = house.opens_console()
        number = sells(house, "L3", desk, APPLES, APPLES, BANANAS)
    else:
        number = sells(house, "L3", console, APPLES, APPLES, BANANAS)
    goes_to(console, "Counter")
    finds(console, str(number))
    refund = console.page.get_by_role("region", name="Refund")
    apples = refund.get_by_role("group", name=re.compile("^Pieces of Royal Gala"))
    apples.get_by_role("button", name="One more").click()
    expect(refund.locator(".backs")).to_contain_text("€2.49")
    check(console, "a refund")
    refund.get_by_role("button", name=re.compile("^Give back")).click()
    check(console, "a refund, because")
    refund.get_by_role("button", name="Spoiled").dblclick()
    made = refund.get_by_role("region", name="Given back before")
    expect(made).to_contain_text("Spoiled")
    expect(made).to_contain_text("given back")
    expect(apples).to_contain_text("0 / 1")
    refund.get_by_role("button", name="Everything that is left").click()
    expect(refund.locator(".backs")).to_contain_text("€4.08")
    refund.get_by_role("button", name=re.compile("^Give back")).click()
    refund.get_by_role("button", name="Wrong item").click()
    console.sees("Everything on it was given back already.")
    expect(made.locator(".made-one")).to_have_count(2)
    check(console, "all given back")


def at_a_card(*states: State) -> RefundOffer:
    """A receipt of which one piece is on its way back to a card; one attempt for each state."""
    line = Line(
        line_id=1,
        item_id="apples",
        name="Royal Gala apples 1 kg",
        kind=ItemKind.GROCERY,
        quantity=3,
        unit_price_cents=249,
        total_cents=747,
        tax_class="reduced",
        tax_rate_bp=700,
    )
    parts = tuple(
        Payment(
            payment_id=f"p{n}", kind=TenderKind.CARD, amount_cents=-249, state=state, masked="•••• 4242", refunds="p0"
        )
        for n, state in enumerate(states, 1)
    )
    refund = Refunded(
        basket_id="b1",
        state="tendering",
        total_cents=-249,
        reason="Spoiled",
        by="Mia",
        receipt_number=None,
        payments=parts,
    )
    return RefundOffer(
        number=17,
        terminal="L3",
        paid_at=1_795_172_400_000,
        receipt_cents=747,
        lines=(LeftLine(line=line, left=2, refunded_cents=249),),
        total_cents=498,
        backs=(Back(kind=TenderKind.CARD, cents=498, masked="•••• 4242", scheme="Visa"),),
        refunds=(refund,),
    )


@SIZES
@pytest.mark.parametrize("language", ["en", "ar"])
def test_refund_at_a_card_says_how_it_stands(house: House, size: dict[str, int], language: str) -> None:
    stage = ConsoleStage(house, size, language)
    offer = at_a_card(State.ASKED)
    stage.page.route("**/api/v1/receipts/*/refund*", lambda asked: asked.fulfill(json=wire.plain(offer)))
    page = stage.stands(console())
    if size == PHONE:
        page.page.locator(".to-more").click()
        page.page.locator(".more .button").first.click()
    else:
        page.page.locator(".navigation .to-counter").click()
    field = page.page.locator(".asks-one .field")
    field.fill("17")
    field.press("Enter")
    made = page.page.locator(".made-one")
    expect(made.locator(".light.wait")).to_be_visible()
    expect(made.get_by_role("button")).to_have_count(0)  # while it is asked, nobody pays it twice
    page.page.locator(".stepper .button").last.click()
    expect(page.page.locator(".backs")).to_contain_text("4242")
    check(page, f"a refund at a card {language}")


def test_refund_that_a_card_refused_is_given_in_cash(house: House) -> None:
    stage = ConsoleStage(house, PHONE)
    offer = at_a_card(State.TIMED_OUT, State.DECLINED)
    stage.page.route("**/api/v1/receipts/*/refund*", lambda asked: asked.fulfill(json=wire.plain(offer)))
    page = stage.stands(console())
    goes_to(page, "Counter")
    finds(page, "17")
    page.sees("The card refused")
    check(page, "a refund that a card refused")
    page.page.get_by_role("button", name=re.compile("^Given in cash")).dblclick()
    page.page.wait_for_function("() => !document.querySelector('[aria-busy=true]')")
    settled = [data for name, data in stage.asked if name == "settle_refund"]
    assert settled == [{"basket_id": "b1", "tender": "cash"}]


def test_card_that_takes_nothing_back_ends_in_cash(house: House) -> None:
    console = house.opens_console()
    choice = console.page.request.post(
        f"{house.url}/api/v1/virtual-readers/L2", data={"next": "refuse_refunds"}, headers={"Origin": house.url}
    )
    assert choice.ok, choice.text()
    house.gives("L2", "scan_item", code=BANANAS)
    house.pays_at("L2", "card")
    expect(console.button(re.compile("^Lane 2"))).to_contain_text("Paid", timeout=30_000)
    newest = console.page.request.get(f"{house.url}/api/v1/receipts?limit=1").json()["receipts"][0]
    goes_to(console, "Counter")
    finds(console, str(newest["number"]))
    console.presses("Everything that is left")
    expect(console.page.locator(".backs")).to_contain_text("€1.59")
    console.presses(re.compile("^Give back"))
    console.presses("Spoiled")
    call = console.page.get_by_role("article", name=re.compile("Refund refused by card"))
    expect(call).to_contain_text("The account of the card is closed.", timeout=30_000)
    check(console, "a refund that the card refused")
    call.get_by_role("button", name=re.compile("^Given in cash")).dblclick()
    expect(call).to_have_count(0)
    made = console.page.get_by_role("region", name="Given back before")
    expect(made.locator(".light.good")).to_have_count(1)
    expect(made.get_by_role("button")).to_have_count(0)


def test_number_that_is_none_is_said(house: House) -> None:
    console = house.opens_console(PHONE)
    goes_to(console, "Counter")
    finds(console, "milk")
    console.sees("That is no receipt number.")
    check(console, "no receipt number")
    finds(console, "999999")
    console.sees("That is no longer there. Somebody may have been faster.")
    check(console, "no such receipt")
    house.expects("404")


def test_code_of_a_receipt_finds_it(house: House) -> None:
    console = house.opens_console()
    number = sells(house, "L4", console, BANANAS)
    goes_to(console, "Counter")
    finds(console, f"http://192.168.1.10:8080/r/{number}.Jq3xTz9wLk0c5VnY7bRd2A")
    console.sees(re.compile(f"^Receipt {number}$"))


@SIZES
def test_gift_card_is_sold_shown_once_and_worth_its_money(house: House, size: dict[str, int]) -> None:
    lane, shown = ("L5", "Lane 5") if size == LANDSCAPE else ("L6", "Lane 6")
    house.gives(lane, "scan_item", code=BANANAS)
    desk = house.opens_console()
    console = desk if size == LANDSCAPE else house.opens_console(size)
    goes_to(console, "Counter")
    gifts = console.page.get_by_role("region", name="Gift cards")
    gifts.get_by_role("button", name=shown, exact=True).click()
    gifts.get_by_role("button", name="€50.00").click()
    check(console, "selling a gift card")
    gifts.get_by_role("button", name=f"Put it into the basket of {shown}").dblclick()
    sheet = console.page.get_by_role("dialog", name="The new gift card")
    number = sheet.locator(".drawn").inner_text()
    assert re.fullmatch(r"(\d{4} ){4}\d{4}", number), number
    check(console, "a new gift card")
    stored = console.page.evaluate("JSON.stringify([sessionStorage, localStorage])")
    assert number.replace(" ", "") not in stored
    sheet.get_by_role("button", name="The customer has it").click()
    console.sees_no(number)
    house.pays_at(lane, "cash")
    expect(desk.call(shown).locator(".amount")).to_have_text("€51.59")  # once, in spite of the double tap
    desk.call(shown).get_by_role("button", name=re.compile("^Cash received")).click()
    expect(desk.call(shown)).to_have_count(0)
    check_form = gifts.locator("form")
    check_form.get_by_label("Number of the card").fill(number)
    check_form.get_by_role("button", name="Check").click()
    expect(gifts.locator(".held")).to_contain_text("€50.00")
    check(console, "a gift card's balance")
    house.gives(lane, "finish")


def test_gift_card_that_nobody_knows_is_said(house: House) -> None:
    console = house.opens_console(PHONE)
    goes_to(console, "Counter")
    form = console.page.get_by_role("region", name="Gift cards").locator("form")
    form.get_by_label("Number of the card").fill("1234 5678")
    form.get_by_role("button", name="Check").click()
    expect(form.get_by_role("alert")).to_be_visible()
    check(console, "an unknown gift card")
    house.expects("422")


@SIZES
def test_parked_basket_goes_on_by_its_code(house: House, size: dict[str, int]) -> None:
    lane = "L4" if size == LANDSCAPE else "L3"
    house.gives(lane, "scan_item", code=BANANAS)
    house.gives(lane, "suspend_basket")
    console = house.opens_console(size)
    opens_sheet(console, f"Lane {lane.removeprefix('L')}")
    sheet = console.page.get_by_role("dialog").first
    expect(sheet.get_by_role("region", name="Parked baskets")).to_contain_text("€1.59")
    console.page.keyboard.press("Escape")
    goes_to(console, "Counter")
    parked = console.page.get_by_role("region", name="Parked baskets")
    check(console, "a parked basket")
    parked.get_by_role("button", name="Code for a lane").first.click()
    expect(console.page.get_by_role("dialog").get_by_role("img")).to_be_visible()
    check(console, "code of a parked basket")


@SIZES
def test_day_says_how_it_was_paid_and_how_help_went(house: House, size: dict[str, int]) -> None:
    desk = house.opens_console()
    sells(house, "L1", desk, BANANAS)
    console = desk if size == LANDSCAPE else house.opens_console(size)
    console.presses("Today")
    expect(console.page.get_by_role("region", name="How it was paid")).to_contain_text("Cash")
    help_ = console.page.get_by_role("region", name="Help and refunds")
    expect(help_.get_by_role("row", name=re.compile("^Cash to take"))).to_contain_text(re.compile(r"\d:\d\d"))
    check(console, "today")
