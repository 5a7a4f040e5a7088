"""The inbox: what there is to see, who goes, and how it ends; on a desk and in an attendant's hand."""

import re
from typing import Any

import pytest
from console_stage import ConsoleStage, calls, console
from house import BANANAS, LANDSCAPE, PHONE, House, Screen
from playwright.sync_api import Locator, expect
from soundness import check
from test_entrance import hires, signs_in

from kiosk_server.domain.intervention import InterventionKind as K

SIZES = pytest.mark.parametrize("size", [LANDSCAPE, PHONE], ids=["desk", "phone"])
SMALL_PHONE = {"width": 360, "height": 740}
SPILLS = """() => [...document.querySelectorAll('.call, .call .button')]
  .filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.textContent)"""
GIN, LAGER, TABLETS = "2990000000057", "2990000000019", "2990000000088"


def note_of(house: House, staff: Screen, outcome: str) -> str:
    """What was said for the last verdict of this kind, as the journal has it."""
    answer = staff.page.request.get(f"{house.url}/api/v1/journal?since=0&limit=1000")
    said = [row["data"] for row in answer.json()["events"] if row["type"] == "intervention_resolved"]
    return str([row["note"] for row in said if row["outcome"] == outcome][-1])


def lines_of(house: House, console_: Screen, lane: str) -> list[dict[str, Any]]:
    tiles = console_.page.request.get(f"{house.url}/api/v1/terminals").json()["terminals"]
    basket_id = next(tile["basket_id"] for tile in tiles if tile["name"] == lane)
    lines: list[dict[str, Any]] = console_.page.request.get(f"{house.url}/api/v1/baskets/{basket_id}").json()["lines"]
    return lines


def buttons(call: Locator) -> Locator:
    return call.get_by_role("button")


# -- every kind, made up --


@SIZES
@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_every_kind_of_call_is_sound(house: House, size: dict[str, int], language: str) -> None:
    stage = ConsoleStage(house, size, language)
    page = stage.stands(console(*calls(*K)))
    expect(page.page.locator("html")).to_have_attribute("lang", language)
    expect(page.page.locator(".inbox .call")).to_have_count(len(K))
    check(page, f"every kind {language}")
    stage.says_all(console(*calls(*K, claimed_by="Ada")))
    check(page, f"every kind, claimed {language}")
    undecided = page.page.locator(".inbox .verdicts")
    while waiting := undecided.count():
        undecided.first.get_by_role("button").first.click()
        expect(undecided).to_have_count(waiting - 1)
    check(page, f"every kind, denied {language}")


@pytest.mark.parametrize("language", ["es", "fr", "de"])
def test_no_word_spills_out_of_its_button(house: House, language: str) -> None:
    stage = ConsoleStage(house, SMALL_PHONE, language)
    page = stage.stands(console(*calls(*K))).page
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert page.evaluate(SPILLS) == []
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0


def test_longest_waiting_stands_first(house: House) -> None:
    stage = ConsoleStage(house, PHONE)
    first, second, third = calls(K.AGE, K.ASSISTANCE, K.OWN_BAG)
    page = stage.stands(console(third, first, second)).page
    expect(page.locator(".inbox .call header span")).to_have_text(["Age to check", "Help wanted", "Own bag"])


def test_roles_that_may_not_decide_see_why_and_may_still_go(house: House) -> None:
    stage = ConsoleStage(house, PHONE)
    page = stage.stands(console(*calls(K.PRICE_OVERRIDE, K.REFUND, K.AGE), role="attendant"))
    price = page.page.get_by_role("article", name=re.compile("Another price"))
    expect(price).to_contain_text("A cashier or a manager decides this.")
    expect(price.get_by_role("button", name="Approve")).to_be_disabled()
    expect(price.get_by_role("button", name="Deny")).to_be_disabled()
    expect(price.get_by_role("button", name="I am going")).to_be_enabled()
    refund = page.page.get_by_role("article", name=re.compile("Refund refused"))
    expect(refund.get_by_role("button", name=re.compile("^Given in cash"))).to_be_disabled()
    age = page.page.get_by_role("article", name=re.compile("Age to check"))
    expect(age.get_by_role("button", name="Approve", exact=True)).to_be_enabled()
    check(page, "an attendant's inbox")


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"outcome": "denied", "by": "Ada"}, "Lane 1: Ada was faster and has denied it."),
        ({"outcome": "approved", "by": "Ada"}, "Lane 1: Ada was faster and has approved it."),
        ({"outcome": "withdrawn", "by": "L1"}, "Lane 1: nobody is needed there any more."),
    ],
)
def test_colleague_who_was_faster_is_named(house: House, result: dict[str, str], said: str) -> None:
    stage = ConsoleStage(house, PHONE)
    (age,) = calls(K.AGE)
    page = stage.stands(console(age))
    stage.answers["resolve_intervention"] = {"intervention_id": age.intervention_id, **result}
    page.button("Approve").click()
    page.sees(said)
    check(page, said)
    (order,) = [data for name, data in stage.asked if name == "resolve_intervention"]
    assert order["seen"]["minimum_age"] == 18, "what was decided about is what was seen"


def test_double_tap_decides_once(house: House) -> None:
    stage = ConsoleStage(house, PHONE)
    page = stage.stands(console(*calls(K.OWN_BAG)))
    page.page.get_by_role("button", name="Approve", exact=True).dblclick()
    house.until(lambda: bool(stage.asked))
    page.page.wait_for_function("() => !document.querySelector('[aria-busy=true]')")
    assert [name for name, _ in stage.asked] == ["resolve_intervention"]


