"""What commands answer with on success, one struct a shape. Encoded by msgspec onto the wire as `result`."""

import msgspec

from kiosk_server.domain.basket import Line, Totals
from kiosk_server.domain.printing import PrintJob
from kiosk_server.domain.staff import StaffRole
from kiosk_server.domain.tender import Receipt
from kiosk_server.domain.terminal import Kind


class LineAnswer(msgspec.Struct, frozen=True):
    """The line that was added or changed, and the basket's totals after it."""

    basket_id: str
    line: Line
    totals: Totals


class BasketAnswer(msgspec.Struct, frozen=True):
    """The basket that was parked, resumed or taken back; None where there was none to take back."""

    basket_id: str | None


class TenderAnswer(msgspec.Struct, frozen=True):
    basket_id: str
    intervention_id: str
    due_cents: int


class ReceiptAnswer(msgspec.Struct, frozen=True):
    receipt: Receipt


class PrintAnswer(msgspec.Struct, frozen=True):
    """The job as it stands now."""

    job: PrintJob


class StateAnswer(msgspec.Struct, frozen=True):
    """The state that the terminal or ticket is in now."""

    state: str


class CallAnswer(msgspec.Struct, frozen=True):
    intervention_id: str


class TicketAnswer(msgspec.Struct, frozen=True):
    """The kitchen's ticket; None where nothing in the order is made in the kitchen."""

    ticket_id: str | None
    number: int | None


class StopAnswer(msgspec.Struct, frozen=True):
    """The pumps that were stopped by this command; those where nothing could flow are not among them."""

    stopped: tuple[str, ...]


class ImportAnswer(msgspec.Struct, frozen=True):
    added: int
    changed: int
    unchanged: int


class PersonAnswer(msgspec.Struct, frozen=True):
    person: str
    role: StaffRole


class SignedOutAnswer(msgspec.Struct, frozen=True):
    """How many sessions were ended."""

    ended: int


class PairedAnswer(msgspec.Struct, frozen=True):
    """The terminal that the box is now, and whether it took another box's place."""

    terminal: str
    kind: Kind
    is_replacement: bool


class NetworkAnswer(msgspec.Struct, frozen=True):
    """The network in its usual spelling."""

    network: str
