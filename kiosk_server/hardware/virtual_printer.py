"""A printer without paper: it reads the bytes that a real one would get, keeps what came out, and has its troubles.

The store's own driver talks to it over a socket like to any other, so a demo and most tests go the whole way. Troubles
can be set while it prints: `suffers(Trouble.PAPER_OUT, after_rows=10)`.
"""

import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from typing import Final

from kiosk_server.hardware.escpos import CLEAR_BUFFER
from kiosk_server.hardware.escpos_reader import EscPosReader, Paper
from kiosk_server.hardware.paper_svg import as_svg
from kiosk_server.hardware.printer import USUAL_COLUMNS
from kiosk_server.hardware.printer_lines import SocketLine

log = logging.getLogger(__name__)

PAPERS_KEPT: Final = 20
SLOW_BYTES_PER_S: Final = 400
BUFFER_BYTES: Final = 64 * 1024
CLEARED: Final = b"\x37\x25\x00"
FIXED_BITS: Final = 0x12
COVER_IS_OPEN, PAPER_STOPPED_IT = 0x04, 0x20
PAPER_LOW, PAPER_END = 0x0C, 0x60


class Trouble(StrEnum):
    """What may ail it."""

    PAPER_LOW = "paper_low"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    OFF = "off"  # nobody can connect, and who was connected is cut off
    CUT = "cut"  # the line breaks once, then it is well again
    SLOW = "slow"
    SILENT = "silent"  # it prints and never says a word


STOPS: Final = frozenset({Trouble.PAPER_OUT, Trouble.COVER_OPEN, Trouble.OFF})


