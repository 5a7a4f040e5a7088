"""Coming in, in a real browser: a new secret, name and PIN, and a screen that becomes a lane by its code."""

import json
import re
import secrets
import subprocess
import sys
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from house import PHONE, PORTRAIT, House, Screen
from playwright.sync_api import expect

AXE = Axe()
PIN = "294718"


def hires(house: House, name: str, role: str) -> None:
    command = [sys.executable, "-m", "kiosk_server", "staff", "add", name, "--role", role, "--secret-from-stdin"]
    subprocess.run([*command, "--data-dir", str(house.folder)], check=True, input=f"{PIN}\n", text=True, timeout=30)


def signs_in(house: House, name: str, secret: str = PIN) -> Screen:
    screen = house.screen(PHONE)
    screen.page.goto(f"{house.url}/signin")
    screen.page.get_by_label("Name").fill(name)
    screen.page.get_by_label("PIN or password").fill(secret)
    is_sound(screen, "signin")
    screen.button("Sign in").click()
    return screen


def gives(house: House, screen: Screen, name: str, **data: Any) -> dict[str, Any]:
    """A command with the cookie of this browser."""
    body = {"key": secrets.token_hex(8), "name": name, "data": data}
    answer = screen.page.request.post(f"{house.url}/api/v1/commands", data=body, headers={"Origin": house.url})
    reply: dict[str, Any] = answer.json()
    return reply


def is_sound(screen: Screen, state: str) -> None:
    found = [(one["id"], one["help"]) for one in AXE.run(screen.page).response["violations"]]
    assert not found, (state, found)


def test_manager_signs_in_and_a_screen_becomes_a_lane_by_its_code(house: House) -> None:
    hires(house, "Mia", "manager")
    manager = signs_in(house, "mia")
    expect(manager.page).to_have_url(re.compile("/manager$"))
    box = house.screen(PORTRAIT)
    box.page.goto(house.url)
    is_sound(box, "pair")
    code = box.page.locator("#pairing").inner_text()
    assert gives(house, manager, "confirm_pairing", code=code, terminal="L99", kind="lane")["ok"]
    # The page asks by itself; nobody touches it.
    expect(box.page).to_have_url(re.compile("/lane$"), timeout=10_000)
    box.sees("Scan your first item")


def test_wrong_pin_is_said_and_the_name_stays(house: House) -> None:
    hires(house, "Ada", "attendant")
    screen = signs_in(house, "Ada", "0000")
    screen.sees("do not belong together")
    expect(screen.page.get_by_label("Name")).to_have_value("Ada")
    is_sound(screen, "refused")
    house.expects("401")


def test_person_who_forgot_their_pin_chooses_another(house: House) -> None:
    hires(house, "Max", "cashier")
    screen = house.screen(PHONE)
    screen.page.goto(json.loads(house.runs("staff", "reset", "Max", "--json"))["url"])
    screen.sees("Max")
    is_sound(screen, "reset")
    screen.page.get_by_label("PIN or password").fill("8306")
    screen.page.get_by_label("The same again").fill("8306")
    screen.button("Keep it and sign in").click()
    expect(screen.page).to_have_url(re.compile("/manager$"))
    expect(signs_in(house, "Max", "8306").page).to_have_url(re.compile("/manager$"))


def test_denied_screen_is_told_without_a_touch(house: House) -> None:
    hires(house, "Mira", "manager")
    manager = signs_in(house, "Mira")
    box = house.screen(PHONE)
    box.page.goto(f"{house.url}/pair")
    hint = box.page.locator("#pairing").inner_text()[:4]
    rows = manager.page.request.get(f"{house.url}/api/v1/pairings").json()["pairings"]
    (row,) = [one for one in rows if one["hint"] == hint]
    assert gives(house, manager, "deny_pairing", pairing_id=row["pairing_id"])["ok"]
    box.sees("not let in")
    is_sound(box, "denied")
    box.page.get_by_role("link", name="Show a new code").click()
    expect(box.page.locator("#pairing")).not_to_contain_text(hint)
