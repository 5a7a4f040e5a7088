"""What happened at fuelling points."""

from kiosk_server.domain.events.event import Event
from kiosk_server.domain.pump import FuellingPoint


class PumpMoved(Event, frozen=True):
    """A fuelling point changed: `point` is the whole of it as it stands now."""

    point: FuellingPoint


class NozzleHung(Event, frozen=True):
    """The nozzle is back while fuel had flowed; the controller's totals follow with ReportFuelling."""


class FuellingFinished(Event, frozen=True):
    """A fuelling ended and is payable: it became the only line of `basket_id`."""

    basket_id: str
    transaction: int
    grade_id: str
    volume_ml: int
    unit_price_mills: int
    amount_cents: int
