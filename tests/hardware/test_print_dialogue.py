"""The conversation with a printer over real TCP, and everything that may go wrong in it."""

import os
import socket
import threading
import tty
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from kiosk_server.domain.printing import PrintOutcome as Outcome
from kiosk_server.domain.typesetting import Row, Span
from kiosk_server.hardware.escpos import FEED_AND_CUT, encode
from kiosk_server.hardware.print_dialogue import EscPosPrinter, Patience
from kiosk_server.hardware.printer import Letters, PrinterAddress, Result, Way, parse_printer
from kiosk_server.hardware.printer_lines import DeviceLine, dial
from kiosk_server.hardware.virtual_printer import Trouble, VirtualPrinter

PATIENCE_S = 20
QUICK = Patience(connect_s=2, answer_s=0.5, stall_s=1, done_s=2, silent_s=0.2, ask_every_s=0.1)
ROWS = 40
JOB = encode([Row(spans=(Span(f"row {n}", 0, 6),)) for n in range(ROWS)], is_rtl=False)


@pytest.fixture
def machine() -> Iterator[VirtualPrinter]:
    with closing(VirtualPrinter("front")) as made:
        yield made


@pytest.fixture
def printer(machine: VirtualPrinter) -> EscPosPrinter:
    address = parse_printer(f"tcp://127.0.0.1:{machine.listen()}")
    return EscPosPrinter(lambda timeout_s: dial(address, timeout_s), QUICK)


class Begun:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def printed(printer: EscPosPrinter, job: bytes = JOB) -> Result:
    """Prints, and checks that paper was only touched after the note that it may be."""
    begun = Begun()
    result = printer.print(job, begun)
    assert begun.times <= 1
    assert begun.times or not result.has_begun
    return result


def test_job_comes_out_whole_and_is_known_to_be_done(machine: VirtualPrinter, printer: EscPosPrinter) -> None:
    assert printed(printer) == Result(outcome=Outcome.DONE, has_begun=True)
    (paper,) = machine.papers
    assert paper.lines == [f"row {n}" for n in range(ROWS)]
    assert machine.strange == []


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (Trouble.PAPER_OUT, Outcome.PAPER_OUT),
        (Trouble.COVER_OPEN, Outcome.COVER_OPEN),
        (Trouble.OFF, Outcome.OFFLINE),
    ],
)
def test_printer_that_cannot_is_asked_before_anything_is_sent(
    machine: VirtualPrinter, printer: EscPosPrinter, trouble: Trouble, outcome: Outcome
) -> None:
    machine.suffers(trouble)
    result = printed(printer)
    assert (result.outcome, result.has_begun) == (outcome, False)
    machine.recovers()
    assert machine.papers == ()
    assert printed(printer).outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (Trouble.PAPER_OUT, Outcome.PAPER_OUT),
        (Trouble.COVER_OPEN, Outcome.COVER_OPEN),
        (Trouble.OFF, Outcome.UNKNOWN),
        (Trouble.CUT, Outcome.UNKNOWN),
    ],
)
def test_trouble_in_mid_job_leaves_a_part_and_the_rest_never_follows(
    machine: VirtualPrinter, printer: EscPosPrinter, trouble: Trouble, outcome: Outcome
) -> None:
    machine.suffers(trouble, after_rows=10)
    result = printed(printer)
    assert (result.outcome, result.has_begun) == (outcome, True)
    machine.recovers()
    assert printed(printer, FEED_AND_CUT + JOB).outcome is Outcome.DONE
    part, whole = machine.papers
    assert 0 < len(part.lines) < ROWS
    assert len(whole.lines) == ROWS


def test_slow_printer_is_waited_for(machine: VirtualPrinter, printer: EscPosPrinter) -> None:
    machine.suffers(Trouble.SLOW)
    assert printed(printer).outcome is Outcome.DONE


def test_paper_that_runs_low_is_noticed(machine: VirtualPrinter, printer: EscPosPrinter) -> None:
    machine.suffers(Trouble.PAPER_LOW)
    assert printed(printer) == Result(outcome=Outcome.DONE, has_begun=True, is_paper_low=True)