def test_what_waits_stands_in_the_title(house: House) -> None:
    stage = ConsoleStage(house, PHONE)
    page = stage.stands(console(*calls(K.AGE, K.ASSISTANCE))).page
    expect(page).to_have_title(re.compile(r"^\(2\) "))
    stage.says_all(console())
    expect(page).not_to_have_title(re.compile(r"\("))


def test_phone_moves_for_somebody_new_unless_it_is_silent(house: House) -> None:
    stage = ConsoleStage(house, PHONE)
    # No motor in a test machine: what the page asks of it is written down.
    stage.page.add_init_script("window.moved = 0; navigator.vibrate = () => { window.moved++; return true; }")
    page = stage.stands(console(*calls(K.AGE)))
    assert page.page.evaluate("moved") == 0, "what waited already is seen, not heard"
    toggle = page.button("Sound and vibration")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    stage.says_all(console(*calls(K.AGE, K.ASSISTANCE)))
    expect(page.page.locator(".inbox .call")).to_have_count(2)
    assert page.page.evaluate("moved") == 0
    toggle.click()
    stage.says_all(console(*calls(K.AGE, K.ASSISTANCE, K.OWN_BAG)))
    page.page.wait_for_function("() => moved === 1")


def test_reader_that_owes_an_answer_is_called_off_after_a_warning(house: House) -> None:
    stage = ConsoleStage(house, PHONE)
    page = stage.stands(console(*calls(K.PAYMENT)))
    page.presses("Stop this payment")
    sheet = page.page.get_by_role("dialog")
    expect(sheet).to_contain_text("the money goes back to it by itself")
    check(page, "stop a payment")
    sheet.get_by_role("button", name="Stop this payment").click()
    house.until(lambda: ("cancel_payment", {"payment_id": "0hx3k2"}) in stage.asked)


def test_refused_refund_is_given_in_cash(house: House) -> None:
    stage = ConsoleStage(house, PHONE)
    page = stage.stands(console(*calls(K.REFUND)))
    page.sees("The card has expired.")
    page.presses(re.compile("^Given in cash"))
    house.until(lambda: ("settle_refund", {"basket_id": "basket-1", "tender": "cash"}) in stage.asked)


# -- the real house --


@SIZES
def test_attendant_approves_the_age_and_the_customer_pays(house: House, size: dict[str, int]) -> None:
    name, shown = ("L1", "Lane 1") if size == LANDSCAPE else ("L2", "Lane 2")
    customer, staff = house.opens(name), house.opens_console(size)
    customer.sees("Scan your first item")
    customer.scans(GIN)
    call = staff.call(shown)
    expect(call).to_contain_text("18+")
    expect(call).to_contain_text("Gin 700 ml")
    call.get_by_role("button", name="I am going").click()
    expect(call).to_contain_text("You are on the way.")
    check(staff, "on the way")
    call.get_by_role("button", name="Approve", exact=True).click()
    expect(call).to_have_count(0)
    expect(customer.page.locator(".lane.is-scanning")).to_be_visible()
    assert not any(line.get("is_voided") for line in lines_of(house, staff, name))


@SIZES
def test_denied_age_takes_the_gin_back_and_says_why(house: House, size: dict[str, int]) -> None:
    name, shown = ("L3", "Lane 3") if size == LANDSCAPE else ("L4", "Lane 4")
    house.gives(name, "scan_item", code=BANANAS)
    house.gives(name, "scan_item", code=GIN)
    house.gives(name, "scan_item", code=LAGER)
    staff = house.opens_console(size)
    call = staff.call(shown)
    call.get_by_role("button", name="Deny").click()
    check(staff, "deny, because")
    call.get_by_role("button", name="Too young").click()
    # Gin is out, lager has an age of its own: that is asked next.
    expect(call).to_contain_text("16+")
    voided = {line["name"]: bool(line.get("is_voided")) for line in lines_of(house, staff, name)}
    assert [voided[each] for each in voided] == [False, True, False], voided
    assert note_of(house, staff, "denied") == "Too young"


def test_reason_of_ones_own_is_kept_and_needed_for_money(house: House) -> None:
    house.gives("L5", "scan_item", code=BANANAS)
    house.gives("L5", "ask_for_price", line_id=1, unit_price_cents=99)
    staff = house.opens_console(PHONE)
    call = staff.call("Lane 5")
    expect(call).to_contain_text("€1.59")
    expect(call).to_contain_text("€0.99")
    call.get_by_role("button", name="Approve", exact=True).click()
    approve = call.get_by_role("button", name="Approve", exact=True)
    expect(approve).to_be_disabled()
    call.get_by_label("Another reason").fill("Leaflet of last week")
    approve.click()
    expect(call).to_have_count(0)
    assert note_of(house, staff, "approved") == "Leaflet of last week"
    assert lines_of(house, staff, "L5")[0]["total_cents"] == 99


def test_colleague_on_the_phone_is_seen_on_the_desk(house: House) -> None:
    hires(house, "Ada", "attendant")
    house.gives("L6", "scan_item", code=TABLETS, quantity=4)
    desk, phone = house.opens_console(), signs_in(house, "Ada")
    phone.call("Lane 6").get_by_role("button", name="I am going").click()
    expect(desk.call("Lane 6")).to_contain_text("Ada is on the way.")
    desk.call("Lane 6").get_by_role("button", name="I go instead").click()
    expect(phone.call("Lane 6")).to_contain_text("manager is on the way.")
    phone.call("Lane 6").get_by_role("button", name="Deny").click()
    phone.call("Lane 6").get_by_role("button", name="The limit holds").click()
    expect(desk.call("Lane 6")).to_have_count(0)
    assert lines_of(house, desk, "L6")[0]["quantity"] == 2
