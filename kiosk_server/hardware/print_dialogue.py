"""One job, from the first hello to the printer's word that it is done: the conversation with whatever speaks ESC/POS.

    1 connect            nobody there: offline, nothing has begun
    2 how are you?       DLE EOT 2 and 4; paper out or cover open: failed, nothing has begun
    3 begin              the caller notes that from here on paper may carry it
    4 the job            a line that breaks now leaves what nobody can know
    5 are you done?      GS r 1 at its end, answered in its turn; meanwhile the printer may say that its paper ran out

Many printers never answer. Of such a one nobody can learn more than that it took every byte, so that counts as done;
so does the word of one that is well, but never tells of the end of any job. Whoever has answered once is expected to go
on: its silence then means that it hangs, and that nothing may be sent.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from kiosk_server.domain.printing import PrintOutcome
from kiosk_server.hardware.escpos import ASK_OFFLINE_CAUSE, ASK_PAPER, CLEAR_BUFFER
from kiosk_server.hardware.printer import Channel, Result

log = logging.getLogger(__name__)

CHUNK: Final = 1024
QUESTIONS: Final = (ASK_OFFLINE_CAUSE, ASK_PAPER)
COVER_IS_OPEN, PAPER_STOPPED_IT, HAS_ERROR = 0x04, 0x20, 0x40  # of DLE EOT 2
PAPER_LOW, PAPER_END = 0x0C, 0x60  # of DLE EOT 4
UNASKED_BYTES: Final = 4
"""How long a status is that some printers send of themselves (GS a)."""


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long each step may take, in seconds. `silent_s`: for the end of a job of a printer that never answers."""

    connect_s: float = 3.0
    answer_s: float = 1.0
    stall_s: float = 10.0
    done_s: float = 20.0
    silent_s: float = 2.0
    ask_every_s: float = 1.0


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """What a printer says of itself. `has_answered` is False where it said nothing."""

    has_answered: bool = False
    trouble: PrintOutcome | None = None
    is_paper_low: bool = False


class Habits(msgspec.Struct):
    """What a printer has done before, and may be relied on to do again."""

    answers: bool = False
    tells_when_done: bool = False


class EscPosPrinter:
    """A printer at the other end of a line that `dial(timeout_s)` opens, anew for each job: others may print there too.

    Used by one thread.
    """

    def __init__(self, dial: Callable[[float], Channel], patience: Patience | None = None) -> None:
        self._dial = dial
        self._patience = patience or Patience()
        self._habits = Habits()

    def print(self, data: bytes, begin: Callable[[], None]) -> Result:
        try:
            channel = self._dial(self._patience.connect_s)
        except OSError as error:
            log.warning("the printer cannot be reached: %s", error)
            return Result(outcome=PrintOutcome.OFFLINE)
        try:
            return _Dialogue(channel, self._patience, self._habits).print(data, begin)
        finally:
            channel.close()

    def health(self) -> Health | None:
        """How it is, without printing; None where nobody is there."""
        try:
            channel = self._dial(self._patience.connect_s)
            try:
                return _Dialogue(channel, self._patience, self._habits).ask()
            finally:
                channel.close()
        except OSError:
            return None


