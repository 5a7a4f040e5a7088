"""Receipts on paper: printed at most once, asked for again by people only, and never guessed about."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from builders import CATALOG, MILK, POLICY
from shop import DRIVER, Lane, Person, Shop, refused

from kiosk_server.domain import commands as c
from kiosk_server.domain.policy import PrintRules
from kiosk_server.domain.printing import PrintJob, PrintOutcome, State
from kiosk_server.store import prints
from kiosk_server.store.verify import verify

PRINTING = PrintRules(printers=("front", "back"), by_terminal={"lane3": "front", "stall": "back"})


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    running = Shop(tmp_path, msgspec.structs.replace(POLICY, printing=PRINTING))
    running.stocks(CATALOG)
    yield running
    running.closes()


@pytest.fixture
def paid(shop: Shop, lane3: Lane, attendant: Person) -> int:
    """A receipt of lane3; its number."""
    lane3.scans(MILK)
    lane3.pays()
    return attendant.takes_cash(lane3.basket.basket_id).number


def prints_it(who: Lane | Person, number: int, **more: str) -> PrintJob:
    return msgspec.convert(who.does(c.PrintReceipt(receipt_number=number, **more))["job"], PrintJob)


def reports(shop: Shop, job: PrintJob, outcome: PrintOutcome, *, has_begun: bool = True) -> None:
    shop.asks(c.ReportPrint(job_id=job.job_id, outcome=outcome, has_begun=has_begun), DRIVER, f"print-{job.job_id}")


def test_lane_prints_its_receipt_where_the_settings_say(shop: Shop, lane3: Lane, paid: int) -> None:
    with shop.records("print_asked"):
        job = prints_it(lane3, paid, language="ar")
    assert (job.printer, job.language, job.state, job.is_duplicate) == ("front", "ar", State.WAITING, False)


def test_second_press_while_it_prints_is_the_same_job(shop: Shop, lane3: Lane, paid: int) -> None:
    first = prints_it(lane3, paid)
    with shop.changes_nothing():
        assert prints_it(lane3, paid) == first


def test_lane_prints_once_and_staff_print_duplicates(shop: Shop, lane3: Lane, attendant: Person, paid: int) -> None:
    reports(shop, prints_it(lane3, paid), PrintOutcome.DONE)
    with refused("wrong_state"), shop.changes_nothing():
        prints_it(lane3, paid)
    again = prints_it(attendant, paid, printer="back")
    assert (again.is_duplicate, again.printer, again.by) == (True, "back", "Ada")


@pytest.mark.parametrize("outcome", [PrintOutcome.PAPER_OUT, PrintOutcome.COVER_OPEN, PrintOutcome.OFFLINE])
def test_lane_may_try_again_when_nothing_reached_the_paper(
    shop: Shop, lane3: Lane, paid: int, outcome: PrintOutcome
) -> None:
    reports(shop, prints_it(lane3, paid), outcome, has_begun=False)
    with shop.records("print_settled", "print_asked"):
        again = prints_it(lane3, paid)
    assert not again.is_duplicate


def test_unknown_end_is_for_a_person(shop: Shop, lane3: Lane, attendant: Person, paid: int) -> None:
    reports(shop, prints_it(lane3, paid), PrintOutcome.UNKNOWN)
    with refused("wrong_state"):
        prints_it(lane3, paid)
    with shop.database.read() as conn:
        (waiting,) = prints.open_jobs(conn)
    assert waiting.state is State.UNKNOWN
    assert prints_it(attendant, paid).is_duplicate
    with shop.database.read() as conn:
        assert prints.open_jobs(conn) == ()


def test_two_attendants_settle_a_job_once(
    shop: Shop, lane3: Lane, attendant: Person, manager: Person, paid: int
) -> None:
    job = prints_it(lane3, paid)
    reports(shop, job, PrintOutcome.OFFLINE, has_begun=False)
    with shop.records("print_settled"):
        attendant.does(c.SettlePrint(job_id=job.job_id))
        manager.does(c.SettlePrint(job_id=job.job_id))


def test_job_ends_once(shop: Shop, lane3: Lane, paid: int) -> None:
    job = prints_it(lane3, paid)
    with shop.records("receipt_printed"):
        reports(shop, job, PrintOutcome.DONE)
        reports(shop, job, PrintOutcome.DONE)  # the driver did not hear the answer and says it again
    with refused("illegal_transition"):
        shop.asks(c.ReportPrint(job_id=job.job_id, outcome=PrintOutcome.OFFLINE, has_begun=False), DRIVER)


def test_terminals_reach_their_own_receipts_and_their_own_printer(shop: Shop, lane3: Lane, paid: int) -> None:
    other = Lane(shop, "lane4")
    with shop.changes_nothing():
        with refused("not_found"):
            prints_it(other, paid)
        with refused("forbidden"):
            prints_it(lane3, paid, printer="back")
        with refused("not_found"):
            prints_it(lane3, paid + 1)


def test_terminal_without_a_printer_says_so(shop: Shop, attendant: Person) -> None:
    lane4 = Lane(shop, "lane4")
    lane4.scans(MILK)
    lane4.pays()
    number = attendant.takes_cash(lane4.basket.basket_id).number
    with refused("not_found", terminal="lane4"):
        prints_it(lane4, number)
    with refused("not_found"):
        prints_it(attendant, number, printer="attic")
    assert prints_it(attendant, number, printer="back").printer == "back"


def test_journal_rebuilds_the_jobs(shop: Shop, lane3: Lane, attendant: Person, paid: int) -> None:
    reports(shop, prints_it(lane3, paid), PrintOutcome.UNKNOWN)
    prints_it(attendant, paid)
    assert verify(shop.database.path).is_whole


def test_list_of_receipts_names_the_last_attempt(shop: Shop, lane3: Lane, attendant: Person, paid: int) -> None:
    reports(shop, prints_it(lane3, paid), PrintOutcome.DONE)
    last = prints_it(attendant, paid)
    with shop.database.read() as conn:
        (row,) = prints.receipt_rows(conn, before=2**53, limit=10)
        assert prints.has_paper(conn, paid)
        assert prints.waiting_jobs(conn) == (last,)
    assert (row.number, row.job) == (paid, last)
