"""The board over the lanes: which one is free, from afar, and grey as soon as nobody knows."""

import itertools
import json
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from house import BANANAS, BANANAS_NAME, LANDSCAPE, PORTRAIT, House, Screen
from playwright.sync_api import Locator, expect

NAMES = (f"D{number}" for number in itertools.count(1))


def tile(board: Screen, name: str) -> Locator:
    return board.page.get_by_role("listitem").filter(has=board.page.get_by_role("heading", name=name, exact=True))


@pytest.fixture
def board(house: House) -> Iterator[Screen]:
    name = next(NAMES)  # a name is never given out twice
    added = json.loads(house.runs("terminal", "add", name, "--kind", "display", "--json"))
    screen = house.screen(LANDSCAPE)
    screen.page.goto(f"{house.url}/enrol/{added['token']}")
    expect(screen.page).to_have_url(f"{house.url}/display")
    yield screen
    house.runs("terminal", "retire", name)


def test_board_says_which_lanes_are_free_used_and_in_need_of_help(house: House, board: Screen) -> None:
    expect(tile(board, "Lane 1")).to_contain_text("Free")
    board.sees("Please come to a free lane")
    customer = house.opens("L1")
    customer.scans(BANANAS)
    customer.sees(BANANAS_NAME)
    expect(tile(board, "Lane 1")).to_contain_text("In use")
    expect(tile(board, "Lane 2")).to_contain_text("Free")
    house.gives("L1", "call_attendant")
    expect(tile(board, "Lane 1")).to_contain_text("Help")
    assert BANANAS_NAME not in board.page.content()
    house.gives("L1", "void_basket")
    expect(tile(board, "Lane 1")).to_contain_text("Free")
    for size in (LANDSCAPE, PORTRAIT):
        board.page.set_viewport_size(size)  # type: ignore[arg-type]
        found = Axe().run(board.page)
        assert found.violations_count == 0, found.generate_report()
        assert board.page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_board_without_a_line_promises_nothing(house: House, board: Screen) -> None:
    expect(tile(board, "Lane 3")).to_contain_text("Free")
    house.is_killed()
    expect(board.page.locator(".lights.old")).to_be_visible()
    board.sees("No connection to the store.")
    house.is_restarted()
    expect(board.page.locator(".lights.old")).to_have_count(0)
    expect(tile(board, "Lane 3")).to_contain_text("Free")
