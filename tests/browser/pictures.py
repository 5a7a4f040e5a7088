"""Pictures of every screen in its sizes and languages, for people to look at before they call it done.

`python tests/browser/pictures.py` writes to var/pictures, from a demo store with its crowd in it;
`--readme` also writes the README's own to docs/pictures.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path

from house import LANDSCAPE, PHONE, PORTRAIT, TABLET, House, Screen
from lane_sheets import opened
from lane_states import states
from playwright.sync_api import expect, sync_playwright
from stage import Stage

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "var" / "pictures"  # not test-results: every test run empties that
README = ROOT / "docs" / "pictures"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
SIZES = {"portrait": PORTRAIT, "landscape": LANDSCAPE, "tablet": TABLET, "phone": PHONE}
LANGUAGES = ("en", "es", "fr", "de", "ar")


def take(screen: Screen, name: str) -> None:
    screen.page.wait_for_timeout(400)  # fonts and motion come to rest
    screen.page.screenshot(path=PICTURES / f"{name}.png")


def lane(house: House) -> None:
    """Every state and sheet of a lane in every size and language, on a stage."""
    for size, pixels in SIZES.items():
        for language in LANGUAGES:
            stage = Stage(house, pixels)
            stage.speaks(language)
            shown = states()
            stage.opens(shown["attract"])
            for name, state in shown.items():
                stage.shows(state)
                take(stage.screen, f"lane-{name}-{size}-{language}")
            stage.page.close()
            sheets = Stage(house, pixels)
            for name in opened(sheets, language):
                take(sheets.screen, f"lane-sheet-{name}-{size}-{language}")
            sheets.page.close()


def stall(house: House, attendant: Screen) -> None:
    for name in ("tablet", "phone", "landscape", "portrait"):
        guest = house.opens("S1", SIZES[name])
        take(guest, f"stall-free-{name}")
        guest.presses("Start your order")
        guest.presses(re.compile("^Classic burger"))
        take(guest, f"stall-choices-{name}")
        guest.presses("Add to order")
        guest.presses("Drinks")
        guest.page.locator(".tile").first.click()
        if guest.page.get_by_role("dialog").count():
            guest.page.get_by_role("dialog").get_by_role("button").last.click()
        expect(guest.page.locator(".order li:not(.pending)")).to_have_count(2)
        take(guest, f"stall-ordering-{name}")
        guest.presses("Place order")
        guest.sees("A carhop is coming")
        take(guest, f"stall-ordered-{name}")
        attendant.call("Stall 1").get_by_role("button", name=re.compile("^Cash received")).click()
        guest.sees(re.compile("Your order is"))
        take(guest, f"stall-paid-{name}")
        cook = house.opens("K1", LANDSCAPE)
        ticket = cook.page.get_by_role("article").filter(has_text="Stall 1")
        while ticket.count():
            ticket.get_by_role("button").last.click()
            cook.page.wait_for_timeout(900)
        cook.page.close()
        guest.sees("Enjoy your meal")
        take(guest, f"stall-served-{name}")
        guest.presses("Done")
        guest.page.close()


def pump(house: House, attendant: Screen) -> None:
    for name in ("tablet", "phone"):
        driver = house.opens("P1", SIZES[name])
        take(driver, f"pump-idle-{name}")
        driver.presses(re.compile("^Diesel"))
        driver.sees("An attendant has been asked")
        take(driver, f"pump-calling-{name}")
        attendant.call("Pump 1").get_by_role("button", name="Switch on", exact=True).click()
        driver.page.wait_for_timeout(12_000)
        take(driver, f"pump-fuelling-{name}")
        take(attendant, "console-fuelling")
        driver.presses(re.compile("Hang up the nozzle"))
        driver.sees("Please pay inside")
        take(driver, f"pump-to-pay-{name}")
        attendant.call("Pump 1").get_by_role("button", name=re.compile("^Cash received")).click()
        driver.page.close()


ORDERS = {
    "S1": [("classic-burger", ["double", "no-onions", "extra-cheese"], 2), ("fries", ["large"], 2)],
    "S2": [("vegan-burger", ["single", "no-sauce"], 1), ("onion-rings", ["regular"], 1), ("cola", ["regular"], 2)],
    "S3": [("chilli-dog", ["fried-onions"], 3), ("coffee", ["regular", "oat-drink"], 1)],
    "S4": [("cheeseburger", ["single", "bacon", "jalapenos"], 1), ("fries", ["regular"], 1)],
}


def kitchen(house: House, attendant: Screen) -> None:
    """In a store without a crowd, so that the tickets stay long enough to be looked at."""
    for stall, items in ORDERS.items():
        for item_id, modifiers, quantity in items:
            house.gives(stall, "add_item", item_id=item_id, modifiers=modifiers, quantity=quantity)
        house.gives(stall, "place_order")
        number = stall.removeprefix("S")
        attendant.call(f"Stall {number}").get_by_role("button", name=re.compile("^Cash received")).click()
        attendant.page.wait_for_timeout(4_000)
    for name in ("landscape", "portrait", "tablet", "phone"):
        cook = house.opens("K1", SIZES[name])
        expect(cook.page.get_by_role("article").first).to_be_visible()
        if name == "landscape":
            cook.page.get_by_role("article").nth(1).get_by_role("button", name="Start").click()
            cook.page.keyboard.press("1")
            cook.page.wait_for_timeout(1_200)
        take(cook, f"kitchen-{name}")
        cook.page.close()


def console(house: House) -> None:
    for name in ("landscape", "phone", "tablet"):
        manager = house.opens_console(SIZES[name])
        manager.page.wait_for_timeout(1_000)
        take(manager, f"console-{name}")
        if name == "phone":
            manager.presses("Floor")
            take(manager, "console-floor-phone")
        manager.presses(re.compile("^Pump 2"))
        take(manager, f"console-pump-{name}")
        manager.presses("Close")
        manager.presses("Today")
        manager.page.wait_for_timeout(500)
        take(manager, f"console-today-{name}")
        manager.page.close()


VIEWS = ("counter", "receipts", "past", "terminals", "people", "network", "system")


def office(house: House) -> None:
    """The console behind the floor, on a desk and a phone, in English and from right to left."""
    box = house.screen(PHONE)
    box.page.goto(house.url)
    take(box, "pair-phone")
    for name in ("landscape", "phone"):
        for language in ("English", "العربية"):
            manager = house.opens_console(SIZES[name])
            manager.page.locator(".top .button").first.click()
            manager.page.get_by_role("dialog").get_by_role("button", name=language).click()
            for place, view in enumerate(VIEWS):
                if name == "phone":
                    manager.page.locator(".to-more").click()
                    manager.page.locator(".more .button").nth(place).click()
                else:
                    manager.page.locator(f".navigation .to-{view}").click()
                manager.page.wait_for_timeout(800)
                take(manager, f"console-{view}-{name}-{language}")
            manager.page.close()


def main() -> None:
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    chromium = shutil.which("chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        with House(Path(folder), browser, "--crowd") as house:
            attendant = house.opens_console()
            lane(house)
            stall(house, attendant)
            pump(house, attendant)
            console(house)
            office(house)
            complaints = house.leave()
        with tempfile.TemporaryDirectory() as quiet_folder, House(Path(quiet_folder), browser) as house:
            kitchen(house, house.opens_console())
            complaints += house.leave()
        browser.close()
    if "--readme" in sys.argv[1:]:
        copy_for_readme()
    sys.stdout.write(f"{len(list(PICTURES.iterdir()))} pictures in {PICTURES}\n{chr(10).join(complaints)}\n")


def copy_for_readme() -> None:
    README.mkdir(parents=True, exist_ok=True)
    chosen = {
        "console.png": "console-fuelling.png",
        "lane.png": "lane-scanning-portrait-en.png",
        "stall.png": "stall-ordering-tablet.png",
        "pump.png": "pump-fuelling-tablet.png",
        "kitchen.png": "kitchen-landscape.png",
    }
    for target, source in chosen.items():
        shutil.copyfile(PICTURES / source, README / target)


if __name__ == "__main__":
    main()
