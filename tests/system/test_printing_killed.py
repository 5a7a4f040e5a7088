"""Power fails while a receipt is being printed: no second paper, and somebody is told to look at the first."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from store_process import PATIENCE_S, Store, ask, give

from kiosk_server.hardware.virtual_printer import Trouble, VirtualPrinter

MILK = "2000000000077"


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with closing(VirtualPrinter("front")) as machine:
        yield machine


def settings(port: int) -> dict[str, str]:
    return {
        "KIOSK_PRINTER_ADDRESSES": f'{{ front = "tcp://127.0.0.1:{port}" }}',
        "KIOSK_PRINTER_TERMINALS": '{ lane = "front" }',
    }


def local_token(store: Store) -> str:
    return str(json.loads((store.folder / "server.json").read_text())["token"])


def sells(store: Store, lane: str) -> int:
    give(store, lane, "scan", "scan_item", code=MILK)
    basket = give(store, lane, "tender", "choose_tender", tender="cash")["result"]["basket_id"]
    paid = give(store, local_token(store), "cash", "confirm_cash", basket_id=basket, received_cents=500)
    number: int = paid["result"]["receipt"]["number"]
    return number


def listens_for(store: Store, event: str) -> dict[str, Any]:
    """The print job of this event, once it is in the journal."""
    ends_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends_s:
        time.sleep(0.05)  # over HTTP there is nothing to wait on
        for row in ask(f"{store.url}/api/v1/journal?limit=1000", local_token(store))["events"]:
            if row["type"] == event:
                job: dict[str, Any] = row["data"]["job"]
                return job
    raise AssertionError(f"there was no {event}")


def test_receipt_that_was_being_printed_is_not_printed_again(
    store: Store, printer: VirtualPrinter, tmp_path: Path
) -> None:
    (tmp_path / "items.csv").write_text(f"barcode,name,price\n{MILK},Milk,1.29\n")
    store.runs("catalog", "import", str(tmp_path / "items.csv"))
    lane = store.adds("L1", "lane")
    environment = settings(printer.listen())
    store.starts(**environment)
    number = sells(store, lane)
    printer.suffers(Trouble.SLOW)
    assert give(store, lane, "print", "print_receipt", receipt_number=number)["ok"]
    assert printer.awaits(lambda: bool(printer.papers), PATIENCE_S)
    assert printer.papers_printed == 0, "it is in the middle of it"

    store.is_killed()
    printer.recovers()
    store.starts(**environment)

    job = listens_for(store, "print_failed")
    assert (job["receipt_number"], job["state"], job["has_begun"]) == (number, "unknown", True)
    # The same tap again, and a second one: neither puts out paper by itself.
    give(store, lane, "print", "print_receipt", receipt_number=number)
    assert give(store, lane, "again", "print_receipt", receipt_number=number)["code"] == "wrong_state"
    assert give(store, local_token(store), "copy", "print_receipt", receipt_number=number)["result"]["job"][
        "is_duplicate"
    ]
    assert listens_for(store, "receipt_printed")["is_duplicate"]
    text = [line.strip() for paper in printer.papers for line in paper.lines]
    assert text.count("DUPLICATE") == 2
    assert sum(f"Receipt {number}" in line for line in text) <= 2, "the one that was half out, and the duplicate"
    assert store.is_told_to_stop() == 0
    store.runs("verify")


def test_doctor_asks_printers_how_they_are(store: Store, printer: VirtualPrinter) -> None:
    with closing(VirtualPrinter("back")) as empty, closing(VirtualPrinter("mute")) as mute:
        empty.suffers(Trouble.PAPER_OUT)
        mute.suffers(Trouble.SILENT)
        ports = {name: one.listen() for name, one in (("front", printer), ("back", empty), ("mute", mute))}
        known = [f'{name} = "tcp://127.0.0.1:{port}"' for name, port in ports.items()]
        addresses = ", ".join([*known, 'far = "tcp://127.0.0.1:1"', 'trial = "virtual"'])
        store.starts()
        findings = json.loads(store.runs("doctor", "--json", KIOSK_PRINTER_ADDRESSES=f"{{ {addresses} }}"))
    said = {row["what"].removeprefix("printer "): (row["verdict"], row["text"]) for row in findings}
    assert said["front"] == ("ok", "answers, and has paper")
    assert said["trial"] == ("ok", "virtual")
    for name, verdict, text in (
        ("back", "note", "no paper"),
        ("mute", "ok", "never answers"),
        ("far", "note", "reached"),
    ):
        assert said[name][0] == verdict
        assert text in said[name][1]
    assert printer.papers == ()
