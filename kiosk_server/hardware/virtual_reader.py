"""A card reader that is not there, with the habits of real ones: customers dither, banks decline, answers get lost.

What becomes of a payment is a script by the clock (`PLOTS`), so that a reader goes on while the server is away, as a
real one does; money moves in the virtual bank's ledger. Which script it is is chosen for the next payment of a lane, or
by the amount (`MAGIC_CENTS`), else the card is approved.
"""

import threading
import zlib
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec
from msgspec.structs import replace

from kiosk_server.domain.commands.payments import PaymentOutcome
from kiosk_server.domain.payment import Display
from kiosk_server.hardware.card_reader import NEVER_HEARD, Charge, ReaderSilent, Refund, Word
from kiosk_server.hardware.virtual_bank import Record, Standing, VirtualBank


class Behaviour(StrEnum):
    """What the virtual customer and bank do with a payment."""

    APPROVE = "approve"
    SLOW = "slow"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXPIRED_CARD = "expired_card"
    INCORRECT_PIN = "incorrect_pin"
    DO_NOT_HONOR = "do_not_honor"
    TIME_OUT = "time_out"
    CUSTOMER_CANCELS = "customer_cancels"
    LOSE_APPROVAL = "lose_approval"  # the money is taken, and for a while nobody knows
    LOSE_DECLINE = "lose_decline"  # it is not, and for a while nobody knows
    UNPLUGGED = "unplugged"  # for a while no order reaches the reader
    REFUSE_REFUNDS = "refuse_refunds"  # approved, but the account is closed before anything is given back


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """When what happens, in the customer's paces since the beginning.

    The card is presented, the bank decides on `standing`, the reader asks for the card to be removed, and it tells.
    """

    presented: float = 1
    decided: float = 2
    told: float = 2
    standing: Standing = Standing.APPROVED
    reason: str = ""
    is_lost: bool = False


LOST_FOR: Final = 12


def _declined(reason: str) -> Plot:
    return Plot(standing=Standing.DECLINED, reason=reason)


PLOTS: Final[Mapping[Behaviour, Plot]] = MappingProxyType(
    {
        Behaviour.APPROVE: Plot(),
        Behaviour.SLOW: Plot(presented=2, decided=6, told=7),
        Behaviour.INSUFFICIENT_FUNDS: _declined("insufficient_funds"),
        Behaviour.EXPIRED_CARD: _declined("expired_card"),
        Behaviour.INCORRECT_PIN: _declined("incorrect_pin"),
        Behaviour.DO_NOT_HONOR: _declined("do_not_honor"),
        Behaviour.TIME_OUT: Plot(presented=20, decided=20, told=20, standing=Standing.TIMED_OUT),
        Behaviour.CUSTOMER_CANCELS: Plot(presented=2, standing=Standing.CANCELLED),
        Behaviour.LOSE_APPROVAL: Plot(told=LOST_FOR, is_lost=True),
        Behaviour.LOSE_DECLINE: Plot(
            told=LOST_FOR, is_lost=True, standing=Standing.DECLINED, reason="insufficient_funds"
        ),
        Behaviour.UNPLUGGED: Plot(),
        Behaviour.REFUSE_REFUNDS: Plot(),
    }
)

MAGIC_CENTS: Final[Mapping[int, Behaviour]] = MappingProxyType(
    {6600 + number: behaviour for number, behaviour in enumerate(Behaviour) if behaviour is not Behaviour.APPROVE}
)
"""By the last four digits of the amount in cents: 66.01 is slow, 166.02 and 66.02 are declined, and so on."""

CARDS: Final = (("visa", "4242"), ("mastercard", "4444"), ("amex", "0005"), ("maestro", "0604"))

_OUTCOMES: Final = MappingProxyType({standing: PaymentOutcome(standing.value) for standing in Standing})
_SHOWN: Final = MappingProxyType({Standing.APPROVED: Display.APPROVED, Standing.DECLINED: Display.DECLINED})


