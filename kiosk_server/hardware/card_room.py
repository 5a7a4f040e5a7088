"""The card room: hears which payments were committed, lets the readers carry them out, and reports what they say.

    asked -> begin, then ask until there is a last word          reversing -> cancel; reverse what was approved
    found after a restart -> ask; never begun -> call it off     refund asked -> refund, then ask

An outcome is always asked for, never guessed, and nothing is begun that may have begun before: a second charge would
need a second payment, and the store asks for none while one is open. Reports carry keys made of payment and step, so
that one sent twice counts once.
"""

import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from kiosk_server.domain.commands import ReportPayment
from kiosk_server.domain.commands.payments import PaymentOutcome
from kiosk_server.domain.events import PaymentMoved
from kiosk_server.domain.payment import UNSETTLED, Payment, State, TenderKind
from kiosk_server.hardware.card_reader import NEVER_HEARD, CardReader, Charge, ReaderSilent, Refund, Word
from kiosk_server.hardware.forecourt import Answer, Submit
from kiosk_server.promise import Promise
from kiosk_server.store.journal import Entry
from kiosk_server.store.payments import Placed

log = logging.getLogger(__name__)

ASK_S: Final = 0.25  # a customer waits for the next word
RETRY_S: Final = 1.0
LONGEST_S: Final = 60.0  # between two questions about an outcome that nobody knows
SILENT_TIMES: Final = 3
"""As often as this a reader may fail to answer, before a customer is told that nobody knows."""

# The store has moved on without this report, or knows it: saying it again would change nothing.
_FINAL: Final = frozenset({"wrong_state", "illegal_transition", "not_found", "key_reused"})
_REPEATED: Final = frozenset({PaymentOutcome.BEGUN, PaymentOutcome.UNKNOWN})


class CardRoom:
    """All readers of a store, each with a thread of its own from its first payment on.

    `reader_of(terminal)` gives a terminal's reader; `terminal_of(payment_id)` where a payment was taken ('' if that is
    not known); `submit(command, key)` the promise of a Reply. `currency` is ISO 4217.
    """

    def __init__(
        self,
        reader_of: Callable[[str], CardReader],
        terminal_of: Callable[[str], str],
        submit: Submit,
        currency: str,
    ) -> None:
        self._reader_of, self._terminal_of = reader_of, terminal_of
        self._submit, self._currency = submit, currency
        self._lock = threading.Lock()
        self._lanes: dict[str, CardLane] = {}
        self._is_open = False

    # None of these waits for a reader, but `stop`.

    def start(self, unsettled: Iterable[Placed]) -> None:
        """Begin, with the payments about which readers owe us a word. Entries may have been heard before."""
        for placed in unsettled:
            self._take(placed.terminal, placed.payment, is_found=True)
        with self._lock:
            self._is_open = True
            lanes = tuple(self._lanes.values())
        for lane in lanes:
            lane.thread.start()

    def on_entries(self, entries: Sequence[Entry]) -> None:
        """Hear what was committed; a subscriber of the bus."""
        for entry in entries:
            if isinstance(entry.event, PaymentMoved):
                self._take(entry.event.terminal, entry.event.payment, is_found=False)

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Let every reader finish its sentence. False if one took longer; a restart asks for the rest."""
        ends_s = time.monotonic() + timeout_s
        with self._lock:
            self._is_open = False
            lanes = [lane for lane in self._lanes.values() if lane.thread.is_alive()]
        for lane in lanes:
            lane.inbox.put(None)
        for lane in lanes:
            lane.thread.join(max(0.0, ends_s - time.monotonic()))
        return not any(lane.thread.is_alive() for lane in lanes)

    def _take(self, terminal: str, payment: Payment, *, is_found: bool) -> None:
        if payment.kind is not TenderKind.CARD:
            return
        # Money goes back where it came from: by the reader that took it, whose acquirer knows the charge.
        name = terminal or self._terminal_of(payment.refunds)
        with self._lock:
            lane = self._lanes.get(name)
            if lane is None and payment.state not in UNSETTLED:
                return
            if lane is None:
                lane = self._lanes[name] = CardLane(name, self._reader_of(name), self._submit, self._currency)
                if self._is_open:
                    lane.thread.start()
        lane.inbox.put(Seen(payment, is_found))


class Seen(msgspec.Struct, frozen=True):
    """A payment as it was committed. `is_found`: it was waiting when we came, so it may have begun long ago."""

    payment: Payment
    is_found: bool = False


class Answered(msgspec.Struct, frozen=True):
    """The store's answer to a report, back on our own thread; None where there was none."""

    payment_id: str
    key: str
    answer: Answer | None


