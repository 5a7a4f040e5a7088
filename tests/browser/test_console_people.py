"""People on the console: hired, promoted, locked out, forgiven, signed out, gone."""

import re

import pytest
from house import LANDSCAPE, PHONE, House, Screen
from playwright.sync_api import expect
from test_console_terminals import goes_to, row
from test_entrance import hires, signs_in
from test_every_state import check

SECRET = "correct horse battery"


def adds(console: Screen, name: str, secret: str = SECRET, role: str = "Cashier") -> None:
    console.presses("Add a person")
    sheet = console.page.get_by_role("dialog")
    sheet.get_by_label("Name").fill(name)
    sheet.get_by_role("button", name=role).click()
    sheet.get_by_label("PIN or password").fill(secret)
    sheet.get_by_role("button", name="Add a person").dblclick()


@pytest.mark.parametrize("size", [LANDSCAPE, PHONE], ids=["desk", "phone"])
def test_manager_hires_somebody_who_can_sign_in(house: House, size: dict[str, int]) -> None:
    name = "Ada" if size == LANDSCAPE else "Grace"
    console = house.opens_console(size)
    goes_to(console, "People")
    check(console, "people")
    console.presses("Add a person")
    check(console, "add a person")
    console.page.keyboard.press("Escape")
    adds(console, name)
    expect(row(console, name)).to_contain_text("Cashier")
    stored = console.page.evaluate("JSON.stringify(sessionStorage)")
    assert SECRET not in stored
    colleague = signs_in(house, name, SECRET)
    expect(colleague.page).to_have_url(re.compile("/manager$"))
    expect(row(console, name)).to_contain_text("Signed in")
    check(console, "people with one signed in")


def test_weak_pin_and_taken_name_are_refused_in_the_sheet(house: House) -> None:
    hires(house, "Noor", "cashier")
    console = house.opens_console()
    goes_to(console, "People")
    adds(console, "Linus", "1234")
    alert = console.page.get_by_role("dialog").get_by_role("alert")
    expect(alert).to_contain_text("too easy to guess")
    house.expects("422")
    sheet = console.page.get_by_role("dialog")
    sheet.get_by_label("Name").fill("NOOR")
    sheet.get_by_label("PIN or password").fill(SECRET)
    sheet.get_by_role("button", name="Add a person").click()
    expect(alert).to_contain_text("This name is taken")
    house.expects("409")


def test_managers_are_not_changed_by_managers(house: House) -> None:
    hires(house, "Olga", "owner")
    console = house.opens_console()
    goes_to(console, "People")
    expect(row(console, "Olga")).to_contain_text("Owner")
    expect(row(console, "Olga").get_by_role("button")).to_have_count(0)
    console.presses("Add a person")
    roles = console.page.get_by_role("dialog").get_by_role("group", name="Role")
    expect(roles.get_by_role("button")).to_have_text(["Attendant", "Kitchen", "Cashier"])


def test_role_secret_and_leaving(house: House) -> None:
    hires(house, "Robin", "attendant")
    person, console = signs_in(house, "Robin"), house.opens_console()
    expect(person.page).to_have_url(re.compile("/manager$"))
    expect(person.page.get_by_role("button", name="People")).to_have_count(0)  # nothing that they may not see
    goes_to(console, "People")
    console.presses("Change Robin")
    sheet = console.page.get_by_role("dialog")
    check(console, "change a person")
    sheet.get_by_role("button", name="Cashier").click()
    sheet.get_by_role("button", name="Give this role").click()
    expect(row(console, "Robin")).to_contain_text("Cashier")
    person.sees("You were signed out")
    console.presses("Change Robin")
    sheet.get_by_role("button", name="New PIN or password").click()
    check(console, "new secret")
    sheet.get_by_label("New PIN or password").fill(SECRET)
    sheet.get_by_role("button", name="Set it").click()
    expect(row(console, "Robin")).to_contain_text("Password")
    console.presses("Change Robin")
    sheet.get_by_role("button", name="They leave").click()
    check(console, "leaving")
    sheet.get_by_role("button", name="They leave").dblclick()
    expect(row(console, "Robin")).to_have_count(0)
    console.sees(re.compile("No longer here:.*Robin"))


def test_locked_person_is_forgiven(house: House) -> None:
    hires(house, "Tove", "cashier")
    console = house.opens_console()
    goes_to(console, "People")
    for _ in range(5):
        stranger = signs_in(house, "Tove", "000000")
        stranger.sees("do not belong together")
        stranger.page.close()
    house.expects("401")
    expect(row(console, "Tove")).to_contain_text("Locked for")
    check(console, "locked")
    row(console, "Tove").get_by_role("button", name="Let them try again").dblclick()
    expect(row(console, "Tove")).not_to_contain_text("Locked for")


def test_people_sign_themselves_out(house: House) -> None:
    hires(house, "Vera", "manager")
    first, second = signs_in(house, "Vera"), signs_in(house, "Vera")
    house.forgives("401")  # the list may be asked for again as they go
    goes_to(first, "People")
    first.sees(re.compile("1 other place"))
    first.presses("Sign out everywhere")
    first.page.get_by_role("dialog").get_by_role("button", name="Sign out everywhere").click()
    second.sees("You were signed out")
    first.sees("You were signed out")
    third = signs_in(house, "Vera")
    goes_to(third, "People")
    third.page.get_by_role("button", name="Sign out", exact=True).click()
    expect(third.page).to_have_url(re.compile("/signin$"))
    third.page.goto(f"{house.url}/manager")
    expect(third.page).to_have_url(re.compile("/signin$"))
