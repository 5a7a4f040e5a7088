"""Orders about money on its way: cards, gift cards, refunds. Cash stands in basket.py."""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from kiosk_server.domain.commands.command import Command, Id, LineId, Note, Quantity, Sha256
from kiosk_server.domain.commands.filled_in import SEALED
from kiosk_server.domain.payment import Display, TenderKind

Amount = Annotated[int, Meta(ge=1, le=100_000_000)]
ReceiptNumber = Annotated[int, Meta(ge=1, le=2**53)]
GiftNumber = Annotated[str, Meta(max_length=64, pattern=r"^[0-9 -]*$(?!\n)")]
Masked = Annotated[str, Meta(max_length=32)]
Word = Annotated[str, Meta(max_length=64, pattern=r"^[0-9a-z_]*$(?!\n)")]


class PaymentOutcome(StrEnum):
    """What a reader says about a payment; `begun` and `unknown` are not the last word."""

    BEGUN = "begun"
    APPROVED = "approved"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    UNKNOWN = "unknown"
    REVERSED = "reversed"


class CancelPayment(Command, frozen=True):
    """Stop asking for a payment, or give back what it took: whatever the reader was doing, no money stays taken.

    The customer for their own; staff for any, also for one whose outcome is unknown. A second tap changes nothing.
    Result: `{payment}`. Refusals: not_found, forbidden, wrong_state (on a receipt already).
    """

    payment_id: Id


class ReportPayment(Command, frozen=True):
    """The reader's word on a payment. A word that was heard already, or comes too late, changes nothing more.

    Result: `{payment}`. `reason` is the acquirer's word for a decline, `masked` and `scheme` tell the card.
    """

    payment_id: Id
    outcome: PaymentOutcome
    reference: Annotated[str, Meta(max_length=128)] = ""
    masked: Masked = ""
    scheme: Annotated[str, Meta(max_length=32)] = ""
    reason: Word = ""
    display: Display = Display.NONE


class RedeemGift(Command, frozen=True):
    """Pay with a gift card: all that is due, `amount_cents` of it, or what the card holds. Result: `{payment}`.

    The door turns `number` into its hash, so that no number ever reaches the journal. Refusals: unknown_gift_card,
    gift_card_expired, gift_card_empty, wrong_state, too_many.
    """

    number: GiftNumber
    amount_cents: Amount | None = None
    number_hash: Annotated[Sha256 | None, SEALED] = None


class CheckGift(Command, frozen=True):
    """Ask what a gift card holds. Changes nothing. Result: `{masked, balance_cents, expires_at}`."""

    number: GiftNumber
    number_hash: Annotated[Sha256 | None, SEALED] = None


class SellGift(Command, frozen=True):
    """Put a gift card, or more money for one, into a basket that is open; it is worth its money once that is paid.

    Without a `number` the door draws one, which nobody can guess, and answers with it, once. Result as ScanItem, and
    `number`. Refusals: wrong_state, out_of_range, unknown_gift_card, already_exists.
    """

    basket_id: Id
    amount_cents: Annotated[int, Meta(ge=100, le=50_000)]
    number: GiftNumber = ""
    number_hash: Annotated[Sha256 | None, SEALED] = None
    masked: Annotated[Masked, SEALED] = ""


class RefundedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many pieces of a receipt's line are given back; weighed and fuel lines are one piece."""

    line_id: LineId
    quantity: Quantity = 1


class RefundReceipt(Command, frozen=True):
    """Take goods back and give the money back to where it came from: a new transaction that names the old.

    `lines` empty: everything that was not refunded yet. Result: `{basket_id, receipt, payments}`; `receipt` is None
    while a card waits for its reader. Refusals: not_found, out_of_range (more than was bought), wrong_state.
    """

    receipt_number: ReceiptNumber
    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    lines: Annotated[tuple[RefundedLine, ...], Meta(max_length=500)] = ()


class SettleRefund(Command, frozen=True):
    """Give what a card would not take back in another way: cash, or the card once more. Result as RefundReceipt."""

    basket_id: Id
    tender: TenderKind = TenderKind.CASH
    note: Note = ""