class VirtualReader:
    """One lane's reader. `pace_ms` is how long its customer takes for each thing; `now_ms` the wall clock."""

    def __init__(self, lane: str, bank: VirtualBank, now_ms: Callable[[], int], pace_ms: int) -> None:
        self.lane = lane
        self._bank, self._now_ms, self._pace_ms = bank, now_ms, pace_ms
        self._lock = threading.Lock()
        self._next: Behaviour | None = None
        self._plugged_in_at = 0

    # -- for whoever plays the customer --

    def choose(self, behaviour: Behaviour | None) -> None:
        """What becomes of the next payment or refund; None: its amount decides."""
        with self._lock:
            self._next = behaviour

    @property
    def chosen(self) -> Behaviour | None:
        """What was chosen for the next one; None: its amount decides."""
        return self._next

    # -- CardReader --

    def begin(self, charge: Charge, /) -> Word:
        return self._first(charge.payment_id, charge.amount_cents)

    def refund(self, refund: Refund, /) -> Word:
        return self._first(refund.payment_id, -refund.amount_cents, refund.refunds)

    def ask(self, payment_id: str, /) -> Word:
        self._listen()
        record = self._bank.find(payment_id)
        return self._word(self._moved_on(record)) if record else NEVER_HEARD

    def cancel(self, payment_id: str, /) -> Word:
        self._listen()
        record = self._bank.find(payment_id)
        if record is None:
            record = Record(
                payment_id=payment_id, lane=self.lane, amount_cents=0, begun_at=self._now_ms(), behaviour=""
            )
            return self._word(self._bank.put(replace(record, standing=Standing.CANCELLED)))
        record = self._moved_on(record)
        is_too_late = self._paces(record) >= _plot(record).presented
        if record.standing is Standing.BEGUN and not is_too_late:
            record = self._bank.put(replace(record, standing=Standing.CANCELLED))
        return self._word(record)

    def _called_off(self, payment_id: str) -> Record:
        """What keeps a payment from ever being begun."""
        return Record(
            payment_id=payment_id,
            lane=self.lane,
            amount_cents=0,
            begun_at=self._now_ms(),
            behaviour="",
            standing=Standing.CANCELLED,
        )

    def reverse(self, payment_id: str, /) -> Word:
        word = self.ask(payment_id)
        record = self._bank.find(payment_id)
        if record is None or word.outcome is not PaymentOutcome.APPROVED:
            return word
        return self._word(self._bank.put(replace(record, standing=Standing.REVERSED)))

    # -- the script --

    def _first(self, payment_id: str, amount_cents: int, refunds: str = "") -> Word:
        self._listen()
        record = self._bank.find(payment_id)
        if record is None:
            behaviour = self._take_next(amount_cents)
            record = Record(
                payment_id=payment_id,
                lane=self.lane,
                amount_cents=amount_cents,
                begun_at=self._now_ms(),
                behaviour=behaviour.value,
                refunds=refunds,
            )
            self._bank.put(record)
        return self._word(self._moved_on(record))

    def _take_next(self, amount_cents: int) -> Behaviour:
        with self._lock:
            chosen, self._next = self._next, None
        # What decided about a charge by its amount must not decide about its refund, too.
        behaviour = chosen or (MAGIC_CENTS.get(amount_cents % 10_000) if amount_cents > 0 else None)
        if behaviour is Behaviour.UNPLUGGED:
            self._plugged_in_at = self._now_ms() + LOST_FOR * self._pace_ms
            self._listen()
        return behaviour or Behaviour.APPROVE

    def _listen(self) -> None:
        if self._now_ms() < self._plugged_in_at:
            raise ReaderSilent(f"the virtual reader of {self.lane} is unplugged")

    def _paces(self, record: Record) -> float:
        return (self._now_ms() - record.begun_at) / self._pace_ms

    def _moved_on(self, record: Record) -> Record:
        """The record as it is by now; what the bank has decided meanwhile is booked there."""
        plot = _plot(record)
        if record.standing is not Standing.BEGUN or self._paces(record) < plot.decided:
            return record
        standing, reason = plot.standing, plot.reason
        if record.refunds:
            standing, reason = self._may_refund(record, standing, reason)
        return self._bank.put(replace(record, standing=standing, reason=reason))

    def _may_refund(self, record: Record, standing: Standing, reason: str) -> tuple[Standing, str]:
        charge = self._bank.find(record.refunds)
        if charge is not None and charge.behaviour == Behaviour.REFUSE_REFUNDS:
            return Standing.DECLINED, "account_closed"
        if self._bank.left_cents(record.refunds) < -record.amount_cents:
            return Standing.DECLINED, "exceeds_charge"
        return standing, reason

    def _word(self, record: Record) -> Word:
        plot, paces = _plot(record), self._paces(record)
        if record.standing is Standing.BEGUN:
            is_presented = paces >= plot.presented or record.amount_cents < 0
            return Word(
                outcome=PaymentOutcome.BEGUN, display=Display.PROCESSING if is_presented else Display.PRESENT_CARD
            )
        is_decided = record.standing is plot.standing and bool(record.behaviour)
        if is_decided and paces < plot.told:
            if plot.is_lost:
                return Word(outcome=PaymentOutcome.UNKNOWN, reason="no_answer")
            return Word(outcome=PaymentOutcome.BEGUN, display=Display.REMOVE_CARD)
        return self._last_word(record)

    def _last_word(self, record: Record) -> Word:
        scheme, digits = CARDS[zlib.crc32((record.refunds or record.payment_id).encode()) % len(CARDS)]
        has_card = record.standing in {Standing.APPROVED, Standing.DECLINED, Standing.REVERSED}
        return Word(
            outcome=_OUTCOMES[record.standing],
            reference=f"virtual-{record.payment_id}" if has_card else "",
            masked=f"•••• {digits}" if has_card else "",
            scheme=scheme if has_card else "",
            reason=record.reason,
            display=_SHOWN.get(record.standing, Display.NONE),
        )


def _plot(record: Record) -> Plot:
    return PLOTS[Behaviour(record.behaviour)] if record.behaviour else PLOTS[Behaviour.APPROVE]
