"""The business day opens by itself with the first sale after its hour."""

from kiosk_server.core.desk import Desk
from kiosk_server.domain.day import business_day, later_day
from kiosk_server.domain.events import DayOpened


def open_day(desk: Desk) -> str:
    """The day to book on now, opened if nothing was booked on it yet."""
    current = desk.repositories.current_day()
    computed = business_day(desk.now_ms, desk.policy.zone, desk.policy.day_starts_at_h)
    day = later_day(current, computed)
    if day != current:
        desk.record(DayOpened(day=day, opened_at=desk.now_ms))
    return day
