"""Staff at a lane's own screen: they sign in, do what has to be done, and the customer keeps nothing of it."""

import json
import re
import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe
from house import BANANAS, BANANAS_NAME, PORTRAIT, House, Screen
from playwright.sync_api import expect

PEOPLE = {"Ada": ("attendant", "4715"), "Mia": ("manager", "271829")}


@pytest.fixture(scope="module", autouse=True)
def _staffed(_module_house: House) -> None:
    note = json.loads((_module_house.folder / "server.json").read_text())
    for person, (role, secret) in PEOPLE.items():
        order = {
            "key": f"hire-{person}",
            "name": "add_staff",
            "data": {"person": person, "role": role, "secret": secret},
        }
        headers = {"Authorization": f"Bearer {note['token']}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{note['url']}/api/v1/commands", json.dumps(order).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert json.load(answer)["ok"]


def signs_in(lane: Screen, person: str, secret: str = "") -> None:
    lane.presses("For staff")
    lane.page.get_by_label("Your name").fill(person)
    lane.presses("Go on")
    for digit in secret or PEOPLE[person][1]:
        lane.page.get_by_role("button", name=digit, exact=True).click()
    lane.page.get_by_role("dialog").get_by_role("button", name="Sign in").click()


def test_attendant_takes_a_line_back_and_leaves_nothing(house: House) -> None:
    lane = house.opens("L1", PORTRAIT)
    lane.scans(BANANAS)
    lane.sees(BANANAS_NAME)
    signs_in(lane, "Ada")
    sheet = lane.page.get_by_role("dialog", name="Service: Ada")
    expect(sheet).to_be_visible()
    found = Axe().run(lane.page)
    assert found.violations_count == 0, found.generate_report()
    sheet.get_by_role("button", name=f"Remove {BANANAS_NAME}").click()
    expect(sheet.get_by_role("button", name=f"Remove {BANANAS_NAME}")).to_have_count(0)
    sheet.get_by_role("button", name="Back to the customer").click()
    expect(sheet).to_have_count(0)
    expect(lane.total()).to_have_text("€0.00")
    lane.page.reload()
    lane.presses("For staff")
    expect(lane.page.get_by_label("Your name")).to_be_visible()  # nobody is signed in any more
    cookies = {cookie["name"] for cookie in lane.page.context.cookies()}
    assert "kiosk_session" not in cookies


def test_call_is_answered_on_the_spot(house: House) -> None:
    lane = house.opens("L2", PORTRAIT)
    lane.scans(BANANAS)
    lane.presses("Help")
    lane.sees("Help is on its way.")
    signs_in(lane, "Ada")
    sheet = lane.page.get_by_role("dialog", name="Service: Ada")
    sheet.get_by_role("button", name="Done").click()
    expect(sheet.get_by_role("button", name="Done")).to_have_count(0)


def test_manager_begins_a_training_that_nobody_can_overlook(house: House) -> None:
    lane = house.opens("L3", PORTRAIT)
    signs_in(lane, "Mia")
    lane.presses("Begin a training")
    lane.presses("Back to the customer")
    lane.sees("Training: nothing that is sold here counts.")
    lane.scans(BANANAS)
    lane.sees(BANANAS_NAME)
    lane.sees("Training: nothing that is sold here counts.")
    house.is_killed()
    house.is_restarted()
    lane.page.reload()
    lane.sees("Training: nothing that is sold here counts.")


def test_wrong_pin_is_told_and_opens_nothing(house: House) -> None:
    lane = house.opens("L4", PORTRAIT)
    signs_in(lane, "Ada", "9381")
    expect(lane.page.get_by_role("alert")).to_be_visible()
    expect(lane.page.get_by_role("dialog", name=re.compile("^Service"))).to_have_count(0)
    house.expects("401")


def test_attendant_closes_and_opens_the_lane(house: House) -> None:
    lane = house.opens("L5", PORTRAIT)
    signs_in(lane, "Ada")
    expect(lane.button("Begin a training")).to_have_count(0)  # that is the manager's
    lane.presses("Close this lane")
    lane.sees("This lane is closed")
    lane.presses("Open this lane")
    lane.presses("Back to the customer")
    lane.sees("Scan your first item")