def test_printer_that_never_answers_is_believed(machine: VirtualPrinter, printer: EscPosPrinter) -> None:
    machine.suffers(Trouble.SILENT)
    assert printed(printer) == Result(outcome=Outcome.DONE, has_begun=True)
    assert machine.awaits(lambda: machine.papers_printed == 1, PATIENCE_S)


def test_printer_that_used_to_answer_is_not_sent_anything_once_it_hangs(
    machine: VirtualPrinter, printer: EscPosPrinter
) -> None:
    printed(printer)
    machine.suffers(Trouble.SILENT)
    assert printed(printer) == Result(outcome=Outcome.OFFLINE)
    assert len(machine.papers) == 1


def test_printer_that_falls_silent_in_mid_job_leaves_it_unknown(
    machine: VirtualPrinter, printer: EscPosPrinter
) -> None:
    machine.suffers(Trouble.SILENT, after_rows=3)
    assert printed(printer) == Result(outcome=Outcome.UNKNOWN, has_begun=True)


def test_nothing_is_printed_that_could_not_be_noted(machine: VirtualPrinter, printer: EscPosPrinter) -> None:
    def full_disk() -> None:
        raise OSError(28, "No space left on device")

    assert printer.print(JOB, full_disk) == Result(outcome=Outcome.OFFLINE)
    assert machine.papers == ()


def test_nobody_at_the_address(printer: EscPosPrinter) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    address = parse_printer(f"tcp://127.0.0.1:{port}")
    assert printed(EscPosPrinter(lambda timeout_s: dial(address, timeout_s), QUICK)) == Result(outcome=Outcome.OFFLINE)


def test_name_that_leads_nowhere() -> None:
    address = parse_printer("tcp://no-such-printer.invalid:9100")
    assert printed(EscPosPrinter(lambda timeout_s: dial(address, timeout_s), QUICK)) == Result(outcome=Outcome.OFFLINE)


def test_printer_whose_buffer_is_full_for_ever() -> None:
    """It accepts, reads nothing, and says nothing: the job is begun once the system took bytes of it."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = parse_printer(f"tcp://127.0.0.1:{deaf.getsockname()[1]}")
        huge = JOB * 20_000
        result = printed(EscPosPrinter(lambda timeout_s: dial(address, timeout_s), QUICK), huge)
    assert result == Result(outcome=Outcome.UNKNOWN, has_begun=True)


class Talker:
    """A printer with answers of its own, for what ours would never say; the last answer to a question stays."""

    def __init__(
        self,
        on_hello: bytes = b"",
        *,
        cause: tuple[bytes, ...] = (b"\x12",),
        paper: tuple[bytes, ...] = (b"\x12",),
        done: tuple[bytes, ...] = (b"\x00",),
    ) -> None:
        self._answers = {b"\x10\x04\x02": list(cause), b"\x10\x04\x04": list(paper), b"\x1dr\x01": list(done)}
        self._server = socket.create_server(("127.0.0.1", 0))
        self._hello = on_hello
        self._thread = threading.Thread(target=self._talk)
        self._thread.start()
        self.address = parse_printer(f"tcp://127.0.0.1:{self._server.getsockname()[1]}")

    def _talk(self) -> None:
        line, _ = self._server.accept()
        heard = b""
        with line, self._server, suppress(OSError):
            line.sendall(self._hello)
            while piece := line.recv(4096):
                heard += piece
                for question in [q for q in self._answers if q in heard]:
                    heard = heard.replace(question, b"", 1)
                    answers = self._answers[question]
                    line.sendall(answers.pop(0) if len(answers) > 1 else answers[0])

    def prints(self) -> Result:
        result = printed(EscPosPrinter(lambda timeout_s: dial(self.address, timeout_s), QUICK))
        self._thread.join(PATIENCE_S)
        return result


ASB = b"\x10\x00\x00\x00"
"""Automatic status (GS a): its second byte looks like the word that all is done."""


def test_status_that_was_not_asked_for_is_not_the_word_that_all_is_done() -> None:
    talker = Talker(ASB, cause=(b"\x12", b"\x32"), done=(ASB,))
    assert talker.prints() == Result(outcome=Outcome.PAPER_OUT, has_begun=True)


def test_printer_that_is_well_and_never_tells_of_an_end_is_believed() -> None:
    assert Talker(done=(b"",)).prints() == Result(outcome=Outcome.DONE, has_begun=True)


def test_error_of_the_machine_is_no_success() -> None:
    assert Talker(cause=(b"\x52",)).prints() == Result(outcome=Outcome.OFFLINE)


def test_noise_on_the_line_is_ignored() -> None:
    assert Talker(b"\x11\x13\xff\x91").prints().outcome is Outcome.DONE


# -- devices --


class Cable:
    """A pseudo-terminal as a printer's device, with a virtual printer at its other end."""

    def __init__(self, machine: VirtualPrinter) -> None:
        self._printer_end, self._device = os.openpty()
        tty.setraw(self._device)
        self.address = PrinterAddress(way=Way.DEVICE, path=os.ttyname(self._device))
        self._line = machine.dial(1)
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._there, self._back)]
        for thread in self._threads:
            thread.start()

    def _there(self) -> None:
        with suppress(OSError):
            while piece := os.read(self._printer_end, 4096):
                self._line.send(piece, 1)

    def _back(self) -> None:
        with suppress(OSError):
            while (said := self._line.receive(0.2)) is not None:
                os.write(self._printer_end, said)

    def close(self) -> None:
        self._line.close()
        os.close(self._device)
        os.close(self._printer_end)


