"""Card readers: orders are given once, outcomes asked for, words reported until the store has taken them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import BULB, MILK
from card_counter import Counter
from shop import Lane, Person, Shop

from kiosk_server.core.reply import Reply
from kiosk_server.domain import commands as c
from kiosk_server.domain.commands.payments import PaymentOutcome
from kiosk_server.domain.payment import Display, Payment, State, TenderKind
from kiosk_server.domain.policy import CardRules
from kiosk_server.hardware.card_reader import CardReader, Charge, NoReader, ReaderSilent, Refund, Word
from kiosk_server.hardware.card_readers import Readers, lane_finder
from kiosk_server.hardware.card_room import ASK_S, LONGEST_S, RETRY_S, Answered, CardLane, Seen
from kiosk_server.hardware.virtual_bank import Standing
from kiosk_server.hardware.virtual_reader import Behaviour
from kiosk_server.promise import Promise

O = PaymentOutcome  # noqa: E741 - it stands in every line below
APPROVED = Word(outcome=O.APPROVED, reference="r1", masked="•••• 4242", scheme="visa", display=Display.APPROVED)
PRESENT = Word(outcome=O.BEGUN, display=Display.PRESENT_CARD)
UNKNOWN = Word(outcome=O.UNKNOWN, reason="no_answer")


def a_payment(payment_id: str = "p1", state: State = State.ASKED, **changes: Any) -> Payment:
    return Payment(
        **{"payment_id": payment_id, "kind": TenderKind.CARD, "amount_cents": 500, "state": state, **changes}
    )


class ScriptedReader:
    """Says what the test has laid out, order by order, and notes which orders it got."""

    def __init__(self) -> None:
        self.orders: list[str] = []
        self.words: list[Word | Exception] = []

    def _say(self, order: str) -> Word:
        self.orders.append(order)
        word = self.words.pop(0) if len(self.words) > 1 else self.words[0]
        if isinstance(word, Exception):
            raise word
        return word

    def begin(self, charge: Charge, /) -> Word:
        return self._say(f"begin {charge.payment_id} {charge.amount_cents} {charge.currency}")

    def ask(self, payment_id: str, /) -> Word:
        return self._say(f"ask {payment_id}")

    def cancel(self, payment_id: str, /) -> Word:
        return self._say(f"cancel {payment_id}")

    def reverse(self, payment_id: str, /) -> Word:
        return self._say(f"reverse {payment_id}")

    def refund(self, refund: Refund, /) -> Word:
        return self._say(f"refund {refund.payment_id} {refund.amount_cents} of {refund.refunds} {refund.reference}")


class Bench:
    """One lane of the card room without its thread: the test is its clock, its store and its post."""

    def __init__(self, reader: CardReader, life: str = "life") -> None:
        self.now_s = 1000.0
        self.sent: list[tuple[c.ReportPayment, str]] = []
        self.lane = CardLane("lane3", reader, self._submit, "EUR", monotonic=lambda: self.now_s, life=life)
        self._open: list[tuple[str, str]] = []

    def _submit(self, command: c.Command, key: str) -> Promise[Any]:
        assert isinstance(command, c.ReportPayment)
        self.sent.append((command, key))
        self._open.append((command.payment_id, key))
        return Promise()

    def sees(self, payment: Payment, *, is_found: bool = False) -> None:
        self.lane.see(Seen(payment, is_found))
        self.lane.tick()

    def passes(self, seconds: float) -> None:
        for _ in range(round(seconds / ASK_S)):
            self.now_s += ASK_S
            self.lane.tick()

    def answers(self, code: str = "") -> None:
        """The store answers every report that waits for it."""
        reply = Reply(ok=not code, seq=1, code=code, message="Because.")
        for payment_id, key in self._open:
            self.lane.hear(Answered(payment_id, key, reply))
        self._open.clear()

    @property
    def outcomes(self) -> list[str]:
        return [command.outcome.value for command, _ in self.sent]

    @property
    def keys(self) -> list[str]:
        return [key for _, key in self.sent]


@pytest.fixture
def reader() -> ScriptedReader:
    return ScriptedReader()


@pytest.fixture
def bench(reader: ScriptedReader) -> Bench:
    return Bench(reader)


# -- the room --


def test_reader_begins_once_and_is_asked_until_it_knows(reader: ScriptedReader, bench: Bench) -> None:
    reader.words = [PRESENT, PRESENT, APPROVED]
    bench.sees(a_payment())
    bench.answers()
    bench.passes(1)
    bench.answers()
    bench.sees(a_payment(state=State.AUTHORISED))
    bench.passes(5)

    assert reader.orders == ["begin p1 500 EUR", "ask p1", "ask p1"]
    assert bench.outcomes == ["begun", "approved"]
    assert bench.sent[1][0].masked == "•••• 4242"
    assert bench.keys == ["card/p1/begun/life-1", "card/p1/approved"]


def test_every_change_of_the_display_is_reported_also_back(reader: ScriptedReader, bench: Bench) -> None:
    processing = Word(outcome=O.BEGUN, display=Display.PROCESSING)
    reader.words = [PRESENT, processing, PRESENT, PRESENT]
    bench.sees(a_payment())
    for _ in range(4):
        bench.answers()
        bench.passes(ASK_S)

    assert [command.display for command, _ in bench.sent] == ["present_card", "processing", "present_card"]
    assert len(set(bench.keys)) == 3


@pytest.mark.parametrize("state", [State.ASKED, State.AUTHORISING, State.UNKNOWN])
def test_payment_found_after_a_restart_is_asked_for_and_not_begun(
    reader: ScriptedReader, bench: Bench, state: State
) -> None:
    reader.words = [APPROVED]
    bench.sees(a_payment(state=state), is_found=True)
    assert reader.orders == ["ask p1"]
    assert bench.outcomes == ["approved"]


def test_payment_that_never_reached_the_reader_is_called_off(reader: ScriptedReader, bench: Bench) -> None:
    reader.words = [Word(), Word(outcome=O.CANCELLED)]
    bench.sees(a_payment(), is_found=True)
    assert reader.orders == ["ask p1", "cancel p1"]
    assert (bench.outcomes, bench.sent[0][0].reason) == (["cancelled"], "interrupted")


def test_order_that_got_lost_is_not_given_again(reader: ScriptedReader, bench: Bench) -> None:
    reader.words = [ReaderSilent("cut"), Word(), Word(outcome=O.CANCELLED)]
    bench.sees(a_payment())
    bench.passes(1)
    assert reader.orders == ["begin p1 500 EUR", "ask p1", "cancel p1"]
    assert bench.outcomes == ["cancelled"]


@pytest.mark.parametrize("trouble", [ReaderSilent("cut"), ZeroDivisionError("a driver's fault"), Word()])
def test_silent_reader_is_asked_ever_more_rarely_and_people_are_told(
    reader: ScriptedReader, bench: Bench, trouble: Exception | Word
) -> None:
    reader.words = [trouble]
    bench.sees(a_payment())
    bench.passes(ASK_S)
    assert bench.sent == [], "one lost word is no reason to frighten anybody"
    bench.passes(2)
    assert bench.outcomes == ["unknown"]
    bench.answers()
    bench.sees(a_payment(state=State.UNKNOWN))
    bench.passes(600)
    assert 10 < len(reader.orders) < 45
    assert bench.outcomes == ["unknown"]

    reader.words = [APPROVED]
    bench.passes(LONGEST_S)
    assert bench.outcomes == ["unknown", "approved"]


def test_payment_that_is_called_off_is_cancelled_at_once(reader: ScriptedReader, bench: Bench) -> None:
    reader.words = [PRESENT]
    bench.sees(a_payment())
    bench.answers()
    reader.words = [Word(outcome=O.CANCELLED)]
    bench.sees(a_payment(state=State.REVERSING))
    assert reader.orders == ["begin p1 500 EUR", "cancel p1"]
    assert bench.outcomes == ["begun", "cancelled"]


def test_payment_called_off_too_late_is_reversed(reader: ScriptedReader, bench: Bench) -> None:
    reader.words = [PRESENT, APPROVED, Word(outcome=O.REVERSED)]
    bench.sees(a_payment(state=State.REVERSING))
    bench.answers()
    bench.passes(ASK_S)
    assert reader.orders == ["cancel p1", "cancel p1", "reverse p1"]
    assert bench.outcomes == ["begun", "reversed"]


def test_customer_is_asked_for_one_payment_at_a_time(reader: ScriptedReader, bench: Bench) -> None:
    """The first one is being called off while the customer has chosen the card again."""
    reader.words = [PRESENT]
    bench.sees(a_payment("p1"))
    bench.answers()
    bench.sees(a_payment("p1", State.REVERSING))
    bench.sees(a_payment("p2"))
    bench.passes(1)
    assert "begin p2 500 EUR" not in reader.orders

    reader.words = [Word(outcome=O.CANCELLED), PRESENT]
    bench.passes(1)
    assert reader.orders[-1] in {"begin p2 500 EUR", "ask p2"}
    assert "cancelled" in bench.outcomes


def test_payment_that_nobody_can_clear_up_does_not_block_the_next(reader: ScriptedReader, bench: Bench) -> None:
    reader.words = [UNKNOWN, PRESENT]
    bench.sees(a_payment("p1", State.REVERSING))
    bench.sees(a_payment("p2"))
    assert reader.orders == ["cancel p1", "begin p2 500 EUR"]


def test_refund_needs_no_card_and_is_given_once(reader: ScriptedReader, bench: Bench) -> None:
    back = a_payment("b1", amount_cents=-300, refunds="p1", reference="r1")
    reader.words = [Word(outcome=O.BEGUN), APPROVED]
    bench.sees(back)
    bench.answers()
    bench.passes(ASK_S)
    assert reader.orders == ["refund b1 300 of p1 r1", "ask b1"]
    assert bench.outcomes == ["begun", "approved"]


def test_refund_that_the_acquirer_never_got_is_sent_again_after_a_restart(reader: ScriptedReader, bench: Bench) -> None:
    reader.words = [Word(), APPROVED]
    bench.sees(a_payment("b1", amount_cents=-300, refunds="p1", reference="r1"), is_found=True)
    assert reader.orders == ["ask b1", "refund b1 300 of p1 r1"]


@pytest.mark.parametrize("code", ["busy", "read_only", "internal"])
def test_word_that_the_store_cannot_take_now_is_said_again(reader: ScriptedReader, bench: Bench, code: str) -> None:
    reader.words = [APPROVED]
    bench.sees(a_payment())
    bench.answers(code)
    bench.passes(RETRY_S)
    bench.answers()
    bench.passes(10)
    first, second = bench.sent
    assert first == second


def test_word_that_the_store_will_never_take_is_let_go(
    reader: ScriptedReader, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    reader.words = [APPROVED]
    bench.sees(a_payment())
    bench.answers("not_found")
    bench.passes(10)
    assert len(bench.sent) == 1
    assert "card/p1/approved" in caplog.text


def test_last_word_has_the_same_key_in_every_life(reader: ScriptedReader) -> None:
    reader.words = [APPROVED]
    before, after = Bench(reader, "first"), Bench(reader, "second")
    before.sees(a_payment())
    after.sees(a_payment(), is_found=True)
    assert before.sent == after.sent


def test_lane_whose_reader_was_taken_away_neither_charges_nor_guesses() -> None:
    bench = Bench(NoReader())
    bench.sees(a_payment("fresh"))
    bench.sees(a_payment("found"), is_found=True)
    bench.sees(a_payment("back", amount_cents=-1))
    assert bench.outcomes == ["declined", "unknown", "declined"]
    assert {command.reason for command, _ in bench.sent} == {"no_reader"}


# -- together with the store --


@pytest.fixture
def counter(shop: Shop, tmp_path: Path) -> Iterator[Counter]:
    opened = Counter(shop, tmp_path)
    yield opened
    opened.closes()


def test_customer_pays_and_gets_a_part_back(shop: Shop, lane3: Lane, manager: Person, counter: Counter) -> None:
    lane3.scans(MILK)
    lane3.scans(BULB)
    paid = lane3.pays_by_card()
    counter.sees(paid, State.CAPTURED)
    receipt = shop.receipt(1)
    assert receipt.payments[0].reference == f"virtual-{paid}"

    counter.restarts()
    back = manager.refunds(receipt, {1: 1}).payment_id
    counter.sees(back, State.CAPTURED)
    assert shop.receipt(2).total_cents == -129
    assert counter.bank.left_cents(paid) == 499
    assert {record.lane for record in counter.bank.records()} == {"lane3"}, "by the reader that took the money"


def test_customer_who_goes_back_while_the_card_is_read_is_not_charged(
    shop: Shop, lane3: Lane, counter: Counter
) -> None:
    lane3.scans(MILK)
    counter.reader("lane3").choose(Behaviour.SLOW)
    left = lane3.pays_by_card()
    counter.sees(left, State.AUTHORISING)
    lane3.goes_back()
    again = lane3.pays_by_card()
    counter.sees(again, State.CAPTURED)

    with shop.looks() as repositories:
        assert repositories.unsettled_payments() == ()
    assert counter.standing(left) in {Standing.CANCELLED, Standing.REVERSED}
    assert counter.standing(again) is Standing.APPROVED


def test_answer_that_got_lost_is_found_after_a_restart(shop: Shop, lane3: Lane, counter: Counter) -> None:
    lane3.scans(MILK)
    counter.reader("lane3").choose(Behaviour.LOSE_APPROVAL)
    paid = lane3.pays_by_card()
    counter.sees(paid, State.UNKNOWN)
    assert [row.evidence.code for row in shop.inbox()] == [paid]

    counter.restarts()
    counter.sees(paid, State.CAPTURED)
    assert shop.inbox() == ()
    assert [record.payment_id for record in counter.bank.records()] == [paid], "charged once"


def test_refund_that_the_card_refuses_is_given_in_cash(
    shop: Shop, lane3: Lane, manager: Person, counter: Counter
) -> None:
    lane3.scans(MILK)
    counter.reader("lane3").choose(Behaviour.REFUSE_REFUNDS)
    paid = lane3.pays_by_card()
    counter.sees(paid, State.CAPTURED)
    refunded = manager.refunds(shop.receipt(1))
    counter.sees(refunded.payment_id, State.DECLINED)

    settled = manager.settles(refunded.basket_id)
    assert settled.receipt is not None
    assert [(back.kind, back.amount_cents) for back in settled.receipt.payments] == [(TenderKind.CASH, -129)]
    assert counter.bank.left_cents(paid) == 129


def test_twenty_lanes_pay_at_once_and_each_is_charged_once(shop: Shop, counter: Counter) -> None:
    lanes = [Lane(shop, f"lane{number}") for number in range(20)]
    for lane in lanes:
        lane.scans(MILK)
    paid = [lane.pays_by_card() for lane in lanes for _ in range(2)]
    for payment_id in set(paid):
        counter.sees(payment_id, State.CAPTURED)
    assert len(set(paid)) == len(counter.bank.records()) == 20


def test_settings_say_which_lane_has_which_reader(tmp_path: Path) -> None:
    rules = CardRules(by_terminal={"lane": "virtual", "L2": "none"})
    readers = Readers(rules, tmp_path / "bank.jsonl", lambda: 0, 1)
    assert isinstance(readers.reader_of("L2"), NoReader)
    assert readers.reader_of("L1") is readers.reader_of("L1") is readers.virtual("L1")
    assert readers.virtual("L2") is None


def test_payment_is_found_where_it_was_taken(shop: Shop, lane3: Lane) -> None:
    lane3.scans(MILK)
    payment_id = lane3.pays_by_card()
    find = lane_finder(shop.database)
    assert (find(payment_id), find("nobody")) == ("lane3", "")
