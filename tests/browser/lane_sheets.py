"""Every sheet of a lane, opened on a stage one after the other, for the tests and for the eye. No word is read here."""

from collections.abc import Callable, Iterator

from lane_states import scales, scanning, states
from playwright.sync_api import Page, expect
from stage import Stage

Opener = Callable[[Page], None]


def _tool(place: int) -> Opener:
    return lambda page: page.locator(".tools .button").nth(place).click()


def _pay(page: Page) -> None:
    page.locator(".pay").click()


def _part(page: Page) -> None:
    page.locator(".choice > .plain").click()


def _amount(page: Page) -> None:
    expect(page.locator("#part")).to_be_focused()
    page.locator("#part").press_sequentially("500")
    page.locator(".number-entry .filled").click()


def _row(place: int) -> Opener:
    return lambda page: page.locator(".list .row").nth(place).click()


def _about(page: Page) -> None:
    page.locator(".calm").nth(2).click()
    page.locator(".stepper .button").last.click()


def _tile(page: Page) -> None:
    page.locator(".button.picture").first.click()


def _search(page: Page) -> None:
    page.locator(".sheet .field").fill("ap")
    expect(page.locator(".hits li").first).to_be_visible()


def _globe(page: Page) -> None:
    page.locator(".header .plain").click()


# Each sheet by the way to it; one that begins with None goes on from the sheet before it.
SHEETS: dict[str, tuple[Opener | None, ...]] = {
    "tender": (_pay,),
    "part": (None, _part),
    "tender-part": (None, _amount),
    "more": (_tool(3),),
    "hand-off": (None, _row(1)),
    "start-over": (_tool(3), _row(2)),
    "produce": (_tool(1),),
    "weigh": (None, _tile),
    "of-line": (_about,),
    "why": (None, _row(0)),
    "shelf-price": (_about, _row(1)),
    "keypad": (_tool(2),),
    "search": (_tool(0), _search),
    "needs": (_globe,),
}


def opened(stage: Stage, language: str = "en") -> Iterator[str]:
    """The names of the sheets, each while it is open."""
    stage.answers["hand_off_basket"] = {"basket_id": "b1", "code": "hoffbcdfghjklnpr", "expires_at": 0}
    stage.speaks(language)
    stage.opens(states()["scanning"])
    stage.shows(scanning(scales=scales(), containers={"Paper bag": 8, "Jar": 310}))
    expect(stage.page.locator(".tools .button")).to_have_count(4)
    for name, way in SHEETS.items():
        if way[0] is not None:
            while stage.page.get_by_role("dialog").count():
                stage.page.keyboard.press("Escape")
                expect(stage.page.get_by_role("dialog")).to_have_count(0)
        for step in way:
            if step is not None:
                step(stage.page)
        expect(stage.page.get_by_role("dialog")).to_be_visible()
        yield name
