"""Real Chromium against the real server: a demo store without its crowd, started as people start it.

Without Chromium every test here is skipped, and says so loudly.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from house import House
from playwright.sync_api import Browser, BrowserType

# The one without a window first: it is the same engine, and a new page costs it a seventh of the time.
SHELL = () if os.environ.get("KIOSK_SHOW_BROWSER") else ("chromium-headless-shell",)
CHROMIUM = next(filter(None, map(shutil.which, (*SHELL, "chromium", "chromium-browser", "google-chrome"))), None)
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = pytest.mark.skip(reason="NO CHROMIUM: NO SCREEN WAS TESTED. Install it: apt install chromium")
    for item in items:
        if HERE in item.path.parents and "house" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(missing)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": CHROMIUM, "args": ARGS, "headless": not os.environ.get("KIOSK_SHOW_BROWSER")}


@pytest.fixture(scope="module")
def _module_house(
    tmp_path_factory: pytest.TempPathFactory, browser_type: BrowserType, browser_type_launch_args: dict[str, Any]
) -> Iterator[House]:
    """One store and one Chromium a module; each test takes terminals of its own."""
    browser: Browser = browser_type.launch(**browser_type_launch_args)
    with House(tmp_path_factory.mktemp("store"), browser) as running:
        yield running
    browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A failure tells what every open screen showed: whoever reads it was not there."""
    report = yield
    house = getattr(item, "funcargs", {}).get("house")
    if isinstance(house, House) and report.when == "call" and report.failed:
        report.sections.append(("Screens", "\n\n".join(house.shows())))
    return report


@pytest.fixture
def house(_module_house: House) -> Iterator[House]:
    """The running store; after each test its screens are closed, and none may have logged an error."""
    yield _module_house
    complaints = _module_house.leave()
    assert not complaints, complaints
