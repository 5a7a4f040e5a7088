"""The virtual card reader: it does what was chosen for it, and its bank moves money once, whoever asks how often."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from shop import HandClock

from kiosk_server.domain.commands.payments import PaymentOutcome
from kiosk_server.hardware.card_reader import Charge, ReaderSilent, Refund
from kiosk_server.hardware.virtual_bank import Standing, VirtualBank
from kiosk_server.hardware.virtual_reader import LOST_FOR, MAGIC_CENTS, Behaviour, VirtualReader

O = PaymentOutcome  # noqa: E741 - it stands in many lines below

PACE_MS = 1000


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def bank(tmp_path: Path) -> VirtualBank:
    return VirtualBank(tmp_path / "bank.jsonl")


@pytest.fixture
def virtual(bank: VirtualBank, clock: HandClock) -> VirtualReader:
    return VirtualReader("lane3", bank, clock.now_ms, PACE_MS)


def a_charge(payment_id: str = "p1", amount_cents: int = 500) -> Charge:
    return Charge(payment_id=payment_id, amount_cents=amount_cents, currency="EUR")


def a_refund(payment_id: str = "b1", amount_cents: int = 500, refunds: str = "p1") -> Refund:
    return Refund(payment_id=payment_id, refunds=refunds, reference="r", amount_cents=amount_cents, currency="EUR")


def told(reader: VirtualReader, clock: HandClock, payment_id: str = "p1", paces: int = 30) -> list[str]:
    """What the reader says about a payment as time passes, each word once."""
    said = []
    for _ in range(paces):
        word = reader.ask(payment_id)
        said.append(" ".join(filter(None, [word.outcome, word.display, word.reason])))
        clock.passes(PACE_MS)
    return [text for text, _ in itertools.groupby(said)]


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (Behaviour.APPROVE, ["begun present_card", "begun processing", "approved approved"]),
        (Behaviour.SLOW, ["begun present_card", "begun processing", "begun remove_card", "approved approved"]),
        (
            Behaviour.EXPIRED_CARD,
            ["begun present_card", "begun processing", "declined declined expired_card"],
        ),
        (Behaviour.TIME_OUT, ["begun present_card", "timed_out"]),
        (Behaviour.CUSTOMER_CANCELS, ["begun present_card", "cancelled"]),
        (
            Behaviour.LOSE_APPROVAL,
            ["begun present_card", "begun processing", "unknown no_answer", "approved approved"],
        ),
        (
            Behaviour.LOSE_DECLINE,
            ["begun present_card", "begun processing", "unknown no_answer", "declined declined insufficient_funds"],
        ),
    ],
)
def test_virtual_reader_does_what_was_chosen(
    virtual: VirtualReader, clock: HandClock, behaviour: Behaviour, words: list[str]
) -> None:
    virtual.choose(behaviour)
    virtual.begin(a_charge())
    assert told(virtual, clock) == words
    assert virtual.chosen is None
    assert virtual.begin(a_charge("p2")).outcome is O.BEGUN
    assert told(virtual, clock, "p2")[-1] == "approved approved", "chosen for one payment only"


@pytest.mark.parametrize(("cents", "behaviour"), MAGIC_CENTS.items())
def test_amount_decides_what_becomes_of_a_payment(
    virtual: VirtualReader, bank: VirtualBank, cents: int, behaviour: Behaviour
) -> None:
    if behaviour is Behaviour.UNPLUGGED:
        with pytest.raises(ReaderSilent):
            virtual.begin(a_charge(amount_cents=cents))
        return
    virtual.begin(a_charge("p1", cents))
    virtual.begin(a_charge("p2", 10_000 + cents))
    assert [record.behaviour for record in bank.records()] == [behaviour, behaviour]


def test_charge_is_booked_once_however_often_it_is_begun(
    virtual: VirtualReader, bank: VirtualBank, clock: HandClock
) -> None:
    for _ in range(3):
        virtual.begin(a_charge())
        clock.passes(2 * PACE_MS)
    assert virtual.ask("p1").outcome is O.APPROVED
    lines = bank.path.read_text().splitlines()
    assert len([line for line in lines if '"approved"' in line]) == 1


def test_reader_goes_on_while_the_server_is_away(virtual: VirtualReader, bank: VirtualBank, clock: HandClock) -> None:
    virtual.begin(a_charge())
    clock.passes(2 * PACE_MS)
    after = VirtualReader("lane3", VirtualBank(bank.path), clock.now_ms, PACE_MS)
    assert after.ask("p1").outcome is O.APPROVED
    assert after.ask("p2").outcome is None


def test_card_is_cancelled_until_it_was_presented(virtual: VirtualReader, clock: HandClock) -> None:
    virtual.begin(a_charge("p1"))
    assert virtual.cancel("p1").outcome is O.CANCELLED
    virtual.begin(a_charge("p2"))
    clock.passes(PACE_MS)
    assert virtual.cancel("p2").outcome is O.BEGUN, "the card is being read"
    clock.passes(PACE_MS)
    assert virtual.cancel("p2").outcome is O.APPROVED
    assert virtual.reverse("p2").outcome is O.REVERSED
    assert virtual.reverse("p2").outcome is O.REVERSED
    assert told(virtual, clock, "p1") == ["cancelled"]


def test_payment_called_off_before_it_was_begun_never_begins(virtual: VirtualReader, clock: HandClock) -> None:
    assert virtual.cancel("p1").outcome is O.CANCELLED
    virtual.begin(a_charge())
    assert told(virtual, clock) == ["cancelled"]


def test_refunds_never_exceed_the_charge(virtual: VirtualReader, bank: VirtualBank, clock: HandClock) -> None:
    virtual.begin(a_charge())
    clock.passes(2 * PACE_MS)
    virtual.ask("p1")
    for number, cents, outcome in ((1, 300, "approved approved"), (2, 201, "declined declined exceeds_charge")):
        virtual.refund(a_refund(f"b{number}", cents))
        assert told(virtual, clock, f"b{number}")[-1] == outcome
    assert bank.left_cents("p1") == 200
    virtual.refund(a_refund("b3", 200))
    virtual.refund(a_refund("b3", 200))
    assert told(virtual, clock, "b3")[-1] == "approved approved"
    assert bank.left_cents("p1") == 0
    virtual.refund(a_refund("b4", 1, refunds="nobody"))
    assert told(virtual, clock, "b4")[-1] == "declined declined exceeds_charge"


def test_closed_account_takes_nothing_back(virtual: VirtualReader, clock: HandClock) -> None:
    virtual.choose(Behaviour.REFUSE_REFUNDS)
    virtual.begin(a_charge())
    assert told(virtual, clock)[-1] == "approved approved"
    virtual.refund(a_refund())
    assert told(virtual, clock, "b1")[-1] == "declined declined account_closed"


def test_unplugged_reader_hears_nothing_and_knows_nothing(virtual: VirtualReader, clock: HandClock) -> None:
    virtual.choose(Behaviour.UNPLUGGED)
    with pytest.raises(ReaderSilent):
        virtual.begin(a_charge())
    with pytest.raises(ReaderSilent):
        virtual.ask("p1")
    clock.passes(LOST_FOR * PACE_MS)
    assert virtual.ask("p1").outcome is None


def test_torn_line_of_the_bank_is_cut_off(bank: VirtualBank, virtual: VirtualReader, caplog: Any) -> None:
    virtual.begin(a_charge())
    with bank.path.open("ab") as file:
        file.write(b'{"payment_id": "p1", "lane": "la')
    again = VirtualBank(bank.path)
    assert "torn" in caplog.text
    assert again.records() == bank.records()
    VirtualReader("lane3", again, lambda: 0, PACE_MS).cancel("p2")
    assert [record.standing for record in VirtualBank(bank.path).records()] == [Standing.BEGUN, Standing.CANCELLED]


def test_bank_that_cannot_write_moves_no_money(bank: VirtualBank, virtual: VirtualReader, tmp_path: Path) -> None:
    bank.path = tmp_path / "gone" / "bank.jsonl"
    with pytest.raises(OSError, match="gone"):
        virtual.begin(a_charge())
    assert bank.records() == ()
