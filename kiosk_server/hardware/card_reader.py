"""What the store needs of a card reader: the protocol that each driver keeps, and the reader that is not there.

Every order names a payment, and the payment's id is the key of everything: whatever is said twice has one effect.
No method waits for the customer. `begin` wakes the reader and returns; what becomes of it is asked for.
"""

from typing import Final, Protocol

import msgspec

from kiosk_server.domain.commands.payments import PaymentOutcome
from kiosk_server.domain.payment import Display


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """Money to be taken: cents of `currency` (ISO 4217), above 0."""

    payment_id: str
    amount_cents: int
    currency: str


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """Money to be given back to the card of an earlier charge; `amount_cents` is above 0.

    `refunds` is the payment that took it, `reference` what the acquirer called that.
    """

    payment_id: str
    refunds: str
    reference: str
    amount_cents: int
    currency: str


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader knows of a payment now. Without an `outcome` it has never heard of it.

    `begun` and `unknown` are not the last word; all others are, but that an approved charge can be reversed.
    """

    outcome: PaymentOutcome | None = None
    reference: str = ""
    masked: str = ""
    scheme: str = ""
    reason: str = ""
    display: Display = Display.NONE


NEVER_HEARD: Final = Word()


class ReaderSilent(Exception):  # noqa: N818 - what it is, not an error of ours
    """No answer. Whether the order arrived is not known; whoever gave it asks."""


class CardReader(Protocol):
    """One reader. Called by one thread, which may wait for a few seconds, never for a customer.

    Every method returns what the reader knows afterwards, or raises ReaderSilent.
    """

    def begin(self, charge: Charge, /) -> Word:
        """Let the customer pay. One that was begun or called off before stays what it is."""

    def ask(self, payment_id: str, /) -> Word:
        """What has become of it. Changes nothing."""

    def cancel(self, payment_id: str, /) -> Word:
        """Stop asking the customer, if that is still possible; `begun` where the card is being read already.

        Of a payment that was never begun it makes sure that it never will be, and says `cancelled`.
        """

    def reverse(self, payment_id: str, /) -> Word:
        """Give back all that this payment took: a void where that is possible, else a refund. `reversed` when done."""

    def refund(self, refund: Refund, /) -> Word:
        """Give money back to the card of an earlier payment, without the card."""


class NoReader:
    """What stands where the settings name no reader: it takes nothing, and knows nothing of what others took."""

    def begin(self, _: Charge, /) -> Word:
        return _NOBODY_THERE

    def refund(self, _: Refund, /) -> Word:
        return _NOBODY_THERE

    def ask(self, _: str, /) -> Word:
        return _NOBODY_KNOWS

    def cancel(self, _: str, /) -> Word:
        return _NOBODY_KNOWS

    def reverse(self, _: str, /) -> Word:
        return _NOBODY_KNOWS


_NOBODY_THERE: Final = Word(outcome=PaymentOutcome.DECLINED, reason="no_reader")
_NOBODY_KNOWS: Final = Word(outcome=PaymentOutcome.UNKNOWN, reason="no_reader")