class Job(msgspec.Struct):
    """What a reader owes us a word about. `said` is the last report, `key` that of one the store has not taken yet."""

    payment: Payment
    due_s: float
    may_have_begun: bool
    is_at_reader: bool
    wait_s: float = ASK_S
    silences: int = 0
    steps: int = 0
    said: ReportPayment | None = None
    key: str = ""
    is_sent: bool = False


class CardLane:
    """One reader's thread, and the payments it owes us a word about. `life` tells this process from those before."""

    def __init__(
        self,
        name: str,
        reader: CardReader,
        submit: Submit,
        currency: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        life: str = "",
    ) -> None:
        self.inbox: queue.SimpleQueue[Seen | Answered | None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._run, name=f"card reader {name}", daemon=True)
        self._reader, self._submit, self._currency = reader, submit, currency
        self._monotonic = monotonic
        self._life = life or secrets.token_hex(4)
        self._jobs: dict[str, Job] = {}

    def _run(self) -> None:
        is_on = True
        while is_on:
            try:
                is_on = self._turn()
            except Exception:  # one payment's trouble must not stop the others
                log.exception("a card reader's thread stumbled and goes on")

    def _turn(self) -> bool:
        """Take what waits, or see to what is due. False when it is time to end."""
        try:
            message = self.inbox.get(timeout=self._patience_s())
        except queue.Empty:
            self.tick()
            return True
        if isinstance(message, Answered):
            self.hear(message)
        elif message is not None:
            self.see(message)
        return message is not None

    def _patience_s(self) -> float | None:
        due_s = [job.due_s for job in self._jobs.values() if not job.is_sent]
        return max(0.0, min(due_s) - self._monotonic()) if due_s else None

    def see(self, seen: Seen) -> None:
        """A payment as it is now. What is settled needs us no more."""
        payment, now_s = seen.payment, self._monotonic()
        job = self._jobs.get(payment.payment_id)
        if payment.state not in UNSETTLED:
            self._jobs.pop(payment.payment_id, None)
        elif job is None:
            is_old = seen.is_found or payment.state is not State.ASKED
            is_at_reader = is_old and payment.amount_cents > 0
            self._jobs[payment.payment_id] = Job(payment, now_s, may_have_begun=is_old, is_at_reader=is_at_reader)
        else:
            if job.payment.state is not payment.state and payment.state is State.REVERSING:
                job.due_s, job.wait_s = now_s, ASK_S
            job.payment = payment

    def tick(self) -> None:
        """See to every payment that is due, in the order in which they came."""
        for job in list(self._jobs.values()):
            if job.is_sent or job.due_s > self._monotonic():
                continue
            job.due_s = self._monotonic() + RETRY_S
            if job.key:
                self._send(job)
            else:
                self._attend(job)

    def _attend(self, job: Job) -> None:
        is_fresh = job.payment.state is State.ASKED and not job.may_have_begun and job.payment.amount_cents > 0
        if is_fresh and any(other.is_at_reader for other in self._jobs.values()):
            job.due_s = self._monotonic() + ASK_S  # a customer cannot be asked for two payments at once
            return
        try:
            word = _spoken(self._word_on(job))
        except ReaderSilent as silence:
            log.warning("payment %s: %s", job.payment.payment_id, silence)
            self._note_silence(job)
        except Exception:  # whatever a driver stumbles over, the payment is not forgotten
            log.exception("the reader's driver failed on payment %s", job.payment.payment_id)
            self._note_silence(job)
        else:
            self._note(job, word)

    def _word_on(self, job: Job) -> Word:
        """Move the payment on at the reader by one order, or ask."""
        payment, reader = job.payment, self._reader
        may_have_begun, job.may_have_begun = job.may_have_begun, True
        if payment.amount_cents < 0:
            word = reader.ask(payment.payment_id) if may_have_begun else NEVER_HEARD
            return word if word.outcome else reader.refund(self._refund(payment))
        if payment.state is State.REVERSING:
            word = reader.cancel(payment.payment_id)
            return reader.reverse(payment.payment_id) if word.outcome is PaymentOutcome.APPROVED else word
        if not may_have_begun:
            job.is_at_reader = True
            return reader.begin(
                Charge(payment_id=payment.payment_id, amount_cents=payment.amount_cents, currency=self._currency)
            )
        word = reader.ask(payment.payment_id)
        return word if word.outcome else self._call_off(payment)

    def _call_off(self, payment: Payment) -> Word:
        """The reader never heard of it, and the customer may be gone: it must not hear of it later either."""
        word = self._reader.cancel(payment.payment_id)
        is_off = word.outcome is PaymentOutcome.CANCELLED
        return msgspec.structs.replace(word, reason="interrupted") if is_off else word

    def _refund(self, payment: Payment) -> Refund:
        return Refund(
            payment_id=payment.payment_id,
            refunds=payment.refunds,
            reference=payment.reference,
            amount_cents=-payment.amount_cents,
            currency=self._currency,
        )

    def _note(self, job: Job, word: Word) -> None:
        job.silences = 0
        job.is_at_reader = word.outcome is PaymentOutcome.BEGUN and job.payment.amount_cents > 0
        if word.outcome is PaymentOutcome.UNKNOWN:
            self._wait_longer(job)
        else:
            job.wait_s = ASK_S
            job.due_s = self._monotonic() + (ASK_S if word.outcome is PaymentOutcome.BEGUN else RETRY_S)
        self._report(job, word)

    def _note_silence(self, job: Job) -> None:
        job.silences += 1
        self._wait_longer(job)
        if job.silences >= SILENT_TIMES:
            job.is_at_reader = False
            self._report(job, Word(outcome=PaymentOutcome.UNKNOWN, reason="no_answer"))

    def _wait_longer(self, job: Job) -> None:
        job.due_s = self._monotonic() + job.wait_s
        job.wait_s = min(2 * job.wait_s, LONGEST_S)

    def _report(self, job: Job, word: Word) -> None:
        command = msgspec.convert({"payment_id": job.payment.payment_id, **msgspec.structs.asdict(word)}, ReportPayment)
        if command == job.said:
            return
        job.said, job.steps = command, job.steps + 1
        step = f"/{self._life}-{job.steps}" if command.outcome in _REPEATED else ""
        job.key = f"card/{command.payment_id}/{command.outcome.value}{step}"
        self._send(job)

    def _send(self, job: Job) -> None:
        assert job.said is not None  # noqa: S101 - a key is made of it
        job.is_sent = True
        payment_id, key = job.payment.payment_id, job.key
        self._submit(job.said, key).add_done_callback(lambda done: self.inbox.put(_answered(payment_id, key, done)))

    def hear(self, answered: Answered) -> None:
        """The store's answer. What it could not take now is said again; what it will never take is let go."""
        job = self._jobs.get(answered.payment_id)
        if job is None or job.key != answered.key:
            return
        answer, job.is_sent = answered.answer, False
        if answer is not None and (answer.ok or answer.code in _FINAL):
            job.key = ""
            if not answer.ok:
                log.warning("report %s was refused: %s", answered.key, answer.message)
            if answer.code == "not_found":
                del self._jobs[answered.payment_id]
            return
        log.warning("report %s waits: %s", answered.key, answer.message if answer else "no answer")
        job.due_s = self._monotonic() + RETRY_S


def _spoken(word: Word) -> Word:
    """Raises ReaderSilent for a driver that knows nothing of what it was told a moment ago."""
    if word.outcome is None:
        raise ReaderSilent("the reader has not heard of what it was just told")
    return word


def _answered(payment_id: str, key: str, done: Promise[Any]) -> Answered:
    has_failed = done.exception() is not None
    return Answered(payment_id, key, None if has_failed else done.result())
