"""What happened to receipts on paper. Each carries the whole job as it stands now."""

from kiosk_server.domain.events.event import Event
from kiosk_server.domain.printing import PrintJob


class PrintAsked(Event, frozen=True):
    job: PrintJob


class ReceiptPrinted(Event, frozen=True):
    job: PrintJob


class PrintFailed(Event, frozen=True):
    """It did not come out, or nobody can know whether it did (`job.state` is `unknown` then)."""

    job: PrintJob


class PrintSettled(Event, frozen=True):
    """A person has seen to a job that had failed or was unknown."""

    job: PrintJob
