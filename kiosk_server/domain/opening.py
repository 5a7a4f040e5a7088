"""When lanes are open: rows of weekdays and times, read by the wall clock of the store."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from kiosk_server.domain.day import local_time

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OTHERS = "*"
CLOSED = "closed"
DAYS_AHEAD = 8
"""A screen is told this many days at once, so that it opens and closes by itself while the line is down."""

_TIMES = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])", re.ASCII)


class Span(msgspec.Struct, frozen=True, order=True):
    """A time in which lanes are open, ms since 1970, UTC; the end is not in it."""

    opens_at: int
    closes_at: int


def faults(hours: Mapping[str, str]) -> list[str]:
    """What keeps these rows from being opening hours, in words for whoever wrote them. Empty when nothing does."""
    found = [
        f"{day!r} is no weekday ({', '.join(WEEKDAYS)}, or {OTHERS} for all others)"
        for day in hours
        if day not in {*WEEKDAYS, OTHERS}
    ]
    for day, text in hours.items():
        if text != CLOSED and not all(_is_times(part) for part in text.split(",")):
            found.append(f"{day} = {text!r} is neither {CLOSED!r} nor times like '08:00-20:00' or '22:00-06:00'")
    return found


def _is_times(text: str) -> bool:
    found = _TIMES.fullmatch(text.strip())
    if found is None:
        return False
    begins, ends = _minutes(found[1], found[2]), _minutes(found[3], found[4])
    return begins != ends and ends <= 24 * 60


def _minutes(hours: str, minutes: str) -> int:
    return int(hours) * 60 + int(minutes)


def open_spans(hours: Mapping[str, str], now_ms: int, zone: str, days: int = DAYS_AHEAD) -> tuple[Span, ...] | None:
    """When lanes are open from now on, for `days` days, in order and without overlap; None: always.

    Times beyond midnight belong to the weekday on which they begin. Where clocks are set forward, a time that does not
    exist is as late as it would have been.
    """
    if not hours:
        return None
    today = local_time(now_ms, zone).date()
    found = []
    for ahead in range(-1, days):
        day = today + timedelta(days=ahead)
        for begins, ends in _times_of(hours.get(WEEKDAYS[day.weekday()], hours.get(OTHERS, CLOSED))):
            found.append(Span(_moment(day, begins, zone), _moment(day, ends, zone)))
    return tuple(span for span in _merged(sorted(found)) if span.closes_at > now_ms)


@lru_cache(maxsize=32)
def _times_of(text: str) -> tuple[tuple[int, int], ...]:
    """Minutes after the day's midnight, from and to."""
    if text == CLOSED:
        return ()
    found = []
    for part in text.split(","):
        times = _TIMES.fullmatch(part.strip())
        if times is not None:
            begins, ends = _minutes(times[1], times[2]), _minutes(times[3], times[4])
            found.append((begins, ends if ends > begins else ends + 24 * 60))
    return tuple(found)


def _moment(day: date, minutes: int, zone: str) -> int:
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # noqa: DTZ001 - the zone comes next
    return int(wall.replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in spans:
        if merged and span.opens_at <= merged[-1].closes_at:
            merged[-1] = Span(merged[-1].opens_at, max(merged[-1].closes_at, span.closes_at))
        else:
            merged.append(span)
    return merged


def opens_next(hours: Mapping[str, str], now_ms: int, zone: str) -> int | None:
    """When lanes open, as they are closed now; None while they are open, and where they never open."""
    spans = open_spans(hours, now_ms, zone)
    if not spans or spans[0].opens_at <= now_ms:
        return None
    return spans[0].opens_at


def is_open(hours: Mapping[str, str], now_ms: int, zone: str) -> bool:
    spans = open_spans(hours, now_ms, zone, days=1)
    return spans is None or any(span.opens_at <= now_ms for span in spans)
