"""kill -9 between asking, authorising, reporting and commit: every receipt is charged once, and nothing else is."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter as Count
from pathlib import Path

import msgspec
from card_counter import Counter
from shop import PATIENCE_S, Shop

from kiosk_server.core.clock import SystemClock
from kiosk_server.domain.basket import State as BasketState
from kiosk_server.domain.events import BasketPaid
from kiosk_server.domain.payment import SAFE, UNSETTLED, Payment, State, TenderKind
from kiosk_server.domain.tender import Receipt
from kiosk_server.hardware.virtual_bank import Record, Standing
from kiosk_server.store.payments import Placed
from kiosk_server.store.verify import verify

HERE = Path(__file__).parent
LANES = 8
KILLS = 10


def shop_until_killed(folder: Path, seed: int, chance: random.Random) -> None:
    """Let customers pay for a moment, and kill: at any time, or right after the bank has approved something."""
    command = [sys.executable, str(HERE / "cards_under_load.py"), str(folder), str(LANES), str(seed)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={"PYTHONPATH": str(HERE.parent)})
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    process.stdout.close()
    if seed % 2:
        time.sleep(chance.uniform(0.0, 1.2))  # any moment is what this is about
    else:
        wait_for_approvals(folder / "bank.jsonl", chance.randint(1, 6))
    assert process.poll() is None, "it died before it was killed"
    process.send_signal(signal.SIGKILL)
    assert process.wait(PATIENCE_S) == -signal.SIGKILL


def wait_for_approvals(ledger: Path, number: int) -> None:
    """Return in the very moment in which the bank has approved so many more."""
    ledger.touch()
    ends_s = time.monotonic() + PATIENCE_S
    with ledger.open("rb") as file:
        file.seek(0, 2)
        seen = 0
        while seen < number:
            assert time.monotonic() < ends_s, "the bank approves nothing any more"
            seen += file.read().count(b'"approved"')


def is_open(shop: Shop) -> tuple[Placed, ...]:
    with shop.looks() as repositories:
        return repositories.unsettled_payments()


def settle(folder: Path) -> tuple[dict[str, Payment], list[Receipt], dict[str, str]]:
    """A last start without customers, until readers owe no word; every payment, receipt and basket's state."""
    shop = Shop(folder, clock=SystemClock())  # type: ignore[arg-type]
    counter = Counter(shop, folder, pace_ms=20)
    counter.waits(lambda: not is_open(shop))
    counter.closes()
    entries = shop.entries()
    payments: dict[str, Payment] = {}
    for entry in entries:
        if entry.type == "payment_moved":
            payments[entry.event.payment.payment_id] = entry.event.payment  # type: ignore[attr-defined]
    receipts = [entry.event.receipt for entry in entries if isinstance(entry.event, BasketPaid)]
    payments |= {paid.payment_id: paid for receipt in receipts for paid in receipt.payments}
    with shop.looks() as repositories:
        rows = repositories.driver.execute(
            "SELECT p.payment_id, b.state FROM payments p JOIN baskets b USING (basket_id)"
        )
        states = dict(rows.fetchall())
    shop.closes()
    return payments, receipts, states


def test_store_killed_again_and_again_charges_every_receipt_once_and_nothing_else(tmp_path: Path) -> None:
    chance = random.Random(20261128)
    found_open = 0
    for seed in range(KILLS):
        shop_until_killed(tmp_path, seed, chance)
        found_open += count_open(tmp_path)
    payments, receipts, states = settle(tmp_path)
    assert verify(tmp_path / "store.db").is_whole

    bank: dict[str, Record] = {}
    approvals: Count[str] = Count()
    for line in (tmp_path / "bank.jsonl").read_bytes().splitlines():
        record = msgspec.json.decode(line, type=Record)
        approvals[record.payment_id] += record.standing is Standing.APPROVED
        bank[record.payment_id] = record
    assert set(approvals.values()) == {0, 1}, "approved once at most"

    for payment_id, record in bank.items():
        check(record, payments[payment_id], states[payment_id])
    for payment in payments.values():
        if payment.kind is TenderKind.CARD and payment.state in SAFE:
            assert bank[payment.payment_id].standing is Standing.APPROVED
    on_receipts = [paid.payment_id for receipt in receipts for paid in receipt.payments]
    assert len(on_receipts) == len(set(on_receipts))
    for number, receipt in enumerate(receipts, 1):
        assert receipt.number == number
        assert sum(paid.amount_cents for paid in receipt.payments) == receipt.total_cents + receipt.rounding_cents

    outcomes = Count(payment.state for payment in payments.values())
    assert min(outcomes[State.CAPTURED], outcomes[State.REVERSED] + outcomes[State.CANCELLED], found_open) > 5, outcomes
    assert any(receipt.refund_of for receipt in receipts)


def check(record: Record, payment: Payment, basket_state: str) -> None:
    """The bank and the store say the same of one payment."""
    assert payment.state not in UNSETTLED
    has_moved = record.standing is Standing.APPROVED
    assert has_moved == (payment.state in SAFE), (record, payment)
    if has_moved:
        assert record.amount_cents == payment.amount_cents
        # A part that is paid of a basket that is still being paid is nobody's loss.
        is_part = payment.state is State.AUTHORISED and basket_state == BasketState.TENDERING
        assert payment.state is State.CAPTURED or is_part, (payment, basket_state)
    elif record.standing is not Standing.BEGUN:
        assert payment.state.value == record.standing.value


def count_open(folder: Path) -> int:
    """How many payments the kill left without a last word."""
    shop = Shop(folder, clock=SystemClock())  # type: ignore[arg-type]
    number = len(is_open(shop))
    shop.closes()
    return number
