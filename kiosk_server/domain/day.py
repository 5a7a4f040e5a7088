"""The business day: which date a sale belongs to. A bar that closes at two is still on yesterday's day."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local_time(moment_ms: int, zone: str) -> datetime:
    """The wall clock of `zone` (IANA) at `moment_ms` (ms since 1970, UTC); ZoneInfoNotFoundError for unknown ones."""
    seconds, ms = divmod(moment_ms, 1000)
    moment = datetime.fromtimestamp(seconds, UTC) + timedelta(milliseconds=ms)
    return moment.astimezone(_zone(zone))


def business_day(moment_ms: int, zone: str, starts_at_h: int = 0) -> str:
    """The ISO 8601 date of the business day that `moment_ms` falls into.

    The hour is read from the wall clock, so a day of 23 or 25 hours still begins when the clock shows `starts_at_h`.
    """
    local = local_time(moment_ms, zone)
    day: date = local.date()
    if local.hour < starts_at_h:
        day -= timedelta(days=1)
    return day.isoformat()


def began_ms(day: str, zone: str, starts_at_h: int = 0) -> int:
    """When the business day of an ISO date began, ms since 1970 UTC; also where the clock was changed that night."""
    began = datetime.combine(date.fromisoformat(day), time(starts_at_h), _zone(zone))
    return int(began.timestamp() * 1000)


def later_day(current: str | None, computed: str) -> str:
    """The day to book on: a clock that was set back never reopens an earlier day. ISO dates sort as text."""
    return computed if current is None else max(current, computed)