class _Dialogue:
    """One conversation. Whatever the printer says is heard in the order in which it comes."""

    def __init__(self, channel: Channel, patience: Patience, habits: Habits) -> None:
        self._channel = channel
        self._patience = patience
        self._habits = habits
        self._sent = 0
        self._is_done = False
        self._unasked = 0
        self._open: deque[bytes] = deque()
        self._answers: dict[bytes, int] = {}

    def print(self, data: bytes, begin: Callable[[], None]) -> Result:
        try:
            health = self.ask()
            if health.trouble is not None:
                return Result(outcome=health.trouble, is_paper_low=health.is_paper_low)
            if self._habits.answers and not health.has_answered:
                raise TimeoutError("it hangs, for it used to answer")
            self._habits.answers = health.has_answered
            begin()
        except OSError as error:
            log.warning("nothing was sent to the printer: %s", error)
            return Result(outcome=PrintOutcome.OFFLINE)
        self._is_done = False
        try:
            outcome = self._send(data) or self._wait(health)
        except OSError as error:
            log.warning("the line to the printer broke after %s of %s bytes: %s", self._sent, len(data), error)
            # What the system never took cannot be on paper.
            outcome = PrintOutcome.UNKNOWN if self._sent else PrintOutcome.OFFLINE
        return Result(outcome=outcome, has_begun=self._sent > 0, is_paper_low=health.is_paper_low)

    def ask(self) -> Health:
        """Ask how it is, and take what it says in time."""
        self._answers.clear()
        for question in QUESTIONS:
            if self._channel.send(question, self._patience.answer_s) == len(question):
                self._open.append(question)
        for _ in self._hear(self._patience.answer_s):
            if len(self._answers) == len(QUESTIONS):
                break
        return _health_of(self._answers)

    def _send(self, data: bytes) -> PrintOutcome | None:
        """Hand over every byte; None when that is done, else why not."""
        while self._sent < len(data):
            took = self._channel.send(data[self._sent : self._sent + CHUNK], self._patience.stall_s)
            self._sent += took
            if not took:
                # It takes nothing any more: perhaps it can say why.
                return self._give_up(self.ask().trouble or PrintOutcome.UNKNOWN)
        return None

    def _wait(self, health: Health) -> PrintOutcome:
        """Until it says that it is done, or what keeps it from that."""
        if not health.has_answered:
            self._is_heard_to_be_done(self._patience.silent_s)
            return PrintOutcome.DONE
        ends_s = time.monotonic() + self._patience.done_s
        while time.monotonic() < ends_s:
            if self._is_heard_to_be_done(self._patience.ask_every_s):
                return PrintOutcome.DONE
            health = self.ask()
            if self._is_done:
                return PrintOutcome.DONE
            if health.trouble is not None:
                return self._give_up(health.trouble)
        if health.has_answered and not self._habits.tells_when_done:
            return PrintOutcome.DONE
        return self._give_up(PrintOutcome.UNKNOWN)

    def _is_heard_to_be_done(self, timeout_s: float) -> bool:
        return self._is_done or any(self._is_done for _ in self._hear(timeout_s))

    def _give_up(self, outcome: PrintOutcome) -> PrintOutcome:
        """Nobody waits for the rest of this job: it must not come out once paper is back."""
        self._channel.send(CLEAR_BUFFER, self._patience.answer_s)
        return outcome

    def _hear(self, timeout_s: float) -> Iterator[None]:
        """Take what it says, for so long at most; yields after each piece. Raises OSError when it hangs up."""
        ends_s = time.monotonic() + timeout_s
        while (left_s := ends_s - time.monotonic()) > 0:
            said = self._channel.receive(left_s)
            if said is None:
                raise ConnectionResetError("the printer hung up")
            for byte in said:
                self._note(byte)
            if said:
                yield

    def _note(self, byte: int) -> None:
        """Fixed bits tell answers apart: of DLE EOT 0xx1xx10, of GS r 0xx0xxxx, of a status unasked for 0xx1xx00."""
        if self._unasked:
            self._unasked -= 1
        elif byte & 0x93 == 0x12 and self._open:
            # Answers come in the order of the questions, late ones too.
            self._answers[self._open.popleft()] = byte
        elif byte & 0x93 == 0x10:
            self._unasked = UNASKED_BYTES - 1
        elif byte & 0x90 == 0:
            self._is_done = True
            self._habits.tells_when_done |= self._sent > 0


def _health_of(answers: dict[bytes, int]) -> Health:
    cause, paper = (answers.get(question, 0) for question in QUESTIONS)
    trouble = None
    if cause & COVER_IS_OPEN:
        trouble = PrintOutcome.COVER_OPEN
    elif cause & PAPER_STOPPED_IT or paper & PAPER_END:
        trouble = PrintOutcome.PAPER_OUT
    elif cause & HAS_ERROR:
        trouble = PrintOutcome.OFFLINE
    return Health(has_answered=bool(answers), trouble=trouble, is_paper_low=bool(paper & PAPER_LOW))
