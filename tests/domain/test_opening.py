"""Opening hours by the wall clock of the store: weekdays, midnight, breaks at noon, and clocks that are set."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from kiosk_server.domain.opening import Span, faults, is_open, open_spans, opens_next

BERLIN = "Europe/Berlin"
WEEK = {"*": "08:00-20:00", "sat": "08:00-13:00, 15:00-18:00", "sun": "closed", "fri": "20:00-02:00"}


def at(text: str, zone: str = BERLIN) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("moment", "is_so"),
    [
        ("2026-11-19T07:59:59", False),  # a Thursday
        ("2026-11-19T08:00", True),
        ("2026-11-19T19:59:59", True),
        ("2026-11-19T20:00", False),
        ("2026-11-20T19:59", False),  # Friday: the row of the day counts alone
        ("2026-11-20T20:00", True),
        ("2026-11-21T01:59", True),  # still Friday's night
        ("2026-11-21T02:00", False),
        ("2026-11-21T13:30", False),  # the break at noon
        ("2026-11-21T15:00", True),
        ("2026-11-22T12:00", False),  # Sunday
    ],
)
def test_store_is_open_as_its_rows_say(moment: str, is_so: bool) -> None:
    assert is_open(WEEK, at(moment), BERLIN) is is_so


def test_store_without_rows_is_always_open() -> None:
    assert is_open({}, 0, BERLIN)
    assert open_spans({}, 0, BERLIN) is None
    assert opens_next({}, 0, BERLIN) is None


def test_closed_store_knows_when_it_opens() -> None:
    assert opens_next(WEEK, at("2026-11-21T19:00"), BERLIN) == at("2026-11-23T08:00")
    assert opens_next(WEEK, at("2026-11-23T09:00"), BERLIN) is None
    assert opens_next({"*": "closed"}, at("2026-11-23T09:00"), BERLIN) is None


def test_times_that_touch_are_one_time() -> None:
    day = {"*": "closed", "wed": "08:00-12:00, 12:00-18:00, 10:00-11:00"}
    assert open_spans(day, at("2026-11-18T00:00"), BERLIN, days=1) == (
        Span(at("2026-11-18T08:00"), at("2026-11-18T18:00")),
    )


def test_store_that_never_closes_at_midnight_has_no_gap_there() -> None:
    spans = open_spans({"*": "00:00-24:00"}, at("2026-11-18T12:00"), BERLIN, days=3)
    assert spans is not None
    assert len(spans) == 1


def test_hours_follow_the_wall_clock_when_clocks_are_set() -> None:
    spring, autumn = {"*": "08:00-20:00"}, {"*": "01:00-04:00"}
    before = open_spans(spring, at("2026-03-28T00:00"), BERLIN, days=2)
    assert before is not None
    assert before[1].opens_at - before[0].opens_at == 23 * 3_600_000
    night = open_spans(autumn, at("2026-10-25T00:00"), BERLIN, days=1)
    assert night is not None
    assert night[0].closes_at - night[0].opens_at == 4 * 3_600_000


@pytest.mark.parametrize(
    "rows",
    [{"monday": "08:00-20:00"}, {"mon": "8-20"}, {"mon": "08:00-08:00"}, {"mon": ""}, {"mon": "08:00-24:30"}],
)
def test_rows_that_mean_nothing_are_named(rows: dict[str, str]) -> None:
    assert faults(rows)


def test_good_rows_have_no_faults() -> None:
    assert faults(WEEK) == []
