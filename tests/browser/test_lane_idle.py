"""A lane that nobody touches: it asks, counts down as long as this customer needs, and puts the basket away."""

import re

import pytest
from house import House
from lane_states import lane, scanning, states
from playwright.sync_api import expect
from stage import Stage


@pytest.fixture
def stage(house: House) -> Stage:
    stage = Stage(house)
    stage.page.clock.install()
    stage.answers["suspend_basket"] = {"basket_id": "b1"}
    return stage


def passes(stage: Stage, seconds: int) -> None:
    stage.page.clock.fast_forward(seconds * 1000)


def is_whole(stage: Stage) -> None:
    """What watches over customers comes with the parts that are loaded later, and so does this button."""
    stage.page.get_by_role("button", name="Fruit and vegetables").wait_for()


def names(stage: Stage) -> list[str]:
    return [name for name, _ in stage.asked]


def test_customer_who_comes_back_has_all_the_time_again(stage: Stage) -> None:
    customer = stage.opens(scanning())
    is_whole(stage)
    passes(stage, 61)
    customer.sees("Are you still there?")
    customer.presses("I am still here")
    expect(stage.page.get_by_role("dialog")).to_have_count(0)
    passes(stage, 58)
    expect(stage.page.get_by_role("dialog")).to_have_count(0)
    passes(stage, 3)
    customer.sees("Are you still there?")
    assert names(stage) == []


def test_forgotten_basket_is_put_away_once_and_offered_to_whoever_comes_back(stage: Stage) -> None:
    customer = stage.opens(scanning())
    is_whole(stage)
    passes(stage, 61)
    customer.sees("Are you still there?")
    passes(stage, 31)
    stage.screen.house.until(lambda: names(stage) == ["suspend_basket"])
    stage.shows(lane("attract", basket=None))
    customer.sees("The items of a moment ago are kept.")
    customer.presses("Go on with them")
    stage.screen.house.until(lambda: stage.asked[1:] == [("resume_basket", {"basket_id": "b1"})])


def test_empty_basket_is_ended_and_not_parked(stage: Stage) -> None:
    stage.opens(states()["scanning-empty"])
    is_whole(stage)
    passes(stage, 61)
    stage.screen.sees("Are you still there?")
    passes(stage, 31)
    stage.screen.house.until(lambda: names(stage) == ["finish"])


def test_customer_who_asked_for_more_time_has_three_times_as_much(stage: Stage) -> None:
    stage.needs("slow")
    customer = stage.opens(scanning())
    is_whole(stage)
    passes(stage, 175)
    expect(stage.page.get_by_role("dialog")).to_have_count(0)
    passes(stage, 10)
    customer.sees("Are you still there?")
    expect(stage.page.get_by_role("timer")).to_have_text(re.compile("8[0-9]"))


def test_nobody_who_waits_for_an_attendant_is_hurried(stage: Stage) -> None:
    stage.opens(states()["held-too-heavy"])
    stage.screen.sees("Please wait a moment")
    passes(stage, 600)
    expect(stage.page.get_by_role("dialog")).to_have_count(0)
    assert names(stage) == []


def test_sheet_that_somebody_left_open_is_not_the_next_customers(stage: Stage) -> None:
    customer = stage.opens(lane("attract", basket=None))
    customer.presses("Search")
    stage.page.get_by_role("textbox").fill("man")
    passes(stage, 55)
    expect(stage.page.get_by_role("dialog")).to_have_count(1)
    passes(stage, 10)
    expect(stage.page.get_by_role("dialog")).to_have_count(0)
    customer.presses("Language, sight and sound")
    expect(stage.page.get_by_role("dialog")).to_have_count(1)
    passes(stage, 65)
    expect(stage.page.get_by_role("dialog")).to_have_count(0)