class VirtualPrinter:
    """One such printer. All methods may be called from any thread; `name` is written on its roll."""

    def __init__(self, name: str, columns: int = USUAL_COLUMNS) -> None:
        self.name = name
        self.columns = columns
        self._lock = threading.Condition()
        self._papers: deque[Paper] = deque(maxlen=PAPERS_KEPT)
        self._printed = 0
        self._reader = EscPosReader(columns, self._keep, self._say)
        self._trouble: Trouble | None = None
        self._after_rows = 0
        self._times_forgotten = 0
        self._lines: set[socket.socket] = set()
        self._speaker: socket.socket | None = None
        self._listener: socket.socket | None = None

    # -- what people see and do --

    @property
    def papers(self) -> tuple[Paper, ...]:
        """What came out, oldest first; what still hangs in the printer comes last."""
        with self._lock:
            unfinished = self._reader.unfinished
            return (*self._papers, *([unfinished] if unfinished else []))

    @property
    def papers_printed(self) -> int:
        """How many have been cut since the beginning."""
        return self._printed

    @property
    def strange(self) -> list[bytes]:
        """Commands that it did not know."""
        return self._reader.strange

    @property
    def trouble(self) -> Trouble | None:
        return self._trouble

    def roll(self) -> str:
        """All papers as one SVG, the newest on top."""
        return as_svg(self.papers[::-1], self.columns, name=self.name)

    def awaits(self, is_so: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until something is so that printing brings about; False if it took longer."""
        with self._lock:
            return self._lock.wait_for(is_so, timeout_s)

    def suffers(self, trouble: Trouble, *, after_rows: int = 0) -> None:
        """From now on, or once so many more rows have been printed."""
        with self._lock:
            self._trouble, self._after_rows = trouble, after_rows
            if self._has_come(Trouble.OFF):
                self._cut_off()
            self._lock.notify_all()

    def recovers(self) -> None:
        """Paper is in, the cover shut, the power on; what waited in its buffer goes on."""
        with self._lock:
            self._trouble = None
            self._lock.notify_all()

    # -- the line --

    def dial(self, timeout_s: float) -> SocketLine:
        """A line to it inside this process: no port is open to anybody else."""
        if self._has_come(Trouble.OFF):
            raise ConnectionRefusedError(f"{self.name} is switched off")
        ours, theirs = socket.socketpair()
        ours.settimeout(timeout_s)
        self._serve(theirs)
        return SocketLine(ours)

    def listen(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Take connections as a printer in the network does; the port."""
        self._listener = socket.create_server((host, port))
        threading.Thread(target=self._accept, args=(self._listener,), name=f"{self.name} port", daemon=True).start()
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        """Hang up on everybody."""
        with self._lock:
            listener, self._listener = self._listener, None
            self._trouble = Trouble.OFF
            self._after_rows = 0
            self._cut_off()
            self._lock.notify_all()
        if listener is not None:
            with suppress(OSError):  # wakes the thread that accepts
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            if self._has_come(Trouble.OFF):
                line.close()
            else:
                self._serve(line)

    def _serve(self, line: socket.socket) -> None:
        with self._lock:
            self._lines.add(line)
        cable = _Cable(line, self)
        for work in (cable.listen, cable.print):
            threading.Thread(target=work, name=f"{self.name} {work.__name__}", daemon=True).start()

    # -- used by its cables --

    def statuses(self) -> tuple[int, int]:
        """The answers to DLE EOT 2 and 4."""
        cause = COVER_IS_OPEN * self._has_come(Trouble.COVER_OPEN)
        is_out = self._has_come(Trouble.PAPER_OUT)
        is_low = is_out or self._has_come(Trouble.PAPER_LOW)
        return FIXED_BITS | cause | PAPER_STOPPED_IT * is_out, FIXED_BITS | PAPER_LOW * is_low | PAPER_END * is_out

    def is_silent(self) -> bool:
        return self._has_come(Trouble.SILENT)

    def takes(self, line: socket.socket, piece: bytes) -> None:
        """Print a few bytes, once it can."""
        with self._lock:
            before = self._times_forgotten
            while any(map(self._has_come, STOPS)) and line in self._lines:
                self._lock.wait()
            if line not in self._lines or before != self._times_forgotten:
                return
            self._speaker = line
            before = self._reader.rows
            self._reader.feed(piece)
            self._after_rows = max(0, self._after_rows - max(0, self._reader.rows - before))
            if self._has_come(Trouble.CUT):
                self._trouble = None
                self._cut_off()
            if self._has_come(Trouble.OFF):
                self._cut_off()
            self._lock.notify_all()
        if self._has_come(Trouble.SLOW):
            time.sleep(len(piece) / SLOW_BYTES_PER_S)  # the paper moves

    def forgets(self) -> None:
        with self._lock:
            self._reader.forget()
            self._times_forgotten += 1
            self._lock.notify_all()

    def hangs_up(self, line: socket.socket) -> None:
        with self._lock:
            self._lines.discard(line)
            self._lock.notify_all()

    def _has_come(self, trouble: Trouble) -> bool:
        return self._trouble is trouble and not self._after_rows

    def _cut_off(self) -> None:
        """Every line breaks, and whatever was in the buffers is lost. The paper that hangs out stays."""
        for line in self._lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        self._lines.clear()
        self._reader.forget()

    def _keep(self, paper: Paper) -> None:
        self._papers.append(paper)
        self._printed += 1

    def _say(self, said: bytes) -> None:
        if self._speaker is not None and not self.is_silent():
            with suppress(OSError):
                self._speaker.send(said)


class _Cable:
    """One connection: a thread that hears and answers at once, and one that prints what waits."""

    def __init__(self, line: socket.socket, printer: VirtualPrinter) -> None:
        self._line, self._printer = line, printer
        self._buffer = bytearray()
        self._is_over = False
        self._news = threading.Condition()
        self._real_time: dict[bytes, Callable[[], bytes]] = {
            b"\x10\x04\x02": lambda: bytes([printer.statuses()[0]]),
            b"\x10\x04\x04": lambda: bytes([printer.statuses()[1]]),
            CLEAR_BUFFER: self._clear,
        }

    def listen(self) -> None:
        """Take what comes. Real-time commands are obeyed here, whatever the rest of it is waiting for."""
        with suppress(OSError):
            while piece := self._line.recv(4096):
                self._hear(piece)
        with self._news:
            self._is_over = True
            self._news.notify_all()

    def print(self) -> None:
        """Hand the buffer to the printer, bit by bit, until the line is over and all of it is printed."""
        while piece := self._next():
            self._printer.takes(self._line, piece)
        self._printer.hangs_up(self._line)
        self._line.close()

    def _hear(self, piece: bytes) -> None:
        with self._news:
            self._buffer += piece
            for command, answer in self._real_time.items():
                while (at := self._buffer.find(command)) >= 0:
                    del self._buffer[at : at + len(command)]
                    said = answer()
                    if not self._printer.is_silent():
                        with suppress(OSError):
                            self._line.send(said)
            self._news.notify_all()
            # A full buffer takes nothing more: TCP then tells the sender.
            self._news.wait_for(lambda: len(self._buffer) < BUFFER_BYTES or self._is_over, timeout=60)

    def _next(self) -> bytes:
        with self._news:
            self._news.wait_for(lambda: self._is_over or (self._buffer and not self._is_half()))
            piece = bytes(self._buffer[:32])
            del self._buffer[:32]
            self._news.notify_all()
            return piece

    def _is_half(self) -> bool:
        """Whether a part of a real-time command stands at the end and waits for the rest."""
        parts = (command[:size] for command in self._real_time for size in range(1, len(command)))
        return self._buffer.endswith(tuple(parts))

    def _clear(self) -> bytes:
        self._buffer.clear()
        self._printer.forgets()
        return CLEARED
