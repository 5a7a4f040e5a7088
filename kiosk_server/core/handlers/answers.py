"""What commands answer with on success, one struct a shape. Encoded by msgspec onto the wire as `result`."""

import msgspec

from kiosk_server.domain.basket import HeldCoupon, Line, Totals
from kiosk_server.domain.intervention import Outcome
from kiosk_server.domain.payment import Payment
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


class CouponAnswer(msgspec.Struct, frozen=True):
    """The coupon that was taken, and what it takes off now: 0 while nothing in the basket goes with it yet."""

    basket_id: str
    coupon: HeldCoupon
    saved_cents: int
    totals: Totals
    is_returned: bool = False


class ArrivalAnswer(msgspec.Struct, frozen=True):
    """The basket that came here by its code; the screen asks for its lines."""

    basket_id: str
    from_terminal: str
    totals: Totals


class HandOffAnswer(msgspec.Struct, frozen=True):
    """What the other lane must scan ("hoff...") before `expires_at`, ms since 1970 UTC."""

    basket_id: str
    code: str
    expires_at: int


class PromotionsAnswer(msgspec.Struct, frozen=True):
    """How many promotions were added, changed, left, ended. `unknown_items`: some that the catalog does not hold."""

    added: int
    changed: int
    unchanged: int
    ended: int
    unknown_items: tuple[str, ...] = ()


class TenderAnswer(msgspec.Struct, frozen=True):
    basket_id: str
    intervention_id: str
    due_cents: int
    payment_id: str = ""


class ReceiptAnswer(msgspec.Struct, frozen=True):
    """The receipt; None while something is still due."""

    receipt: Receipt | None


class PaymentAnswer(msgspec.Struct, frozen=True):
    """The payment as it stands now."""

    payment: Payment


class GiftAnswer(msgspec.Struct, frozen=True):
    """What a gift card holds and until when (ms since 1970, UTC)."""

    masked: str
    balance_cents: int
    expires_at: int


class GiftLineAnswer(msgspec.Struct, frozen=True):
    """The line that puts money on a gift card. `number` is one that the door drew, told by it; '' for a known one."""

    basket_id: str
    line: Line
    totals: Totals
    number: str = ""


class RefundAnswer(msgspec.Struct, frozen=True):
    """The refund and what became of its payments; `receipt` is None while a card waits for its reader."""

    basket_id: str
    receipt: Receipt | None
    payments: tuple[Payment, ...]


class PrintAnswer(msgspec.Struct, frozen=True):
    """The job as it stands now."""

    job: PrintJob


class StateAnswer(msgspec.Struct, frozen=True):
    """The state that the terminal or ticket is in now."""

    state: str


class TrainingAnswer(msgspec.Struct, frozen=True):
    """Whether the lane is in training now."""

    is_training: bool


class CallAnswer(msgspec.Struct, frozen=True):
    intervention_id: str


class VerdictAnswer(msgspec.Struct, frozen=True):
    """How the intervention ended and who said so, which may be a colleague who was faster.

    While it is open, `outcome` is None and `by` is on the way.
    """

    intervention_id: str
    outcome: Outcome | None
    by: str


class BaggingAnswer(msgspec.Struct, frozen=True):
    """Whether somebody has to look at the bagging area of this basket."""

    basket_id: str | None
    is_held: bool


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
