"""One payment towards a basket: a state table, and what of it counts as money that is safe.

A card payment is `asked` by a commit, carried out by a reader that acts on the commit, and settled by the reader's
report. Whoever does not know says `unknown`; nobody guesses. `reversing` means "see to it that no money stays taken",
whatever the reader was doing: it is the only way back, and it may be asked for at any moment.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from kiosk_server.domain.machine import Machine
from kiosk_server.domain.money import divide_half_up
from kiosk_server.domain.policy import Policy


class TenderKind(StrEnum):
    CASH = "cash"
    CARD = "card"
    GIFT = "gift"


class State(StrEnum):
    ASKED = "asked"  # committed here; the reader may not have heard of it
    AUTHORISING = "authorising"
    AUTHORISED = "authorised"  # the money is safe, the receipt not written yet
    CAPTURED = "captured"  # on a receipt
    UNKNOWN = "unknown"  # the reader does not know whether money was taken
    REVERSING = "reversing"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    REVERSED = "reversed"


class Event(StrEnum):
    BEGIN = "begin"
    AUTHORISE = "authorise"
    DECLINE = "decline"
    CANCEL = "cancel"
    TIME_OUT = "time_out"
    LOSE = "lose"  # the outcome is not known any more
    CAPTURE = "capture"
    REVERSE = "reverse"
    GIVE_BACK = "give_back"  # the reversal is done


def _begun(state: State) -> dict[tuple[State, Event], State]:
    """What a reader may report of a payment that it was told to take."""
    return {
        (state, Event.AUTHORISE): State.AUTHORISED,
        (state, Event.DECLINE): State.DECLINED,
        (state, Event.CANCEL): State.CANCELLED,
        (state, Event.TIME_OUT): State.TIMED_OUT,
        (state, Event.REVERSE): State.REVERSING,
    }


MACHINE = Machine(
    "payment",
    {
        **_begun(State.ASKED),
        **_begun(State.AUTHORISING),
        **_begun(State.UNKNOWN),
        (State.ASKED, Event.BEGIN): State.AUTHORISING,
        (State.ASKED, Event.LOSE): State.UNKNOWN,
        (State.AUTHORISING, Event.LOSE): State.UNKNOWN,
        (State.AUTHORISED, Event.CAPTURE): State.CAPTURED,
        (State.AUTHORISED, Event.REVERSE): State.REVERSING,
        (State.REVERSING, Event.GIVE_BACK): State.REVERSED,
        (State.REVERSING, Event.DECLINE): State.DECLINED,
        (State.REVERSING, Event.CANCEL): State.CANCELLED,
        (State.REVERSING, Event.TIME_OUT): State.TIMED_OUT,
        # Money that was taken after the reader had said that none was: it goes back.
        (State.DECLINED, Event.AUTHORISE): State.REVERSING,
        (State.CANCELLED, Event.AUTHORISE): State.REVERSING,
        (State.TIMED_OUT, Event.AUTHORISE): State.REVERSING,
    },
)

SAFE = frozenset({State.AUTHORISED, State.CAPTURED})
"""The money is ours: it counts towards what is due."""

WAITING = frozenset({State.ASKED, State.AUTHORISING, State.UNKNOWN})
"""It may still become money; until then nothing else may be asked for in its place."""

UNSETTLED = WAITING | {State.REVERSING}
"""The reader owes us a word about it, also after a restart."""


LATE = frozenset({State.DECLINED, State.CANCELLED, State.TIMED_OUT})
"""No money was taken; if the reader says otherwise afterwards, it goes back."""


class Display(StrEnum):
    """What the reader shows its customer, for the lane to say the same in words."""

    NONE = ""
    PRESENT_CARD = "present_card"
    PROCESSING = "processing"
    APPROVED = "approved"
    DECLINED = "declined"
    REMOVE_CARD = "remove_card"


class Payment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One tender applied to a basket. `amount_cents` is what it counts for; negative when it gives money back.

    `masked` is all of a number that anybody sees ("•••• 1234"), `reference` what the acquirer calls it, `reason` why it
    was declined (a word for screens to translate). `received_cents` and `change_cents` are cash over the counter.
    `refunds` names the payment that this one gives back. `asked_at` is ms since 1970, UTC.
    """

    payment_id: str
    kind: TenderKind
    amount_cents: int
    state: State
    asked_at: int = 0
    reference: str = ""
    masked: str = ""
    scheme: str = ""
    reason: str = ""
    display: Display = Display.NONE
    received_cents: int = 0
    change_cents: int = 0
    refunds: str = ""


def move(payment: Payment, event: Event) -> Payment:
    """The payment after `event`. Raises IllegalTransition."""
    return msgspec.structs.replace(payment, state=MACHINE.next(payment.state, event))


def safe_cents(payments: Iterable[Payment]) -> int:
    """How much of what is due is safely here."""
    return sum(payment.amount_cents for payment in payments if payment.state in SAFE)


def due_cents(total_cents: int, payments: Iterable[Payment]) -> int:
    """What is left to pay; of a refund (a negative total) what is left to give, below zero."""
    return total_cents - safe_cents(payments)


def waiting_of(payments: Iterable[Payment]) -> Payment | None:
    """The payment that is being asked for now; there is never more than one."""
    return next((payment for payment in payments if payment.state in WAITING), None)


def with_payment(payments: tuple[Payment, ...], payment: Payment) -> tuple[Payment, ...]:
    """These payments with one of them changed, or one more."""
    if any(old.payment_id == payment.payment_id for old in payments):
        return tuple(payment if old.payment_id == payment.payment_id else old for old in payments)
    return (*payments, payment)


def hear(payment: Payment, event: Event) -> Payment:
    """The payment after a reader's word. A word that was heard already, or that comes too late, changes nothing.

    A refund that was approved after it had been declined changes nothing either: it was settled in another way by then,
    and money that was given twice is for people to look into.
    """
    is_late_refund = payment.amount_cents < 0 and payment.state in LATE and event is Event.AUTHORISE
    return move(payment, event) if MACHINE.allows(payment.state, event) and not is_late_refund else payment


def tenders_of(policy: Policy, terminal: str, kind: str) -> tuple[TenderKind, ...]:
    """What a terminal of this name and kind offers to pay with, the usual first."""
    has_reader = policy.cards.reader_of(terminal, kind) is not None
    return (*((TenderKind.CARD,) if has_reader else ()), TenderKind.CASH, TenderKind.GIFT)


# -- cash --

CASH_STEP_CENTS = {"CHF": 5, "SEK": 100, "NOK": 100, "DKK": 50, "CAD": 5, "AUD": 5, "NZD": 10, "HUF": 500, "CZK": 100}
"""The smallest coin of currencies whose smaller ones are gone (central banks, 2026); others are paid to the cent."""


def cash_step_cents(policy: Policy) -> int:
    """The smallest coin that this store gives and takes."""
    return policy.cash_rounding_cents or CASH_STEP_CENTS.get(policy.currency, 1)


def cash_due_cents(due_cents: int, step_cents: int) -> int:
    """What is due in coins that exist: the nearest multiple of `step_cents`, halves away from zero."""
    return divide_half_up(due_cents, step_cents) * step_cents
