"""Every state that a customer at a lane can meet, also those that take a heavy bag or a silent bank: each is sound."""

import pytest
from house import LANDSCAPE, PHONE, PORTRAIT, TABLET, House
from lane_sheets import opened
from lane_states import states
from playwright.sync_api import expect
from soundness import check
from stage import Stage

SIZES = {"portrait": PORTRAIT, "landscape": LANDSCAPE, "tablet": TABLET, "phone": PHONE}

# What has to be in sight without scrolling, by the beginning of the state's name: the way on, or why there is none.
WAYS_ON = {
    "attract": ".attract .languages",
    "scanning": ".pay",
    "held": ".stopped .coming",
    "paying-card-unknown": ".due .coming",
    "paying-card-declined": ".tenders",
    "paying-card-timed": ".tenders",
    "paying-rest": ".tenders",
    "paying-reversing": ".tenders",
    "paying-gift": ".number-entry .filled",
    "paying": ".back .button:last-child",
    "receipt": ".ends .filled",
    "closed": ".whole h1",
}

WITHIN = """() => {
  const { top, bottom } = document.querySelector("main").getBoundingClientRect();
  return [...document.querySelector(".due").children].filter(part => part.checkVisibility()).every(part => {
    const box = part.getBoundingClientRect();
    return box.top >= top - 1 && box.bottom <= bottom + 1;
  });
}"""


def way_on(state: str) -> str:
    return next((found for name, found in WAYS_ON.items() if state.startswith(name)), ".pay")


@pytest.mark.parametrize("language", ["en", "de", "ar"])
@pytest.mark.parametrize("size", SIZES)
def test_lane_is_sound_in_every_state_and_language(house: House, size: str, language: str) -> None:
    stage = Stage(house, SIZES[size])
    stage.speaks(language)
    # Attract comes last: whoever comes back to it has their language forgotten.
    shown = {name: state for name, state in states().items() if name != "attract"}
    lane = stage.opens(shown["scanning"])
    expect(lane.page.locator("html")).to_have_attribute("lang", language)
    stage.page.wait_for_function("() => document.querySelector('.tools')")
    for name, state in shown.items():
        stage.shows(state)
        expect(stage.page.locator(f".lane.is-{state.terminal.state}")).to_be_visible()
        expect(stage.page.locator(way_on(name)).last).to_be_in_viewport(ratio=1)
        if name == "scanning":
            for tool in stage.page.locator(".tools .button").all():
                expect(tool).to_be_in_viewport(ratio=1)
        if name.startswith("paying"):
            assert stage.page.evaluate(WITHIN), f"{name} {size} {language}: something lies over the head or the foot"
        check(lane, f"{name} {size} {language}")


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("size", SIZES)
def test_every_sheet_of_a_lane_is_sound(house: House, size: str, language: str) -> None:
    stage = Stage(house, SIZES[size])
    for name in opened(stage, language):
        check(stage.screen, f"sheet {name} {size} {language}")
        for button in stage.page.locator(".sheet .filled").all():
            expect(button).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("need", ["contrast", "large", "low", "slow", "spoken"])
def test_lane_is_sound_for_every_need(house: House, need: str) -> None:
    stage = Stage(house, PORTRAIT)
    stage.needs(need)
    lane = stage.opens(states()["scanning"])
    expect(stage.page.locator("html")).to_have_attribute("data-needs", need)
    for name in ("scanning", "age", "held-too-heavy", "paying-card-declined", "paying-gift", "receipt"):
        stage.shows(states()[name])
        expect(stage.page.locator(way_on(name)).last).to_be_in_viewport(ratio=1)
        check(lane, f"{name} with {need}")
