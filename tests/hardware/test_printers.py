"""The print room between a real store and printers on real sockets: at most once, never guessed, never forgotten."""

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from builders import CATALOG, MILK, POLICY, an_item
from shop import DRIVER, PATIENCE_S, Lane, Person, Shop

from kiosk_server.core.reply import Reply
from kiosk_server.domain import commands as c
from kiosk_server.domain.events import PrintFailed, ReceiptPrinted
from kiosk_server.domain.policy import PrintRules, ReceiptRules
from kiosk_server.domain.printing import PrintJob, PrintOutcome, State
from kiosk_server.domain.receipt_layout import Slip
from kiosk_server.domain.staff import Role
from kiosk_server.hardware.print_dialogue import EscPosPrinter, Patience
from kiosk_server.hardware.print_ledger import PrintLedger
from kiosk_server.hardware.printer import Result, parse_printer
from kiosk_server.hardware.printer_lines import dial
from kiosk_server.hardware.printers import LATE_MS, PrinterState, PrintRoom, Station
from kiosk_server.hardware.stations import drawn_from, stations_of
from kiosk_server.hardware.virtual_printer import Trouble, VirtualPrinter
from kiosk_server.promise import Promise
from kiosk_server.store import prints
from kiosk_server.store.journal import Entry
from kiosk_server.store.verify import verify

QUICK = Patience(connect_s=2, answer_s=0.5, stall_s=1, done_s=2, silent_s=0.2, ask_every_s=0.1)
BASE_URL = "http://192.168.1.10:8080"
DUCK = an_item("4011200296915", name="北京烤鸭", price_cents=1990, tax_class="reduced")
BREAD = an_item("4011200296922", name="خبز طازج", price_cents=150, tax_class="reduced")
RULES = PrintRules(printers=("front", "back"), by_terminal={"lane": "front"})
PAPER = ReceiptRules(address=("Hauptstraße 5",), tax_id="DE123456789", legal=("TSE 4711",), footer=("Mo–Sa 7–22",))
STORE = msgspec.structs.replace(POLICY, printing=RULES, receipt=PAPER)