def test_device_of_this_machine_prints_and_answers(machine: VirtualPrinter) -> None:
    with closing(Cable(machine)) as cable:
        printer = EscPosPrinter(lambda _: DeviceLine(cable.address.path), QUICK)
        assert printed(printer).outcome is Outcome.DONE
        machine.suffers(Trouble.PAPER_OUT)
        assert printed(printer).outcome is Outcome.PAPER_OUT
    assert len(machine.papers[0].lines) == ROWS


def test_device_that_is_not_there(machine: VirtualPrinter) -> None:
    address = parse_printer("/dev/usb/no-such-printer")
    assert printed(EscPosPrinter(lambda timeout_s: dial(address, timeout_s), QUICK)) == Result(outcome=Outcome.OFFLINE)


# -- addresses --


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("tcp://192.168.1.50:9100", PrinterAddress(way=Way.NETWORK, host="192.168.1.50", port=9100)),
        ("tcp://front.lan", PrinterAddress(way=Way.NETWORK, host="front.lan", port=9100)),
        ("tcp://[fd00::7]:9101/", PrinterAddress(way=Way.NETWORK, host="fd00::7", port=9101)),
        ("/dev/usb/lp0", PrinterAddress(way=Way.DEVICE, path="/dev/usb/lp0")),
        (
            " virtual?columns=32&letters=gb18030 ",
            PrinterAddress(way=Way.VIRTUAL, columns=32, letters=Letters.GB18030),
        ),
    ],
)
def test_address_is_read_as_people_write_it(text: str, address: PrinterAddress) -> None:
    assert parse_printer(text) == address


@pytest.mark.parametrize(
    "text",
    [
        *("", "192.168.1.50", "http://192.168.1.50", "tcp://", "tcp://host:70000", "tcp://host:x", "tcp://host/queue"),
        *("/dev/../etc/passwd", "/etc/passwd", "virtual?columns=23", "virtual?columns=97", "virtual?columns=٤٢"),
        *("virtual?letters=utf8", "virtual?width=42", "virtual?columns", "tcp://me@host"),
    ],
)
def test_address_that_names_no_printer_is_told_apart(text: str) -> None:
    with pytest.raises(ValueError, match=r"printer|address|port|leads"):
        parse_printer(text)