class Office:
    """A store with a print room: `front` is a printer in the network, `back` one of the room's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ended: list[PrintJob] = []
        self._heard = 0
        self._news = threading.Condition()
        self.shop = Shop(folder, STORE)
        self.shop.bus.subscribe(self._hear)
        self.shop.stocks((*CATALOG, DUCK, BREAD))
        self.lane3, self.ada = Lane(self.shop, "lane3"), Person(self.shop, "Ada", Role.ATTENDANT)
        self.front = VirtualPrinter("front")
        self._address = parse_printer(f"tcp://127.0.0.1:{self.front.listen()}?letters=utf-8")
        self.draw = drawn_from(self.shop.database, STORE, lambda: BASE_URL)
        self.room = self.opens()

    def opens(
        self,
        ledger: str = "printing.json",
        submit: Callable[[c.Command, str], Any] | None = None,
        names: Sequence[str] = ("front", "back"),
        draw: Callable[[PrintJob], Slip] | None = None,
    ) -> PrintRoom:
        """A print room as a start of the server makes it, not begun yet."""
        dialling = EscPosPrinter(lambda timeout_s: dial(self._address, timeout_s), QUICK)
        stations = {
            "front": Station(self._address, dialling),
            **stations_of({"back": "virtual?columns=32"}, QUICK),
        }
        return PrintRoom(
            {name: stations[name] for name in names},
            draw or self.draw,
            self.folder / ledger,
            submit or (lambda command, key: self.shop.bus.submit(command, DRIVER, key)),
            self.shop.clock.now_ms,
        )

    def starts(self, room: PrintRoom | None = None) -> None:
        self.room = room or self.room
        with self._news:  # as at a real start: what this room hears was asked after the last stop
            assert self._news.wait_for(lambda: self._heard >= self.shop.bus.head_seq, PATIENCE_S)
        self.shop.bus.subscribe(self.room.on_entries)
        with self.shop.database.read() as conn:
            self.room.start(prints.waiting_jobs(conn))

    def closes(self) -> None:
        self.front.close()
        assert self.room.stop(PATIENCE_S)
        self.shop.closes()

    @property
    def back(self) -> VirtualPrinter:
        virtual = self.room.stations["back"].virtual
        assert virtual is not None
        return virtual

    def sells(self, *items: Any) -> int:
        """A receipt of lane3; its number."""
        for item in items or (MILK,):
            self.lane3.scans(item)
        self.lane3.pays()
        return self.ada.takes_cash(self.lane3.basket.basket_id).number

    def job(self, job_id: str) -> PrintJob:
        with self.shop.looks() as repositories:
            found = repositories.print_job(job_id)
        assert found is not None
        return found

    def ends(self, job: PrintJob) -> PrintJob:
        """The job once its end has been reported."""
        with self._news:
            assert self._news.wait_for(lambda: any(one.job_id == job.job_id for one in self._ended), PATIENCE_S)
        return self.job(job.job_id)

    def _hear(self, entries: Sequence[Entry]) -> None:
        with self._news:
            self._heard = entries[-1].seq
            self._ended += [e.event.job for e in entries if isinstance(e.event, ReceiptPrinted | PrintFailed)]
            self._news.notify_all()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.closes()


@pytest.fixture
def lane3(office: Office) -> Lane:
    return office.lane3


@pytest.fixture
def ada(office: Office) -> Person:
    return office.ada


def prints_it(who: Lane | Person, number: int, **more: str) -> PrintJob:
    return msgspec.convert(who.does(c.PrintReceipt(receipt_number=number, **more))["job"], PrintJob)


def test_customers_receipt_comes_out_with_all_that_the_law_wants(office: Office, lane3: Lane) -> None:
    office.starts()
    number = office.sells(MILK, DUCK, BREAD)
    job = office.ends(prints_it(lane3, number, language="de"))
    assert (job.state, job.outcome, job.has_begun) == (State.PRINTED, PrintOutcome.DONE, True)
    (paper,) = office.front.papers
    text = "\n".join(paper.lines)
    for said in (
        "Corner Store",
        "Hauptstraße 5",
        "Steuer-Nr. DE123456789",
        "北京烤鸭",
        "19,90 €",
        "22,69 €",
        "TSE 4711",
    ):
        assert said in text
    assert f"Beleg {number}" in text
    assert "Steuer 7% (netto 21,21 €)" in text
    assert "DUPLIKAT" not in text
    (code,) = [part for part in paper.parts if not hasattr(part, "runs")]
    assert code.data.decode().startswith(f"{BASE_URL}/r/{number}.")  # type: ignore[union-attr]
    assert office.front.strange == []


def test_arabic_receipt_is_the_mirror_image(office: Office, lane3: Lane) -> None:
    office.starts()
    office.ends(prints_it(lane3, office.sells(BREAD), language="ar"))
    row = "€ 1.50".ljust(34) + "ﺝﺯﺎﻁ ﺯﺑﺧ"
    assert row in office.front.papers[0].lines, "the item ends at the right edge, joined and in visual order"


def test_second_press_puts_out_one_paper(office: Office, lane3: Lane) -> None:
    number = office.sells()
    first, second = prints_it(lane3, number), prints_it(lane3, number)
    assert first == second
    office.starts()
    office.ends(first)
    assert office.room.stop(PATIENCE_S)
    assert len(office.front.papers) == 1


def test_second_paper_says_duplicate_at_both_ends(office: Office, lane3: Lane, ada: Person) -> None:
    office.starts()
    number = office.sells()
    office.ends(prints_it(lane3, number))
    again = office.ends(prints_it(ada, number, printer="back", language="en"))
    assert again.is_duplicate
    (paper,) = office.back.papers
    assert [line.strip() for line in paper.lines].count("DUPLICATE") == 2
    assert max(map(len, paper.lines)) <= 32


def test_printer_that_is_off_is_told_and_the_customer_may_try_again(office: Office, lane3: Lane) -> None:
    office.starts()
    office.front.suffers(Trouble.OFF)
    number = office.sells()
    failed = office.ends(prints_it(lane3, number))
    assert (failed.state, failed.outcome, failed.has_begun) == (State.FAILED, PrintOutcome.OFFLINE, False)
    office.front.recovers()
    again = office.ends(prints_it(lane3, number))
    assert (again.state, again.is_duplicate) == (State.PRINTED, False)
    assert len(office.front.papers) == 1


def test_paper_that_runs_out_in_mid_job_is_for_a_person(office: Office, lane3: Lane, ada: Person) -> None:
    office.starts()
    office.front.suffers(Trouble.PAPER_OUT, after_rows=4)
    number = office.sells()
    job = office.ends(prints_it(lane3, number))
    assert (job.state, job.outcome, job.has_begun) == (State.FAILED, PrintOutcome.PAPER_OUT, True)
    office.front.recovers()
    again = office.ends(prints_it(ada, number))
    assert again.is_duplicate
    torn, whole = office.front.papers
    assert len(torn.lines) < 10, "the scrap is cut off before the next receipt"
    assert whole.lines[0].strip() == "Corner Store"


def test_line_that_is_cut_in_mid_job_leaves_it_unknown(office: Office, lane3: Lane) -> None:
    office.starts()
    office.front.suffers(Trouble.CUT, after_rows=4)
    job = office.ends(prints_it(lane3, office.sells()))
    assert (job.state, job.outcome, job.has_begun) == (State.UNKNOWN, PrintOutcome.UNKNOWN, True)


def test_one_printer_in_trouble_holds_up_no_other(office: Office, lane3: Lane, ada: Person) -> None:
    office.starts()
    office.front.suffers(Trouble.SLOW)
    number = office.sells()
    slow = prints_it(lane3, number)
    assert office.ends(prints_it(ada, number, printer="back")).state is State.PRINTED
    assert office.ends(slow).state is State.PRINTED


def test_jobs_that_waited_for_the_server_come_out_once_in_their_order(office: Office, ada: Person) -> None:
    numbers = [office.sells() for _ in range(3)]
    jobs = [prints_it(ada, number, printer="front") for number in numbers]
    office.front.suffers(Trouble.SLOW)
    office.starts()
    # The publisher may tell of them after they were read from the store, while the first is being printed.
    office.room.on_entries([entry for entry in office.shop.entries() if entry.type == "print_asked"])
    office.front.recovers()
    for job in jobs:
        assert office.ends(job).state is State.PRINTED
    last = office.sells()
    office.ends(prints_it(ada, last, printer="front"))
    said = ["\n".join(paper.lines) for paper in office.front.papers]
    assert len(said) == 4
    assert all(f"Receipt {number}" in text for number, text in zip([*numbers, last], said, strict=True))


class Stuck:
    """A submit whose answers never come: the store while the power fails."""

    def __init__(self) -> None:
        self.sent: list[tuple[c.Command, str]] = []
        self.has_sent = threading.Event()

    def __call__(self, command: c.Command, key: str) -> Promise[Any]:
        self.sent.append((command, key))
        self.has_sent.set()
        answer: Promise[Any] = Promise()
        answer.set_exception(RuntimeError("the power failed"))
        return answer


def test_crash_in_mid_job_is_reported_and_never_printed_again(office: Office, lane3: Lane) -> None:
    office.front.suffers(Trouble.SLOW)
    job = prints_it(lane3, office.sells())
    crashing = office.opens(submit=Stuck())
    with office.shop.database.read() as conn:
        crashing.start(prints.waiting_jobs(conn))
    assert office.front.awaits(lambda: bool(office.front.papers), PATIENCE_S)
    shutil.copy(office.folder / "printing.json", office.folder / "after-the-crash.json")
    office.front.suffers(Trouble.CUT)
    assert crashing.stop(PATIENCE_S)
    office.front.recovers()

    office.starts(office.opens("after-the-crash.json"))
    ended = office.ends(job)
    assert (ended.state, ended.has_begun) == (State.UNKNOWN, True)
    assert len(office.front.papers) <= 1, "at most the part that was out before"
    assert verify(office.shop.database.path).is_whole


def test_job_that_was_done_before_the_store_could_hear_of_it_is_done(office: Office, lane3: Lane) -> None:
    job = prints_it(lane3, office.sells())
    stuck = Stuck()
    crashing = office.opens(submit=stuck)
    with office.shop.database.read() as conn:
        crashing.start(prints.waiting_jobs(conn))
    assert stuck.has_sent.wait(PATIENCE_S)
    assert crashing.stop(PATIENCE_S)

    office.starts(office.opens())
    assert office.ends(job).state is State.PRINTED
    assert office.room.stop(PATIENCE_S)
    assert len(office.front.papers) == 1


def test_stop_lets_the_printer_finish_and_leaves_the_rest_waiting(office: Office, ada: Person) -> None:
    office.front.suffers(Trouble.SLOW)
    first, second = (prints_it(ada, office.sells(), printer="front") for _ in range(2))
    office.starts()
    assert office.front.awaits(lambda: bool(office.front.papers), PATIENCE_S)
    assert office.room.stop(PATIENCE_S)
    assert office.job(first.job_id).state is State.PRINTED
    assert office.job(second.job_id).state is State.WAITING
    office.front.recovers()
    office.starts(office.opens())
    assert office.ends(second).state is State.PRINTED


def test_report_that_the_store_cannot_take_now_is_said_again(office: Office, lane3: Lane) -> None:
    answers = [
        Reply(ok=False, seq=0, code="read_only", message="Disk."),
        Reply(ok=False, seq=0, code="busy", message="Full."),
    ]

    def submit(command: c.Command, key: str) -> Promise[Any]:
        if answers:
            answer: Promise[Any] = Promise()
            answer.set_result(answers.pop())
            return answer
        return office.shop.bus.submit(command, DRIVER, key)

    office.starts(office.opens(submit=submit))
    assert office.ends(prints_it(lane3, office.sells())).state is State.PRINTED
    assert answers == []


def test_printer_that_the_settings_no_longer_name_prints_nothing(office: Office, ada: Person) -> None:
    job = prints_it(ada, office.sells(), printer="back")
    office.starts(office.opens(names=["front"]))
    ended = office.ends(job)
    assert (ended.state, ended.outcome, ended.has_begun) == (State.FAILED, PrintOutcome.OFFLINE, False)


def test_job_from_long_ago_is_not_sprung_upon_anybody(office: Office, lane3: Lane) -> None:
    job = prints_it(lane3, office.sells())
    office.shop.clock.passes(LATE_MS + 1)
    office.starts()
    assert office.ends(job).state is State.UNKNOWN
    assert office.front.papers == ()


def test_damaged_ledger_prints_nothing_twice(office: Office, lane3: Lane, caplog: pytest.LogCaptureFixture) -> None:
    job = prints_it(lane3, office.sells())
    (office.folder / "printing.json").write_bytes(b'{"id000')
    office.starts(office.opens())
    assert office.ends(job).state is State.UNKNOWN
    assert office.front.papers == ()
    assert (office.folder / "printing.damaged").exists()
    assert "unreadable" in caplog.text


def test_receipt_that_cannot_be_drawn_stops_no_other(office: Office, ada: Person) -> None:
    first, second = office.sells(), office.sells()

    def draw(job: PrintJob) -> Slip:
        if job.receipt_number == first:
            raise LookupError("there is no such receipt")
        return office.draw(job)

    office.starts(office.opens(draw=draw))
    assert office.ends(prints_it(ada, first)).outcome is PrintOutcome.OFFLINE
    assert office.ends(prints_it(ada, second)).state is State.PRINTED


def test_console_is_told_how_printers_do(office: Office, lane3: Lane) -> None:
    assert [state.name for state in office.room.states()] == ["back", "front"]
    office.starts()
    office.front.suffers(Trouble.PAPER_OUT)
    office.ends(prints_it(lane3, office.sells()))
    assert office.room.states()[1] == PrinterState(
        name="front", way="network", waiting=0, trouble=PrintOutcome.PAPER_OUT, is_paper_low=True
    )


def test_ledger_forgets_what_the_store_knows(office: Office, lane3: Lane) -> None:
    office.starts()
    job = office.ends(prints_it(lane3, office.sells()))
    assert office.room.stop(PATIENCE_S)
    assert PrintLedger(office.folder / "printing.json").find(job.job_id) is None


def test_ledger_that_cannot_be_written_refuses_to_begin(tmp_path: Path) -> None:
    ledger = PrintLedger(tmp_path / "gone" / "printing.json")
    with pytest.raises(FileNotFoundError):
        ledger.begin("job-1")
    assert ledger.find("job-1") is None
    ledger.end("job-1", Result(outcome=PrintOutcome.DONE, has_begun=True))  # only logged: the paper is out
